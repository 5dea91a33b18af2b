//! Telemetry to InfluxDB 2, or whatever else takes its writes. Its queue is bounded, lossy and
//! counted: a server that hangs costs readings of its own copy, never memory, and never an alarm.

mod line;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use gengfu_core::{id::SiteId, point::Reading};
use reqwest::{Client, StatusCode, header::RETRY_AFTER};
use tokio::sync::mpsc;

/// Readings that may wait for the server before the newest are dropped: about ten minutes of a
/// building with a hundred changes a second, in some ten megabytes.
const QUEUE: usize = 65_536;
/// Readings in one request; the maker advises 5,000 lines.
const BATCH: usize = 5_000;
/// A batch that is not full is sent after this.
const PAUSE: Duration = Duration::from_secs(1);
/// A request that takes longer has failed.
const ANSWER_LIMIT: Duration = Duration::from_secs(10);
/// The longest wait between two tries of a batch, and the longest that a server may ask for.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// Where to write.
#[derive(Clone)]
pub struct Target {
    /// The server's write address, with organisation and bucket: `…/api/v2/write?org=…&bucket=…`.
    pub url: url::Url,
    /// The token that may write there, where one is wanted.
    pub token: Option<String>,
}

/// What became of readings since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    /// The server took them.
    pub written: u64,
    /// Dropped because too many waited.
    pub dropped: u64,
    /// The server refused them for what they are; they are not sent again.
    pub refused: u64,
    /// Tries that failed: no server, no answer, no right to write.
    pub failures: u64,
}

#[derive(Default)]
struct Counters {
    written: AtomicU64,
    dropped: AtomicU64,
    refused: AtomicU64,
    failures: AtomicU64,
}

/// The way to the server. Dropping it ends the writing.
pub struct Influx {
    to: mpsc::Sender<Reading>,
    counters: Arc<Counters>,
}

impl Influx {
    /// Starts writing. The client says whom to trust.
    pub fn start(client: Client, target: Target, site: SiteId) -> Self {
        let (to, from) = mpsc::channel(QUEUE);
        let counters: Arc<Counters> = Arc::default();
        let writer = Writer { client, target, site, from, counters: counters.clone() };
        tokio::spawn(writer.run());
        Self { to, counters }
    }

    /// Takes a reading, or drops and counts it. Never waits.
    pub fn record(&self, reading: &Reading) {
        if self.to.try_send(reading.clone()).is_err() {
            self.counters.dropped.fetch_add(1, Relaxed);
        }
    }

    /// What became of readings.
    pub fn counters(&self) -> Written {
        let Counters { written, dropped, refused, failures } = &*self.counters;
        Written {
            written: written.load(Relaxed),
            dropped: dropped.load(Relaxed),
            refused: refused.load(Relaxed),
            failures: failures.load(Relaxed),
        }
    }
}

struct Writer {
    client: Client,
    target: Target,
    site: SiteId,
    from: mpsc::Receiver<Reading>,
    counters: Arc<Counters>,
}

/// What the server said to a batch.
enum Verdict {
    Taken,
    /// So many at once are not for it.
    TooMuch,
    /// These lines are not for it, now or later.
    Refused(String),
    /// Later, perhaps.
    Failed(String, Option<Duration>),
}

impl Writer {
    async fn run(mut self) {
        let mut readings = Vec::with_capacity(BATCH);
        while self.from.recv_many(&mut readings, BATCH).await > 0 {
            let full = readings.len() == BATCH;
            self.write(&readings).await;
            readings.clear();
            if !full {
                tokio::time::sleep(PAUSE).await;
            }
        }
    }

    /// Tries until the server takes it or refuses it; meanwhile the queue fills. What is too much at once
    /// goes in halves.
    async fn write(&self, readings: &[Reading]) {
        let mut parts = vec![readings];
        while let Some(part) = parts.pop() {
            let lines = line::lines(&self.site, part.iter());
            let is_too_much = self.write_part(lines.into(), part.len() as u64).await;
            if is_too_much {
                let (first, second) = part.split_at(part.len() / 2);
                parts.extend([second, first]);
            }
        }
    }

    /// As [`Self::write`], of lines in one request; true where the server finds them too many.
    async fn write_part(&self, lines: bytes::Bytes, count: u64) -> bool {
        let mut wait = PAUSE;
        let mut told = false;
        // Closed: the export was taken out of the configuration, or the gateway ends.
        while !self.from.is_closed() {
            match self.post(lines.clone()).await {
                Verdict::Taken => {
                    self.counters.written.fetch_add(count, Relaxed);
                    if told {
                        tracing::info!("the InfluxDB server takes readings again");
                    }
                    return false;
                }
                Verdict::TooMuch if count > 1 => return true,
                Verdict::TooMuch => {
                    self.refuse("413: too large, though it is one reading", count);
                    return false;
                }
                Verdict::Refused(reason) => {
                    self.refuse(&reason, count);
                    return false;
                }
                Verdict::Failed(reason, asked) => {
                    self.counters.failures.fetch_add(1, Relaxed);
                    if !told {
                        tracing::warn!(%reason, "the InfluxDB server takes no readings; they wait, and the newest are dropped when too many do");
                    }
                    told = true;
                    // It may ask for more time, not for less: "0" would be a storm of requests.
                    let asked = asked.unwrap_or_default();
                    tokio::time::sleep(asked.max(wait).min(LONGEST_WAIT)).await;
                    wait = (wait * 2).min(LONGEST_WAIT);
                }
            }
        }
        false
    }

    fn refuse(&self, reason: &str, count: u64) {
        self.counters.refused.fetch_add(count, Relaxed);
        tracing::warn!(%reason, count, "the InfluxDB server refused readings");
    }

    async fn post(&self, lines: bytes::Bytes) -> Verdict {
        let mut request =
            self.client.post(self.target.url.clone()).timeout(ANSWER_LIMIT).body(lines);
        if let Some(token) = &self.target.token {
            request = request.header("Authorization", format!("Token {token}"));
        }
        let answer = match request.send().await {
            Ok(answer) => answer,
            // The address is the operator's own; the error would show it with its query.
            Err(error) => return Verdict::Failed(error.without_url().to_string(), None),
        };
        let status = answer.status();
        let asked = answer.headers().get(RETRY_AFTER).and_then(|wait| wait.to_str().ok());
        let asked = asked.and_then(|wait| wait.parse().ok()).map(Duration::from_secs);
        match status {
            _ if status.is_success() => Verdict::Taken,
            StatusCode::PAYLOAD_TOO_LARGE => Verdict::TooMuch,
            StatusCode::BAD_REQUEST | StatusCode::UNPROCESSABLE_ENTITY => {
                Verdict::Refused(status.to_string())
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Verdict::Failed(
                format!("{status}: give its token the right to write to this bucket"),
                asked,
            ),
            StatusCode::NOT_FOUND => Verdict::Failed(
                format!("{status}: correct `url`, `org` or `bucket` in [influxdb]"),
                asked,
            ),
            _ => Verdict::Failed(status.to_string(), asked),
        }
    }
}
