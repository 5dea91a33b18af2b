//! What the embedded broker keeps, and what becomes of the rest: it writes nothing to the disk.

use std::{
    io::{BufRead as _, BufReader},
    process::Stdio,
};

use gengfu_field::lane::Outcome;
use gengfu_wire::topic::{Down, Up};

use crate::{
    child,
    house::{
        House, connected, down, engine, engine_with, event, gateway, receipt, routes, start_broker,
        up, users,
    },
    peer::Peer,
};

#[tokio::test]
async fn what_comes_while_the_gateway_is_away_waits_for_it() {
    let house = House::start().await;
    let (source, _engine) = house.gateway().await;
    source.stop().await;
    let board = Peer::connect(house.at, "lift-1", &[]).await;
    board.publish(&up("lift-1", Up::Event), &event(1, 1)).await.unwrap();

    let (_source, mut engine) = house.gateway().await;
    let (origin, envelope) = engine.event().await;
    assert_eq!((origin.boot, origin.seq), (1, 1), "queued while the gateway was away");
    (envelope.done)(Outcome::Kept);
}

#[tokio::test]
async fn what_the_broker_has_acknowledged_is_decided_before_a_stop() {
    // More than the gateway may have under way: the rest still waits in the broker.
    const MESSAGES: u32 = 700;
    let house = House::start().await;
    let (lanes, mut engine) = engine_with(4, 16);
    let source = gateway(house.at, routes(), lanes);
    connected(&source).await;
    let board = Peer::connect(house.at, "lift-1", &[]).await;
    for seq in 1..=MESSAGES {
        board.publish(&up("lift-1", Up::Event), &event(1, seq)).await.unwrap();
    }
    let decides = async {
        for seq in 1..=MESSAGES {
            let (origin, envelope) = engine.event().await;
            assert_eq!(origin.seq, seq);
            (envelope.done)(Outcome::Kept);
        }
        engine
    };
    let (_engine, ()) = tokio::join!(decides, house.broker.stop());
}

#[tokio::test]
async fn who_publishes_during_a_stop_is_promised_nothing() {
    let house = House::start().await;
    let (lanes, mut engine) = engine();
    let source = gateway(house.at, routes(), lanes);
    connected(&source).await;
    let board = Peer::connect(house.at, "lift-1", &[]).await;
    board.publish(&up("lift-1", Up::Event), &event(1, 1)).await.unwrap();
    let (_, undecided) = engine.event().await;
    // The stop waits for what is undecided, and the board speaks meanwhile.
    let stops = tokio::spawn(house.broker.stop());
    tokio::task::yield_now().await;
    let (topic, late) = (up("lift-1", Up::Event), event(1, 2));
    tokio::select! {
        answer = board.publish(&topic, &late) => assert!(answer.is_err(), "nobody decides it any more"),
        ended = stops => ended.unwrap(),
    }
    (undecided.done)(Outcome::Kept);
    assert!(engine.is_empty(), "what came late was taken in");
}

/// A whole gateway in a process of its own: it hears, and never decides.
async fn hear_for_ever() {
    let broker = start_broker(None, &users()).await;
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

#[tokio::test]
async fn what_was_not_decided_is_said_again_after_a_kill() {
    if child::folder().is_some() {
        hear_for_ever().await;
    }
    let folder = tempfile::tempdir().unwrap();
    let name = "keeping::what_was_not_decided_is_said_again_after_a_kill";
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
    let receipts = down("lift-1", Down::Receipt);
    let mut board = Peer::connect(at, "lift-1", &[&receipts]).await;
    for seq in 1..=3 {
        board.publish(&up("lift-1", Up::Event), &event(1, seq)).await.unwrap();
    }
    tokio::task::spawn_blocking(move || wait_for("heard 3")).await.unwrap();
    killed.kill().unwrap();
    killed.wait().unwrap();
    // The broker had acknowledged all three; the gateway none, so that the board still has them.
    assert_eq!(board.left().await, []);

    let house = House::start().await;
    let mut board = Peer::connect(house.at, "lift-1", &[&receipts]).await;
    let (_source, mut engine) = house.gateway().await;
    for seq in 1..=3 {
        board.publish(&up("lift-1", Up::Event), &event(1, seq)).await.unwrap();
        let (origin, envelope) = engine.event().await;
        assert_eq!((origin.boot, origin.seq), (1, seq));
        (envelope.done)(Outcome::Kept);
        assert_eq!(board.hears().await.words, receipt(1, seq));
    }
}

#[tokio::test]
async fn what_was_retained_before_a_restart_is_not_told_after_it() {
    let house = House::start().await;
    let home = Peer::connect(house.at, "home", &[]).await;
    home.retain("home/smoke", "on").await.unwrap();
    let early = house.tool("home").hear("home/smoke", 1, &[]).await;
    assert_eq!(early.lines, ["home/smoke on"]);

    let house = house.restart_broker().await;
    let mut late = Peer::connect(house.at, "home", &["home/#"]).await;
    late.publish("home/smoke", "off").await.unwrap();
    assert_eq!(late.hears().await.words, "off", "its source says how it stands now");
}

#[tokio::test]
async fn a_board_finds_its_configuration_after_a_restart() {
    let house = House::start().await;
    let (source, _engine) = house.gateway().await;
    let house = house.restart_broker().await;
    let mut board = Peer::connect(house.at, "lift-1", &[&down("lift-1", Down::Config)]).await;
    assert!(board.hears().await.words.contains(r#""revision":"#), "the gateway says it again");
    connected(&source).await;
}
