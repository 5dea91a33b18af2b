//! Debian's Mosquitto as a process of its own.

use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A running broker. Dropped, it is killed.
pub struct Mosquitto {
    child: Child,
    /// Its own folder.
    pub folder: tempfile::TempDir,
    /// Where it listens.
    pub at: SocketAddr,
}

/// One that was stopped.
pub struct Stopped {
    folder: tempfile::TempDir,
    at: SocketAddr,
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

/// A program that Debian keeps outside an ordinary user's path.
pub fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    command.env("PATH", format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default()));
    command
}

fn launch(folder: &Path, at: SocketAddr) -> Option<Child> {
    let mut child = program("mosquitto")
        .arg("-c")
        .arg(folder.join("mosquitto.conf"))
        .stderr(Stdio::null())
        .spawn()
        .expect("Debian's package mosquitto is installed");
    let deadline = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(at).is_err() {
        if child.try_wait().unwrap().is_some() || Instant::now() > deadline {
            let _gone = child.kill();
            let _gone = child.wait();
            return None;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Some(child)
}

impl Mosquitto {
    /// One that lets everybody in.
    pub fn open() -> Self {
        Self::start(tempfile::tempdir().unwrap(), "allow_anonymous true\n")
    }

    /// One with further lines of configuration, about its listener first.
    pub fn start(folder: tempfile::TempDir, more: &str) -> Self {
        // A port that was free may be taken by somebody else before Mosquitto has it.
        let (child, at) = (0..5)
            .find_map(|_| {
                let at = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
                let conf = format!(
                    "listener {} 127.0.0.1\n{more}persistence true\npersistence_location {}/\nuser root\n",
                    at.port(),
                    folder.path().display()
                );
                fs::write(folder.path().join("mosquitto.conf"), conf).unwrap();
                Some((launch(folder.path(), at)?, at))
            })
            .expect("Mosquitto starts");
        Self { child, folder, at }
    }

    /// Ends it politely, so that it writes what it keeps.
    pub fn stop(mut self) -> Stopped {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").arg(&id).status().unwrap().success());
        self.child.wait().unwrap();
        let empty = tempfile::tempdir().unwrap();
        Stopped { folder: std::mem::replace(&mut self.folder, empty), at: self.at }
    }

    /// The same, and starts it again.
    pub fn restart(self, forget: bool) -> Self {
        self.stop().start_again(forget)
    }
}

impl Stopped {
    /// Starts it at the same place; its sessions are lost, or not.
    pub fn start_again(self, forget: bool) -> Mosquitto {
        let Self { folder, at } = self;
        if forget {
            fs::remove_file(folder.path().join("mosquitto.db")).unwrap();
        }
        let child = launch(folder.path(), at).expect("the port is free again");
        Mosquitto { child, folder, at }
    }
}
