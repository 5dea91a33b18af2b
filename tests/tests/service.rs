//! The gateway as a service: what it tells systemd, and that it stops in time, under load as well.

use std::{
    collections::BTreeSet,
    os::unix::net::UnixDatagram,
    path::Path,
    sync::{Arc, Mutex},
    time::Duration,
};

use gengfu_core::{event::What, point::Origin};
use gengfu_sim::{
    building::Login,
    swarm::{OnReceipt, Swarm, SwarmSettings},
};
use gengfu_store::{Journal, SqliteJournal};
use gengfu_tests::{
    eventually,
    gateway::Gateway,
    site::{BOARD_PASSWORD, SITE, Site},
};
use gengfu_wire::up::InputState;

/// Boards that report all the while.
const BOARDS: usize = 20;

/// The service manager's end of the notification socket.
struct Manager {
    socket: UnixDatagram,
    heard: Vec<String>,
}

impl Manager {
    fn listen(at: &Path) -> Self {
        let socket = UnixDatagram::bind(at).unwrap();
        socket.set_nonblocking(true).unwrap();
        Self { socket, heard: vec![] }
    }

    /// Waits until a line was heard this often.
    async fn hears(&mut self, line: &str, times: usize) {
        eventually(&format!("{line} {times} times"), async || {
            let mut buffer = [0; 512];
            while let Ok(n) = self.socket.recv(&mut buffer) {
                let lines = String::from_utf8_lossy(&buffer[..n]).into_owned();
                self.heard.extend(lines.lines().map(str::to_owned));
            }
            (self.heard.iter().filter(|l| *l == line).count() >= times).then_some(())
        })
        .await;
    }
}

/// Which board, and its event's number.
type Receipts = Arc<Mutex<BTreeSet<(String, u32)>>>;

async fn swarm(site: &Site, receipts: &Receipts) -> Swarm {
    let login = |user: &String| Login { user: user.clone(), password: BOARD_PASSWORD.into() };
    let names = (1..=BOARDS).map(|n| format!("board-{n}"));
    let settings = SwarmSettings {
        broker_host: "127.0.0.1".into(),
        broker_port: site.mqtt,
        site: SITE.into(),
        members: names.map(|name| (name.clone(), Some(login(&name)))).collect(),
        boot: 1,
    };
    let got = receipts.clone();
    let on_receipt: OnReceipt = Arc::new(move |answered| {
        got.lock().unwrap().insert((format!("board-{}", answered.member + 1), answered.seq));
    });
    Swarm::connect(&settings, &on_receipt).await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn it_tells_systemd_how_it_stands_and_stops_in_time_under_load() {
    let site = Site::new(BOARDS, "").unwrap();
    let at = site.folder().join("notify");
    let mut manager = Manager::listen(&at);
    let socket = at.to_str().unwrap();
    let environment = [("NOTIFY_SOCKET", socket), ("WATCHDOG_USEC", "3000000")];
    let gateway = Gateway::start_with(&site.config(), site.web, &environment).unwrap();
    manager.hears("READY=1", 1).await;
    gateway.signal("HUP").unwrap();
    manager.hears("RELOADING=1", 1).await;
    manager.hears("READY=1", 2).await;

    let receipts = Receipts::default();
    let swarm = Arc::new(swarm(&site, &receipts).await);
    let sender = swarm.clone();
    let load = tokio::spawn(async move {
        for turn in 0_usize.. {
            let state = if (turn / BOARDS).is_multiple_of(2) {
                InputState::Active
            } else {
                InputState::Idle
            };
            if sender.send(turn % BOARDS, 1, state).await.is_err() {
                return;
            }
            // Some 500 events a second.
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    });
    // A third of the watchdog's time passes between two signs of life, under load too.
    manager.hears("WATCHDOG=1", 4).await;
    let before = receipts.lock().unwrap().len();
    assert!(before > 200, "{before} receipts: that is no load");

    let (took, well) = gateway.stop().unwrap();
    load.abort();
    assert!(well && took < Duration::from_secs(5), "stopped in {took:?}, well: {well}");
    manager.hears("STOPPING=1", 1).await;
    // The connections are gone with the broker: no receipt is on its way any more.
    let confirmed = std::mem::take(&mut *receipts.lock().unwrap());

    let mut journal = SqliteJournal::open(&site.data(), &SITE.into()).unwrap();
    let events = journal.read(1, usize::MAX).unwrap();
    let of = |what: &What| match what {
        What::PointChanged(reading) => {
            let Origin { seq, .. } = reading.origin?;
            Some((reading.device().to_string(), seq))
        }
        _ => None,
    };
    let kept: BTreeSet<(String, u32)> = events.iter().filter_map(|e| of(&e.event.what)).collect();
    let lost: Vec<_> = confirmed.difference(&kept).collect();
    assert!(lost.is_empty(), "receipts without an event in the journal: {lost:?}");
    println!("stopped in {took:?}; {} receipts, {} events kept", confirmed.len(), kept.len());
}
