//! Alarms wait and are never dropped; telemetry is dropped and never waits.

use gengfu_field::lane::Outcome;
use gengfu_wire::topic::{Down, Up};

use crate::{
    house::{House, connected, down, engine_with, event, gateway, receipt, routes, up},
    peer::Peer,
};

#[tokio::test]
async fn a_history_that_hangs_delays_no_alarm() {
    let house = House::start().await;
    let (lanes, mut engine) = engine_with(4, 2);
    let source = gateway(house.at, routes(), lanes.clone());
    connected(&source).await;
    let mut board = Peer::connect(house.at, "lift-1", &[&down("lift-1", Down::Receipt)]).await;
    // Nobody reads the history: its lane holds two readings and no more.
    for seq in 1..=50 {
        board.publish(&up("lift-1", Up::Event), &event(1, seq)).await.unwrap();
        (engine.event().await.1.done)(Outcome::Kept);
        assert_eq!(board.hears().await.words, receipt(1, seq));
    }
    assert_eq!(lanes.telemetry.dropped(), 48);
    assert_eq!(engine.telemetry.len(), 2);
}

#[tokio::test]
async fn an_engine_that_hangs_loses_no_alarm() {
    const EVENTS: u32 = 1500;
    let house = House::start().await;
    let (lanes, mut engine) = engine_with(4, 16);
    let source = gateway(house.at, routes(), lanes);
    connected(&source).await;
    let mut board = Peer::connect(house.at, "lift-1", &[&down("lift-1", Down::Receipt)]).await;
    // Far more than the lane and everything between holds; the rest waits in the broker.
    for seq in 1..=EVENTS {
        board.publish(&up("lift-1", Up::Event), &event(1, seq)).await.unwrap();
    }
    for seq in 1..=EVENTS {
        let (origin, envelope) = engine.event().await;
        assert_eq!(origin.seq, seq, "in order, none missing");
        (envelope.done)(Outcome::Kept);
    }
    for seq in 1..=EVENTS {
        assert_eq!(board.hears().await.words, receipt(1, seq));
    }
}

#[tokio::test]
async fn a_flood_of_what_wants_no_answer_takes_no_place_of_what_does() {
    let house = House::start().await;
    let (source, mut engine) = house.gateway().await;
    let mut board = Peer::connect(house.at, "lift-2", &[&down("lift-2", Down::Receipt)]).await;
    let flood = Peer::connect(house.at, "lift-1", &[]).await;
    for seq in 1..=3000 {
        flood.mention(&up("lift-1", Up::Event), &event(1, seq)).await;
        if seq % 100 == 0 {
            board.publish(&up("lift-2", Up::Event), &event(2, seq)).await.unwrap();
        }
    }
    let mut asked = vec![];
    while asked.len() < 30 {
        let (origin, envelope) = engine.event().await;
        (envelope.done)(Outcome::Kept);
        if origin.boot == 2 {
            asked.push(receipt(2, origin.seq));
        }
    }
    for wanted in asked {
        assert_eq!(board.hears().await.words, wanted);
    }
    assert!(source.is_connected());
}
