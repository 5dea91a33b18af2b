//! The network between board and gateway.

use std::net::TcpListener;

use gengfu_tests::{
    eventually,
    qemu::{HERE, Machine, Passport},
};
use serde_json::{Value, json};

use crate::house::House;

#[tokio::test]
async fn a_pulled_cable_is_noticed_and_what_happened_is_told_when_it_is_back() {
    let house = House::with_a_lift().await;
    let (mut board, _) = house.pit().await;
    eventually("the gateway knows how the contact stands", async || {
        (house.contact(1).await == json!(false)).then_some(())
    })
    .await;
    board.cable(false).unwrap();
    board.close(&[1]).unwrap();
    board.until("with something to say", |s| s.waiting() == Some(1)).await.unwrap();
    // The gateway knows by the broker's keep-alive, the board by its own.
    eventually("the gateway misses the board", async || {
        (house.contact(1).await == Value::Null).then_some(())
    })
    .await;
    board.until("alone", |s| !s.is_connected()).await.unwrap();
    board.cable(true).unwrap();
    board.until("heard", |s| s.waiting() == Some(0) && s.lamp() == "Yellow").await.unwrap();
    assert_eq!(house.contact(1).await, json!(true));
}

#[tokio::test]
async fn the_second_gateway_is_tried_when_the_first_is_silent() {
    let house = House::with_a_lift().await;
    // It takes the connection and never says a word, as a broker that hangs.
    let silent = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let first = format!("{HERE}:{}", silent.local_addr().unwrap().port());
    let mut passport = Passport::new("pit", &house.add("pit", "lift-1").await, house.site.mqtt);
    passport.gateways.insert(0, first);
    // With a fixed address, too: nobody gives it one.
    passport.address = Some("10.0.2.15/24 10.0.2.2 10.0.2.3".into());
    let mut board = Machine::start(&passport).unwrap();
    board.close(&[1]).unwrap();
    board.until("heard", |s| s.waiting() == Some(0) && s.lamp() == "Yellow").await.unwrap();
    board.logs("lost: Silent", 1).await.unwrap();
    house.hooks.first("wang", "alert").await;
}
