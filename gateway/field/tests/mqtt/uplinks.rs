//! Messages that their source numbers itself: an uplink that ChirpStack delivers twice.

use gengfu_core::{
    id::{DeviceId, PointId},
    input::Input,
    point::{Reading, Value},
};
use gengfu_field::{
    adapter::{json::JsonDevice, recent::Recent},
    credentials,
    lane::Outcome,
    mqtt::Routes,
    profile::JsonPoint,
};

use crate::{
    house::{Engine, House, SITE, connected, engine, gateway, password},
    peer::Peer,
};

const UP: &str = "application/1/device/a1/event/up";

fn leak() -> JsonDevice {
    JsonDevice {
        device: DeviceId::from("leak"),
        base: "application/1/device/a1".into(),
        availability: "availability".into(),
        presence: Default::default(),
        recent: Some(Recent::new("/deduplicationId")),
        calls: true,
        points: vec![JsonPoint::new(PointId::from("leak/leak"), "event/up", "/object/leak")],
    }
}

fn uplink(id: &str, leak: bool) -> String {
    format!(r#"{{"deduplicationId":"{id}","fPort":2,"object":{{"leak":{leak}}}}}"#)
}

/// The next uplink: what it says of the leak; it is decided on like this.
async fn next(engine: &mut Engine, outcome: Outcome) -> bool {
    let (reading, heard) = (engine.next().await, engine.next().await);
    let Input::Reading(Reading { sample: Ok(Value::Bool(leak)), .. }) = reading.input else {
        panic!("no reading: {:?}", reading.input)
    };
    assert!(matches!(heard.input, Input::Heard(_)));
    (reading.done)(outcome.clone());
    (heard.done)(outcome);
    leak
}

#[tokio::test]
async fn an_uplink_counts_once_but_only_from_when_it_was_kept() {
    let house = House::start().await;
    let routes = Routes::new(SITE);
    routes.set(vec![], vec![leak()]);
    let (lanes, mut engine) = engine();
    let source = gateway(house.at, routes, lanes);
    connected(&source).await;
    house.users.put_user(
        "chirpstack",
        &credentials::verifier(&password("chirpstack")).unwrap(),
        &["application/#".to_owned()],
        &[],
    );
    let chirpstack = Peer::connect(house.at, "chirpstack", &[]).await;

    // The disk is full: what was decided is in memory alone, and the copy must count again.
    chirpstack.publish(UP, &uplink("1f", true)).await.unwrap();
    assert!(next(&mut engine, Outcome::InMemory).await);
    chirpstack.publish(UP, &uplink("1f", true)).await.unwrap();
    assert!(next(&mut engine, Outcome::Kept).await);
    // From now on it is known; the broker has its acknowledgement for each copy all the same.
    for _ in 0..100 {
        chirpstack.publish(UP, &uplink("1f", true)).await.unwrap();
    }
    chirpstack.publish(UP, &uplink("20", false)).await.unwrap();
    assert!(!next(&mut engine, Outcome::Kept).await);
    assert!(engine.is_empty());
    assert_eq!(source.quarantine.count(), 0);

    // Nothing of it stays with the broker, as it would where a copy was not acknowledged.
    source.stop().await;
    let routes = Routes::new(SITE);
    routes.set(vec![], vec![leak()]);
    let (lanes, mut second) = crate::house::engine();
    let source = gateway(house.at, routes, lanes);
    connected(&source).await;
    chirpstack.publish(UP, &uplink("21", false)).await.unwrap();
    // At the most the last one comes again, whose acknowledgement was on its way.
    assert!(!next(&mut second, Outcome::Kept).await, "copies of the first one would come before");
}
