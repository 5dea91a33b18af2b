//! What the makers' announcements come to, by the forms that they document.

use gengfu_core::{
    danger::Danger,
    input::Input,
    point::{Kind, NoData, Value},
    time::{Span, Timestamp},
};
use serde_json::{Value as Json, json};

use super::*;
use crate::{
    adapter::{Poison, json::JsonDevice},
    profile::{Expanded, Source},
};

const ESPHOME: &str = include_str!("../../tests/announced/esphome.json");
const ZIGBEE2MQTT: &str = include_str!("../../tests/announced/zigbee2mqtt.json");
const OTHERS: &str = include_str!("../../tests/announced/others.json");
const DEVICE: &str = include_str!("../../tests/announced/device.json");

fn now() -> Timestamp {
    "2026-11-28T20:00:00Z".parse().unwrap()
}

fn open() -> Catalogue {
    let catalogue = Catalogue::default();
    catalogue.listen(Wanted { prefix: "homeassistant".into(), devices: true, births: true });
    catalogue
}

fn say(catalogue: &Catalogue, topic: &str, payload: &[u8]) -> Option<Result<(), Poison>> {
    catalogue.take(topic, payload, now())
}

fn offers(announced: &str) -> Vec<Offer> {
    let catalogue = open();
    let all: serde_json::Map<String, Json> = serde_json::from_str(announced).unwrap();
    for (topic, payload) in &all {
        assert_eq!(say(&catalogue, topic, payload.to_string().as_bytes()), Some(Ok(())), "{topic}");
    }
    let mut offers = catalogue.offers();
    offers.sort_by(|a, b| a.name.cmp(&b.name));
    offers
}

/// The device as it is after somebody took it in and the gateway started anew.
fn taken_in(offer: &Offer) -> (Expanded, JsonDevice) {
    let kept = offer.adopt(None).unwrap().to_options().unwrap();
    let adopted = Adopted::from_options(&kept).unwrap();
    let expanded = adopted.expand(&"it".into(), &"It".into(), &"shed".into()).unwrap();
    let Source::Announced { points, presence } = expanded.source.clone() else {
        panic!("{offer:?}")
    };
    let device = JsonDevice {
        device: "it".into(),
        base: String::new(),
        points,
        availability: String::new(),
        presence,
        recent: None,
        calls: true,
    };
    (expanded, device)
}

/// What a message comes to: `point=value`, `gone`, and whether it is a sign of life.
fn read(device: &JsonDevice, topic: &str, payload: &str) -> String {
    let understood = device.read(topic, payload.as_bytes(), false, now()).unwrap();
    let words = understood.inputs.iter().map(|input| match input {
        Input::Reading(reading) => {
            assert_eq!(reading.kind, Kind::State);
            match &reading.sample {
                Ok(Value::Bool(value)) => format!("{}={value}", reading.point),
                Ok(value) => format!("{}={}", reading.point, value.as_f64().unwrap()),
                Err(why) => format!("{}={}", reading.point, why.word()),
            }
        }
        Input::Heard(_) => "heard".into(),
        Input::Gone { reason: NoData::Offline, .. } => "gone".into(),
        other => panic!("{other:?}"),
    });
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn esphome_is_offered_and_read_as_it_announces_itself() {
    let [offer] = offers(ESPHOME).try_into().unwrap();
    assert_eq!((offer.name.as_str(), offer.maker.as_str()), ("Kitchen smoke", "espressif"));
    let classes: Vec<&str> = offer.entities.iter().map(|e| e.class).collect();
    assert_eq!(classes, ["smoke", "temperature"], "motion is nothing that is watched");
    assert_eq!(offer.entities[0].alarm.as_ref().unwrap().1, Danger::Fire);
    assert_eq!(offer.supervision(), Span::hours(31 * 24), "its last will speaks for it");
    let (made, device) = taken_in(&offer);
    let rules: Vec<&str> = made.device.rules.iter().map(|rule| rule.name.en.as_str()).collect();
    assert_eq!(rules, ["Fire", "What it says of smoke is not understood"]);
    assert!(made.device.rules[0].latched);
    let state = "kitchen-smoke/binary_sensor/smoke/state";
    assert_eq!(read(&device, state, "ON"), "it/smoke=true heard");
    assert_eq!(read(&device, state, "OFF"), "it/smoke=false heard");
    assert_eq!(read(&device, state, "perhaps"), "it/smoke=garbled heard");
    let temperature = "kitchen-smoke/sensor/temperature/state";
    assert_eq!(read(&device, temperature, "21.5"), "it/temperature=21.5 heard");
    assert_eq!(read(&device, "kitchen-smoke/status", "offline"), "gone");
    assert_eq!(read(&device, "kitchen-smoke/status", "online"), "heard");
}

#[test]
fn zigbee2mqtt_is_offered_device_by_device() {
    let [gate, smoke] = offers(ZIGBEE2MQTT).try_into().unwrap();
    assert_eq!((gate.name.as_str(), smoke.name.as_str()), ("gate", "三楼烟感"));
    assert_eq!(smoke.supervision(), Span::hours(25), "it has a battery");
    let (_, device) = taken_in(&smoke);
    let said =
        read(&device, "zigbee2mqtt/三楼烟感", r#"{"smoke":true,"battery_low":false,"battery":90}"#);
    assert_eq!(said, "it/smoke=true it/battery_low=false it/battery=90 heard");
    // The bridge comes back; the device does not come with it.
    assert_eq!(
        read(&device, "zigbee2mqtt/三楼烟感/availability", r#"{"state":"offline"}"#),
        "gone"
    );
    assert_eq!(read(&device, "zigbee2mqtt/bridge/state", r#"{"state":"online"}"#), "gone");
    assert_eq!(
        read(&device, "zigbee2mqtt/三楼烟感/availability", r#"{"state":"online"}"#),
        "heard"
    );
    // A door's contact is on when it is open, which is `contact: false`.
    let (_, device) = taken_in(&gate);
    assert_eq!(read(&device, "zigbee2mqtt/gate", r#"{"contact":false}"#), "it/door=true heard");
    assert_eq!(read(&device, "zigbee2mqtt/gate", r#"{"linkquality":9}"#), "heard");
}

#[test]
fn a_bridge_that_is_there_says_nothing_of_a_detector_that_may_be_dead() {
    let smoke = |n: u8, signs: &[&str]| {
        let signs: Vec<Json> = signs.iter().map(|topic| json!({ "topic": topic })).collect();
        let payload = json!({
            "device": { "identifiers": [format!("smoke-{n}")], "name": format!("Smoke {n}") },
            "device_class": "smoke", "state_topic": format!("z/{n}"), "unique_id": format!("s{n}"),
            "value_template": "{{ value_json.smoke }}", "payload_on": true, "payload_off": false,
            "availability": signs, "availability_mode": "all",
        });
        (format!("homeassistant/binary_sensor/s{n}/smoke/config"), payload)
    };
    let silences = |announced: &[(String, Json)]| -> Vec<Span> {
        let all: serde_json::Map<String, Json> = announced.iter().cloned().collect();
        offers(&Json::Object(all).to_string()).iter().map(Offer::supervision).collect()
    };
    let (day, month) = (Span::hours(25), Span::hours(31 * 24));
    assert_eq!(silences(&[smoke(1, &["zigbee2mqtt/bridge/state"])]), [day]);
    let own = ["zigbee2mqtt/bridge/state", "zigbee2mqtt/1/availability"];
    assert_eq!(silences(&[smoke(1, &own)]), [month], "it has a word of its own besides");
    assert_eq!(silences(&[smoke(1, &["gw/LWT"])]), [month]);
    let both = [smoke(1, &["gw/LWT"]), smoke(2, &["gw/LWT"])];
    assert_eq!(silences(&both), [day, day], "it is that of what they hang on");
}

#[test]
fn short_keys_patterns_and_what_is_not_understood() {
    let [cellar, thermo] = offers(OTHERS).try_into().unwrap();
    assert_eq!(cellar.supervision(), Span::mins(11), "as it promises");
    let (water, trouble) = (&cellar.entities[0], &cellar.entities[1]);
    assert!(water.entity.is_ok());
    let why = trouble.entity.as_ref().unwrap_err();
    assert!(why.en.starts_with("can't be understood: {% if"), "{why:?}");
    let (made, device) = taken_in(&cellar);
    assert_eq!(made.device.points.len(), 1, "nothing is guessed");
    assert_eq!(
        read(&device, "cellar/stat/SENSOR", r#"{"Switch1":"ON"}"#),
        "it/moisture=true heard"
    );
    assert_eq!(
        read(&device, "cellar/stat/SENSOR", r#"{"Switch1":"??"}"#),
        "it/moisture=false heard"
    );
    assert_eq!(read(&device, "cellar/tele/LWT", "Offline"), "gone");
    let (_, device) = taken_in(&thermo);
    assert_eq!(device.topics(), ["+/+/BTtoMQTT/A4C138A1B2C3"]);
    assert_eq!(
        read(&device, "home/OMG/BTtoMQTT/A4C138A1B2C3", r#"{"hum":48.2}"#),
        "it/humidity=48.2 heard"
    );
}

#[test]
fn a_whole_device_in_one_message() {
    let [panel] = offers(DEVICE).try_into().unwrap();
    let (made, device) = taken_in(&panel);
    let names: Vec<&str> = made.device.points.iter().map(|p| p.name.en.as_str()).collect();
    assert_eq!(names, ["Smoke (Zone 1)", "Smoke (Zone 2)", "Voltage"]);
    let said = read(
        &device,
        "shed/panel/state",
        r#"{"zones":[{"fire":0},{"fire":"yes"}],"supply":12.25}"#,
    );
    assert_eq!(said, "it/smoke=false it/smoke-2=true it/voltage=12.25 heard");
}

#[test]
fn an_empty_announcement_withdraws_and_a_circle_is_never_closed() {
    let catalogue = open();
    let smoke = json!({ "dev_cla": "smoke", "stat_t": "a/b", "dev": { "ids": ["x"] } }).to_string();
    say(&catalogue, "homeassistant/binary_sensor/x/config", smoke.as_bytes()).unwrap().unwrap();
    let id = catalogue.offers()[0].id.clone();
    assert!(catalogue.offer(&id).is_some());
    say(&catalogue, "homeassistant/binary_sensor/x/config", b"").unwrap().unwrap();
    assert!(catalogue.offer(&id).is_none() && catalogue.offers().is_empty());
    say(&catalogue, "homeassistant/binary_sensor/gengfu_house/x/config", smoke.as_bytes());
    assert!(catalogue.offers().is_empty());
    assert_eq!(say(&catalogue, "homeassistant/light/x/config", smoke.as_bytes()), None);
    let mut births = catalogue.births();
    say(&catalogue, "homeassistant/status", b"offline");
    assert!(!births.has_changed().unwrap());
    say(&catalogue, "homeassistant/status", b"online");
    assert!(births.has_changed().unwrap());
    births.mark_unchanged();
    catalogue.listen(Wanted::default());
    assert_eq!(say(&catalogue, "homeassistant/status", b"online"), None);
}

#[test]
fn poison_is_told_and_never_kept() {
    let catalogue = open();
    let topic = "homeassistant/binary_sensor/x/config";
    for poison in [
        "{",
        "[]",
        "7",
        r#"{"dev_cla":"smoke"}"#,
        r##"{"dev_cla":"smoke","stat_t":"#"}"##,
        r#"{"dev_cla":"smoke","stat_t":"+/+"}"#,
        r#"{"dev_cla":"smoke","stat_t":"a/b+"}"#,
        r#"{"dev_cla":"smoke","stat_t":"a","dev":"me"}"#,
        r#"{"dev_cla":"smoke","stat_t":"a","avty":7}"#,
        r##"{"dev_cla":"smoke","stat_t":"a","avty_t":"#"}"##,
        r#"{"dev_cla":"smoke","stat_t":{"stat_t":["~"]},"~":{}}"#,
    ] {
        let read = say(&catalogue, topic, poison.as_bytes());
        assert!(matches!(read, Some(Err(Poison::Garbled(_)))), "{poison}: {read:?}");
    }
    for poison in [r#"{"cmps":[]}"#, r#"{"cmps":{"a":7}}"#, "{}"] {
        let read = say(&catalogue, "homeassistant/device/x/config", poison.as_bytes());
        assert!(matches!(read, Some(Err(Poison::Garbled(_)))), "{poison}: {read:?}");
    }
    let huge = format!(r#"{{"dev_cla":"smoke","stat_t":"a","name":"{}"}}"#, "x".repeat(70_000));
    assert!(matches!(say(&catalogue, topic, huge.as_bytes()), Some(Err(_))));
    assert!(catalogue.offers().is_empty());
}

#[test]
fn a_flood_of_announcements_ends_and_what_is_there_stays() {
    let catalogue = open();
    let announce = |n: usize| {
        let topic = format!("homeassistant/binary_sensor/{n}/config");
        let padding = "x".repeat(1000);
        let device = json!({ "dev_cla": "smoke", "stat_t": format!("a/{n}"), "dev": { "ids": n.to_string() }, "pad": padding });
        say(&catalogue, &topic, device.to_string().as_bytes()).unwrap().unwrap();
    };
    (0..10_000).for_each(announce);
    let offers = catalogue.offers().len();
    assert!((7_000..=8_000).contains(&offers), "{offers}");
    assert_eq!(catalogue.refused(), 10_000 - offers as u64);
    // One that is announced again keeps its place; one that is withdrawn makes room.
    announce(0);
    say(&catalogue, "homeassistant/binary_sensor/1/config", b"").unwrap().unwrap();
    announce(9_999);
    assert_eq!(catalogue.offers().len(), offers);
}
