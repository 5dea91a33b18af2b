//! ntfy: what its server is asked to publish.

use gengfu_core::{
    danger::{Danger, Priority},
    notification::outbox::Purpose,
    text::Language,
};
use serde_json::json;

use crate::support::{
    alert, channel, outgoing,
    server::{Reply, Server},
};

fn published() -> Reply {
    Reply::json(
        "200 OK",
        json!({"id": "sPs71M8A2T", "time": 1_790_000_000, "expires": 1_790_043_200, "event": "message", "topic": "stairs-3f9a"}),
    )
}

fn settings(port: u16) -> String {
    format!("kind = 'ntfy'\nserver = 'http://127.0.0.1:{port}'")
}

#[tokio::test]
async fn a_call_rings_loud_and_opens_the_page() {
    let mut server = Server::start(published()).await;
    let settings = settings(server.port) + "\ntoken = 'tk_secret'";
    let dir = tempfile::tempdir().unwrap();
    let accepted = channel(&settings, dir.path()).send(&alert("stairs-3f9a")).await.unwrap();
    assert_eq!(accepted.carrier_id.as_deref(), Some("sPs71M8A2T"));

    let request = server.next().await;
    assert_eq!(request.line, "POST / HTTP/1.1");
    assert_eq!(request.header("content-type"), "application/json");
    assert_eq!(request.header("authorization"), "Bearer tk_secret");
    insta::assert_json_snapshot!("ntfy_alert", request.json());
}

#[tokio::test]
async fn the_loud_prompt_has_buttons_that_dial() {
    let mut server = Server::start(published()).await;
    let dir = tempfile::tempdir().unwrap();
    let ntfy = channel(&settings(server.port), dir.path());
    let mut out = outgoing("t", Language::Zh, Purpose::NobodyAnswered { count: 2 });
    // Even for what is no danger to life: everybody was asked, and nobody came.
    out.message.content.danger = Danger::Water;
    out.message.content.priority = Priority::Normal;
    ntfy.send(&out).await.unwrap();
    let request = server.next().await;
    assert!(!request.headers.contains_key("authorization"));
    let asked = request.json();
    assert_eq!(asked["priority"], 5);
    let urls: Vec<_> =
        asked["actions"].as_array().unwrap().iter().map(|a| a["url"].clone()).collect();
    assert_eq!(urls, ["https://gate.example.org/a/Zm9v", "tel:119", "tel:96333"]);
}

#[tokio::test]
async fn without_a_page_there_is_nothing_to_open_and_the_words_say_so() {
    let mut server = Server::start(published()).await;
    let dir = tempfile::tempdir().unwrap();
    let ntfy = channel(&settings(server.port), dir.path());
    let mut out = alert("t");
    out.link = None;
    ntfy.send(&out).await.unwrap();
    let asked = server.next().await.json();
    assert!(asked.get("click").is_none() && asked.get("actions").is_none(), "{asked}");
    assert!(asked["message"].as_str().unwrap().contains("can't be answered"), "{asked}");
}

#[tokio::test]
async fn how_loud_it_is_follows_from_what_it_is() {
    let mut server = Server::start(published()).await;
    let dir = tempfile::tempdir().unwrap();
    let ntfy = channel(&settings(server.port), dir.path());
    let ask = Purpose::Alert { step: 0, round: 0 };
    let over = Purpose::Over { cause: gengfu_core::incident::Cause::Rescued };
    for (danger, priority, purpose, loudness) in [
        (Danger::Fire, Priority::Critical, ask.clone(), 5),
        (Danger::Gate, Priority::High, ask.clone(), 4),
        (Danger::Water, Priority::Normal, ask.clone(), 3),
        (Danger::Fault, Priority::Low, ask, 2),
        (Danger::Fire, Priority::Critical, over, 3),
        (Danger::Fire, Priority::Critical, Purpose::PathTest, 3),
    ] {
        let mut out = outgoing("t", Language::En, purpose);
        (out.message.content.danger, out.message.content.priority) = (danger, priority);
        ntfy.send(&out).await.unwrap();
        assert_eq!(server.next().await.json()["priority"], loudness, "{:?}", out.message.content);
    }
}

#[tokio::test]
async fn a_server_that_says_no_or_is_no_ntfy_has_not_taken_the_message() {
    let dir = tempfile::tempdir().unwrap();
    for (reply, retry, words) in [
        (
            Reply::json("200 OK", json!({"code": 40001, "error": "topic stairs-3f9a is odd"})),
            false,
            "\"topic … is odd\"",
        ),
        (Reply::json("200 OK", json!({"ok": true})), false, "not as ntfy does"),
        (Reply::new("200 OK", &[], ""), false, "not as ntfy does"),
        (
            Reply::json("403 Forbidden", json!({"code": 40301, "http": 403, "error": "forbidden"})),
            false,
            "\"forbidden\"",
        ),
        (
            Reply::json("507 Insufficient Storage", json!({"error": "message limit reached"})),
            true,
            "message limit reached",
        ),
    ] {
        let server = Server::start(reply).await;
        let ntfy = channel(&settings(server.port), dir.path());
        let error = ntfy.send(&alert("stairs-3f9a")).await.unwrap_err();
        assert_eq!(error.retry, retry, "{}", error.reason);
        assert!(error.reason.contains(words), "{}", error.reason);
        assert!(!error.reason.contains("3f9a"), "{}", error.reason);
    }
}

#[tokio::test]
async fn a_topic_is_a_topic_and_no_address() {
    let dir = tempfile::tempdir().unwrap();
    let ntfy = channel(&settings(1), dir.path());
    assert_eq!(ntfy.check_address("stairs-3_F9a"), Ok(()));
    for bad in ["", "https://ntfy.example.org/x", "a/b", "a b", "楼道", &"x".repeat(65)] {
        assert!(ntfy.check_address(bad).is_err(), "{bad}");
    }
}
