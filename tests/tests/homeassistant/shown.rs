//! The site as Home Assistant sees it: announced as its own schema wants it, told as it changes, told
//! again when asked, and taken back when it is gone. It never comes back as a device that was found.

use std::collections::BTreeMap;

use gengfu_tests::{
    eventually,
    gateway::Gateway,
    hooks::Hooks,
    operator::Operator,
    python::{ANNOUNCEMENTS, Peer},
    site::Site,
};
use serde_json::Value;

use crate::{broker::Mosquitto, neighbour::announcements};

const DEVICES: &str = r#"
[[places]]
id = "stairs"
name = { zh = "楼梯", en = "Stairs" }

[[devices]]
id = "smoke-1"
name = { zh = "楼梯烟感", en = "Smoke on the stairs" }
place = "stairs"
profile = "zigbee-smoke"
topic = "zigbee2mqtt/smoke-1"
"#;
const CLIMATE: &str = r#"
[[devices]]
id = "机房.温度"
name = { zh = "机房", en = "Machine room" }
place = "yard"
profile = "zigbee-climate"
topic = "zigbee2mqtt/climate"
"#;
const SHOWN: &str = "\n[homeassistant]\npublish = true\ndiscover = true\n";
const ANNOUNCED: &str = "homeassistant/+/gengfu_garden-12/+/config";
const VALUES: &str = "gengfu/garden-12/ha/#";
const STATUS: &str = "gengfu/garden-12/ha/status";
const SMOKE: &str = "homeassistant/binary_sensor/gengfu_garden-12/smoke-1_smoke/config";

/// What is retained of it, once it fits.
async fn shown(
    broker: &Mosquitto,
    what: &str,
    fits: impl Fn(&BTreeMap<String, String>) -> bool,
) -> BTreeMap<String, String> {
    eventually(what, async || {
        let all = broker.retained(&[ANNOUNCED, VALUES]);
        fits(&all).then_some(all)
    })
    .await
}

/// What Home Assistant's MQTT integration has to say of announcements, those with complaints.
async fn complaints(announced: &BTreeMap<String, Value>) -> Vec<(String, String)> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), serde_json::to_string(announced).unwrap()).unwrap();
    let args = [file.path().to_str().unwrap()];
    let mut peer = Peer::start_beside_home_assistant(ANNOUNCEMENTS, &args).unwrap();
    let mut complaints = vec![];
    for _ in announced {
        let line = peer.json().await.unwrap();
        if let Some(complaint) = line["complaint"].as_str() {
            complaints.push((line["topic"].to_string(), complaint.to_owned()));
        }
    }
    complaints
}

fn parsed(all: &BTreeMap<String, String>) -> BTreeMap<String, Value> {
    let configs = all.iter().filter(|(topic, _)| topic.ends_with("/config"));
    configs.map(|(topic, p)| (topic.clone(), serde_json::from_str(p).unwrap())).collect()
}

#[tokio::test]
async fn the_schema_takes_what_makers_announce_and_refuses_mistakes() {
    for file in ["esphome.json", "zigbee2mqtt.json", "others.json", "device.json"] {
        let announced: BTreeMap<String, Value> = announcements(file).into_iter().collect();
        assert_eq!(complaints(&announced).await, [], "{file}");
    }
    for (topic, broken) in [
        ("homeassistant/binary_sensor/a b/config", r#"{"stat_t":"x"}"#),
        ("homeassistant/binary_sensor/a/config", r#"{"dev_cla":"smoke"}"#),
        ("homeassistant/binary_sensor/a/config", r#"{"stat_t":"x","dev_cla":"smok"}"#),
        ("homeassistant/sensor/a/config", r#"{"stat_t":"x","val_tpl":"{{ value_json."}"#),
        ("homeassistant/sensor/a/config", r#"{"stat_t":"x","dev":{"name":"nobody"}}"#),
    ] {
        let announced = [(topic.to_owned(), serde_json::from_str(broken).unwrap())].into();
        assert_eq!(complaints(&announced).await.len(), 1, "{broken}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_site_stands_in_home_assistant_as_it_is_and_is_taken_back_when_it_goes() {
    let hooks = Hooks::start().await.unwrap();
    let site = Site::with_outside_broker(1, &format!("{DEVICES}{CLIMATE}{SHOWN}")).unwrap();
    let broker = Mosquitto::start(&site);
    broker.say(true, "homeassistant/binary_sensor/other/config", r#"{"dev_cla":"door"}"#);
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    operator.put_person("wang", &[("hook", &hooks.of("wang"))]).await.unwrap();

    let calm = "zigbee2mqtt/smoke-1";
    broker.say(true, calm, r#"{"smoke":false,"battery":90,"battery_low":false}"#);
    broker.say(true, "zigbee2mqtt/climate", r#"{"temperature":21.5,"humidity":40}"#);
    let value = |name: &str| format!("gengfu/garden-12/ha/{name}");
    let all = shown(&broker, "all is shown", |all| {
        all.get(&value("smoke-1_smoke")).map(String::as_str) == Some("OFF")
            && all.values().any(|payload| payload == "21.5")
            && all.contains_key(SMOKE)
    })
    .await;
    let announced = parsed(&all);
    assert_eq!(complaints(&announced).await, [], "Home Assistant takes all of it");
    let smoke = &announced[SMOKE];
    assert_eq!(
        (smoke["device_class"].as_str(), smoke["name"].as_str()),
        (Some("smoke"), Some("烟雾"))
    );
    assert_eq!(smoke["device"]["suggested_area"], "楼梯");
    // Every value that is announced stands there, and every word of who is there.
    for config in announced.values() {
        assert!(all.contains_key(config["state_topic"].as_str().unwrap()), "{config}");
        for item in config["availability"].as_array().unwrap() {
            let topic = item["topic"].as_str().unwrap();
            assert_eq!(all.get(topic).map(String::as_str), Some("online"), "{topic}");
        }
    }
    assert!(announced.values().any(|config| config["device_class"] == "temperature"));
    let found = operator.get("found").await.unwrap();
    assert_eq!(
        (&found["listening"], found["devices"].as_array().unwrap().len()),
        (&true.into(), 0)
    );

    // An alarm is seen there as well, after those who are to help were told.
    broker.say(false, calm, r#"{"smoke":true}"#);
    hooks.first("wang", "alert").await;
    let fire = value("incidents-fire");
    let all = shown(&broker, "the fire is shown", |all| {
        all.get(&value("smoke-1_smoke")).map(String::as_str) == Some("ON")
            && all.get(&fire).is_some_and(|payload| payload.contains("\"count\":1"))
    })
    .await;
    assert!(all[&fire].contains("楼梯 · 火警"), "{}", all[&fire]);

    // The gateway dies: the broker says so. It comes back, and says so itself.
    gateway.kill().unwrap();
    let offline = |all: &BTreeMap<String, String>| all.get(STATUS).is_some_and(|p| p == "offline");
    shown(&broker, "it is gone", offline).await;
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    shown(&broker, "it is back", |all| !offline(all)).await;

    // Home Assistant was set up anew, and says that it is there.
    broker.say(true, SMOKE, "");
    broker.say(false, "homeassistant/status", "online");
    shown(&broker, "it is told again", |all| all.contains_key(SMOKE)).await;

    // A device goes, and so does all that was shown of it; then all of the rest does.
    site.write(1, &format!("{DEVICES}{SHOWN}")).unwrap();
    gateway.signal("HUP").unwrap();
    let all =
        shown(&broker, "the device is gone", |all| !all.values().any(|p| p.contains("机房"))).await;
    assert!(all.contains_key(SMOKE) && !all.keys().any(|topic| topic.contains("climate")));
    assert!(!parsed(&all).values().any(|config| config["device_class"] == "temperature"));
    gateway.stop().unwrap();
    shown(&broker, "it said goodbye", offline).await;
    site.write(1, &format!("{DEVICES}\n[homeassistant]\npublish = false\n")).unwrap();
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    shown(&broker, "nothing is shown any more", BTreeMap::is_empty).await;
    drop(gateway);
}
