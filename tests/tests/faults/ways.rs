//! The servers of the ways to people go away while nothing is to be told, and come back.

use std::time::{Duration, Instant};

use gengfu_tests::{
    free_port,
    hooks::Hooks,
    ntfy::Ntfy,
    python::{MAILBOX, PUSH, Peer},
    site::Site,
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
    time::sleep,
};

use crate::house::House;

/// A way that fails is to be known by then (EN 54-21).
const KNOWN: Duration = Duration::from_secs(100);

/// A server's own port, behind which it is there or not.
struct Gate {
    port: u16,
    server: u16,
    task: Option<JoinHandle<()>>,
}

impl Gate {
    async fn before(server: u16) -> Self {
        let mut gate = Self { port: free_port().unwrap(), server, task: None };
        gate.open().await;
        gate
    }

    async fn open(&mut self) {
        let listener = TcpListener::bind(("127.0.0.1", self.port)).await.unwrap();
        let server = self.server;
        self.task = Some(tokio::spawn(async move {
            let mut passing = JoinSet::new();
            while let Ok((mut client, _)) = listener.accept().await {
                passing.spawn(async move {
                    let mut server = TcpStream::connect(("127.0.0.1", server)).await?;
                    copy_bidirectional(&mut client, &mut server).await
                });
            }
        }));
    }

    async fn close(&mut self) {
        let task = self.task.take().unwrap();
        task.abort();
        let _ = task.await;
    }
}

/// Waits until every one of these channels' lines is seen to be open, or none; how long the last took.
async fn seen(house: &House, channels: &[&str], open: bool) -> Duration {
    let begun = Instant::now();
    for channel in channels {
        loop {
            let alarms = house.operator.get("alarms").await.unwrap();
            let line = format!("line:{channel}");
            let stands =
                alarms.as_array().unwrap().iter().any(|a| a["id"] == line && a["active"] == true);
            if stands != open {
                break;
            }
            assert!(begun.elapsed() < KNOWN, "{channel}, open: {open}: {alarms}");
            sleep(Duration::from_millis(50)).await;
        }
    }
    begun.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_way_that_is_down_is_known_before_it_is_needed() {
    let folder = tempfile::tempdir().unwrap();
    let hooks = Hooks::start().await.unwrap();
    let ntfy_server = Ntfy::start().await.unwrap();
    let mut mailbox = Peer::start(MAILBOX, &["plain"]).unwrap();
    let mut service = Peer::start(PUSH, &[folder.path().to_str().unwrap()]).unwrap();
    let mail_port = mailbox.json().await.unwrap()["port"].as_u64().unwrap();
    let subscription = service.json().await.unwrap().to_string();
    let push_port = subscription.split("127.0.0.1:").nth(1).unwrap();
    let push_port: u16 = push_port.split('/').next().unwrap().parse().unwrap();

    let mut gates = vec![];
    for server in [
        u16::try_from(mail_port).unwrap(),
        ntfy_server.address.port(),
        hooks.address.port(),
        hooks.address.port(),
        push_port,
    ] {
        gates.push(Gate::before(server).await);
    }
    let [mail, ntfy, hook, http, push] = [0, 1, 2, 3, 4].map(|n: usize| gates[n].port);
    let lines = format!(
        r#"
[channels.mail]
kind = "mail"
host = "127.0.0.1"
port = {mail}
tls = "none"
from = "Gengfu <alarm@example.org>"

[channels.ntfy]
kind = "ntfy"
server = "http://127.0.0.1:{ntfy}"

[channels.app]
kind = "http"
provider = "feishu"
secret = "secret"
with = {{ server = "http://127.0.0.1:{http}" }}

[channels.unwatched]
kind = "ntfy"
server = "http://127.0.0.1:{ntfy}"
watch = false

[channels.push]
kind = "push"
contact = "mailto:caretaker@example.org"
hosts = ["127.0.0.1"]
ca = "{}"
"#,
        folder.path().join("push-ca.pem").display()
    );
    let house = House::at(Site::new(1, &lines).unwrap(), hooks).await;
    let subscription = subscription.replace(&push_port.to_string(), &push.to_string());
    let hook = format!("http://127.0.0.1:{hook}/wang");
    let ways = [
        ("hook", hook.as_str()),
        ("push", subscription.as_str()),
        ("mail", "wang@example.org"),
        ("ntfy", "wang-7f3a"),
        ("app", "wang"),
    ];
    house.operator.put_person("wang", &ways).await.unwrap();
    let watched = ways.map(|(channel, _)| channel);
    seen(&house, &watched, true).await;
    for gate in &mut gates {
        gate.close().await;
    }
    let known = seen(&house, &watched, false).await;
    seen(&house, &["unwatched"], true).await;
    for gate in &mut gates {
        gate.open().await;
    }
    let back = seen(&house, &watched, true).await;
    println!(
        "FAULT | every server of a way goes away: known after {known:.0?} | back after {back:.1?}"
    );
    // A push service that is down is not to be told by itself; a mail was sent to nobody.
    let House { gateway, .. } = house;
    let said = gateway.said();
    gateway.stop().unwrap();
    assert!(!said.contains(&subscription) && !said.contains("wang-7f3a"), "{said}");
}
