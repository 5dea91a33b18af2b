//! What is switched in the building: a gate on a Modbus line, a siren behind Zigbee2MQTT, by people and
//! by a policy, and off again by themselves.

use std::{path::Path, process::Stdio};

use gengfu_tests::{
    boards::{board, mosquitto},
    eventually,
    gateway::Gateway,
    hooks::Hooks,
    operator::Operator,
    python::{MODBUS, Peer},
    site::Site,
};
use gengfu_wire::up::InputState;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
    task::JoinHandle,
};

const PASSWORD: &str = "a password of the house";

/// A barrier whose coil 16 opens it, and a siren on a Zigbee plug.
async fn house(server: &mut Peer) -> Site {
    let port = server.port().await.unwrap();
    let site = Site::new(
        1,
        &format!(
            r#"
[[mqtt.users]]
name = "zigbee2mqtt"
password_file = "zigbee"
publish = ["zigbee2mqtt/#"]
subscribe = ["zigbee2mqtt/#"]

[[modbus.buses]]
id = "drive"
tcp = "127.0.0.1:{port}"

[[devices]]
id = "barrier"
name = {{ zh = "道闸", en = "Barrier" }}
place = "yard"
profile = "barrier-gate-open"
bus = "drive"
unit = 1
parameters = {{ open = 16 }}
supervision = "5s"

[[devices]]
id = "siren"
name = {{ zh = "警号", en = "Siren" }}
place = "yard"
profile = "zigbee-switch"
topic = "zigbee2mqtt/siren"
parameters = {{ output = "siren", hold = "3m" }}
"#
        ),
    )
    .unwrap();
    site.secret("zigbee", PASSWORD).unwrap();
    site
}

fn barrier() -> String {
    json!({ "1": { "coils": { "16": [false] }, "discrete": { "0": [false, true, false] } } })
        .to_string()
}

/// The plug of the siren: it does as it is told, and says so. A fake: no Zigbee radio is here.
fn plug(site: &Site) -> JoinHandle<()> {
    let client = |tool: &str, id: &str| {
        let mut command = mosquitto(tool, site, "zigbee2mqtt", PASSWORD);
        command.args(["-i", id]);
        Command::from(command)
    };
    let mut hears = client("mosquitto_sub", "plug-hears");
    hears.args(["-t", "zigbee2mqtt/siren/set"]).stdout(Stdio::piped()).kill_on_drop(true);
    let says = |state: &str| {
        let mut says = client("mosquitto_pub", "plug-says");
        says.args(["-t", "zigbee2mqtt/siren", "-m", &format!("{{\"state\":\"{state}\"}}")]);
        says
    };
    let (mut on, mut off) = (says("ON"), says("OFF"));
    tokio::spawn(async move {
        let mut child = hears.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            let answer = if line.contains("ON") { on.status() } else { off.status() };
            answer.await.unwrap();
        }
    })
}

fn named<'a>(all: &'a Value, id: &str) -> &'a Value {
    all["outputs"].as_array().unwrap().iter().find(|o| o["id"] == id).unwrap()
}

async fn switch(operator: &Operator, id: &str, body: Value) -> anyhow::Result<Value> {
    operator.ask(Method::POST, &format!("outputs/{}/switch", id.replace('/', "%2F")), body).await
}

/// Waits until the newest order of an output is this one and ended so.
async fn ends(operator: &Operator, id: &str, on: bool, end: &str) -> Value {
    eventually(&format!("{id} {on} {end}"), async || {
        let all = operator.get("outputs").await.unwrap();
        let output = named(&all, id);
        let newest = &output["orders"][0];
        (newest["on"] == on && newest["end"] == end).then(|| output.clone())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gate_opens_for_a_reason_closes_by_itself_and_a_restart_does_not_forget_it() {
    let mut server = Peer::start(MODBUS, &[&barrier()]).unwrap();
    let site = house(&mut server).await;
    let mut gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    eventually("the barrier is read", async || {
        let all = operator.get("outputs").await.unwrap();
        (named(&all, "barrier/open")["value"] == false).then_some(())
    })
    .await;
    let path = "outputs/barrier%2Fopen/switch";
    for wrong in [
        json!({ "on": true }),
        json!({ "on": true, "reason": "x", "hold": "2h" }),
        json!({ "on": false, "hold": "1m" }),
    ] {
        let (status, said) = operator.request(Method::POST, path, &wrong).await.unwrap();
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}: {said}");
    }
    let read_only = "outputs/barrier%2Fclosed/switch";
    let wish = json!({ "on": true, "reason": "x" });
    let (status, _) = operator.request(Method::POST, read_only, &wish).await.unwrap();
    assert_eq!(status, StatusCode::NOT_FOUND);

    let wish = json!({ "on": true, "hold": "2s", "reason": "the fire engine is here" });
    switch(&operator, "barrier/open", wish).await.unwrap();
    let closed = ends(&operator, "barrier/open", false, "done").await;
    let opened = &closed["orders"][1];
    assert_eq!(
        (&opened["end"], &opened["reason"]["en"]),
        (&json!("done"), &json!("the fire engine is here"))
    );
    assert!(opened["by_name"].is_string() && closed["orders"][0]["by_name"].is_null(), "{closed}");
    assert_eq!(closed["value"], false, "by its own word");

    // Pulled out while it stands open.
    let wish = json!({ "on": true, "hold": "4s", "reason": "removal van" });
    switch(&operator, "barrier/open", wish).await.unwrap();
    ends(&operator, "barrier/open", true, "done").await;
    gateway.kill().unwrap();
    gateway = Gateway::start(&site.config(), site.web).unwrap();
    ends(&operator, "barrier/open", false, "done").await;
    drop(gateway);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_siren_says_itself_that_it_sounds_and_a_policy_sounds_it_until_somebody_goes() {
    let hooks = Hooks::start().await.unwrap();
    let mut server = Peer::start(MODBUS, &[&barrier()]).unwrap();
    let site = house(&mut server).await;
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    operator.put_person("wang", &[("hook", &hooks.of("wang"))]).await.unwrap();

    // Nobody hears it: what stands is not known, and it is brought to rest once the plug is there.
    switch(&operator, "siren/on", json!({ "on": true, "reason": "a test" })).await.unwrap();
    ends(&operator, "siren/on", false, "unclear").await;
    let plug = plug(&site);
    let rests = ends(&operator, "siren/on", false, "done").await;
    assert_eq!(rests["orders"][1]["end"], "unclear", "{rests}");
    switch(&operator, "siren/on", json!({ "on": true, "reason": "a test" })).await.unwrap();
    assert_eq!(ends(&operator, "siren/on", true, "done").await["value"], true);
    switch(&operator, "siren/on", json!({ "on": false })).await.unwrap();
    ends(&operator, "siren/on", false, "done").await;

    // By a policy, at its second step only.
    let wang = json!([{ "person": "wang" }]);
    let steps = json!([
        { "targets": wang, "wait": "5s" },
        { "targets": wang, "wait": "10m", "switch_on": ["siren/on"] },
    ]);
    let policy = json!({ "id": "loud", "name": "loud", "steps": steps });
    operator.ask(Method::PUT, "policies/loud", policy).await.unwrap();
    let board = board(&site, 1);
    board.set_input(1, InputState::Active);
    hooks.first("wang", "alert").await;
    let sounds = ends(&operator, "siren/on", true, "done").await;
    let incident = sounds["orders"][0]["incident"].as_u64().unwrap();
    assert!(sounds["orders"][0]["by_name"].is_null());
    let signals = operator.get("outputs").await.unwrap()["signals"].clone();
    assert_eq!(signals[0]["lamp"], "yellow", "{signals}");
    let go = format!("incidents/{incident}/acknowledge");
    operator.ask(Method::POST, &go, Value::Null).await.unwrap();
    ends(&operator, "siren/on", false, "done").await;
    let told = operator.get(&format!("incidents/{incident}")).await.unwrap();
    let switched = |m: &&Value| m["happened"]["what"] == "switched";
    assert_eq!(told["timeline"].as_array().unwrap().iter().filter(switched).count(), 2);
    board.stop().await;
    plug.abort();
    drop(gateway);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_volunteer_opens_the_gate_on_the_page() {
    let mut server = Peer::start(MODBUS, &[&barrier()]).unwrap();
    let site = house(&mut server).await;
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    operator.put_person("wang", &[]).await.unwrap();
    let invitation = operator.invitation("wang").await.unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("page");
    let mut node = Command::new("node");
    let story = node.current_dir(folder).args(["outputs.mjs", &invitation]).output().await.unwrap();
    let said = [story.stdout, story.stderr].concat();
    assert!(story.status.success(), "{}", String::from_utf8_lossy(&said));
    let all = operator.get("outputs").await.unwrap();
    let orders = &named(&all, "barrier/open")["orders"];
    assert_eq!((&orders[0]["on"], &orders[1]["on"]), (&json!(false), &json!(true)), "{orders}");
    assert_eq!(orders[1]["by_name"], "wang");
    drop(gateway);
}
