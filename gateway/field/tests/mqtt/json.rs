//! Other sources that publish JSON.

use gengfu_core::{
    id::{DeviceId, PointId},
    input::Input,
    point::{Kind, NoData, Reading, Sample, Value},
};
use gengfu_field::{
    adapter::{json::JsonDevice, presence::Presence},
    mqtt::{MqttSource, Routes},
    profile::JsonPoint,
};

use crate::{
    house::{Engine, House, SITE, connected, engine, gateway},
    peer::Peer,
};

fn point(device: &str, name: &str, topic: &str, pointer: &str) -> JsonPoint {
    JsonPoint::new(PointId::from(format!("{device}/{name}").as_str()), topic, pointer)
}

/// A smoke detector that says all in one message, and a switch that has a topic for each input.
fn devices() -> Vec<JsonDevice> {
    vec![
        JsonDevice {
            device: DeviceId::from("smoke"),
            base: "home/smoke".into(),
            availability: "availability".into(),
            presence: Presence::default(),
            recent: None,
            calls: true,
            points: vec![
                point("smoke", "smoke", "", "/smoke"),
                point("smoke", "battery", "", "/battery_low"),
            ],
        },
        JsonDevice {
            device: DeviceId::from("switch"),
            base: "home/switch".into(),
            availability: "availability".into(),
            presence: Presence::default(),
            recent: None,
            calls: true,
            points: vec![point("switch", "in0", "status/input:0", "/state")],
        },
    ]
}

async fn start(house: &House) -> (MqttSource, Engine) {
    let routes = Routes::new(SITE);
    routes.set(vec![], devices());
    let (lanes, engine) = engine();
    let source = gateway(house.at, routes, lanes);
    connected(&source).await;
    (source, engine)
}

fn said(input: &Input) -> (&str, &Sample, Kind) {
    match input {
        Input::Reading(Reading { point, sample, kind, .. }) => (point.as_str(), sample, *kind),
        other => panic!("no reading: {other:?}"),
    }
}

const TRUE: Sample = Ok(Value::Bool(true));
const FALSE: Sample = Ok(Value::Bool(false));

#[tokio::test]
async fn a_message_tells_of_the_points_that_it_holds() {
    let house = House::start().await;
    let (_source, mut engine) = start(&house).await;
    let home = Peer::connect(house.at, "home", &[]).await;
    let words = r#"{"smoke":true,"linkquality":26,"battery_low":false}"#;
    home.publish("home/smoke", words).await.unwrap();
    let inputs = engine.keep(3).await;
    assert_eq!(said(&inputs[0]), ("smoke/smoke", &TRUE, Kind::State));
    assert_eq!(said(&inputs[1]), ("smoke/battery", &FALSE, Kind::State));
    assert_eq!(inputs[2], Input::Heard(DeviceId::from("smoke")));

    // One point only; and one whose value is not there.
    home.publish("home/smoke", r#"{"smoke":null}"#).await.unwrap();
    let inputs = engine.keep(2).await;
    assert_eq!(said(&inputs[0]), ("smoke/smoke", &Err(NoData::Faulty), Kind::State));
    home.publish("home/switch/status/input:0", r#"{"id":0,"state":false}"#).await.unwrap();
    assert_eq!(said(&engine.keep(2).await[0]), ("switch/in0", &FALSE, Kind::State));
}

#[tokio::test]
async fn availability_comes_in_both_ways_of_writing_it() {
    let house = House::start().await;
    let (source, mut engine) = start(&house).await;
    let home = Peer::connect(house.at, "home", &[]).await;
    let device = DeviceId::from("smoke");
    let gone = Input::Gone { device: device.clone(), reason: NoData::Offline };
    for (words, means) in [
        ("offline", gone.clone()),
        ("online", Input::Heard(device.clone())),
        (r#"{"state":"offline"}"#, gone),
        (r#"{"state":"online"}"#, Input::Heard(device)),
    ] {
        home.publish("home/smoke/availability", words).await.unwrap();
        assert_eq!(engine.keep(1).await, [means], "{words}");
    }
    home.publish("home/smoke/availability", "perhaps").await.unwrap();
    home.publish("home/smoke", "{broken").await.unwrap();
    home.publish("home/smoke", r#"{"smoke":false}"#).await.unwrap();
    assert_eq!(said(&engine.keep(1).await[0]), ("smoke/smoke", &FALSE, Kind::State));
    assert_eq!(source.quarantine.count(), 2);
}

#[tokio::test]
async fn a_source_that_forgets_what_it_told_of_says_so_when_it_comes_and_others_do_not() {
    let house = House::start().await;
    let forgetful = JsonPoint {
        forgotten: Some(Value::Bool(false)),
        ..point("camera", "ebike", "events", "/type")
    };
    let camera = JsonDevice {
        device: "camera".into(),
        base: "home/frigate".into(),
        points: vec![forgetful, point("camera", "status", "status", "")],
        availability: "available".into(),
        ..devices().remove(0)
    };
    let routes = Routes::new(SITE);
    routes.set(vec![], vec![camera]);
    let (lanes, mut engine) = engine();
    let source = gateway(house.at, routes, lanes);
    connected(&source).await;
    let frigate = Peer::connect(house.at, "home", &[]).await;
    frigate.publish("home/frigate/available", "offline").await.unwrap();
    frigate.publish("home/frigate/available", "online").await.unwrap();
    let inputs = engine.keep(3).await;
    assert!(matches!(&inputs[0], Input::Gone { .. }), "{inputs:?}");
    assert_eq!(said(&inputs[1]), ("camera/ebike", &FALSE, Kind::State));
    assert_eq!(inputs[2], Input::Heard(DeviceId::from("camera")));
}

#[tokio::test]
async fn what_is_retained_is_how_it_stood_and_no_sign_of_life() {
    let house = House::start().await;
    let home = Peer::connect(house.at, "home", &[]).await;
    home.retain("home/smoke", r#"{"smoke":true}"#).await.unwrap();
    home.retain("home/switch/status/input:0", r#"{"state":true}"#).await.unwrap();
    home.retain("home/switch/availability", "offline").await.unwrap();
    home.retain("home/smoke/availability", "online").await.unwrap();
    let (_source, mut engine) = start(&house).await;
    home.publish("home/smoke", r#"{"battery_low":true}"#).await.unwrap();

    let mut inputs = vec![];
    while inputs.last() != Some(&Input::Heard(DeviceId::from("smoke"))) {
        inputs.extend(engine.keep(1).await);
    }
    let heard = inputs.iter().filter(|i| matches!(i, Input::Heard(_))).count();
    assert_eq!(heard, 1, "only the live message: {inputs:?}");
    let gone = |i: &Input| matches!(i, Input::Gone { device, .. } if device.as_str() == "switch");
    let state = |i: &Input| matches!(i, Input::Reading(r) if r.point.as_str() == "switch/in0");
    let remembered = |r: &Reading| r.kind == Kind::Retained && !r.is_sign_of_life();
    let about = |i: &Input, point: &str, is: &dyn Fn(&Reading) -> bool| matches!(i, Input::Reading(r) if r.point.as_str() == point && is(r));
    assert!(inputs.iter().any(|i| about(i, "switch/in0", &remembered)), "{inputs:?}");
    assert!(inputs.iter().any(|i| about(i, "smoke/smoke", &remembered)), "{inputs:?}");
    let (gone, state) = (inputs.iter().rposition(gone), inputs.iter().rposition(state));
    assert!(gone.is_some() && gone > state, "that it is gone is the last word: {inputs:?}");
    assert!(inputs.iter().all(|i| !matches!(i, Input::Reading(r) if r.kind == Kind::Edge)));
}

#[tokio::test]
async fn two_devices_may_share_a_topic_and_one_added_later_is_heard() {
    let house = House::start().await;
    let routes = Routes::new(SITE);
    routes.set(vec![], devices());
    let (lanes, mut engine) = engine();
    let source = gateway(house.at, routes.clone(), lanes);
    connected(&source).await;
    let home = Peer::connect(house.at, "home", &[]).await;
    let mut more = devices();
    more.push(JsonDevice {
        device: DeviceId::from("heat"),
        base: "home/smoke".into(),
        availability: "availability".into(),
        presence: Presence::default(),
        recent: None,
        calls: true,
        points: vec![point("heat", "heat", "", "/temperature")],
    });
    more.push(JsonDevice {
        device: DeviceId::from("door"),
        base: "home/door".into(),
        availability: "availability".into(),
        presence: Presence::default(),
        recent: None,
        calls: true,
        points: vec![point("door", "open", "", "")],
    });
    routes.set(vec![], more);
    source.outbound.subscribe("home/door").await.unwrap();
    home.publish("home/smoke", r#"{"smoke":false,"temperature":21.5}"#).await.unwrap();
    let inputs = engine.keep(4).await;
    assert_eq!(said(&inputs[0]).0, "smoke/smoke");
    assert_eq!(said(&inputs[2]), ("heat/heat", &Ok(Value::Float(21.5)), Kind::State));
    // Retained: heard whether it is said before the broker has the subscription or after.
    home.retain("home/door", "ajar").await.unwrap();
    assert_eq!(
        said(&engine.keep(1).await[0]),
        ("door/open", &Ok(Value::Text("ajar".into())), Kind::State)
    );
}

#[tokio::test]
async fn a_topic_of_which_a_part_is_not_known_before_is_a_pattern() {
    let house = House::start().await;
    let routes = Routes::new(SITE);
    let meter = JsonDevice {
        device: DeviceId::from("meter"),
        base: "home/meter".into(),
        availability: "availability".into(),
        presence: Presence::default(),
        recent: None,
        calls: true,
        points: vec![
            point("meter", "level", "+/level", ""),
            point("meter", "alarm", "7f3a/level", "/alarm"),
            point("meter", "any", "events/#", "/what"),
        ],
    };
    routes.set(vec![], vec![meter]);
    let (lanes, mut engine) = engine();
    let source = gateway(house.at, routes, lanes);
    connected(&source).await;
    let home = Peer::connect(house.at, "home", &[]).await;
    home.publish("home/meter/9c01/level", "12").await.unwrap();
    let inputs = engine.keep(2).await;
    assert_eq!(said(&inputs[0]), ("meter/level", &Ok(Value::Int(12)), Kind::State));
    home.publish("home/meter/events/a/b", r#"{"what":"opened"}"#).await.unwrap();
    let inputs = engine.keep(2).await;
    assert_eq!(said(&inputs[0]).0, "meter/any");
    assert_eq!(inputs[1], Input::Heard(DeviceId::from("meter")));
    assert_eq!(source.quarantine.count(), 0);
}
