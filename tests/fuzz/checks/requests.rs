//! Requests to the web side, with the real core behind it.
//!
//! The first line is the method and the path, the rest is the body. `TOKEN` stands for the key of
//! wang's link, `INCIDENT` for the open incident.

use std::sync::Arc;

use axum::{
    body::{Body, to_bytes},
    http::{Method, Uri, header},
};
use gengfu_core::{input::Input, state::State, time::Span};
use gengfu_web::Gateway;
use tokio::runtime::{Builder, Runtime};

use crate::{browser::Browser, house::House};

/// No answer is longer, in bytes.
const MOST: usize = 10_000_000;

/// Where requests are answered.
pub fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime needs nothing but memory")
}

/// Sends the request as a stranger, as a volunteer and as an admin. None of them breaks the
/// gateway, and what they change can be kept in the journal and lived with for an hour.
pub fn check(runtime: &Runtime, bytes: &[u8]) {
    let end = bytes.iter().position(|b| *b == b'\n').unwrap_or(bytes.len());
    let Ok(first) = std::str::from_utf8(&bytes[..end]) else { return };
    let Some((method, path)) = first.split_once(' ') else { return };
    let body = bytes.get(end + 1..).unwrap_or_default();
    let house = House::new();
    let incident = house.press_call_button();
    let path = path
        .replace("TOKEN", &house.link(incident, "wang"))
        .replace("INCIDENT", &incident.to_string());
    let (Ok(method), Ok(_)) = (method.parse::<Method>(), path.parse::<Uri>()) else { return };
    for browser in [house.visitor(), house.signed_in("wang"), house.signed_in("chen")] {
        runtime.block_on(send(&browser, method.clone(), &path, body));
    }
    can_be_lived_with(&house);
}

async fn send(browser: &Browser, method: Method, path: &str, body: &[u8]) {
    let mut request = browser.request(method.clone(), path, Some(serde_json::Value::Null));
    *request.body_mut() = Body::from(body.to_vec());
    let response = browser.open(request).await;
    let status = response.status();
    assert!(!status.is_server_error(), "{method} {path} was answered by {status}");
    let kind = response.headers().get(header::CONTENT_TYPE).cloned();
    let kind = kind.as_ref().and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    // What never ends is not waited for.
    if kind.starts_with("text/event-stream") {
        return;
    }
    let answer = to_bytes(response.into_body(), MOST).await.expect("an answer ends");
    if kind.starts_with("application/json") {
        serde_json::from_slice::<serde_json::Value>(&answer).expect("an answer is what it says");
    }
}

fn can_be_lived_with(house: &Arc<House>) {
    let state = house.state();
    let kept = serde_json::to_vec(&state).expect("the state can be written");
    let mut back: State = serde_json::from_slice(&kept).expect("and read again");
    back.reindex();
    house.later(house.now() + Span::hours(1));
    house.input(Input::Tick);
}
