//! Nothing is acknowledged before it is decided: neither to the broker nor to a board.

use std::time::Duration;

use gengfu_field::lane::Outcome;
use gengfu_wire::topic::{Down, Up};

use crate::{
    cable::Cable,
    house::{House, connected, down, engine, event, gateway, receipt, routes, until, up},
    peer::Peer,
};

#[tokio::test]
async fn a_receipt_is_sent_when_its_event_is_decided_and_not_before() {
    let house = House::start().await;
    let (_source, mut engine) = house.gateway().await;
    let receipts = down("lift-1", Down::Receipt);
    let mut board = Peer::connect(house.at, "lift-1", &[&receipts]).await;
    board.publish(&up("lift-1", Up::Event), &event(1, 1)).await.unwrap();
    board.publish(&up("lift-1", Up::Event), &event(1, 2)).await.unwrap();
    let (first, held) = engine.event().await;
    let (second, decided) = engine.event().await;
    assert_eq!((first.seq, second.seq), (1, 2));

    // The second is decided first: its receipt comes, and none for the first before it.
    (decided.done)(Outcome::Kept);
    assert_eq!(board.hears().await.words, receipt(1, 2));
    (held.done)(Outcome::Kept);
    assert_eq!(board.hears().await.words, receipt(1, 1));
}

#[tokio::test]
async fn a_refused_event_gets_its_receipt_too_and_a_dropped_one_none() {
    let house = House::start().await;
    let (_source, mut engine) = house.gateway().await;
    let mut board = Peer::connect(house.at, "lift-1", &[&down("lift-1", Down::Receipt)]).await;
    for seq in 1..=2 {
        board.publish(&up("lift-1", Up::Event), &event(1, seq)).await.unwrap();
    }
    drop(engine.event().await);
    (engine.event().await.1.done)(Outcome::Refused("not known".into()));
    assert_eq!(board.hears().await.words, receipt(1, 2));
}

#[tokio::test]
async fn with_a_disk_that_refuses_the_board_keeps_its_event_and_the_broker_need_not() {
    let house = House::start().await;
    let (source, mut engine) = house.gateway().await;
    let mut board = Peer::connect(house.at, "lift-1", &[&down("lift-1", Down::Receipt)]).await;
    let topic = up("lift-1", Up::Event);
    for (seq, outcome) in [(1, Outcome::InMemory), (2, Outcome::Kept)] {
        board.publish(&topic, &event(1, seq)).await.unwrap();
        (engine.event().await.1.done)(outcome);
    }
    assert_eq!(board.hears().await.words, receipt(1, 2), "the first had none");
    // The board says it again, as without a receipt it must; now the disk is well.
    board.publish(&topic, &event(1, 1)).await.unwrap();
    let (again, envelope) = engine.event().await;
    assert_eq!(again.seq, 1);
    (envelope.done)(Outcome::Kept);
    assert_eq!(board.hears().await.words, receipt(1, 1));
    // The broker was answered each time: to a successor it says nothing of all that.
    source.stop().await;
    let (_source, mut engine) = house.gateway().await;
    board.publish(&topic, &event(1, 3)).await.unwrap();
    assert_eq!(engine.event().await.0.seq, 3);
}

/// Runs a gateway until it has heard one event that it never decides, and kills it.
fn die_with_one_undecided(at: std::net::SocketAddr, ready: std::sync::mpsc::Sender<()>) -> u32 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let seq = runtime.block_on(async {
        let (lanes, mut engine) = engine();
        let source = gateway(at, routes(), lanes);
        connected(&source).await;
        ready.send(()).unwrap();
        let (origin, undecided) = engine.event().await;
        // Not even dropped: the gateway is in the middle of it.
        std::mem::forget(undecided);
        origin.seq
    });
    runtime.shutdown_background();
    seq
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_dead_gateway_had_not_decided_its_successor_receives() {
    let house = House::start().await;
    let at = house.at;
    let mut board = Peer::connect(at, "lift-1", &[&down("lift-1", Down::Receipt)]).await;
    for seq in 1..=3 {
        let (ready, is_ready) = std::sync::mpsc::channel();
        let dying = tokio::task::spawn_blocking(move || die_with_one_undecided(at, ready));
        tokio::task::spawn_blocking(move || is_ready.recv().unwrap()).await.unwrap();
        if seq == 1 {
            board.publish(&up("lift-1", Up::Event), &event(1, 1)).await.unwrap();
        }
        assert_eq!(dying.await.unwrap(), 1, "life {seq}: the same event, again and again");
    }
    let (source, mut engine) = house.gateway().await;
    let (origin, envelope) = engine.event().await;
    assert_eq!((origin.boot, origin.seq), (1, 1));
    (envelope.done)(Outcome::Kept);
    assert_eq!(board.hears().await.words, receipt(1, 1), "and it was the first receipt");
    source.stop().await;

    let (_source, mut engine) = house.gateway().await;
    board.publish(&up("lift-1", Up::Event), &event(1, 2)).await.unwrap();
    assert_eq!(engine.event().await.0.seq, 2, "what was decided does not come again");
}

#[tokio::test]
async fn a_successor_in_the_same_session_speaks_as_well_as_it_hears() {
    let house = House::start().await;
    let (source, _engine) = house.gateway().await;
    source.stop().await;
    let mut board = Peer::connect(house.at, "lift-1", &[&down("lift-1", Down::Time)]).await;
    // `gateway` returns only when the subscriptions were confirmed in the session taken over.
    let (_source, mut engine) = house.gateway().await;
    let birth =
        r#"{"v":1,"boot":1,"firmware":"1","hardware":"x","reset":"power","config":0,"inputs":[]}"#;
    board.publish(&up("lift-1", Up::Birth), birth).await.unwrap();
    engine.keep(1).await;
    let time = board.hears().await;
    assert!(time.words.starts_with(r#"{"v":1,"unix_ms":1"#), "QoS 1 goes out: {time:?}");
}

#[tokio::test]
async fn a_broker_that_forgot_everything_is_subscribed_to_again() {
    let house = House::start().await;
    let (source, mut engine) = house.gateway().await;
    let before = Peer::connect(house.at, "lift-1", &[]).await;
    before.publish(&up("lift-1", Up::Event), &event(1, 1)).await.unwrap();
    let (_, undecided) = engine.event().await;

    let house = house.restart_broker().await;
    until("the loss is noticed or repaired", || !before.is_open()).await;
    let mut board = Peer::connect(house.at, "lift-1", &[&down("lift-1", Down::Receipt)]).await;
    // As a board does, it says its event until somebody has heard it.
    let mut said = tokio::time::interval(Duration::from_millis(200));
    let (second, decided) = loop {
        tokio::select! {
            _ = said.tick() => {
                board.publish(&up("lift-1", Up::Event), &event(1, 2)).await.unwrap();
            }
            heard = engine.event() => break heard,
        }
    };
    assert_eq!(second.seq, 2);
    connected(&source).await;
    // Decided now; the packet number of the lost session must not acknowledge anything in this one.
    (undecided.done)(Outcome::Kept);
    assert_eq!(board.hears().await.words, receipt(1, 1), "the board is told all the same");
    (decided.done)(Outcome::Kept);
    assert_eq!(board.hears().await.words, receipt(1, 2));
    assert!(source.is_connected(), "without losing the connection once more");
}

#[tokio::test]
async fn a_lost_connection_does_not_confuse_what_is_acknowledged() {
    let house = House::start().await;
    let cable = Cable::to(house.at).await;
    let (lanes, mut engine) = engine();
    let source = gateway(cable.at, routes(), lanes);
    connected(&source).await;
    let board = Peer::connect(house.at, "lift-1", &[]).await;
    for seq in 1..=5 {
        board.publish(&up("lift-1", Up::Event), &event(1, seq)).await.unwrap();
    }
    let mut undecided = vec![];
    for _ in 1..=5 {
        undecided.push(engine.event().await.1);
    }
    // The broker keeps the session while the cable is cut: all five come again.
    cable.cut();
    let mut again = vec![];
    for _ in 1..=5 {
        again.push(engine.event().await);
    }
    // The first copies are decided now, then the second ones: one packet number, two decisions.
    undecided.into_iter().for_each(|envelope| (envelope.done)(Outcome::Kept));
    let mut numbers: Vec<u32> = again.iter().map(|(origin, _)| origin.seq).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
    again.into_iter().for_each(|(_, envelope)| (envelope.done)(Outcome::Kept));
    connected(&source).await;

    let mut board = Peer::connect(house.at, "lift-1", &[&down("lift-1", Down::Receipt)]).await;
    board.publish(&up("lift-1", Up::Event), &event(1, 6)).await.unwrap();
    let (origin, envelope) = engine.event().await;
    assert_eq!(origin.seq, 6, "nothing comes a third time");
    (envelope.done)(Outcome::Kept);
    while board.hears().await.words != receipt(1, 6) {}
    assert!(source.is_connected());
}

#[tokio::test]
async fn a_client_that_was_stopped_stays_away() {
    let house = House::start().await;
    let (source, engine) = house.gateway().await;
    source.stop().await;
    // Under its client id, nobody throws anybody out any more.
    let mut other = Peer::connect(house.at, crate::house::GATEWAY, &["home/#"]).await;
    let home = Peer::connect(house.at, "home", &[]).await;
    for _ in 0..20 {
        home.publish("home/x", "1").await.unwrap();
        assert_eq!(other.hears().await.words, "1");
    }
    assert!(other.is_open() && engine.is_empty());
}
