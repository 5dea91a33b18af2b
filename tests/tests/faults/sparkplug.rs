//! An edge node of Sparkplug B, written by somebody else, at a broker that the gateway only visits: its
//! births, its numbers, messages that go lost, its death, and a gateway that comes later.

use std::time::{Duration, Instant};

use gengfu_tests::{
    eventually, free_port,
    gateway::Gateway,
    hooks::Hooks,
    python::{self, Peer},
    site::Site,
};
use serde_json::{Value, json};

use crate::{
    house::{House, row},
    mosquitto::Mosquitto,
};

fn lines(port: u16) -> String {
    format!(
        r#"
[mqtt.brokers.plant]
url = "mqtt://127.0.0.1:{port}"

[[devices]]
id = "cabinet"
name = {{ zh = "机柜", en = "Cabinet" }}
place = "yard"
profile = "sparkplug-io"
broker = "plant"
group = "plant"
node = "n1"
parameters = {{ inputs = 1 }}
points = [{{ id = "mains", name = {{ zh = "市电", en = "Mains" }}, metric = "Mains" }}]
rules = [{{ id = "mains", name = {{ zh = "停电", en = "No mains" }}, danger = "fault", priority = "low", when = {{ equals = {{ point = "mains", value = false }} }} }}]

[[devices]]
id = "panel"
name = {{ zh = "输入模块", en = "Input module" }}
place = "yard"
profile = "sparkplug-io"
broker = "plant"
behind = "cabinet"
group = "plant"
node = "n1"
member = "panel"
parameters = {{ inputs = 2, danger = "water" }}
"#
    )
}

/// Waits until the page shows this value of a point.
async fn shows(house: &House, point: &str, value: Value) {
    eventually(&format!("{point} is {value}"), async || {
        let point = house.operator.get(&format!("points/{}", point.replace('/', "%2F"))).await;
        (point.ok()?["value"] == value).then_some(())
    })
    .await;
}

/// The node says that it has published its births.
async fn born(node: &mut Peer) {
    assert_eq!(node.line().await.unwrap(), "born");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_edge_node_s_births_data_and_death_are_understood() {
    let hooks = Hooks::start().await.unwrap();
    let port = free_port().unwrap();
    let site = Site::new(0, &lines(port)).unwrap();
    let _broker = Mosquitto::open(site.folder(), port);
    let mut house = House::at(site, hooks).await;
    let mut node = Peer::start(python::SPARKPLUG, &[&port.to_string()]).unwrap();
    born(&mut node).await;
    shows(&house, "cabinet/mains", json!(true)).await;
    shows(&house, "panel/in1", json!(false)).await;

    // By its name, and by its number alone.
    node.order(&json!({ "set": "Inputs/2", "to": true })).await.unwrap();
    shows(&house, "panel/in2", json!(true)).await;
    node.order(&json!({ "alias": 11, "to": true })).await.unwrap();
    let begun = Instant::now();
    house.shown("Input 1 is active").await;
    let told = begun.elapsed();
    // What was so once is not so now; and what has no value is not normal.
    node.order(&json!({ "history": 12, "to": false })).await.unwrap();
    node.order(&json!({ "null": 11 })).await.unwrap();
    shows(&house, "panel/in1", Value::Null).await;
    shows(&house, "panel/in2", json!(true)).await;

    // Messages go lost: the node is asked for its births again, and all is known again.
    node.order(&json!({ "lose": 3 })).await.unwrap();
    eventually("it was asked for its births", async || {
        // It is not asked twice within 5 s, and the next message is as good a reason.
        node.order(&json!({ "alias": 12, "to": true })).await.ok()?;
        let said = tokio::time::timeout(Duration::from_millis(500), born(&mut node)).await;
        said.ok()
    })
    .await;
    shows(&house, "panel/in1", json!(false)).await;

    // A gateway that comes later hears no birth; it asks for one.
    house.gateway.signal("KILL").unwrap();
    let House { hooks, site, gateway, operator } = house;
    gateway.kill().unwrap();
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let begun = Instant::now();
    house = House { hooks, site, gateway, operator };
    born(&mut node).await;
    shows(&house, "panel/in2", json!(true)).await;
    shows(&house, "cabinet/mains", json!(true)).await;
    let back = begun.elapsed();

    // The node falls: its will names the session that it had. The module behind it is no alarm.
    drop(node);
    let alarm = house.alarmed("Cabinet is silent").await;
    shows(&house, "panel/in2", Value::Null).await;
    assert_eq!(house.away().await, 2);
    assert!(house.alarms().iter().all(|words| !words.contains("module")), "{:?}", house.alarms());

    // It comes again with a session of its own.
    let mut node = Peer::start(python::SPARKPLUG, &[&port.to_string()]).unwrap();
    born(&mut node).await;
    house.is_over("Cabinet is silent").await;
    shows(&house, "panel/in1", json!(false)).await;
    // The module alone goes.
    node.order(&json!({ "end": "panel" })).await.unwrap();
    house.alarmed("Input module is silent").await;
    shows(&house, "cabinet/mains", json!(true)).await;

    let House { gateway, .. } = house;
    gateway.stop().unwrap();
    let fault = format!("the gateway is killed beside a Sparkplug node (told in {told:.1?})");
    row(&fault, (0, 1), back, Duration::from_secs(20), &alarm);
}
