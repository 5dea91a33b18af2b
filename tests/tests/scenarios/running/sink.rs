//! Where messages arrive: a web server that stands for every carrier, and notes who was told what.

use std::{
    collections::{BTreeMap, BTreeSet},
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    routing::post,
};
use gengfu_core::{
    id::{ChannelId, IncidentId, PersonId},
    time::Timestamp,
};
use gengfu_sim::scenario::Told;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use gengfu_tests::clock::FastClock;

/// The carriers.
#[derive(Clone)]
pub struct Sink {
    pub address: SocketAddr,
    clock: Arc<FastClock>,
    noted: Arc<Mutex<Noted>>,
}

#[derive(Default)]
struct Noted {
    told: Vec<Told>,
    keys: BTreeSet<String>,
    failing: BTreeSet<String>,
}

impl Sink {
    pub async fn start(clock: Arc<FastClock>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let sink = Self { address, clock, noted: Arc::default() };
        let app = Router::new().route("/{way}/{person}", post(take)).with_state(sink.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        sink
    }

    /// The address of a person.
    pub fn of(&self, way: &ChannelId, person: &PersonId) -> String {
        format!("http://{}/{way}/{person}", self.address)
    }

    /// All that arrived, oldest first, each message once.
    pub fn told(&self) -> Vec<Told> {
        self.noted.lock().unwrap().told.clone()
    }

    /// Whether each carrier that works and was ever used was used since: the daily test of ways sees to that.
    pub fn used_since(&self, since: Timestamp) -> bool {
        let noted = self.noted.lock().unwrap();
        let last: BTreeMap<_, _> = noted.told.iter().map(|told| (&told.way, told.at)).collect();
        last.iter().all(|(way, at)| *at >= since || noted.failing.contains(way.as_str()))
    }

    /// A carrier fails, or works again.
    pub fn set(&self, way: &ChannelId, works: bool) {
        let mut noted = self.noted.lock().unwrap();
        if works {
            noted.failing.remove(way.as_str());
        } else {
            noted.failing.insert(way.to_string());
        }
    }
}

async fn take(
    State(sink): State<Sink>,
    Path((way, person)): Path<(String, String)>,
    Json(body): Json<Value>,
) -> (StatusCode, Json<Value>) {
    let mut noted = sink.noted.lock().unwrap();
    if noted.failing.contains(&way) {
        return (StatusCode::SERVICE_UNAVAILABLE, Json(json!({})));
    }
    // A message may come twice when the gateway was killed meanwhile; its key tells.
    if noted.keys.insert(body["key"].as_str().unwrap().to_owned()) {
        let english = |text: &Value| text["en"].as_str().unwrap_or_default().to_owned();
        noted.told.push(Told {
            at: sink.clock.now(),
            person: PersonId::from(person.as_str()),
            way: ChannelId::from(way.as_str()),
            purpose: serde_json::from_value(body["purpose"].clone()).unwrap(),
            what: english(&body["what"]),
            place: english(&body["place"]),
            incident: body["incident"].as_u64().map(IncidentId),
            link: body["link"].as_str().map(ToOwned::to_owned),
        });
    }
    (StatusCode::OK, Json(json!({})))
}
