//! What becomes of a message when the far end misbehaves: always a clear reason, in time, without a
//! secret in it, and the right word on whether to try again.

use std::time::{Duration, Instant};

use gengfu_channel::{Channel, Outgoing, SendError, channel::SEND_LIMIT};
use gengfu_core::time::Span;

use crate::support::{
    alert, channel,
    pki::Pki,
    server::{Reply, Server, chatty, closed_port},
};

/// A subscription whose keys are good and whose owner is nobody.
fn subscription(port: u16, scheme: &str) -> String {
    format!(
        r#"{{"endpoint": "{scheme}://127.0.0.1:{port}/secret-part", "keys": {{
            "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "auth": "BTBZMqHH6r4Tts7J_aSIgg"}}}}"#
    )
}

/// Those that speak HTTP, all pointed at one port.
fn all(port: u16, scheme: &str, ca: Option<&Pki>) -> Vec<(Box<dyn Channel>, Outgoing)> {
    let ca = ca.map(|pki| format!("\nca = '{}'", pki.ca.display())).unwrap_or_default();
    let dir = tempfile::tempdir().unwrap();
    let make = |settings: &str| channel(&format!("{settings}{ca}"), dir.path());
    vec![
        (
            make("kind = 'push'\ncontact = 'mailto:a@example.org'\nhosts = ['127.0.0.1']"),
            alert(&subscription(port, scheme)),
        ),
        (
            make(&format!(
                "kind = 'ntfy'\ntoken = 'secret-part'\nserver = '{scheme}://127.0.0.1:{port}'"
            )),
            alert("secret-part"),
        ),
        (
            make("kind = 'webhook'\nsecret = 'secret-part-of-the-two'\nhosts = ['127.0.0.1']"),
            alert(&format!("{scheme}://127.0.0.1:{port}/secret-part")),
        ),
        (
            make(&format!(
                "kind = 'http'\nprovider = 'wecom'\nwith = {{ server = '{scheme}://127.0.0.1:{port}' }}"
            )),
            alert("secret-part"),
        ),
        (
            make(&format!(
                "kind = 'telegram'\ntoken = '4711:secret-part-of-it'\nserver = '{scheme}://127.0.0.1:{port}'"
            )),
            alert("4711"),
        ),
    ]
}

async fn fails(channel: &dyn Channel, out: &Outgoing) -> SendError {
    let Err(error) = channel.send(out).await else {
        panic!("{} took it for a success", channel.kind())
    };
    assert!(!error.reason.contains("secret-part"), "{}: {}", channel.kind(), error.reason);
    error
}

#[tokio::test]
async fn every_answer_that_is_no_success_is_told_apart() {
    const PAGE: &str = "<!DOCTYPE html><title>Sign in</title>";
    let table: [(Reply, bool, Option<u64>, &str); 12] = [
        (Reply::new("200 OK", &["Content-Type: text/html"], PAGE), true, None, "web page"),
        (Reply::new("200 OK", &[], PAGE), true, None, "web page"),
        (Reply::new("302 Found", &["Location: https://portal/"], ""), true, None, "sign-in page"),
        (Reply::new("301 Moved", &["Location: https://new/"], ""), false, None, "new address"),
        (Reply::new("400 Bad Request", &[], ""), false, None, "does not take"),
        (Reply::new("413 Too Large", &[], ""), false, None, "too long"),
        (Reply::new("429 Too Many", &["Retry-After: 7"], ""), true, Some(7), "pause"),
        (Reply::new("500 Internal Server Error", &[], PAGE), true, None, "fault of its own"),
        (Reply::new("503 Unavailable", &["Retry-After: 30"], ""), true, Some(30), "fault"),
        (Reply::new("501 Not Implemented", &[], ""), false, None, "understand"),
        (
            Reply::BreaksOff("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"id\":".into()),
            true,
            None,
            "broke off",
        ),
        (
            Reply::Says("220 mail.example.org ESMTP\r\n".into()),
            true,
            None,
            "without a proper answer",
        ),
    ];
    for (reply, retry, pause, words) in table {
        let mut server = Server::start(reply).await;
        for (channel, out) in all(server.port, "http", None) {
            let error = fails(&*channel, &out).await;
            let kind = channel.kind();
            assert!(error.reason.contains(words), "{kind}, {words}: {}", error.reason);
            assert_eq!(error.retry, retry, "{kind}: {}", error.reason);
            assert_eq!(error.retry_after, pause.map(Span::secs), "{kind}: {}", error.reason);
            // It was asked once: no redirect followed, no retry of its own.
            server.next().await;
            assert_eq!(server.unseen(), 0, "{kind}");
        }
    }
}

#[tokio::test]
async fn who_is_not_let_in_need_not_knock_again() {
    for status in ["401 Unauthorized", "403 Forbidden", "404 Not Found"] {
        let server = Server::start(Reply::new(status, &[], "")).await;
        for (channel, out) in all(server.port, "http", None) {
            assert!(!fails(&*channel, &out).await.retry, "{} {status}", channel.kind());
        }
    }
}

#[tokio::test]
async fn a_closed_door_may_open_again() {
    let port = closed_port().await;
    for (channel, out) in all(port, "http", None) {
        let error = fails(&*channel, &out).await;
        assert!(error.retry && error.reason.contains("refused the connection"), "{}", error.reason);
    }
}

#[tokio::test]
async fn a_stranger_with_another_certificate_gets_nothing() {
    let (ours, stranger) = (Pki::here(), Pki::here());
    let server = Server::secure(Reply::new("201 Created", &[], ""), &stranger).await;
    for known in [None, Some(&ours)] {
        for (channel, out) in all(server.port, "https", known) {
            let error = fails(&*channel, &out).await;
            assert!(!error.retry && error.reason.contains("not trusted here"), "{}", error.reason);
        }
    }
    let elsewhere = Pki::named("push.example.org");
    let named = Server::secure(Reply::new("201 Created", &[], ""), &elsewhere).await;
    for (channel, out) in all(named.port, "https", Some(&elsewhere)) {
        let error = fails(&*channel, &out).await;
        assert!(!error.retry && error.reason.contains("another name"), "{}", error.reason);
    }
    assert_eq!(server.unseen() + named.unseen(), 0);
    // What does not speak TLS at all is no peer either.
    for (channel, out) in all(chatty().await, "https", None) {
        assert!(fails(&*channel, &out).await.reason.contains("secure"), "{}", channel.kind());
    }
}

#[tokio::test]
async fn an_endless_answer_is_cut_off_and_judged_by_its_beginning() {
    let head = "HTTP/1.1 500 Internal Server Error\r\nConnection: close\r\n\r\n";
    let server = Server::start(Reply::Floods(head.into())).await;
    for (channel, out) in all(server.port, "http", None) {
        let error = fails(&*channel, &out).await;
        assert!(error.retry && error.reason.contains("500"), "{}", error.reason);
    }
}

#[tokio::test]
async fn silence_is_a_failure_before_the_step_is_over() {
    let silent = Server::start(Reply::Silence).await;
    let slow = Server::start(Reply::Drips).await;
    let mail = channel(
        &format!(
            "kind = 'mail'\nhost = '127.0.0.1'\nport = {}\ntls = 'none'\nfrom = 'a@example.org'",
            deaf().await
        ),
        tempfile::tempdir().unwrap().path(),
    );
    let mut sends = all(silent.port, "http", None);
    sends.extend(all(slow.port, "http", None));
    sends.push((mail, alert("b@example.org")));
    let began = Instant::now();
    let tasks: Vec<_> = sends
        .into_iter()
        .map(|(channel, out)| {
            tokio::spawn(async move { (channel.kind(), fails(&*channel, &out).await) })
        })
        .collect();
    for task in tasks {
        let (kind, error) = task.await.unwrap();
        assert!(error.retry && error.reason.contains("did not answer within"), "{kind}: {error}");
    }
    assert!(
        began.elapsed() < SEND_LIMIT.to_std() + Duration::from_secs(1),
        "{:?}",
        began.elapsed()
    );
}

/// Takes connections and never says a word.
async fn deaf() -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut held = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            held.push(stream);
        }
    });
    port
}
