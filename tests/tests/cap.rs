//! Incidents as alerts by the Common Alerting Protocol: sent, and fetched, and read by a program that has
//! none of the gateway's code.

use std::sync::{Arc, Mutex};

use axum::{Router, extract::State, http::HeaderMap, routing::post};
use gengfu_tests::{
    boards::{board, publish},
    eventually,
    gateway::Gateway,
    hooks::Hooks,
    operator::{Operator, client},
    python::{CAP, Peer},
    site::{BOARD_PASSWORD, Site},
};
use gengfu_wire::up::InputState;
use reqwest::Method;
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Names as nobody should choose them.
const NASTY: &str = r#"

[[places]]
id = "nasty"
name = { zh = "三号楼 & <一号> ]]> \"电梯\" 'x' 🛗", en = "Building <3> & ]]> \"Lift\" 'x' \u0007\r\n end" }
inside = "yard"

[[devices]]
id = "door"
place = "nasty"
profile = "json"
topic = "home/door"
points = [{ id = "open", name = { en = "Open" }, pointer = "/open" }]
rules = [{ id = "open", name = { zh = "门开着 & 没人", en = "Open & <nobody>" }, danger = "gate", priority = "high", when = { equals = { point = "open", value = true } } }]

[[mqtt.users]]
name = "home"
password_file = "board"
publish = ["home/#"]
subscribe = []

[channels.cap]
kind = "webhook"
format = "cap"
secret = "a secret of the test suite, long enough"
hosts = ["127.0.0.1"]
"#;

type Got = Arc<Mutex<Vec<(String, String)>>>;

/// A platform that takes alerts: the media type and the body of each.
async fn platform() -> (String, Got) {
    async fn take(State(got): State<Got>, headers: HeaderMap, body: String) {
        let kind = headers["content-type"].to_str().unwrap_or_default().to_owned();
        got.lock().unwrap().push((kind, body));
    }
    let got = Got::default();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}/alerts", listener.local_addr().unwrap());
    let app = Router::new().route("/alerts", post(take)).with_state(got.clone());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (address, got)
}

async fn read(peer: &mut Peer, order: Value) -> Value {
    peer.order(&order).await.unwrap();
    let said = peer.json().await.unwrap();
    assert_eq!(said["error"], Value::Null, "{order}");
    said
}

/// The first alert of this kind, as the other program reads it, and its text.
async fn first(peer: &mut Peer, got: &Got, kind: &str) -> (Value, String) {
    let wanted = format!("<msgType>{kind}</msgType>");
    let text = eventually(&format!("a message of type {kind}"), async || {
        let got = got.lock().unwrap();
        let found = got.iter().find(|(_, body)| body.contains(&wanted))?;
        assert_eq!(found.0, "application/cap+xml");
        Some(found.1.clone())
    })
    .await;
    (read(peer, json!({ "xml": text })).await, text)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_incident_is_told_to_a_platform_and_read_from_the_feed() {
    let mut peer = Peer::start(CAP, &[]).unwrap();
    let hooks = Hooks::start().await.unwrap();
    let (address, got) = platform().await;
    let site = Site::new(1, NASTY).unwrap();
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    operator.put_person("wang", &[("hook", &hooks.of("wang"))]).await.unwrap();
    operator.put_person("platform", &[("cap", &address)]).await.unwrap();

    // A test of the way is a test, and no alert of anything.
    operator.ask(Method::POST, "channels/cap/test", json!({ "person": "platform" })).await.unwrap();
    let (test, _) = first(&mut peer, &got, "Alert").await;
    assert_eq!((&test["status"], &test["incidents"]), (&json!("Test"), &Value::Null));
    got.lock().unwrap().clear();

    let board = board(&site, 1);
    board.set_input(1, InputState::Active);
    let (alert, told) = first(&mut peer, &got, "Alert").await;
    assert_eq!(alert["status"], "Actual");
    assert_eq!(alert["scope"], "Restricted");
    assert_eq!(alert["sender"], "garden-12");
    assert_eq!(alert["identifier"], "garden-12-1");
    assert!(alert["sent"].as_str().unwrap().ends_with("+08:00"), "{alert}");
    let (zh, en) = (&alert["infos"][0], &alert["infos"][1]);
    assert_eq!((&zh["language"], &en["language"]), (&json!("zh-CN"), &json!("en")));
    assert_eq!(zh["event"], "电梯困人");
    for info in [zh, en] {
        let levels = ["category", "urgency", "severity", "certainty"].map(|name| &info[name]);
        assert_eq!(levels, ["Rescue", "Immediate", "Severe", "Observed"]);
    }
    assert!(en["instruction"].as_str().unwrap().starts_with("1. Talk to them first"));

    let link = hooks.first("wang", "alert").await["link"].as_str().unwrap().to_owned();
    let answer = link.replace("/a/", "/api/v1/answer/");
    let press = async |what: &str, body: Value| {
        let sent = client().unwrap().post(format!("{answer}/{what}")).json(&body).send().await;
        assert!(sent.unwrap().status().is_success(), "{what}");
    };
    press("acknowledge", json!({})).await;
    let (going, _) = first(&mut peer, &got, "Update").await;
    assert_eq!(going["references"][0][1], "garden-12-1");
    assert_eq!(going["references"][0][2], alert["sent"]);
    assert_eq!(going["incidents"], alert["incidents"]);
    assert!(!going.to_string().contains("wang"), "who goes is nobody else's business");
    press("arrive", json!({})).await;
    press("end", json!({ "cause": "false_alarm", "note": "" })).await;
    let (cancel, cancelled) = first(&mut peer, &got, "Cancel").await;
    assert_eq!(cancel["infos"][1]["responseType"], "AllClear");
    let refers: Vec<&Value> =
        cancel["references"].as_array().unwrap().iter().map(|r| &r[1]).collect();
    assert_eq!(refers.len(), 3, "the alert, going, there: {refers:?}");
    assert_eq!(refers[1], &going["identifier"]);

    // What was sent and what is fetched are the same, to the byte.
    let path = operator.get("cap").await.unwrap()["path"].as_str().unwrap().to_owned();
    let fetch = async |path: &str| {
        let answer = client().unwrap().get(format!("{}{path}", site.base())).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        answer.text().await.unwrap()
    };
    let feed = read(&mut peer, json!({ "feed": fetch(&path).await })).await;
    let entries = feed["entries"].as_array().unwrap();
    let mut texts = vec![];
    for entry in entries {
        assert_eq!(entry["type"], "application/cap+xml");
        let text = fetch(&path.replace("feed.atom", entry["href"].as_str().unwrap())).await;
        let alert = read(&mut peer, json!({ "xml": text })).await;
        texts.push((alert["msgType"].clone(), text));
    }
    let kinds: Vec<&Value> = texts.iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["Cancel", "Update", "Update", "Alert"], "newest first");
    assert_eq!(texts[0].1, cancelled);
    assert_eq!(texts[3].1, told);
    board.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_things_are_called_the_alert_can_be_read_and_says_it() {
    let mut peer = Peer::start(CAP, &[]).unwrap();
    let (address, got) = platform().await;
    let site = Site::new(0, NASTY).unwrap();
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    operator.put_person("platform", &[("cap", &address)]).await.unwrap();
    eventually("the gateway hears its broker", async || {
        let ready = client().unwrap().get(format!("{}/readyz", site.base())).send().await.ok()?;
        ready.status().is_success().then_some(())
    })
    .await;
    let say = |open: bool| {
        let words = json!({ "open": open }).to_string();
        assert!(publish(&site, "home", BOARD_PASSWORD, "home/door", &words).unwrap());
    };
    say(true);
    let (alert, _) = first(&mut peer, &got, "Alert").await;
    let (zh, en) = (&alert["infos"][0], &alert["infos"][1]);
    assert_eq!(zh["area"], "院子 › 三号楼 & <一号> ]]> \"电梯\" 'x' 🛗");
    // A bell is nothing that XML can hold.
    assert_eq!(en["area"], "Yard › Building <3> & ]]> \"Lift\" 'x' \u{fffd}\r\n end");
    assert_eq!(en["description"], "Open & <nobody>");
    assert_eq!((&en["category"], &en["severity"]), (&json!("Security"), &json!("Minor")));

    // It goes by itself, and that is an all-clear of something that was true.
    say(false);
    let (over, _) = first(&mut peer, &got, "Update").await;
    assert_eq!(over["infos"][1]["responseType"], "AllClear");
    assert_eq!(over["references"][0][1], alert["identifier"]);
    drop(gateway);
}
