//! The phones of the demo's people: an ntfy server of their own that messages arrive at, and people
//! behind them who read the link and tap on its page, over HTTP like everybody else.

use std::{net::SocketAddr, time::Duration};

use anyhow::Context;
use axum::{Json, Router, extract::State, http::HeaderMap, response::IntoResponse, routing::post};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::mpsc};

/// A message that arrived at a phone.
#[derive(Debug, Clone)]
pub struct Rang {
    /// The topic of ntfy, or the name in the webhook's path: who is told.
    pub person: String,
    /// The link to answer with, if it carried one.
    pub link: Option<String>,
}

/// The server behind the phones.
pub struct Phones {
    /// Where it listens.
    pub address: SocketAddr,
}

type Rings = mpsc::Sender<Rang>;

impl Phones {
    /// Starts it; what arrives is told to `rings`.
    ///
    /// # Errors
    /// Where no port of the loopback can be had.
    pub async fn start(rings: mpsc::Sender<Rang>) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await.context("no port for the phones")?;
        let address = listener.local_addr()?;
        let app = Router::new()
            .route("/", post(publish))
            .route("/hook/{person}", post(hook))
            .with_state(rings);
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(Self { address })
    }
}

/// What ntfy answers to a message published as JSON.
async fn publish(State(rings): State<Rings>, Json(body): Json<Value>) -> impl IntoResponse {
    let person = body["topic"].as_str().unwrap_or_default().to_owned();
    let link = body["click"].as_str().map(ToOwned::to_owned);
    drop(rings.try_send(Rang { person: person.clone(), link }));
    Json(json!({ "id": "demo", "event": "message", "topic": person, "time": 0 }))
}

/// A program of the house that is told by webhook.
async fn hook(
    State(rings): State<Rings>,
    axum::extract::Path(person): axum::extract::Path<String>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> impl IntoResponse {
    let signed = headers.contains_key("gengfu-signature");
    let link = body["link"].as_str().filter(|_| signed).map(ToOwned::to_owned);
    drop(rings.try_send(Rang { person, link }));
    Json(json!({}))
}

/// How a person of the demo takes it.
#[derive(Debug, Clone, Copy)]
pub enum Habit {
    /// Sleeps through everything.
    Sleeps,
    /// Goes, arrives, and ends it, after these times each.
    Goes {
        /// From the ring to "I'm going".
        answer: Duration,
        /// From there to "I'm there".
        arrive: Duration,
        /// From there to the end.
        end: Duration,
    },
}

/// Does with the link what a person does on its page.
///
/// # Errors
/// Where the gateway refuses, as when somebody else has ended it already.
pub async fn answer(
    client: &reqwest::Client,
    link: &str,
    habit: Habit,
    cause: &str,
) -> anyhow::Result<()> {
    let Habit::Goes { answer, arrive, end } = habit else { return Ok(()) };
    let (base, token) = link.rsplit_once("/a/").context("the link is not one to answer with")?;
    let url = |action: &str| format!("{base}/api/v1/answer/{token}/{action}");
    for (pause, action, body) in [
        (answer, "acknowledge", json!({})),
        (arrive, "arrive", json!({})),
        (end, "end", json!({ "cause": cause, "note": "demo" })),
    ] {
        tokio::time::sleep(pause).await;
        let response = client.post(url(action)).json(&body).send().await?;
        anyhow::ensure!(response.status().is_success(), "{action}: {}", response.text().await?);
    }
    Ok(())
}
