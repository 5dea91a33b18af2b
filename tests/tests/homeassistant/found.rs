//! Devices that announce themselves, by their makers' documents: offered, taken in, and watched, over
//! every restart.

use gengfu_tests::{
    eventually,
    gateway::Gateway,
    hooks::Hooks,
    operator::{Operator, counter},
    site::Site,
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::neighbour::{Powered, USER, announcements, say};

const STATUS: &str = "kitchen-smoke/status";
const SMOKE: &str = "kitchen-smoke/binary_sensor/smoke/state";
/// Where it says so after it was set up anew.
const MOVED: &str = "kitchen-smoke/binary_sensor/alarm/state";

/// The offer of this name, once it is there and fits.
async fn offer(operator: &Operator, name: &str, fits: impl Fn(&Value) -> bool) -> Value {
    eventually(&format!("an offer of {name}"), async || {
        let found = operator.get("found").await.ok()?;
        let all = found["devices"].as_array()?;
        all.iter().find(|device| device["name"] == name && fits(device)).cloned()
    })
    .await
}

/// The fire at this place, once there is one.
async fn fire_at(operator: &Operator, place: &str) -> Value {
    eventually(&format!("a fire at {place}"), async || {
        let all = operator.get("incidents").await.ok()?;
        let is_it = |i: &&Value| i["danger"] == "fire" && i["place"] == place;
        all.as_array()?.iter().find(is_it).cloned()
    })
    .await
}

async fn presence(operator: &Operator, device: &str, wanted: &str) {
    let path = format!("devices/{device}");
    eventually(&format!("{device} is {wanted}"), async || {
        let device = operator.get(&path).await.ok()?;
        (device["presence"]["state"] == wanted).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_that_announces_itself_is_taken_in_and_raises_the_alarm_over_every_restart() {
    let hooks = Hooks::start().await.unwrap();
    let further = format!("{USER}\n[homeassistant]\ndiscover = true\n");
    let site = Site::new(1, &further).unwrap();
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    operator.put_person("wang", &[("hook", &hooks.of("wang"))]).await.unwrap();

    let powered = Powered::on(&site, STATUS);
    let said: Vec<_> =
        ["esphome.json", "zigbee2mqtt.json"].into_iter().flat_map(announcements).collect();
    for (topic, announced) in &said {
        say(&site, true, topic, &announced.to_string());
    }
    let kitchen = offer(&operator, "Kitchen smoke", |o| {
        o["entities"].as_array().is_some_and(|all| all.len() == 2)
    })
    .await;
    assert_eq!(kitchen["maker"], "espressif");
    assert_eq!(kitchen["entities"][0]["alarm"]["danger"], "fire");
    assert_eq!(kitchen["adopted"], Value::Null);
    let stairs =
        offer(&operator, "三楼烟感", |o| o["entities"].as_array().unwrap().len() == 3).await;

    // Before somebody says where it hangs, it raises nothing.
    say(&site, true, SMOKE, "OFF");
    let adopt = |offer: &Value| format!("found/{}/adopt", offer["id"].as_str().unwrap());
    let wish = json!({ "id": "kitchen", "name": { "zh": "厨房烟感", "en": "Kitchen smoke" }, "place": "yard" });
    let made = operator.ask(Method::POST, &adopt(&kitchen), wish).await.unwrap();
    assert_eq!(made["rules"][0]["name"]["zh"], "火警");
    let wish = json!({ "id": "stairs", "name": { "zh": "楼梯烟感", "en": "Stairs smoke" }, "place": "lift-1" });
    operator.ask(Method::POST, &adopt(&stairs), wish).await.unwrap();
    offer(&operator, "Kitchen smoke", |o| o["adopted"] == "kitchen").await;
    // What is retained is how it stands: it is read, and raises nothing anew.
    eventually("the retained state", async || {
        let device = operator.get("devices/kitchen").await.ok()?;
        (device["points"][0]["value"] == json!(false)).then_some(())
    })
    .await;

    // Its power is cut: the broker says so for it, and that is an alarm of its own, until it is back.
    say(&site, false, SMOKE, "OFF");
    presence(&operator, "kitchen", "present").await;
    powered.cut();
    presence(&operator, "kitchen", "lost").await;
    let powered = Powered::on(&site, STATUS);
    presence(&operator, "kitchen", "present").await;

    say(&site, true, SMOKE, "ON");
    fire_at(&operator, "yard").await;
    hooks.first("wang", "alert").await;
    drop(powered);

    // The gateway starts anew, and its broker has forgotten all that was announced.
    gateway.stop().unwrap();
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in_as(&site.base(), "admin").await.unwrap();
    let silent = offer(&operator, "kitchen", |o| o["seen"] == Value::Null).await;
    assert_eq!((&silent["id"], &silent["adopted"]), (&kitchen["id"], &json!("kitchen")));
    say(&site, false, "zigbee2mqtt/三楼烟感", r#"{"smoke":true,"battery":90}"#);
    fire_at(&operator, "lift-1").await;

    // It announces itself again, otherwise than before: that is shown, and taken over when wanted.
    for (topic, announced) in &said {
        let mut announced = announced.clone();
        if announced["dev_cla"] == "smoke" {
            announced["stat_t"] = json!(MOVED);
        }
        say(&site, true, topic, &announced.to_string());
    }
    offer(&operator, "Kitchen smoke", |o| {
        let all = o["entities"].as_array().unwrap();
        o["changed"] == true && all.len() == 2 && all[0]["topic"] == MOVED
    })
    .await;
    let wish = json!({ "id": "kitchen", "name": { "zh": "厨房烟感", "en": "Kitchen smoke" }, "place": "yard" });
    operator.ask(Method::POST, &adopt(&kitchen), wish).await.unwrap();
    say(&site, true, MOVED, "OFF");
    eventually("it is heard where it speaks now", async || {
        let point = operator.get("points/kitchen%2Fsmoke").await.ok()?;
        (point["value"] == json!(false)).then_some(())
    })
    .await;

    // Withdrawn: an offer is gone, a device that was taken in stays.
    for topic in said.iter().map(|(topic, _)| topic) {
        say(&site, true, topic, "");
    }
    eventually("nothing is offered any more", async || {
        let found = operator.get("found").await.ok()?;
        let all = found["devices"].as_array()?.clone();
        (all.len() == 2 && all.iter().all(|o| o["seen"].is_null() && !o["adopted"].is_null()))
            .then_some(())
    })
    .await;
    operator.ask(Method::DELETE, "devices/stairs", Value::Null).await.unwrap();
    let found = operator.get("found").await.unwrap();
    assert_eq!(found["devices"].as_array().unwrap().len(), 1, "{found}");

    // Poison is counted, and fatal for nothing.
    let counted = "gengfu_mqtt_not_understood_total";
    let before = counter(&site.base(), counted).await.unwrap();
    say(&site, false, "homeassistant/sensor/x/config", "{");
    say(&site, false, "homeassistant/binary_sensor/x/y/config", r#"{"dev_cla":"smoke"}"#);
    eventually("it is counted", async || {
        (counter(&site.base(), counted).await.ok()? == before + 2).then_some(())
    })
    .await;
    drop(gateway);
}
