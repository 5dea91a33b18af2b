//! Who is told: a program of the house by signed webhooks.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::HeaderMap,
    routing::post,
};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// A message that arrived.
#[derive(Debug, Clone)]
pub struct Told {
    /// The name in the path: who is told.
    pub person: String,
    /// The idempotency key.
    pub key: String,
    /// The whole message.
    pub body: Value,
}

/// The receiver.
#[derive(Clone)]
pub struct Hooks {
    /// Where it listens.
    pub address: SocketAddr,
    told: Arc<Mutex<Vec<Told>>>,
}

impl Hooks {
    /// Starts it.
    ///
    /// # Errors
    /// Where no port can be had.
    pub async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let hooks = Self { address: listener.local_addr()?, told: Arc::default() };
        let app = Router::new().route("/{person}", post(take)).with_state(hooks.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(hooks)
    }

    /// The address for a person.
    pub fn of(&self, person: &str) -> String {
        format!("http://{}/{person}", self.address)
    }

    /// The first message to a person for this purpose, once it is there.
    pub async fn first(&self, person: &str, purpose: &str) -> Value {
        let what = format!("{person} is told: {purpose}");
        crate::eventually(&what, async || {
            let told = self.told();
            let hit =
                told.iter().find(|t| t.person == person && t.body["purpose"]["purpose"] == purpose);
            hit.map(|t| t.body.clone())
        })
        .await
    }

    /// What arrived so far.
    pub fn told(&self) -> Vec<Told> {
        self.told.lock().map(|told| told.clone()).unwrap_or_default()
    }
}

async fn take(
    State(hooks): State<Hooks>,
    Path(person): Path<String>,
    headers: HeaderMap,
    Json(body): Json<Value>,
) -> Json<Value> {
    let key =
        headers.get("idempotency-key").and_then(|k| k.to_str().ok()).unwrap_or_default().to_owned();
    if let Ok(mut told) = hooks.told.lock() {
        told.push(Told { person, key, body });
    }
    Json(json!({}))
}
