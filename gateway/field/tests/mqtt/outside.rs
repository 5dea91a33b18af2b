//! A real Mosquitto in the embedded broker's place.

use std::time::Duration;

use gengfu_core::{id::DeviceId, input::Input, point::NoData};
use gengfu_field::{adapter::json::JsonDevice, lane::Outcome, mqtt::Routes};
use gengfu_wire::topic::{Down, Up};

use crate::{
    house::{SITE, connected, down, engine, event, gateway, receipt, routes, up},
    mosquitto::Mosquitto,
    peer::Peer,
};

#[tokio::test]
async fn its_session_outlives_the_gateway_and_itself() {
    let broker = Mosquitto::open();
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

#[tokio::test]
async fn a_sensor_s_will_tells_that_it_is_gone() {
    let broker = Mosquitto::open();
    let routes = Routes::new(SITE);
    let device = DeviceId::from("shelly");
    let sensor = JsonDevice {
        device: device.clone(),
        base: "shelly".into(),
        availability: "online".into(),
        presence: Default::default(),
        recent: None,
        calls: true,
        points: vec![],
    };
    routes.set(vec![], vec![sensor]);
    let (lanes, mut engine) = engine();
    let source = gateway(broker.at, routes, lanes);
    connected(&source).await;
    let sensor = Peer::with_will(broker.at, "shelly", "shelly/online", "false").await;
    sensor.publish("shelly/online", "true").await.unwrap();
    assert_eq!(engine.keep(1).await, [Input::Heard(device.clone())]);
    drop(sensor);
    let gone = Input::Gone { device, reason: NoData::Offline };
    assert_eq!(engine.keep(1).await, [gone]);
    assert_eq!(source.quarantine.count(), 0);
}

/// A switch at a further broker.
fn switch() -> Routes {
    let routes = Routes::without_boards(SITE);
    let switch = JsonDevice {
        device: DeviceId::from("switch"),
        base: "switch".into(),
        availability: "online".into(),
        presence: Default::default(),
        recent: None,
        calls: true,
        points: vec![],
    };
    routes.set(vec![], vec![switch]);
    routes
}

#[tokio::test]
async fn of_two_brokers_one_that_is_away_is_in_nobody_s_way_and_keeps_no_word_of_boards() {
    let (one, other) = (Mosquitto::open(), Mosquitto::open());
    let (lanes, mut engine) = engine();
    let main = gateway(one.at, routes(), lanes.clone());
    let further = gateway(other.at, switch(), lanes);
    connected(&main).await;
    connected(&further).await;

    // Somebody there speaks in a board's name: that is nobody's word. The switch is heard.
    let stranger = Peer::connect(other.at, "stranger", &[]).await;
    stranger.publish(&up("lift-1", Up::Event), &event(1, 1)).await.unwrap();
    stranger.publish("switch/online", "true").await.unwrap();
    let heard = [Input::Heard(DeviceId::from("switch"))];
    assert_eq!(engine.keep(1).await, heard);

    drop(stranger);
    let stopped = tokio::task::spawn_blocking(move || other.stop()).await.unwrap();
    crate::house::until("it is missed", || !further.is_connected()).await;
    let mut board = Peer::connect(one.at, "lift-1", &[&down("lift-1", Down::Receipt)]).await;
    board.publish(&up("lift-1", Up::Event), &event(1, 2)).await.unwrap();
    (engine.event().await.1.done)(Outcome::Kept);
    assert_eq!(board.hears().await.words, receipt(1, 2));
    assert!(main.is_connected());

    // It comes back and has forgotten the session.
    let other = tokio::task::spawn_blocking(move || stopped.start_again(true)).await.unwrap();
    connected(&further).await;
    let switch = Peer::connect(other.at, "switch", &[]).await;
    switch.publish("switch/online", "true").await.unwrap();
    assert_eq!(engine.keep(1).await, heard);
}

#[tokio::test]
async fn a_broker_that_is_left_for_good_keeps_nothing_for_the_gateway() {
    let broker = Mosquitto::open();
    let (lanes, mut first) = engine();
    let source = gateway(broker.at, switch(), lanes.clone());
    connected(&source).await;
    source.forget().await;
    let stranger = Peer::connect(broker.at, "stranger", &[]).await;
    stranger.publish("switch/online", "false").await.unwrap();
    let source = gateway(broker.at, switch(), lanes);
    connected(&source).await;
    stranger.publish("switch/online", "true").await.unwrap();
    assert_eq!(first.keep(1).await, [Input::Heard(DeviceId::from("switch"))]);
}
