//! The webhook: signed as its documentation tells receivers.

use serde_json::{Value, json};

use crate::support::{
    alert, channel, python,
    server::{Reply, Server},
};

const SECRET: &str = "correct horse battery staple";

fn settings() -> String {
    format!("kind = 'webhook'\nsecret = '{SECRET}'\nhosts = ['127.0.0.1']")
}

#[tokio::test]
async fn a_receiver_can_tell_that_it_is_from_here_and_what_it_is() {
    let mut server = Server::start(Reply::json("202 Accepted", json!({"id": "job-9"}))).await;
    let dir = tempfile::tempdir().unwrap();
    let out = alert(&format!("http://127.0.0.1:{}/hook?room=4", server.port));
    let accepted = channel(&settings(), dir.path()).send(&out).await.unwrap();
    assert_eq!(accepted.carrier_id.as_deref(), Some("job-9"));

    let request = server.next().await;
    assert_eq!(request.line, "POST /hook?room=4 HTTP/1.1");
    assert_eq!(request.header("content-type"), "application/json");
    assert_eq!(request.header("idempotency-key"), "garden-41-6b03f28b");
    let body = String::from_utf8(request.body.clone()).unwrap();
    let mut given = json!({
        "secret": SECRET, "signature": request.header("gengfu-signature"), "body": body
    });
    let checked = python::run("hook.py", &[], &given).await;
    assert_eq!(checked["valid"], true);
    let age = jiff::Timestamp::now().as_second() - checked["t"].as_i64().unwrap();
    assert!((0..60).contains(&age), "{age} s old");
    // Not a byte may change on the way.
    given["body"] = json!(body.replace("Lift 1", "Lift 2"));
    assert_eq!(python::run("hook.py", &[], &given).await["valid"], false);

    assert_eq!(request.json(), documented(), "docs/webhook.md shows another document");
}

/// The example in the documentation.
fn documented() -> Value {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/webhook.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, rest) = page.split_once("```json\n").expect("an example");
    let (example, _) = rest.split_once("```").expect("its end");
    serde_json::from_str(example).unwrap()
}

#[tokio::test]
async fn two_tries_have_one_key() {
    let mut server = Server::start(Reply::new("503 Service Unavailable", &[], "")).await;
    let dir = tempfile::tempdir().unwrap();
    let hook = channel(&settings(), dir.path());
    let mut out = alert(&format!("http://127.0.0.1:{}/", server.port));
    out.key = "花园 site/41".into();
    for _ in 0..2 {
        assert!(hook.send(&out).await.unwrap_err().retry);
    }
    let (first, second) = (server.next().await, server.next().await);
    assert_eq!(first.header("idempotency-key"), "%E8%8A%B1%E5%9B%AD%20site/41");
    assert_eq!(first.header("idempotency-key"), second.header("idempotency-key"));
    assert_eq!(first.json()["key"], "花园 site/41");
}

#[tokio::test]
async fn an_error_inside_a_success_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let hook = channel(&settings(), dir.path());
    for (answer, outcome) in [
        (json!({"error": "no such room"}), Some(false)),
        (json!({"error": "busy", "retry": true}), Some(true)),
        (json!({"ok": false}), Some(false)),
        (json!({"errcode": 93000, "errmsg": "invalid webhook url"}), Some(false)),
        (json!({"error": null}), None),
        (json!({"errcode": 0, "errmsg": "ok"}), None),
        (json!([1, 2]), None),
    ] {
        let server = Server::start(Reply::json("200 OK", answer.clone())).await;
        let out = alert(&format!("http://127.0.0.1:{}/", server.port));
        let sent = hook.send(&out).await;
        assert_eq!(sent.err().map(|e| e.retry), outcome, "{answer}");
    }
}

#[tokio::test]
async fn it_knocks_on_no_door_of_the_house_that_the_operator_did_not_name() {
    let server = Server::start(Reply::new("204 No Content", &[], "")).await;
    let dir = tempfile::tempdir().unwrap();
    let hook = channel(&format!("kind = 'webhook'\nsecret = '{SECRET}'"), dir.path());
    let inside = format!("https://127.0.0.1:{}/", server.port);
    assert!(hook.check_address(&inside).is_err());
    let error = hook.send(&alert(&inside)).await.unwrap_err();
    assert!(!error.retry && error.reason.contains("private"), "{}", error.reason);
    assert_eq!(server.unseen(), 0);
    assert_eq!(hook.check_address("https://hooks.example.org/x"), Ok(()));
}
