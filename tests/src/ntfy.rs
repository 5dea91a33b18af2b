//! An ntfy server, as far as its documentation tells: a stand-in, since the real one is in no package
//! registry that can be reached here. Publishing as JSON and plain, and listening to a topic.

use std::{
    convert::Infallible,
    net::SocketAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use axum::{
    Json, Router,
    body::Body,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use futures::stream;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::watch};

/// The server. Everything that was published is kept.
#[derive(Clone)]
pub struct Ntfy {
    /// Where it listens.
    pub address: SocketAddr,
    published: Arc<Mutex<Vec<Value>>>,
    news: watch::Sender<usize>,
    is_down: Arc<AtomicBool>,
}

impl Ntfy {
    /// Starts it.
    ///
    /// # Errors
    /// Where no port can be had.
    pub async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let ntfy = Self {
            address: listener.local_addr()?,
            published: Arc::default(),
            news: watch::Sender::new(0),
            is_down: Arc::default(),
        };
        let app = Router::new()
            .route("/", post(publish))
            .route("/{topic}", post(publish_plain))
            .route("/{topic}/json", get(listen))
            .with_state(ntfy.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(ntfy)
    }

    /// What was published to a topic so far.
    pub fn of(&self, topic: &str) -> Vec<Value> {
        let all = self.published.lock().map(|all| all.clone()).unwrap_or_default();
        all.into_iter().filter(|message| message["topic"] == topic).collect()
    }

    /// Presses the button with this label under the newest message of a topic that has it.
    ///
    /// # Errors
    /// Where there is none, or the server does not take it.
    pub async fn press(&self, topic: &str, label: &str) -> anyhow::Result<()> {
        let messages = self.of(topic);
        let buttons = messages.iter().rev().filter_map(|m| m["actions"].as_array()).flatten();
        let button = buttons.into_iter().find(|button| button["label"] == label);
        let button =
            button.ok_or_else(|| anyhow::anyhow!("no button \"{label}\": {messages:?}"))?;
        let url = button["url"].as_str().unwrap_or_default();
        let body = button["body"].as_str().unwrap_or_default().to_owned();
        reqwest::Client::new().post(url).body(body).send().await?.error_for_status()?;
        Ok(())
    }

    /// Nobody can listen any more, or again.
    pub fn set_down(&self, is_down: bool) {
        self.is_down.store(is_down, Ordering::SeqCst);
        self.news.send_modify(|n| *n += 1);
    }

    fn keep(&self, mut message: Value) -> Json<Value> {
        let mut all = self.published.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        message["id"] = json!(format!("m{}", all.len() + 1));
        message["event"] = json!("message");
        all.push(message.clone());
        drop(all);
        self.news.send_modify(|n| *n += 1);
        Json(message)
    }
}

async fn publish(State(ntfy): State<Ntfy>, Json(message): Json<Value>) -> Json<Value> {
    ntfy.keep(message)
}

async fn publish_plain(
    State(ntfy): State<Ntfy>,
    Path(topic): Path<String>,
    text: String,
) -> Json<Value> {
    ntfy.keep(json!({ "topic": topic, "message": text }))
}

async fn listen(
    State(ntfy): State<Ntfy>,
    Path(topic): Path<String>,
    Query(query): Query<Vec<(String, String)>>,
) -> Response {
    if ntfy.is_down.load(Ordering::SeqCst) {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let since = query.into_iter().find(|(key, _)| key == "since").map(|(_, value)| value);
    let seen = {
        let all = ntfy.of(&topic);
        let known = all.iter().position(|message| {
            Some(message["id"].as_str().unwrap_or_default()) == since.as_deref()
        });
        known.map_or(all.len(), |at| at + 1)
    };
    let news = ntfy.news.subscribe();
    let open = Some(format!("{}\n", json!({ "event": "open", "topic": topic })));
    let lines = stream::unfold(
        (ntfy, topic, seen, news, open),
        |(ntfy, topic, seen, mut news, open)| async move {
            if let Some(open) = open {
                return Some((Ok::<_, Infallible>(open), (ntfy, topic, seen, news, None)));
            }
            loop {
                if ntfy.is_down.load(Ordering::SeqCst) {
                    return None;
                }
                if let Some(message) = ntfy.of(&topic).get(seen) {
                    let line = format!("{message}\n");
                    return Some((Ok(line), (ntfy, topic, seen + 1, news, None)));
                }
                news.changed().await.ok()?;
            }
        },
    );
    Body::from_stream(lines).into_response()
}
