//! The gateway or the broker is away while things happen.

use std::collections::BTreeSet;

use gengfu_tests::{
    eventually,
    qemu::{CONTACTS, Machine, Passport, Stands},
    site::{BOARD_PASSWORD, Site},
};
use serde_json::json;

use crate::{
    figures::last,
    house::{House, journal},
    mosquitto::Mosquitto,
};

/// Times that all contacts are moved: more than a hundred events.
const ROUNDS: usize = 13;

#[tokio::test]
async fn a_hundred_events_without_a_gateway_are_all_told_and_in_their_order() {
    let mut house = House::with_a_lift().await;
    let (mut board, _) = house.pit().await;
    house.kill_gateway();
    board.until("alone", |s| !s.is_connected()).await.unwrap();
    // As fast as the contacts are believed, rather than over a minute: the board does not know for
    // how long nobody listened.
    let all: Vec<usize> = (1..=CONTACTS).collect();
    for round in 1..=ROUNDS {
        board.close(if round % 2 == 1 { &all } else { &[] }).unwrap();
        let kept = |s: &Stands| s.waiting() == Some(round * CONTACTS);
        board.until("with an event of each contact", kept).await.unwrap();
    }
    house.start_gateway();
    board.until("without anything to say", |s| s.waiting() == Some(0)).await.unwrap();
    let log = board.log();
    let took = last(&log, "heard receipt").saturating_sub(last(&log, "connected"));
    println!("{} events to their last receipt: {} ms", ROUNDS * CONTACTS, took / 1_000);
    assert_eq!(house.contact(CONTACTS).await, json!(true));
    house.hooks.first("wang", "alert").await;
    house.kill_gateway();

    let kept = journal(&house.site);
    let last = u32::try_from(ROUNDS * CONTACTS).unwrap();
    let missing: BTreeSet<_> =
        (1..=last).map(|seq| (1, seq)).filter(|event| !kept.contains(event)).collect();
    assert!(missing.is_empty(), "lost: {missing:?}");
    assert!(kept.is_sorted(), "out of order: {kept:?}");
    assert_eq!(kept.len(), ROUNDS * CONTACTS, "some are there twice: {kept:?}");
}

#[tokio::test]
async fn a_broker_that_starts_again_loses_nothing() {
    let site = Site::with_outside_broker(1, "").unwrap();
    let mut broker = Mosquitto::start(&site, 1);
    let house = House::start(site).await;
    let passport = Passport::new("board-1", BOARD_PASSWORD, house.site.mqtt);
    let mut board = Machine::start(&passport).unwrap();
    board.in_service().await.unwrap();
    broker.kill();
    board.until("alone", |s| !s.is_connected()).await.unwrap();
    board.close(&[1]).unwrap();
    board.until("with something to say", |s| s.waiting() == Some(1)).await.unwrap();
    broker.start_again();
    house.hooks.first("wang", "alert").await;
    board.until("heard", |s| s.waiting() == Some(0) && s.lamp() == "Yellow").await.unwrap();
    eventually("the gateway knows the contact", async || {
        let point = house.operator.get("points/board-1%2Fin1").await.ok()?;
        (point["value"] == json!(true)).then_some(())
    })
    .await;
}
