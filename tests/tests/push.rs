//! Web Push to a browser: from the button in the lift to what the browser decrypts.

use gengfu_tests::{
    boards::board,
    eventually,
    gateway::Gateway,
    operator::{Operator, client},
    python::{PUSH, Peer},
    site::Site,
};
use gengfu_wire::up::InputState;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn a_browser_that_subscribed_reads_the_call_and_answers_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut service = Peer::start(PUSH, &[folder.path().to_str().unwrap()]).unwrap();
    let subscription = service.json().await.unwrap();
    let site = Site::new(
        1,
        &format!(
            r#"
[channels.push]
kind = "push"
contact = "mailto:caretaker@example.org"
hosts = ["127.0.0.1"]
ca = "{}"
"#,
            folder.path().join("push-ca.pem").display()
        ),
    )
    .unwrap();
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    operator.put_person("wang", &[]).await.unwrap();
    // The volunteer's own browser subscribes, signed in as the volunteer, with the gateway's key.
    let wang = operator.invite("wang").await.unwrap();
    let key = wang.get("push/key").await.unwrap()["key"].clone();
    let mut foreign = subscription.clone();
    foreign["endpoint"] = json!("https://192.168.1.1/push");
    let (status, why) = wang.request(Method::POST, "me/push", &foreign).await.unwrap();
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "a way into the house: {why}");
    wang.ask(Method::POST, "me/push", subscription.clone()).await.unwrap();
    // The same browser again is the same way of reaching her, not a second one.
    wang.ask(Method::POST, "me/push", subscription).await.unwrap();
    assert_eq!(wang.get("me/methods").await.unwrap().as_array().unwrap().len(), 1);

    let board = board(&site, 1);
    board.set_input(1, InputState::Active);
    let push = service.json().await.unwrap();
    assert_eq!((&push["signed"], &push["key"]), (&json!(true), &key));
    assert_eq!(push["claims"]["sub"], "mailto:caretaker@example.org");
    assert_eq!(push["urgency"], "high");
    let read = &push["read"];
    assert_eq!((&read["loud"], &read["lang"]), (&json!(true), &json!("en")), "{read}");
    assert!(read["title"].as_str().unwrap().contains("trapped"), "{read}");

    let http = client().unwrap();
    let told = async || operator.get("incidents/1").await.unwrap()["told"][0]["status"].clone();
    eventually("the carrier has it", async || (told().await == "accepted").then_some(())).await;
    let arrived = http.post(read["receipt"].as_str().unwrap()).send().await.unwrap();
    assert_eq!(arrived.status(), StatusCode::NO_CONTENT);
    eventually("it is on the phone", async || (told().await == "delivered").then_some(())).await;

    let (base, token) = read["link"].as_str().unwrap().split_once("/a/").unwrap();
    let answer = format!("{base}/api/v1/answer/{token}/acknowledge");
    let going = http.post(answer).json(&json!({})).send().await.unwrap();
    let going: Value = going.json().await.unwrap();
    assert_eq!((&going["phase"], &going["going"][0]["person"]), (&json!("going"), &json!("wang")));
    board.stop().await;
    drop(gateway);
}
