//! From a contact in the building to a named person who answers, with real peers: `mosquitto_pub` is
//! the board, a webhook rings, the answer comes by the link.

use std::{process::Command, time::Duration};

use gengfu_sim::building::{Board, BoardSettings, Login};
use gengfu_tests::{
    eventually,
    gateway::Gateway,
    hooks::Hooks,
    operator::{Operator, client},
    site::{BOARD_PASSWORD, SITE, Site},
};
use gengfu_wire::{down::Lamp, up::InputState};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// Publishes as `user`; true if the broker took it.
fn publish(site: &Site, user: &str, password: &str, topic: &str, payload: &str) -> bool {
    let output = Command::new("mosquitto_pub")
        .args(["-h", "127.0.0.1", "-p", &site.mqtt.to_string(), "-V", "mqttv5", "-q", "1"])
        .args(["-u", user, "-P", password, "-i", user, "-t", topic, "-m", payload])
        .output()
        .unwrap();
    // A refused publish is only told of: "Publish 1 failed: Not authorized."
    let said = String::from_utf8_lossy(&output.stderr);
    output.status.success() && !said.to_lowercase().contains("not authorized")
}

fn event(seq: u32, state: &str) -> String {
    json!({ "v": 1, "boot": 1, "seq": seq, "input": 1, "state": state, "age_ms": 0 }).to_string()
}

async fn start(people: &[&str]) -> (Site, Gateway, Operator, Hooks) {
    let hooks = Hooks::start().await.unwrap();
    let site = Site::new(2, "").unwrap();
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    for person in people {
        operator.put_person(person, &[("hook", &hooks.of(person))]).await.unwrap();
    }
    operator.put_policy(people).await.unwrap();
    (site, gateway, operator, hooks)
}

async fn told(hooks: &Hooks, person: &str, purpose: &str) -> Value {
    let what = format!("{person} is told: {purpose}");
    eventually(&what, async || {
        let told = hooks.told();
        let hit =
            told.iter().find(|t| t.person == person && t.body["purpose"]["purpose"] == purpose);
        hit.map(|t| t.body.clone())
    })
    .await
}

#[tokio::test]
async fn a_call_reaches_the_one_on_duty_and_the_answer_stops_it() {
    let (site, gateway, operator, hooks) = start(&["wang", "li"]).await;
    let up = format!("gengfu/v1/{SITE}/board-2/up/event");
    let heard = format!("gengfu/v1/{SITE}/board-1/up/event");
    assert!(
        !publish(&site, "board-2", BOARD_PASSWORD, &heard, &event(1, "active")),
        "another's topic"
    );
    assert!(!publish(&site, "board-2", "wrong", &up, &event(1, "active")), "a wrong password");
    assert!(operator.get("incidents?open=true").await.unwrap().as_array().unwrap().is_empty());

    assert!(publish(&site, "board-2", BOARD_PASSWORD, &up, &event(1, "active")));
    let message = told(&hooks, "wang", "alert").await;
    assert_eq!(message["danger"], "trapped");
    assert_eq!(message["place"]["en"], "Lift 2");
    let link = message["link"].as_str().unwrap();
    let (base, token) = link.split_once("/a/").unwrap();
    let api = format!("{base}/api/v1/answer/{token}");

    // A mail scanner that opens the link answers nothing.
    let http = client().unwrap();
    for address in [link, &api] {
        assert_eq!(http.get(address).send().await.unwrap().status(), StatusCode::OK);
    }
    let open = operator.get("incidents?open=true").await.unwrap();
    assert_eq!(open[0]["phase"], "calling");

    let going = http.post(format!("{api}/acknowledge")).json(&json!({})).send().await.unwrap();
    assert_eq!(going.json::<Value>().await.unwrap()["phase"], "going");
    // Longer than the step's wait: silence would have woken the next one by now.
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert!(hooks.told().iter().all(|t| t.person == "wang"), "li was woken after the answer");

    // Letting go of the button does not end it; only a person does.
    assert!(publish(&site, "board-2", BOARD_PASSWORD, &up, &event(2, "idle")));
    let end = json!({ "cause": "rescued", "note": "" });
    http.post(format!("{api}/arrive")).json(&json!({})).send().await.unwrap();
    assert_eq!(operator.get("incidents/1").await.unwrap()["phase"], "there");
    let over = http.post(format!("{api}/end")).json(&end).send().await.unwrap();
    assert_eq!(over.json::<Value>().await.unwrap()["phase"], "ended");
    let again = http.post(format!("{api}/acknowledge")).json(&json!({})).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::CONFLICT, "it is over");
    drop(gateway);
}

#[tokio::test]
async fn a_board_gets_its_receipt_and_its_lamp() {
    let (site, gateway, operator, _hooks) = start(&["wang"]).await;
    let mut settings = BoardSettings::new("127.0.0.1", site.mqtt, SITE, "board-1");
    settings.login = Some(Login { user: "board-1".into(), password: BOARD_PASSWORD.into() });
    let board = Board::start(settings);
    board.set_input(1, InputState::Active);
    let (outputs, status) = (board.outputs(), board.status());
    let lit = async |lamp: Lamp| {
        let what = format!("the lamp is {lamp:?}");
        eventually(&what, async || (outputs.borrow().lamp == lamp).then_some(())).await;
    };
    lit(Lamp::Yellow).await;
    let (code, answer) =
        operator.request(Method::POST, "incidents/1/acknowledge", &json!({})).await.unwrap();
    assert_eq!(code, StatusCode::OK, "{answer}");
    lit(Lamp::Green).await;
    assert_eq!((status.borrow().receipts, status.borrow().queue), (1, 0));
    board.stop().await;
    drop(gateway);
}

#[tokio::test]
async fn silence_wakes_the_next_one_and_then_everybody() {
    let (site, gateway, _operator, hooks) = start(&["wang", "li"]).await;
    let topic = format!("gengfu/v1/{SITE}/board-1/up/event");
    assert!(publish(&site, "board-1", BOARD_PASSWORD, &topic, &event(1, "active")));
    let first = told(&hooks, "wang", "alert").await;
    let second = told(&hooks, "li", "alert").await;
    assert_ne!(first["key"], second["key"]);
    for person in ["wang", "li"] {
        let prompt = told(&hooks, person, "nobody_answered").await;
        assert_eq!(prompt["loud"], true);
        assert!(prompt["text"].as_str().unwrap().contains("96333"), "{prompt}");
    }
    drop(gateway);
}

#[tokio::test]
async fn a_broken_reload_changes_nothing_and_a_stop_is_quick() {
    let (site, gateway, operator, _hooks) = start(&["wang"]).await;
    site.write(2, "\n[[devices]]\nid = \"ghost\"\nplace = \"nowhere\"\nprofile = \"board\"\n")
        .unwrap();
    gateway.signal("HUP").unwrap();
    eventually("the complaint names the line", async || {
        gateway.said().contains("nowhere").then_some(())
    })
    .await;
    assert_eq!(operator.get("devices").await.unwrap().as_array().unwrap().len(), 2);
    site.write(3, "").unwrap();
    gateway.signal("HUP").unwrap();
    eventually("the new board is known", async || {
        let devices = operator.get("devices").await.ok()?;
        (devices.as_array()?.len() == 3).then_some(())
    })
    .await;
    let (took, well) = gateway.stop().unwrap();
    assert!(well && took < Duration::from_secs(5), "{took:?} {well}");
}
