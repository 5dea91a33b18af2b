//! What the gateway is subscribed to: what is added and removed, and what a broker refuses.

use gengfu_core::id::{DeviceId, PointId};
use gengfu_field::{
    adapter::{json::JsonDevice, presence::Presence},
    credentials,
    lane::Outcome,
    mqtt::Routes,
    profile::JsonPoint,
};
use gengfu_wire::topic::{Down, Up};

use crate::{
    house::{
        GATEWAY, House, SITE, board, connected, down, engine, event, gateway, password, receipt,
        until, up,
    },
    peer::Peer,
};

fn source_on(base: &str) -> JsonDevice {
    let point = JsonPoint::new(PointId::from("door/open"), "", "");
    let availability = "availability".into();
    JsonDevice {
        device: DeviceId::from("door"),
        base: base.into(),
        points: vec![point],
        availability,
        presence: Presence::default(),
        recent: None,
        calls: true,
    }
}

/// What the gateway's own user may read.
fn let_gateway_read(house: &House, filters: &[&str]) {
    let verifier = credentials::verifier(&password(GATEWAY)).unwrap();
    let filters: Vec<String> = filters.iter().map(ToString::to_string).collect();
    house.users.put_user(GATEWAY, &verifier, &["#".into()], &filters);
}

#[tokio::test]
async fn a_topic_that_the_broker_refuses_keeps_no_board_from_being_heard() {
    let house = House::start().await;
    let_gateway_read(&house, &["gengfu/#"]);
    let routes = Routes::new(SITE);
    // By the alphabet, it would be asked for before the boards.
    routes.set(vec![board("lift-1")], vec![source_on("another/door")]);
    let (lanes, mut engine) = engine();
    let source = gateway(house.at, routes, lanes);
    // Its configuration is said once the boards can be heard.
    let mut peer = Peer::connect(house.at, "lift-1", &[&down("lift-1", Down::Config)]).await;
    assert_eq!(peer.hears().await.topic, down("lift-1", Down::Config));
    peer.publish(&up("lift-1", Up::Event), &event(1, 1)).await.unwrap();
    assert_eq!(engine.event().await.0.seq, 1);
    assert!(!source.is_connected(), "and still somebody is told that a topic is missing");

    let_gateway_read(&house, &["#"]);
    connected(&source).await;
}

#[tokio::test]
async fn what_was_added_and_is_not_confirmed_counts_as_not_connected() {
    let house = House::start().await;
    let_gateway_read(&house, &["gengfu/#"]);
    let routes = Routes::new(SITE);
    routes.set(vec![board("lift-1")], vec![]);
    let (lanes, mut engine) = engine();
    let source = gateway(house.at, routes.clone(), lanes);
    connected(&source).await;
    routes.set(vec![board("lift-1")], vec![source_on("home/door")]);
    source.outbound.subscribe("home/door").await.unwrap();
    assert!(!source.is_connected());
    let home = Peer::connect(house.at, "home", &[]).await;
    home.retain("home/door", "ajar").await.unwrap();

    let_gateway_read(&house, &["#"]);
    connected(&source).await;
    let inputs = engine.keep(1).await;
    assert!(format!("{inputs:?}").contains("ajar"), "{inputs:?}");
}

#[tokio::test]
async fn what_was_removed_is_not_listened_to_any_more() {
    let house = House::start().await;
    let routes = Routes::new(SITE);
    routes.set(vec![board("lift-1")], vec![source_on("home/door")]);
    let (lanes, first) = engine();
    let source = gateway(house.at, routes, lanes);
    connected(&source).await;
    source.stop().await;
    drop(first);

    // The device is gone from the configuration; the broker remembers the subscription.
    let (source, mut engine) = house.gateway().await;
    let home = Peer::connect(house.at, "home", &[]).await;
    home.publish("home/door", "ajar").await.unwrap();
    until("it is noticed", || source.quarantine.count() == 1).await;
    assert!(source.quarantine.last()[0].why.contains("any more"));
    // The broker takes what one client says in order: behind a receipt, the gateway has left.
    let mut peer = Peer::connect(house.at, "lift-1", &[&down("lift-1", Down::Receipt)]).await;
    peer.publish(&up("lift-1", Up::Event), &event(1, 1)).await.unwrap();
    (engine.event().await.1.done)(Outcome::Kept);
    assert_eq!(peer.hears().await.words, receipt(1, 1));
    for seq in 2..=5 {
        home.publish("home/door", "ajar").await.unwrap();
        peer.publish(&up("lift-1", Up::Event), &event(1, seq)).await.unwrap();
        (engine.event().await.1.done)(Outcome::Kept);
        assert_eq!(peer.hears().await.words, receipt(1, seq));
    }
    assert_eq!(source.quarantine.count(), 1, "and nothing after it");

    // Set up again, it is heard again.
    let (lanes, mut again) = crate::house::engine();
    source.stop().await;
    let routes = Routes::new(SITE);
    routes.set(vec![], vec![source_on("home/door")]);
    let source = gateway(house.at, routes, lanes);
    connected(&source).await;
    home.publish("home/door", "shut").await.unwrap();
    assert!(format!("{:?}", again.keep(1).await).contains("shut"));
}
