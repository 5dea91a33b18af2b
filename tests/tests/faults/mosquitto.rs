//! Debian's Mosquitto as the broker outside the gateway, with the shipped access list.

use std::{
    fmt::Write as _,
    fs,
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use gengfu_tests::site::{BOARD_PASSWORD, Site};

/// The broker of a site. Dropping it kills it.
pub struct Mosquitto {
    child: Child,
    port: u16,
    conf: PathBuf,
}

impl Mosquitto {
    /// Starts it at the site's port, with users for the gateway and so many boards.
    pub fn start(site: &Site, boards: usize) -> Self {
        let at = |name: &str| site.folder().join(name);
        let mut users = format!("gengfu:{BOARD_PASSWORD}\n");
        for n in 1..=boards {
            writeln!(users, "board-{n}:{BOARD_PASSWORD}").unwrap();
        }
        fs::write(at("passwd"), users).unwrap();
        let hashed = program("mosquitto_passwd").arg("-U").arg(at("passwd")).status().unwrap();
        assert!(hashed.success());
        let shipped = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../deploy");
        let conf = fs::read_to_string(shipped.join("mosquitto.conf")).unwrap();
        fs::copy(shipped.join("mosquitto.acl"), at("acl")).unwrap();
        // The shipped file as far as it is about this machine only: no listener with TLS.
        let (before, rest) = conf.split_once("# Boards.\n").unwrap();
        let (_, after) = rest.split_once("tls_version tlsv1.2\n").unwrap();
        fs::create_dir(at("kept")).unwrap();
        let text = format!("{before}{after}user root\n")
            .replace("/etc/mosquitto/gengfu.passwd", &at("passwd").display().to_string())
            .replace("/etc/mosquitto/gengfu.acl", &at("acl").display().to_string())
            .replace("listener 1883 ", &format!("listener {} ", site.mqtt))
            .replace("/var/lib/mosquitto/", &format!("{}/", at("kept").display()))
            .replace("log_dest syslog", &format!("log_dest file {}", at("log").display()));
        fs::write(at("mosquitto.conf"), text).unwrap();
        let conf = at("mosquitto.conf");
        Self { child: launch(&conf, site.mqtt), port: site.mqtt, conf }
    }

    /// Starts one beside others, that lets everybody in, with a folder of its own below this one.
    pub fn open(folder: &Path, port: u16) -> Self {
        let kept = folder.join(format!("mosquitto-{port}"));
        fs::create_dir(&kept).unwrap();
        let conf = kept.join("mosquitto.conf");
        let text = format!(
            "listener {port} 127.0.0.1\nallow_anonymous true\nuser root\npersistence true\n\
             persistence_location {}/\n",
            kept.display()
        );
        fs::write(&conf, text).unwrap();
        Self { child: launch(&conf, port), port, conf }
    }

    /// Takes away all that it wrote down: it was stopped.
    pub fn forget(&self) {
        fs::remove_file(self.conf.with_file_name("mosquitto.db")).unwrap();
    }

    /// Stops it as the service manager does, so that it writes down what it holds.
    pub fn stop(&mut self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", "TERM", &pid]).status().unwrap().success());
        self.child.wait().unwrap();
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub fn start_again(&mut self) {
        self.child = launch(&self.conf, self.port);
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A program that Debian keeps outside an ordinary user's path.
fn program(name: &str) -> Command {
    let mut command = Command::new(name);
    let path = std::env::var("PATH").unwrap_or_default();
    command.env("PATH", format!("{path}:/usr/sbin"));
    command
}

fn launch(conf: &PathBuf, port: u16) -> Child {
    let mut child = program("mosquitto").arg("-c").arg(conf).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(child.try_wait().unwrap().is_none(), "mosquitto ended: see `log` beside {conf:?}");
        assert!(begun.elapsed() < gengfu_tests::LIMIT, "mosquitto does not answer");
        std::thread::sleep(Duration::from_millis(10));
    }
    child
}
