//! A lift controller and a fire panel, played by a Modbus server that shares no code with ours.

use std::time::Duration;

use gengfu_tests::{
    eventually,
    gateway::Gateway,
    hooks::Hooks,
    operator::Operator,
    python::{MODBUS, Peer},
    site::Site,
    tap::Tap,
};
use serde_json::{Value, json};

/// Reading holding registers: the only thing that is ever asked of a lift or a panel.
const READ_HOLDING: u8 = 3;

/// NICE3000+ registers at rest in automatic mode; 6000 to 6004 are the writes that never happen.
fn lift() -> Value {
    json!({ "holding": {
        "4112": [0], // speed, 1010H
        "4120": [3, 90, 0, 0x0010, 0, 0x0470], // floor to door and mode, 1018H
        "12288": [3], // direction, 3000H
        "24576": [0, 0, 0, 0, 0], // 6000H
        "32768": [0], // fault, 8000H
    } })
}

/// A panel whose eight detectors are enabled and inactive: register 40001 is address 0.
fn panel() -> Value {
    json!({ "holding": { "0": [0x1400, 0x1400, 0x1400, 0x1400, 0x1400, 0x1400, 0x1400, 0x1400] } })
}

async fn order(server: &mut Peer, order: Value) {
    server.order(&order).await.unwrap();
    assert_eq!(server.line().await.unwrap(), "done");
}

async fn message(hooks: &Hooks, what: &str, place: &str) -> Value {
    eventually(&format!("{what} at {place}"), async || {
        let told = hooks.told().into_iter().map(|t| t.body);
        told.filter(|b| b["purpose"]["purpose"] == "alert" && b["place"]["en"] == place)
            .find(|b| b["what"]["en"].as_str().is_some_and(|words| words.contains(what)))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lift_and_a_panel_are_read_missed_and_never_written_to() {
    let hooks = Hooks::start().await.unwrap();
    let units = json!({ "1": lift(), "2": panel() }).to_string();
    let mut server = Peer::start(MODBUS, &[&units]).unwrap();
    let port = server.port().await.unwrap();
    let tap = Tap::before(port).await.unwrap();
    let site = Site::new(
        0,
        &format!(
            r#"
[[modbus.buses]]
id = "machine-room"
tcp = "{}"

[[places]]
id = "lift"
name = {{ zh = "电梯", en = "Lift" }}

[[devices]]
id = "lift"
name = {{ zh = "电梯控制器", en = "Lift controller" }}
place = "lift"
profile = "nice3000"
bus = "machine-room"
unit = 1
supervision = "5s"

[[devices]]
id = "panel"
name = {{ zh = "消防主机", en = "Fire panel" }}
place = "yard"
profile = "notifier-gw"
bus = "machine-room"
unit = 2
parameters = {{ loops = 1, detectors = 8 }}
supervision = "5s"
"#,
            tap.address
        ),
    )
    .unwrap();
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    operator.put_person("wang", &[("hook", &hooks.of("wang"))]).await.unwrap();
    eventually("the car's mode is read", async || {
        let point = operator.get("points/lift%2Fmode").await.unwrap();
        (point["value"] == "automatic").then_some(())
    })
    .await;
    assert!(operator.get("incidents?open=true").await.unwrap().as_array().unwrap().is_empty());

    order(&mut server, json!({ "unit": 1, "address": 0x8000, "values": [41] })).await;
    let fault = message(&hooks, "E41", "Lift").await;
    assert_eq!((&fault["danger"], &fault["priority"]), (&json!("lift"), &json!("high")), "{fault}");

    // The fire shares its line with a unit that answers slowly, then not at all.
    order(&mut server, json!({ "unit": 1, "delay": 2.0 })).await;
    let begun = std::time::Instant::now();
    order(&mut server, json!({ "unit": 2, "address": 2, "values": [0x1C10] })).await;
    let fire = message(&hooks, "detector 3: fire", "Yard").await;
    assert_eq!((&fire["danger"], &fire["priority"]), (&json!("fire"), &json!("critical")));
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());

    let quiet = message(&hooks, "is silent", "Lift").await;
    assert_eq!(quiet["danger"], "fault", "{quiet}");
    let asked = tap.asked();
    drop(tap);
    message(&hooks, "is silent", "Yard").await;
    let lift = operator.get("points/lift%2Fmode").await.unwrap();
    assert_eq!(lift["value"], Value::Null, "silence is never a value: {lift}");

    assert!(asked[&(1, READ_HOLDING)] > 2 && asked[&(2, READ_HOLDING)] > 2, "{asked:?}");
    assert!(asked.keys().all(|(_, function)| *function == READ_HOLDING), "{asked:?}");
    drop(gateway);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_panel_on_a_serial_line_tells_a_fire_and_is_missed_when_its_adapter_is_pulled_out() {
    let hooks = Hooks::start().await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let device = folder.path().join("line").display().to_string();
    let units = json!({ "2": panel() }).to_string();
    let mut server = Peer::start(MODBUS, &[&units, &device]).unwrap();
    assert_eq!(server.line().await.unwrap(), "port 0");
    let site = Site::new(
        0,
        &format!(
            r#"
[[modbus.buses]]
id = "control-room"
device = "{device}"
baud = 19200

[[devices]]
id = "panel"
name = {{ zh = "消防主机", en = "Fire panel" }}
place = "yard"
profile = "notifier-gw"
bus = "control-room"
unit = 2
parameters = {{ loops = 1, detectors = 8 }}
supervision = "5s"
"#
        ),
    )
    .unwrap();
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    operator.put_person("wang", &[("hook", &hooks.of("wang"))]).await.unwrap();

    // Somebody else's frame stands before each answer.
    order(&mut server, json!({ "unit": 2, "line": { "before": "0703020063bc6dff" } })).await;
    order(&mut server, json!({ "unit": 2, "address": 2, "values": [0x1C10] })).await;
    let fire = message(&hooks, "detector 3: fire", "Yard").await;
    assert_eq!((&fire["danger"], &fire["priority"]), (&json!("fire"), &json!("critical")));

    order(&mut server, json!({ "line": "unplug" })).await;
    let quiet = message(&hooks, "is silent", "Yard").await;
    assert_eq!(quiet["danger"], "fault", "{quiet}");
    order(&mut server, json!({ "line": "plug" })).await;
    order(&mut server, json!({ "unit": 2, "address": 4, "values": [0x1C10] })).await;
    eventually("the panel is read again", async || {
        let point = operator.get("points/panel%2Fl1d5").await.unwrap();
        (point["value"] == "fire").then_some(())
    })
    .await;
    drop(gateway);
}
