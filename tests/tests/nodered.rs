//! Node-RED as a neighbour uses it: a flow that publishes JSON to the gateway's broker, with a name and a
//! password of its own, is a device, and raises the alarm; also after Node-RED was away.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use gengfu_tests::{
    eventually, free_port,
    gateway::Gateway,
    hooks::Hooks,
    operator::{Operator, client},
    site::{BOARD_PASSWORD, Site},
};
use reqwest::Method;
use serde_json::{Value, json};

/// The device that the flow speaks for.
const FURTHER: &str = r#"
[[mqtt.users]]
name = "node-red"
password_file = "board"
publish = ["nodered/#"]
subscribe = ["nodered/#"]

[[devices]]
id = "stairs"
place = "yard"
profile = "zigbee-smoke"
topic = "nodered/stairs"
"#;

/// A Node-RED with a folder of its own.
struct NodeRed {
    child: Child,
    port: u16,
}

impl NodeRed {
    fn start(folder: &Path, port: u16) -> Self {
        let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("nodered");
        let installed =
            std::env::var_os("GENGFU_TEST_NODE_RED").map_or(home.clone(), PathBuf::from);
        let program = installed.join("node_modules/node-red/red.js");
        assert!(program.exists(), "run `npm ci` in {}", home.display());
        let child = Command::new("node")
            .arg(program)
            .arg("--userDir")
            .arg(folder)
            .arg("--settings")
            .arg(home.join("settings.cjs"))
            .env("NODE_RED_PORT", port.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        Self { child, port }
    }

    /// Presses the button of an inject node, as its editor does, once Node-RED is there.
    async fn press(&self, node: &str) {
        let client = client().unwrap();
        let button = format!("http://127.0.0.1:{}/inject/{node}", self.port);
        eventually(&format!("Node-RED takes {node}"), async || {
            let answer = client.post(&button).send().await.ok()?;
            answer.status().is_success().then_some(())
        })
        .await;
    }
}

impl Drop for NodeRed {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// inject → mqtt out, with the will and the birth that an availability topic wants.
fn write_flow(site: &Site) -> PathBuf {
    let said = |state: &str| json!({ "state": state }).to_string();
    let inject = |id: &str, smoke: bool| {
        json!({ "id": id, "type": "inject", "z": "house", "name": "", "props": [{ "p": "payload" }],
            "repeat": "", "crontab": "", "once": false, "topic": "", "payloadType": "json",
            "payload": json!({ "smoke": smoke, "battery": 97 }).to_string(), "wires": [["out"]] })
    };
    let availability = "nodered/stairs/availability";
    let flow = json!([
        { "id": "house", "type": "tab", "label": "House", "disabled": false, "info": "" },
        inject("alarm", true),
        inject("calm", false),
        { "id": "out", "type": "mqtt out", "z": "house", "name": "", "topic": "nodered/stairs",
          "qos": "1", "retain": "false", "broker": "broker", "wires": [] },
        { "id": "broker", "type": "mqtt-broker", "name": "gengfu", "broker": "127.0.0.1",
          "port": site.mqtt.to_string(), "clientid": "node-red", "autoConnect": true, "usetls": false,
          "protocolVersion": "5", "keepalive": "15", "cleansession": true, "autoUnsubscribe": true,
          "birthTopic": availability, "birthQos": "1", "birthRetain": "true",
          "birthPayload": said("online"), "birthMsg": {},
          "closeTopic": availability, "closeQos": "1", "closeRetain": "true",
          "closePayload": said("offline"), "closeMsg": {},
          "willTopic": availability, "willQos": "1", "willRetain": "true",
          "willPayload": said("offline"), "willMsg": {}, "userProps": "", "sessionExpiry": "" },
    ]);
    let folder = site.folder().join("node-red");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("flows.json"), flow.to_string()).unwrap();
    let login = json!({ "broker": { "user": "node-red", "password": BOARD_PASSWORD } });
    fs::write(folder.join("flows_cred.json"), login.to_string()).unwrap();
    folder
}

async fn presence(operator: &Operator, wanted: &str) {
    eventually(&format!("it is {wanted}"), async || {
        let device = operator.get("devices/stairs").await.ok()?;
        (device["presence"]["state"] == wanted).then_some(())
    })
    .await;
}

async fn value(operator: &Operator, wanted: bool) {
    eventually(&format!("smoke is {wanted}"), async || {
        let point = operator.get("points/stairs%2Fsmoke").await.ok()?;
        (point["value"] == json!(wanted)).then_some(())
    })
    .await;
}

/// The open fire, once there is one.
async fn fire(operator: &Operator) -> u64 {
    eventually("a fire", async || {
        let all = operator.get("incidents?open=true").await.ok()?;
        let fire = all.as_array()?.iter().find(|i: &&Value| i["danger"] == "fire").cloned()?;
        fire["id"].as_u64()
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flow_of_node_red_raises_the_alarm_and_does_so_again_after_it_was_away() {
    let hooks = Hooks::start().await.unwrap();
    let site = Site::new(0, FURTHER).unwrap();
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    operator.put_person("wang", &[("hook", &hooks.of("wang"))]).await.unwrap();
    let (folder, port) = (write_flow(&site), free_port().unwrap());

    let node_red = NodeRed::start(&folder, port);
    // Its editor is there before its connection, and what is pressed meanwhile goes nowhere.
    eventually("Node-RED says that it is there", async || {
        let device = operator.get("devices/stairs").await.ok()?;
        device["heard_at"].is_string().then_some(())
    })
    .await;
    node_red.press("calm").await;
    value(&operator, false).await;
    node_red.press("alarm").await;
    hooks.first("wang", "alert").await;
    let first = fire(&operator).await;

    // It dies without a word: the broker speaks for it.
    drop(node_red);
    presence(&operator, "lost").await;
    let node_red = NodeRed::start(&folder, port);
    presence(&operator, "present").await;
    node_red.press("calm").await;
    value(&operator, false).await;
    let end = json!({ "cause": "false_alarm" });
    operator.ask(Method::POST, &format!("incidents/{first}/end"), end).await.unwrap();
    node_red.press("alarm").await;
    let again = eventually("another fire", async || {
        let now = fire(&operator).await;
        (now != first).then_some(now)
    })
    .await;
    assert!(again > first);
    drop(node_red);
    drop(gateway);
}
