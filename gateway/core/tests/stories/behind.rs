//! Sensors behind a bridge, and a bridge behind a broker: of what is away, people hear once.

use std::sync::Arc;

use gengfu_core::{
    alarm::AlarmState::{Normal, Unacknowledged},
    device::{Device, Presence},
    front::Front,
    id::DeviceId,
    input::Input,
    point::NoData,
    rule::Condition,
    text::Text,
    time::Span,
    wiring::Wiring,
};

use crate::story::Story;

const BRIDGE: &str = "quiet:bridge";
const BROKER: &str = "broker:cellar";

fn sensors() -> Vec<String> {
    (1..=12).map(|n| format!("wet-{n}")).collect()
}

/// Twelve of the water sensors hang behind a bridge, which hangs behind a broker.
fn behind_a_bridge(wiring: &mut Wiring) {
    let like = wiring.devices[&DeviceId::from("wet-15")].as_ref().clone();
    for sensor in sensors() {
        let sensor = wiring.devices.get_mut(&DeviceId::from(sensor.as_str())).unwrap();
        let sensor = Arc::make_mut(sensor);
        sensor.behind = Some(Front::Device("bridge".into()));
        sensor.supervision = Some(Span::hours(1));
    }
    let bridge = Device {
        id: "bridge".into(),
        name: Text::new("网桥", "Bridge"),
        supervision: Some(Span::mins(10)),
        behind: Some(Front::Part(BROKER.into())),
        points: vec![],
        rules: vec![],
        ..like
    };
    wiring.devices.insert(bridge.id.clone(), bridge.into());
}

/// All is heard and dry.
fn start() -> Story {
    let mut story = Story::at("20:00");
    story.rewire(behind_a_bridge).beats("bridge");
    for sensor in sensors() {
        story.beats(&sensor).poll(&format!("{sensor}/leak"), false);
    }
    story
}

fn offline(story: &mut Story) {
    story.silence("bridge");
    for sensor in sensors() {
        story.silence(&sensor);
    }
    let gone = Input::Gone { device: "bridge".into(), reason: NoData::Offline };
    story.tell(gone).forward("20s");
}

fn broker(fault: bool) -> Input {
    let fault = fault.then(|| Text::new("断开", "No broker"));
    Input::Health { part: BROKER.into(), fault }
}

#[test]
fn a_bridge_that_is_away_is_one_alarm_and_nothing_behind_it_is_known() {
    let mut story = start();
    offline(&mut story);
    story.expect_told("wang", "push").expect_alarm(BRIDGE, Unacknowledged);
    for sensor in sensors() {
        let point = format!("{sensor}/leak");
        assert_eq!(story.state.quality(&point.as_str().into()), Err(NoData::Offline));
        let presence = story.state.presence(&sensor.as_str().into());
        assert!(matches!(presence, Presence::Lost { reason: NoData::Offline, .. }));
    }
    // A day passes, over a restart too: whoever was told acts on it, and nobody hears of a sensor.
    story.restart();
    story.forward("3h").whatever();
    story.expect_open(1);
    assert!(story.state.alarms.keys().all(|id| !id.as_str().starts_with("quiet:wet")));

    // It is back: each sensor has its own time from now on.
    story.beats("bridge");
    story.whatever();
    story.expect_open(0);
    assert_eq!(story.state.presence(&"wet-1".into()), Presence::Present);
    for sensor in sensors().iter().skip(1) {
        story.beats(sensor);
    }
    story.forward("59m").expect_open(0).forward("2m");
    story.expect_told("wang", "push").expect_alarm("quiet:wet-1", Unacknowledged);
    story.expect_open(1).whatever();
}

#[test]
fn a_sensor_whose_time_runs_out_while_the_bridge_says_good_bye_is_no_news() {
    let mut story = start();
    story.change("wet-6", |sensor| sensor.supervision = Some(Span::secs(35)));
    story.silence("wet-6").forward("20s");
    offline(&mut story);
    story.expect_told("wang", "push").expect_alarm("quiet:wet-6", Normal);
    story.expect_open(1);
}

#[test]
fn what_comes_through_a_bridge_proves_that_it_is_there() {
    let mut story = start();
    offline(&mut story);
    story.whatever();
    // What the broker remembers proves nothing.
    story.remembers("wet-3/leak", true).expect_alarm("rule:wet-3/leak", Normal);
    story.expect_alarm(BRIDGE, Unacknowledged);
    // A live word does, and is believed at once: it may be the alarm itself.
    story.press("wet-3/leak").expect_alarm("rule:wet-3/leak", Unacknowledged);
    assert_eq!(story.state.presence(&"bridge".into()), Presence::Present);
    assert_eq!(story.state.presence(&"wet-4".into()), Presence::Present);
    story.whatever();
}

#[test]
fn rules_about_silence_say_nothing_of_what_stands_in_front() {
    let mut story = start();
    story.change("wet-5", |sensor| {
        let point = "wet-5/leak".into();
        sensor.rules[0].when = Condition::NoData { point, reasons: vec![] };
    });
    offline(&mut story);
    story.whatever();
    story.expect_alarm("rule:wet-5/leak", Normal);
    story.beats("bridge");
    story.whatever();
    story.forward("1m").expect_alarm("rule:wet-5/leak", Normal);
}

#[test]
fn a_sensor_that_says_good_bye_meanwhile_is_missed_once_the_bridge_is_back() {
    let mut story = start();
    offline(&mut story);
    story.whatever();
    story.tell(Input::Gone { device: "wet-7".into(), reason: NoData::Offline });
    story.forward("5m").whatever();
    assert!(!story.state.lost.contains_key(&DeviceId::from("wet-7")));
    story.beats("bridge").whatever();
    story.forward("20s").expect_alarm("quiet:wet-7", Unacknowledged).whatever();
}

#[test]
fn a_broker_that_is_away_is_the_gateways_own_alarm_and_no_other() {
    let mut story = start();
    for sensor in sensors() {
        story.silence(&sensor);
    }
    story.silence("bridge").forward("1m").tell(broker(true)).whatever();
    story.forward("1m").whatever();
    for device in ["bridge", "wet-1"] {
        assert!(matches!(story.state.presence(&device.into()), Presence::Lost { .. }), "{device}");
    }
    story.forward("3h").whatever();
    assert!(story.state.lost.is_empty(), "{:?}", story.state.lost);
    // One word comes through although the broker counts as away: it is believed.
    story.press("wet-2/leak").expect_alarm("rule:wet-2/leak", Unacknowledged).whatever();
    assert!(matches!(story.state.presence(&"wet-1".into()), Presence::Lost { .. }));
    story.release("wet-2/leak").whatever();
    // It is back: everybody has their time anew, the bridge as well.
    story.tell(broker(false)).whatever();
    story.forward("9m").whatever();
    story.expect_alarm(BRIDGE, Normal).forward("1m");
    story.expect_alarm(BRIDGE, Unacknowledged).whatever();
}

#[test]
fn a_loop_and_a_front_that_nobody_knows_hold_nothing_up() {
    let mut story = start();
    story.rewire(|wiring| {
        for (device, front) in [("wet-1", "wet-2"), ("wet-2", "wet-1"), ("wet-3", "nobody")] {
            let device = wiring.devices.get_mut(&DeviceId::from(device)).unwrap();
            Arc::make_mut(device).behind = Some(Front::Device(front.into()));
        }
    });
    story.press("wet-1/leak").expect_alarm("rule:wet-1/leak", Unacknowledged).whatever();
    story.press("wet-3/leak").expect_alarm("rule:wet-3/leak", Unacknowledged).whatever();
    assert_eq!(story.state.presence(&"wet-2".into()), Presence::Present);
}

#[test]
fn a_device_from_before_reads_as_one_that_speaks_for_itself() {
    let old = r#"{"id":"a","name":{"zh":"a","en":"a"},"place":"b","profile":"json"}"#;
    assert_eq!(serde_json::from_str::<Device>(old).unwrap().behind, None);
}

#[test]
fn a_part_of_the_gateway_may_be_called_anything_and_its_alarm_is_read_back() {
    let mut story = start();
    let long = "x".repeat(300);
    for part in ["flood of 甲 \"乙\"/+", long.as_str(), ""] {
        let words = Text::new("出错", "It fails");
        story.tell(Input::Health { part: part.into(), fault: Some(words) }).whatever();
    }
    story.restart().whatever();
    story.expect_alarm("gateway:flood_of_甲__乙___", Unacknowledged);
    story.tell(Input::Health { part: long, fault: None }).whatever();
    let active = story.state.alarms.values().filter(|alarm| alarm.active).count();
    assert_eq!(active, 2);
}

#[test]
fn a_sensor_with_no_time_at_all_behind_a_bridge_that_is_away_holds_nothing_up() {
    let mut story = start();
    offline(&mut story);
    story.whatever();
    story.change("wet-1", |sensor| sensor.supervision = Some(Span::ZERO));
    story.forward("1m").whatever();
}
