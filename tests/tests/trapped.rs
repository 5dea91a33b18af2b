//! From a contact in the building to a named person who answers, with real peers: `mosquitto_pub` is
//! the board, a webhook rings, the answer comes by the link.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
    time::Duration,
};

use gengfu_tests::{
    boards::{board, down, event, mosquitto, publish, up},
    eventually,
    gateway::Gateway,
    hooks::Hooks,
    ntfy::Ntfy,
    operator::{Operator, client},
    python::{MAILBOX, Peer},
    site::{BOARD_PASSWORD, Site},
};
use gengfu_wire::{down::Lamp, up::InputState};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

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

/// What the moments of a timeline are called, oldest first.
fn moments(timeline: &Value) -> Vec<String> {
    let moments = timeline.as_array().unwrap().iter();
    moments.map(|m| m["happened"]["what"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_call_reaches_the_one_on_duty_and_the_answer_stops_it() {
    let hooks = Hooks::start().await.unwrap();
    let ntfy = Ntfy::start().await.unwrap();
    let mut mailbox = Peer::start(MAILBOX, &["plain"]).unwrap();
    let mail_port = &mailbox.json().await.unwrap()["port"];
    let site = Site::new(
        1,
        &format!(
            r#"
[channels.mail]
kind = "mail"
host = "127.0.0.1"
port = {mail_port}
tls = "none"
from = "Gengfu <alarm@example.org>"

[channels.phone]
kind = "ntfy"
server = "http://{}"
"#,
            ntfy.address
        ),
    )
    .unwrap();
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let token = gateway.invitation().unwrap();
    let operator = Operator::sign_in(&site.base(), &token).await.unwrap();
    assert!(Operator::sign_in(&site.base(), &token).await.is_err(), "the link works once");
    let (wang, li) = (hooks.of("wang"), hooks.of("li"));
    let ways = [("mail", "wang@example.org"), ("phone", "wang"), ("hook", wang.as_str())];
    operator.put_person("wang", &ways).await.unwrap();
    operator.put_person("li", &[("hook", &li)]).await.unwrap();
    operator.put_roster("duty", &["wang"]).await.unwrap();
    let policy = json!({ "id": "all", "name": "all", "steps": [
        { "targets": [{ "on_call": "duty" }], "wait": "5s" },
        { "targets": [{ "person": "li" }], "wait": "5s" } ] });
    operator.ask(Method::PUT, "policies/all", policy).await.unwrap();
    let password = operator.add_board("pit", "lift-1").await.unwrap();

    // The board is in at once, and only as itself. Its event gets the receipt that docs/wire.md shows.
    let topic = up("pit", "event");
    let other = up("board-1", "event");
    eventually("the added board is let in", async || {
        publish(&site, "pit", &password, &up("pit", "presence"), r#"{"v":1,"online":true}"#)
            .unwrap()
            .then_some(())
    })
    .await;
    assert!(!publish(&site, "pit", &password, &other, &event(1, "active")).unwrap(), "not its own");
    assert!(!publish(&site, "pit", "wrong", &topic, &event(1, "active")).unwrap());
    assert!(operator.get("incidents?open=true").await.unwrap().as_array().unwrap().is_empty());
    let said = mosquitto("mosquitto_rr", &site, "pit", &password)
        .args(["-W", "20", "-t", &topic, "-e", &down("pit", "receipt"), "-m", &event(1, "active")])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&said.stdout).trim(), r#"{"v":1,"boot":1,"seq":1}"#);

    // The one on duty is told through every way of theirs that a vital alarm starts at once.
    let mail = mailbox.json().await.unwrap();
    assert_eq!(mail["to"], json!(["wang@example.org"]));
    let text = mail["plain"].as_str().unwrap();
    let link = text.split_whitespace().find(|word| word.contains("/a/")).unwrap();
    assert!(text.contains("Lift 1"), "{text}");
    let rang = eventually("the phone rings", async || ntfy.of("wang").first().cloned()).await;
    assert_eq!((&rang["topic"], &rang["priority"]), (&json!("wang"), &json!(5)), "{rang}");
    assert!(rang["click"].as_str().unwrap().contains("/a/"), "{rang}");

    let mut ear = mosquitto("mosquitto_sub", &site, "pit", &password)
        .args(["-t", &down("pit", "output")])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lamps = BufReader::new(ear.stdout.take().unwrap()).lines();
    let mut lamp = || -> Value { serde_json::from_str(&lamps.next().unwrap().unwrap()).unwrap() };

    // A mail scanner that opens the link answers nothing.
    let http = client().unwrap();
    let (base, token) = link.split_once("/a/").unwrap();
    let api = format!("{base}/api/v1/answer/{token}");
    for address in [link, &api] {
        assert_eq!(http.get(address).send().await.unwrap().status(), StatusCode::OK);
    }
    assert_eq!(operator.get("incidents/1").await.unwrap()["phase"], "calling");

    let going = http.post(format!("{api}/acknowledge")).json(&json!({})).send().await.unwrap();
    assert_eq!(going.json::<Value>().await.unwrap()["phase"], "going");
    let green = std::iter::repeat_with(&mut lamp).find(|said| said["lamp"] != "yellow").unwrap();
    assert_eq!(green["lamp"], "green");
    ear.kill().unwrap();
    ear.wait().unwrap();
    // Longer than the step's wait: silence would have woken the next one by now.
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert!(hooks.told().iter().all(|t| t.person == "wang"), "li was woken after the answer");

    // Letting go of the button does not end it; only a person does.
    assert!(publish(&site, "pit", &password, &topic, &event(2, "idle")).unwrap());
    http.post(format!("{api}/arrive")).json(&json!({})).send().await.unwrap();
    eventually("the button is let go", async || {
        let point = operator.get("points/pit%2Fin1").await.unwrap();
        (point["value"] == json!(false)).then_some(())
    })
    .await;
    assert_eq!(operator.get("incidents/1").await.unwrap()["phase"], "there");
    let end = json!({ "cause": "rescued", "note": "she is well" });
    let over = http.post(format!("{api}/end")).json(&end).send().await.unwrap();
    assert_eq!(over.json::<Value>().await.unwrap()["phase"], "ended");
    let again = http.post(format!("{api}/acknowledge")).json(&json!({})).send().await.unwrap();
    assert_eq!(again.status(), StatusCode::CONFLICT, "it is over");

    let timeline = operator.get("incidents/1/timeline").await.unwrap();
    let words = moments(&timeline);
    let mut rest = words.iter();
    for wanted in ["opened", "step_started", "acknowledged", "arrived", "ended"] {
        assert!(rest.any(|word| word == wanted), "{wanted} in {words:?}");
    }
    let answer = timeline.as_array().unwrap().iter().find(|m| m["happened"]["what"] == "ended");
    let answer = answer.unwrap();
    assert_eq!((&answer["by_name"], &answer["through"]), (&json!("wang"), &json!("link")));
    drop(gateway);
}

#[tokio::test]
async fn a_board_gets_its_receipt_and_its_lamp() {
    let (site, gateway, operator, _hooks) = start(&["wang"]).await;
    let board = board(&site, 1);
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
    let (site, gateway, operator, hooks) = start(&["wang", "li"]).await;
    let topic = up("board-1", "event");
    assert!(publish(&site, "board-1", BOARD_PASSWORD, &topic, &event(1, "active")).unwrap());
    let first = hooks.first("wang", "alert").await;
    let second = hooks.first("li", "alert").await;
    assert_ne!(first["key"], second["key"]);
    for person in ["wang", "li"] {
        let prompt = hooks.first(person, "nobody_answered").await;
        assert_eq!(prompt["loud"], true);
        assert!(prompt["text"].as_str().unwrap().contains("96333"), "{prompt}");
    }
    // The prompt does not stop the asking: an answer still counts.
    operator.ask(Method::POST, "incidents/1/acknowledge", json!({})).await.unwrap();
    assert_eq!(operator.get("incidents/1").await.unwrap()["phase"], "going");
    drop(gateway);
}

#[tokio::test]
async fn a_broken_reload_changes_nothing_and_a_good_one_brings_a_board_in() {
    let (site, gateway, operator, hooks) = start(&["wang"]).await;
    let broken = "\n[[devices]]\nid = \"ghost\"\nplace = \"nowhere\"\nprofile = \"board\"\n";
    site.write(2, broken).unwrap();
    let text = std::fs::read_to_string(site.config()).unwrap();
    let line = 1 + text.lines().position(|l| l.contains("nowhere")).unwrap();
    gateway.signal("HUP").unwrap();
    eventually("the complaint names the line", async || {
        gateway.said().contains(&format!("gengfu.toml:{line}:")).then_some(())
    })
    .await;
    assert!(gateway.said().contains("the old configuration stays in force"));
    assert_eq!(operator.get("devices").await.unwrap().as_array().unwrap().len(), 2);
    let known = board(&site, 1);
    let status = known.status();
    eventually("a known board", async || status.borrow().online.then_some(())).await;

    site.write(3, "").unwrap();
    gateway.signal("HUP").unwrap();
    eventually("the new board is known", async || {
        let devices = operator.get("devices").await.ok()?;
        (devices.as_array()?.len() == 3).then_some(())
    })
    .await;
    let new = board(&site, 3);
    new.set_input(1, InputState::Active);
    assert_eq!(hooks.first("wang", "alert").await["place"]["en"], "Lift 3");
    assert!(status.borrow().online, "nobody else was interrupted");
    new.stop().await;
    known.stop().await;
    drop(gateway);
}

#[tokio::test]
async fn who_is_told_what_to_do_is_told_what_the_maintainer_wrote() {
    let (site, gateway, operator, hooks) = start(&["wang", "li"]).await;
    let board = board(&site, 1);
    board.set_input(1, InputState::Active);
    let said = |told: &Value| {
        let text = told["text"].as_str().unwrap();
        text.lines().find(|line| line.starts_with("What to do: ")).unwrap().to_owned()
    };
    // Until somebody edits it, the usual card holds.
    let usual = said(&hooks.first("wang", "alert").await);
    assert!(usual.starts_with("What to do: 1. Talk to them first,"), "{usual}");
    assert!(usual.contains(" 2. Never pry the doors yourself."), "{usual}");

    // Edited while it rings: whoever is asked next has the new words.
    let steps = json!({ "steps": [
        { "zh": "钥匙在门卫老李那里。", "en": "Fetch the key from Li, the porter." },
        { "en": "Talk to them." } ] });
    operator.ask(Method::PUT, "cards/trapped", steps).await.unwrap();
    let edited = "What to do: 1. Fetch the key from Li, the porter. 2. Talk to them.";
    let of_edited = async |person: &str| {
        eventually("the next message has the new words", async || {
            let told = hooks.told().into_iter().rev().find(|told| told.person == person)?;
            let asks = told.body["purpose"]["purpose"] == "alert";
            (asks && said(&told.body) == edited).then_some(())
        })
        .await;
    };
    of_edited("li").await;

    // And the usual one again for the next alarm, once the edit is taken back.
    operator.ask(Method::DELETE, "cards/trapped", Value::Null).await.unwrap();
    operator.ask(Method::POST, "incidents/1/acknowledge", json!({})).await.unwrap();
    let other = gengfu_tests::boards::board(&site, 2);
    other.set_input(1, InputState::Active);
    eventually("the other lift's alarm has the usual words", async || {
        let mut told = hooks.told().into_iter().map(|told| told.body);
        told.find(|told| told["incident"] == 2).map(|told| assert_eq!(said(&told), usual))
    })
    .await;
    other.stop().await;
    board.stop().await;
    drop(gateway);
}
