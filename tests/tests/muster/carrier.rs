//! A carrier of text messages by HTTP: a stand-in, which notes when each text came.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{Json, Router, extract::State, routing::post};
use serde_json::{Value, json};
use tokio::net::TcpListener;

type Taken = Arc<Mutex<Vec<(Instant, String)>>>;

pub struct Carrier {
    pub address: SocketAddr,
    taken: Taken,
}

impl Carrier {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, taken) = (listener.local_addr().unwrap(), Taken::default());
        let app = Router::new().route("/send", post(take)).with_state(taken.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self { address, taken }
    }

    /// How many numbers got a text; each no more than one.
    pub fn numbers(&self) -> usize {
        let taken = self.taken.lock().unwrap();
        let numbers: BTreeSet<&String> = taken.iter().map(|(_, number)| number).collect();
        assert_eq!(numbers.len(), taken.len(), "a number got the same twice");
        numbers.len()
    }

    /// The most texts that came within any such time.
    pub fn most_within(&self, span: Duration) -> usize {
        let taken = self.taken.lock().unwrap();
        let from = |at: usize| {
            let end = taken[at].0 + span;
            taken[at..].iter().take_while(|(when, _)| *when < end).count()
        };
        (0..taken.len()).map(from).max().unwrap_or_default()
    }
}

async fn take(State(taken): State<Taken>, Json(text): Json<Value>) -> Json<Value> {
    let number = text["to"].as_str().unwrap_or_default().to_owned();
    let mut taken = taken.lock().unwrap();
    taken.push((Instant::now(), number));
    Json(json!({ "id": taken.len() }))
}
