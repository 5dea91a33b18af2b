//! What a board's messages mean, over real MQTT.

use gengfu_core::{
    id::{DeviceId, PointId},
    input::Input,
    point::{Kind, NoData, Origin, Reading, Value},
};
use gengfu_field::lane::Outcome;
use gengfu_wire::topic::{Down, Up};

use crate::{
    house::{House, SITE, board, down, event, receipt, up, written},
    peer::Peer,
};

fn birth(config: u32) -> String {
    format!(
        r#"{{"v":1,"boot":3,"firmware":"1.0","hardware":"x","reset":"power","config":{config},"inputs":["active","open"]}}"#
    )
}

fn reading(input: &Input) -> &Reading {
    match input {
        Input::Reading(reading) => reading,
        other => panic!("no reading: {other:?}"),
    }
}

#[tokio::test]
async fn a_birth_is_answered_with_time_and_configuration() {
    let house = House::start().await;
    let (_source, mut engine) = house.gateway().await;
    let mut peer = Peer::connect(house.at, "lift-1", &[&down("lift-1", Down::Time)]).await;
    peer.publish(&up("lift-1", Up::Birth), &birth(0)).await.unwrap();
    let inputs = engine.keep(3).await;
    assert_eq!(inputs[0], Input::Heard(DeviceId::from("lift-1")));
    let (call, fault) = (reading(&inputs[1]), reading(&inputs[2]));
    assert_eq!((&call.point, &call.sample), (&PointId::from("lift-1/in1"), &Ok(Value::Bool(true))));
    assert_eq!((&fault.point, &fault.sample), (&PointId::from("lift-1/in2"), &Err(NoData::Faulty)));
    assert_eq!((call.kind, call.origin), (Kind::State, None), "how it stands is no new call");
    let time: serde_json::Value = serde_json::from_str(&peer.hears().await.words).unwrap();
    let now = jiff::Timestamp::now().as_millisecond();
    assert!((now - time["unix_ms"].as_i64().unwrap()).abs() < 60_000);
}

#[tokio::test]
async fn a_configuration_is_retained_and_said_again_to_whom_it_is_not_known() {
    let house = House::start().await;
    let (_source, mut engine) = house.gateway().await;
    let wanted = board("lift-1").config();
    // Said when the gateway connected, and retained: a board that comes later finds it.
    let filters = [down("lift-1", Down::Config), down("lift-1", Down::Time)];
    // Heard by anybody, it is in the broker's memory.
    drop(Peer::connect(house.at, "lift-1", &[&filters[0]]).await.hears().await);
    let mut peer = Peer::connect(house.at, "lift-1", &[&filters[0], &filters[1]]).await;
    let found = peer.hears().await;
    assert_eq!((found.topic.as_str(), found.retained), (filters[0].as_str(), true));
    assert_eq!(found.words, written(&wanted));

    // It runs by it: it is told the time and nothing else. It does not: it is told again.
    peer.publish(&up("lift-1", Up::Birth), &birth(wanted.revision)).await.unwrap();
    engine.keep(3).await;
    assert_eq!(peer.hears().await.topic, filters[1]);
    peer.publish(&up("lift-1", Up::Birth), &birth(7)).await.unwrap();
    engine.keep(3).await;
    assert_eq!(peer.hears().await.topic, filters[1]);
    assert_eq!(peer.hears().await.words, written(&wanted));
    peer.publish(&up("lift-1", Up::ConfigAck), r#"{"v":1,"revision":7,"error":"no input 9"}"#)
        .await
        .unwrap();
    assert_eq!(engine.keep(1).await, [Input::Heard(DeviceId::from("lift-1"))]);
}

#[test]
fn a_revision_differs_whenever_anything_else_does() {
    let first = board("lift-1");
    let mut other = first.clone();
    assert_eq!(first.config(), other.config());
    other.inputs[1].normally_closed = true;
    assert_ne!(first.config().revision, other.config().revision);
    other = first.clone();
    other.inputs[1].bare = true;
    assert_ne!(first.config().revision, other.config().revision);
    assert!(other.config().inputs[1].bare && !first.config().inputs[1].bare);
    other = first.clone();
    other.inputs[0].debounce = gengfu_core::time::Span::millis(101);
    assert_ne!(first.config().revision, other.config().revision);
    other = first.clone();
    other.inputs.clear();
    assert_ne!(other.config().revision, 0, "0 is for none yet");
    assert!(first.config().inputs[0].vital && !first.config().inputs[1].vital);
}

#[test]
fn a_configuration_of_every_input_can_be_said() {
    let mut all = board("lift-1");
    all.inputs = (1..=16)
        .map(|number| gengfu_field::profile::BoardInput {
            number,
            debounce: gengfu_core::time::Span::secs(60),
            ..all.inputs[1].clone()
        })
        .collect();
    let said = all.publish_config(SITE).expect("it fits a payload");
    assert!(said.retain && said.at_least_once);
    assert_eq!(all.config().inputs.len(), 16);
}

#[tokio::test]
async fn an_event_is_an_edge_with_its_number_and_its_time() {
    let house = House::start().await;
    let (_source, mut engine) = house.gateway().await;
    let peer = Peer::connect(house.at, "lift-1", &[]).await;
    let old = r#"{"v":1,"boot":3,"seq":8,"input":2,"state":"idle","age_ms":5000}"#;
    peer.publish(&up("lift-1", Up::Event), old).await.unwrap();
    let inputs = engine.keep(1).await;
    let edge = reading(&inputs[0]);
    assert_eq!((edge.kind, edge.origin), (Kind::Edge, Some(Origin { boot: 3, seq: 8 })));
    assert_eq!(
        (&edge.point, &edge.sample),
        (&PointId::from("lift-1/in2"), &Ok(Value::Bool(false)))
    );
    let age = edge.received_at.since(edge.source_at.unwrap());
    assert_eq!(age, gengfu_core::time::Span::secs(5));
    // History has it, too.
    assert_eq!(engine.telemetry.recv().await.unwrap(), *edge);
}

#[tokio::test]
async fn a_board_that_drops_off_is_gone_by_its_last_will() {
    let house = House::start().await;
    let (source, mut engine) = house.gateway().await;
    let presence = up("lift-1", Up::Presence);
    let peer = Peer::with_will(house.at, "lift-1", &presence, r#"{"v":1,"online":false}"#).await;
    peer.retain(&presence, r#"{"v":1,"online":true}"#).await.unwrap();
    assert_eq!(engine.keep(1).await, [Input::Heard(DeviceId::from("lift-1"))]);

    // Its cable is cut: no farewell, so the broker says the will.
    drop(peer);
    let gone = Input::Gone { device: DeviceId::from("lift-1"), reason: NoData::Offline };
    assert_eq!(engine.keep(1).await[0], gone);
    source.stop().await;

    // To a gateway that starts afterwards the retained word says the same.
    let (_source, mut engine) = house.gateway().await;
    assert_eq!(engine.keep(1).await, [gone]);
}

#[tokio::test]
async fn a_retained_sign_of_life_is_none() {
    let house = House::start().await;
    let peer = Peer::connect(house.at, "lift-1", &[]).await;
    peer.retain(&up("lift-1", Up::Presence), r#"{"v":1,"online":true}"#).await.unwrap();
    peer.retain(&up("lift-1", Up::Event), &event(1, 1)).await.unwrap();
    let (source, mut engine) = house.gateway().await;
    peer.publish(&up("lift-1", Up::Event), &event(1, 2)).await.unwrap();
    let (origin, _) = engine.event().await;
    assert_eq!(origin.seq, 2, "neither the old presence nor the old event came before it");
    assert_eq!(source.quarantine.count(), 1);
    assert!(source.quarantine.last()[0].why.contains("retained"));
}

#[tokio::test]
async fn poison_is_counted_and_set_aside_and_stops_nothing() {
    let house = House::start().await;
    let (source, mut engine) = house.gateway().await;
    let mut peer = Peer::connect(house.at, "lift-1", &[&down("lift-1", Down::Receipt)]).await;
    let (event_topic, long) = (up("lift-1", Up::Event), "x".repeat(5000));
    for poison in ["", "ON", "{}", r#"{"v":2}"#, r#"{"v":1,"boot":1,"seq":"#, "\u{0}\u{1}", &long] {
        peer.publish(&event_topic, poison).await.unwrap();
    }
    peer.publish(&event_topic, &event(1, 1)).await.unwrap();
    let (origin, envelope) = engine.event().await;
    assert_eq!(origin.seq, 1);
    (envelope.done)(Outcome::Kept);
    assert_eq!(peer.hears().await.words, receipt(1, 1));
    assert_eq!(source.quarantine.count(), 7);
    let last = source.quarantine.last();
    assert!(last[3].why.contains("version 2"), "{:?}", last[3]);
    assert!(last[6].payload.len() < 300, "the beginning is enough");

    // All were acknowledged: a successor hears of none of them.
    source.stop().await;
    let (source, mut engine) = house.gateway().await;
    peer.publish(&event_topic, &event(1, 2)).await.unwrap();
    assert_eq!(engine.event().await.0.seq, 2);
    assert_eq!(source.quarantine.count(), 0);
}

#[tokio::test]
async fn an_event_of_an_input_that_is_not_used_is_answered_and_set_aside() {
    let house = House::start().await;
    let (source, mut engine) = house.gateway().await;
    let mut peer = Peer::connect(house.at, "lift-1", &[&down("lift-1", Down::Receipt)]).await;
    let strange = r#"{"v":1,"boot":1,"seq":1,"input":9,"state":"active","age_ms":0}"#;
    peer.publish(&up("lift-1", Up::Event), strange).await.unwrap();
    assert_eq!(engine.keep(1).await, [Input::Heard(DeviceId::from("lift-1"))]);
    assert_eq!(peer.hears().await.words, receipt(1, 1), "or it would say it for ever");
    assert!(source.quarantine.last()[0].why.contains("input 9"));
}

#[tokio::test]
async fn a_board_that_nobody_set_up_is_set_aside() {
    let house = House::start().await;
    let stranger = house.tool("lift-3");
    let verifier = gengfu_field::credentials::verifier(&stranger.password).unwrap();
    house.users.put_board(SITE, "lift-3", &verifier);
    let (source, mut engine) = house.gateway().await;
    assert_eq!(stranger.publish(&up("lift-3", Up::Event), &event(1, 1), &[]).await.code, 0);
    let peer = Peer::connect(house.at, "lift-1", &[]).await;
    peer.publish(&up("lift-1", Up::Event), &event(2, 2)).await.unwrap();
    assert_eq!(engine.event().await.0, Origin { boot: 2, seq: 2 });
    let aside = source.quarantine.last();
    assert_eq!(aside.len(), 1);
    assert!(aside[0].topic.contains("lift-3") && aside[0].why.contains("add the device"));
}
