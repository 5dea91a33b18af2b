//! What the embedded broker keeps through a stop and through a kill.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::Stdio,
};

use gengfu_wire::topic::Up;

use crate::{
    child,
    house::{
        Engine, GATEWAY, House, connected, engine, event, gateway, password, receipt, routes,
        start_broker, until, up, users,
    },
    peer::Peer,
    tools::Tool,
};

#[tokio::test]
async fn retained_and_queued_messages_survive_a_stop() {
    let house = House::start().await;
    let home = house.tool("home");
    // A session of its own, by each version of MQTT, that waits for what comes while it is away.
    for (version, id, more) in
        [("5", "five", ["-x", "3600"].as_slice()), ("311", "three", [].as_slice())]
    {
        let waits = home.version(version).client_id(id);
        let arguments = [&["-q", "1", "-t", "home/door", "-c", "-E"], more].concat();
        assert_eq!(waits.run("mosquitto_sub", &arguments).await.code, 0);
    }
    assert_eq!(home.publish("home/light", "on", &["-r"]).await.code, 0);
    assert_eq!(home.publish("home/door", "open", &[]).await.code, 0);

    let house = house.restart_broker(false).await;
    let light = house.tool("home").hear("home/light", 1, &[]).await;
    assert_eq!(light.lines, ["home/light on"]);
    for (version, id, more) in
        [("5", "five", ["-x", "3600"].as_slice()), ("311", "three", [].as_slice())]
    {
        let back = house.tool("home").version(version).client_id(id);
        let door = back.hear("home/nothing", 1, &[&["-c"], more].concat()).await;
        assert_eq!(door.lines, ["home/door open"], "MQTT {version}");
    }
}

/// A whole gateway in a process of its own: it hears, and never decides.
async fn hear_for_ever(folder: &Path) {
    let broker = start_broker(&folder.join("broker"), None, &users()).await;
    let at = broker.local_addr().unwrap();
    let (lanes, mut engine) = engine();
    let source = gateway(at, routes(), lanes);
    connected(&source).await;
    println!("\nlistening {at}");
    let mut undecided = vec![];
    loop {
        undecided.push(engine.next().await);
        println!("heard {}", undecided.len());
    }
}

/// Messages in a folder of the broker's that it has written whole.
fn written(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries.flatten().filter(|e| e.path().extension().is_some_and(|x| x == "json")).count()
}

#[tokio::test]
async fn what_was_not_decided_comes_again_after_a_kill() {
    if let Some(folder) = child::folder() {
        hear_for_ever(&folder).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let name = "keeping::what_was_not_decided_comes_again_after_a_kill";
    let mut killed = child::command(name, folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut said = BufReader::new(killed.stdout.take().unwrap()).lines();
    let mut wait_for = move |word: &str| loop {
        let line = said.next().expect("the child lives").unwrap();
        if let Some(rest) = line.strip_prefix(word) {
            return rest.to_owned();
        }
    };
    let at = wait_for("listening ").parse().unwrap();
    let board = Peer::connect(at, "lift-1", &[]).await;
    for seq in 1..=3 {
        board.publish(&up("lift-1", Up::Event), &event(1, seq)).await.unwrap();
    }
    tokio::task::spawn_blocking(move || wait_for("heard 3")).await.unwrap();
    // The broker writes what is under way a quarter of a second later.
    let data_dir = folder.path().join("broker");
    let under_way = data_dir.join("inflight").join(GATEWAY);
    until("the broker has written what is under way", || written(&under_way) == 3).await;
    killed.kill().unwrap();
    killed.wait().unwrap();

    let broker = start_broker(&data_dir, None, &users()).await;
    let at = broker.local_addr().unwrap();
    let mut board = Peer::connect(at, "lift-1", &["gengfu/v1/garden-12/lift-1/down/receipt"]).await;
    let (lanes, mut engine) = engine();
    let source = gateway(at, routes(), lanes);
    let mut numbers = vec![];
    for _ in 1..=3 {
        let (origin, envelope) = engine.event().await;
        (envelope.done)(gengfu_field::lane::Outcome::Kept);
        numbers.push((origin.boot, origin.seq));
        assert_eq!(board.hears().await.words, receipt(origin.boot, origin.seq));
    }
    numbers.sort_unstable();
    assert_eq!(numbers, [(1, 1), (1, 2), (1, 3)]);
    connected(&source).await;
    nothing_more(at, engine).await;
}

/// A broker in a process of its own, for whoever comes.
async fn serve_for_ever(folder: &Path) {
    let broker = start_broker(&folder.join("broker"), None, &users()).await;
    println!("\nlistening {}", broker.local_addr().unwrap());
    std::future::pending().await
}

#[tokio::test]
async fn retained_and_queued_messages_survive_a_kill() {
    if let Some(folder) = child::folder() {
        serve_for_ever(&folder).await;
    }
    let folder = tempfile::tempdir().unwrap();
    let name = "keeping::retained_and_queued_messages_survive_a_kill";
    let mut killed = child::command(name, folder.path()).stdout(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(killed.stdout.take().unwrap()).lines();
    let at = loop {
        let line = said.next().expect("the child lives").unwrap();
        if let Some(at) = line.strip_prefix("listening ") {
            break at.parse().unwrap();
        }
    };
    let home = Tool {
        at,
        user: "home".into(),
        password: password("home"),
        client_id: "home".into(),
        version: "5",
    };
    let waits = home.client_id("waits");
    let session = ["-q", "1", "-t", "home/door", "-c", "-E", "-x", "3600"];
    assert_eq!(waits.run("mosquitto_sub", &session).await.code, 0);
    for words in ["open", "shut"] {
        assert_eq!(home.publish("home/door", words, &[]).await.code, 0);
    }
    assert_eq!(home.publish("home/light", "on", &["-r"]).await.code, 0);
    let data_dir = folder.path().join("broker");
    let (queue, retained) = (data_dir.join("queues").join("waits"), data_dir.join("retained"));
    let kept = || written(&queue) == 2 && written(&retained) == 1;
    until("the broker has written what is queued", kept).await;
    killed.kill().unwrap();
    killed.wait().unwrap();

    let broker = start_broker(&data_dir, None, &users()).await;
    let home = Tool { at: broker.local_addr().unwrap(), ..home };
    assert_eq!(home.hear("home/light", 1, &[]).await.lines, ["home/light on"]);
    let back = home.client_id("waits").hear("home/nothing", 2, &["-c", "-x", "3600"]).await;
    assert_eq!(back.lines, ["home/door open", "home/door shut"], "in their order");
}

/// What was acknowledged does not come again: the next thing to come is a new one.
async fn nothing_more(at: std::net::SocketAddr, mut engine: Engine) {
    let other = Peer::connect(at, "lift-2", &[]).await;
    other.publish(&up("lift-2", Up::Event), &event(9, 9)).await.unwrap();
    let (origin, _) = engine.event().await;
    assert_eq!((origin.boot, origin.seq), (9, 9));
}

#[tokio::test]
async fn the_gateway_s_session_is_there_when_the_broker_comes_back() {
    let house = House::start().await;
    let (source, _engine) = house.gateway().await;
    source.stop().await;
    let board = Peer::connect(house.at, "lift-1", &[]).await;
    board.publish(&up("lift-1", Up::Event), &event(1, 1)).await.unwrap();

    let house = house.restart_broker(false).await;
    let (source, mut engine) = house.gateway().await;
    let (origin, envelope) = engine.event().await;
    assert_eq!((origin.boot, origin.seq), (1, 1), "queued while the gateway was away");
    (envelope.done)(gengfu_field::lane::Outcome::Kept);
    source.stop().await;
    assert!(house.users.names().contains(&GATEWAY.to_owned()));
}
