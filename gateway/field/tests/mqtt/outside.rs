//! A real Mosquitto in the embedded broker's place.

use std::{
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use gengfu_field::lane::Outcome;
use gengfu_wire::topic::{Down, Up};

use crate::{
    house::{connected, down, engine, event, gateway, receipt, routes, up},
    peer::Peer,
};

struct Mosquitto {
    child: Child,
    folder: tempfile::TempDir,
    at: SocketAddr,
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _gone = self.child.wait();
    }
}

fn spawn(folder: &std::path::Path, at: SocketAddr) -> Option<Child> {
    let conf = format!(
        "listener {} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location {}/\nuser root\n",
        at.port(),
        folder.display()
    );
    let file = folder.join("mosquitto.conf");
    std::fs::write(&file, conf).unwrap();
    let path = format!("{}:/usr/sbin", std::env::var("PATH").unwrap_or_default());
    let mut child = Command::new("mosquitto")
        .env("PATH", path)
        .arg("-c")
        .arg(&file)
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
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // A port that was free may be taken by somebody else before Mosquitto has it.
        let (child, at) = (0..5)
            .find_map(|_| {
                let at = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
                Some((spawn(folder.path(), at)?, at))
            })
            .expect("Mosquitto starts");
        Self { child, folder, at }
    }

    /// Ends it politely, so that it writes what it keeps, and starts it again.
    fn restart(mut self, forget: bool) -> Self {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").arg(&id).status().unwrap().success());
        self.child.wait().unwrap();
        if forget {
            std::fs::remove_file(self.folder.path().join("mosquitto.db")).unwrap();
        }
        self.child = spawn(self.folder.path(), self.at).expect("the port is free again");
        self
    }
}

#[tokio::test]
async fn its_session_outlives_the_gateway_and_itself() {
    let broker = Mosquitto::start();
    let at = broker.at;
    let (lanes, mut first) = engine();
    let source = gateway(at, routes(), lanes);
    connected(&source).await;
    let mut board = Peer::connect(at, "lift-1", &[&down("lift-1", Down::Receipt)]).await;
    board.publish(&up("lift-1", Up::Event), &event(1, 1)).await.unwrap();
    (first.event().await.1.done)(Outcome::Kept);
    assert_eq!(board.hears().await.words, receipt(1, 1));
    source.stop().await;

    // Said while the gateway is away; then the broker is away too.
    board.publish(&up("lift-1", Up::Event), &event(1, 2)).await.unwrap();
    drop(board);
    let broker = tokio::task::spawn_blocking(move || broker.restart(false)).await.unwrap();
    let mut board = Peer::connect(at, "lift-1", &[&down("lift-1", Down::Receipt)]).await;
    let (lanes, mut second) = engine();
    let source = gateway(at, routes(), lanes);
    let (origin, envelope) = second.event().await;
    assert_eq!(origin.seq, 2);
    (envelope.done)(Outcome::Kept);
    assert_eq!(board.hears().await.words, receipt(1, 2));
    // Subscribing works in the session that was taken over.
    connected(&source).await;

    // It forgets everything while both run: the gateway subscribes again by itself.
    drop(board);
    let broker = tokio::task::spawn_blocking(move || broker.restart(true)).await.unwrap();
    let mut board = Peer::connect(broker.at, "lift-1", &[&down("lift-1", Down::Receipt)]).await;
    let mut said = tokio::time::interval(Duration::from_millis(200));
    let (origin, envelope) = loop {
        tokio::select! {
            _ = said.tick() => {
                board.publish(&up("lift-1", Up::Event), &event(1, 3)).await.unwrap();
            }
            heard = second.event() => break heard,
        }
    };
    assert_eq!(origin.seq, 3);
    (envelope.done)(Outcome::Kept);
    assert_eq!(board.hears().await.words, receipt(1, 3));
}
