//! Web Push, opened by a browser's side that is not ours.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use gengfu_channel::{Channel, Outgoing, VapidKey};
use gengfu_core::{
    notification::outbox::Purpose,
    person::Method,
    text::{Language, Text},
};
use serde_json::{Value, json};

use crate::support::{
    alert, channel, outgoing,
    pki::Pki,
    python,
    server::{Reply, Request, Server},
};

/// A push service with one subscribed browser.
struct Service {
    server: Server,
    endpoint: String,
    browser: Value,
    data: tempfile::TempDir,
    push: Box<dyn Channel>,
}

impl Service {
    async fn start(reply: Reply) -> Self {
        let pki = Pki::here();
        let server = Server::secure(reply, &pki).await;
        let endpoint = format!("https://127.0.0.1:{}/send/secret-of-the-browser", server.port);
        let browser = python::run("browser.py", &["subscribe", &endpoint], &Value::Null).await;
        let data = tempfile::tempdir().unwrap();
        let settings = format!(
            "kind = 'push'\ncontact = 'mailto:admin@example.org'\nhosts = ['127.0.0.1']\nca = '{}'",
            pki.ca.display()
        );
        let push = channel(&settings, data.path());
        Self { server, endpoint, browser, data, push }
    }

    fn to_browser(&self, mut out: Outgoing) -> Outgoing {
        let address = self.browser["subscription"].to_string();
        out.message.method = Method::new("push".into(), address);
        out
    }

    async fn open(&self, request: &Request) -> Value {
        let mut given = self.browser.clone();
        given["body"] = json!(BASE64.encode(&request.body));
        given["authorization"] = json!(request.header("authorization"));
        python::run("browser.py", &["open"], &given).await
    }
}

fn created() -> Reply {
    Reply::new("201 Created", &["Location: https://push.example.com/m/gAAA-42"], "")
}

#[tokio::test]
async fn a_browser_opens_what_it_was_sent_and_knows_from_whom() {
    let mut service = Service::start(created()).await;
    let out = service.to_browser(alert(""));
    let accepted = service.push.send(&out).await.unwrap();
    assert_eq!(accepted.carrier_id.as_deref(), Some("gAAA-42"));

    let request = service.server.next().await;
    assert_eq!(request.line, "POST /send/secret-of-the-browser HTTP/1.1");
    assert_eq!(request.header("content-encoding"), "aes128gcm");
    assert_eq!(request.header("urgency"), "high");
    assert_eq!(request.header("ttl"), "1800");

    let opened = service.open(&request).await;
    assert_eq!(opened["signed"], true);
    assert_eq!(opened["head"], json!({"typ": "JWT", "alg": "ES256"}));
    // The port belongs to the origin: without it the token is for another service.
    assert_eq!(opened["claims"]["aud"], format!("https://127.0.0.1:{}", service.server.port));
    assert_eq!(opened["claims"]["sub"], "mailto:admin@example.org");
    let left = opened["claims"]["exp"].as_i64().unwrap() - jiff::Timestamp::now().as_second();
    assert!((11 * 3600..24 * 3600).contains(&left), "{left} s left");
    // The key is the one that the page subscribes with, and stays over a restart.
    assert_eq!(opened["key"], VapidKey::open(service.data.path()).unwrap().public_key());

    let payload = &opened["payload"];
    assert_eq!(payload["tag"].as_str(), Some(request.header("topic")));
    insta::assert_json_snapshot!("push_payload", payload);
}

#[tokio::test]
async fn news_of_an_incident_replace_the_call_that_still_waits() {
    let mut service = Service::start(created()).await;
    let taken = Purpose::Taken { person: "wang".into(), name: "王芳".into() };
    service.push.send(&service.to_browser(alert(""))).await.unwrap();
    service.push.send(&service.to_browser(outgoing("", Language::Zh, taken))).await.unwrap();
    let mut elsewhere = alert("");
    elsewhere.message.incident = Some(gengfu_core::id::IncidentId(8));
    service.push.send(&service.to_browser(elsewhere)).await.unwrap();

    let (call, news, other) =
        (service.server.next().await, service.server.next().await, service.server.next().await);
    assert_eq!(call.header("topic"), news.header("topic"));
    assert_ne!(call.header("topic"), other.header("topic"));
    let base64url = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    assert!(call.header("topic").len() <= 32 && call.header("topic").chars().all(base64url));
    assert_eq!((news.header("urgency"), news.header("ttl")), ("normal", "43200"));
    let payload = service.open(&news).await["payload"].take();
    assert_eq!((&payload["lang"], &payload["loud"]), (&json!("zh-CN"), &json!(false)));
}

#[tokio::test]
async fn long_names_and_links_still_fit_into_one_push() {
    let mut service = Service::start(created()).await;
    let mut out =
        service.to_browser(outgoing("", Language::Zh, Purpose::NobodyAnswered { count: 3 }));
    out.message.content.what = Text::from("很长的名字".repeat(500).as_str());
    out.message.content.place = Text::from("很长的地方".repeat(500).as_str());
    let link = format!("https://gate.example.org/a/{}", "x".repeat(1200));
    out.link = Some(link.parse().unwrap());
    service.push.send(&out).await.unwrap();

    let request = service.server.next().await;
    assert!(request.body.len() <= 4096, "{} bytes", request.body.len());
    let payload = service.open(&request).await["payload"].take();
    assert_eq!(payload["link"], link);
    assert!(payload["title"].as_str().unwrap().contains("119"));
    assert!(payload["body"].as_str().unwrap().starts_with("所有人都叫过了"));
}

#[tokio::test]
async fn a_subscription_that_is_gone_is_not_tried_again() {
    for status in ["404 Not Found", "410 Gone"] {
        let service = Service::start(Reply::new(status, &[], "")).await;
        let error = service.push.send(&service.to_browser(alert(""))).await.unwrap_err();
        assert!(!error.retry, "{status}");
        assert!(error.reason.contains("allow notifications"), "{}", error.reason);
        assert!(!error.reason.contains("secret-of-the-browser"), "{}", error.reason);
    }
}

#[tokio::test]
async fn an_address_is_checked_before_it_is_trusted() {
    let service = Service::start(created()).await;
    let good = &service.browser["subscription"];
    assert_eq!(service.push.check_address(&good.to_string()), Ok(()));
    let with = |path: &[&str], value: &str| {
        let mut bad = good.clone();
        *path.iter().fold(&mut bad, |at, part| &mut at[*part]) = json!(value);
        service.push.check_address(&bad.to_string()).unwrap_err()
    };
    assert!(with(&["keys", "auth"], "AAAA").contains("auth"));
    assert!(with(&["keys", "p256dh"], &BASE64.encode([4; 65])).contains("p256dh"));
    assert!(with(&["endpoint"], "https://192.168.1.1/x").contains("private"));
    assert!(with(&["endpoint"], &service.endpoint.replace("https", "ftp")).contains("https"));
    assert!(service.push.check_address("someone@example.org").is_err());
    // Some browsers pad their keys.
    let mut padded = good.clone();
    padded["keys"]["auth"] = json!(format!("{}==", good["keys"]["auth"].as_str().unwrap()));
    assert_eq!(service.push.check_address(&padded.to_string()), Ok(()));
}
