//! The far end of the telemetry lane: the history, and the copy that goes to InfluxDB. A deadband thins
//! the history out, and not the copy.

use std::{collections::BTreeMap, fs, sync::Arc};

use anyhow::Context;
use gengfu_core::{
    id::{PointId, SiteId},
    point::Reading,
    time::Span,
};
use gengfu_store::{
    History,
    influx::{Influx, Target, Written},
};
use parking_lot::RwLock;
use tokio::sync::mpsc;

use crate::{
    config::influxdb::InfluxDb,
    deadband::{Deadbands, Kept},
    engine::now,
};

/// The copy that goes to InfluxDB, where one is wanted; changed by a reload.
#[derive(Clone, Default)]
pub struct Export(Arc<RwLock<Option<Influx>>>);

impl Export {
    /// Ends what is written so far, and begins what is wanted now.
    ///
    /// # Errors
    /// Where a file that the configuration names can't be used.
    pub fn set(&self, wanted: Option<&InfluxDb>, site: &SiteId) -> anyhow::Result<()> {
        *self.0.write() = wanted.map(|wanted| start(wanted, site)).transpose()?;
        Ok(())
    }

    /// What became of the readings; none without an export.
    pub fn counters(&self) -> Option<Written> {
        self.0.read().as_ref().map(Influx::counters)
    }
}

fn start(wanted: &InfluxDb, site: &SiteId) -> anyhow::Result<Influx> {
    let token = wanted.token_file.as_ref().map(|path| {
        let text = fs::read_to_string(path);
        text.with_context(|| format!("[influxdb] `token_file` {}", path.display()))
    });
    let token = token.transpose()?.map(|token| token.trim().to_owned());
    let client = gengfu_channel::client_trusting(wanted.ca.as_deref()).context("[influxdb]")?;
    Ok(Influx::start(client, Target { url: wanted.url.clone(), token }, site.clone()))
}

/// What each point of the telemetry lane said last, since the start: pages show it, and nothing is decided
/// by it.
#[derive(Clone, Default)]
pub struct Latest(Arc<RwLock<BTreeMap<PointId, Arc<Reading>>>>);

impl Latest {
    fn note(&self, reading: &Reading) {
        self.0.write().insert(reading.point.clone(), Arc::new(reading.clone()));
    }

    /// All of it.
    pub fn all(&self) -> Vec<Arc<Reading>> {
        self.0.read().values().cloned().collect()
    }
}

/// Records what rides in the telemetry lane until its senders are gone.
pub async fn record(
    mut readings: mpsc::Receiver<Reading>,
    history: History,
    export: Export,
    deadbands: Deadbands,
    latest: Latest,
) {
    let mut forget_at = now();
    let mut kept = Kept::default();
    while let Some(reading) = readings.recv().await {
        if reading.received_at >= forget_at {
            forget_at = reading.received_at + Span::hours(1);
            let raw = u64::try_from(history.kept().raw).unwrap_or_default();
            history.forget(reading.received_at - Span::millis(raw));
        }
        latest.note(&reading);
        if let Some(influx) = &*export.0.read() {
            influx.record(&reading);
        }
        if kept.take(&reading, &deadbands) {
            history.record(reading);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::Mutex,
        time::{Duration, Instant},
    };

    use axum::{
        Router,
        extract::State,
        http::{HeaderMap, HeaderValue, StatusCode},
        routing::post,
    };
    use gengfu_core::{
        point::{Kind, Value},
        time::Timestamp,
    };

    use super::*;

    /// The lines of each request, and when it came.
    type Asked = Arc<Mutex<Vec<(usize, Instant)>>>;

    /// A server that answers as it is told, by the lines of a request and the requests before it.
    async fn server(verdict: fn(usize, usize) -> StatusCode) -> (Influx, Asked) {
        let asked = Asked::default();
        let answer = move |State(asked): State<Asked>, body: String| async move {
            let lines = body.lines().count();
            let mut asked = asked.lock().unwrap();
            asked.push((lines, Instant::now()));
            let at_once =
                HeaderMap::from_iter([("retry-after".parse().unwrap(), HeaderValue::from(0))]);
            (verdict(lines, asked.len() - 1), at_once)
        };
        let app = Router::new().route("/write", post(answer)).with_state(asked.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/write", listener.local_addr().unwrap()).parse().unwrap();
        tokio::spawn(async move { axum::serve(listener, app).await });
        let client = gengfu_channel::client_trusting(None).unwrap();
        (Influx::start(client, Target { url, token: None }, "estate".into()), asked)
    }

    async fn settled(influx: &Influx, readings: i64) -> Written {
        for n in 0..readings {
            influx.record(&Reading {
                point: "d/p".into(),
                sample: Ok(Value::Int(n)),
                source_at: None,
                received_at: Timestamp::from_millis(n),
                kind: Kind::State,
                origin: None,
            });
        }
        let done = async {
            loop {
                let written = influx.counters();
                if written.written + written.refused >= readings.unsigned_abs() {
                    return written;
                }
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(30), done).await.unwrap()
    }

    #[tokio::test]
    async fn a_server_that_wants_to_be_asked_again_at_once_is_asked_when_the_wait_is_over() {
        let (influx, asked) = server(|_, before| match before {
            0 => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::NO_CONTENT,
        })
        .await;
        assert_eq!(settled(&influx, 1).await.failures, 1);
        let asked = asked.lock().unwrap();
        assert!(asked[1].1 - asked[0].1 >= Duration::from_secs(1), "{asked:?}");
    }

    #[tokio::test]
    async fn what_is_too_much_at_once_is_sent_in_parts_and_nothing_of_it_is_lost() {
        let (influx, asked) = server(|lines, _| match lines {
            0..=100 => StatusCode::NO_CONTENT,
            _ => StatusCode::PAYLOAD_TOO_LARGE,
        })
        .await;
        assert_eq!(settled(&influx, 1_000).await, Written { written: 1_000, ..Written::default() });
        assert!(asked.lock().unwrap().iter().any(|(lines, _)| *lines > 100));
        let (influx, _) = server(|_, _| StatusCode::PAYLOAD_TOO_LARGE).await;
        assert_eq!(settled(&influx, 3).await.refused, 3, "not asked for ever");
    }
}
