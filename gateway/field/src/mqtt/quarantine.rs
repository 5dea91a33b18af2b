//! Messages that nobody understands: counted, the last of them kept to be looked at, and told of in
//! the log at most once in a while.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use gengfu_core::time::{Span, Timestamp};
use parking_lot::Mutex;

use crate::adapter::Poison;

/// The last messages that are kept.
const KEPT: usize = 32;
/// Of each, so many bytes.
const SHOWN: usize = 256;
/// The log hears of them at most this often.
const LOG_EVERY: Span = Span::secs(10);

/// A message that nobody understood.
#[derive(Debug, Clone)]
pub struct Quarantined {
    /// When it came.
    pub at: Timestamp,
    /// On which topic.
    pub topic: String,
    /// The beginning of it.
    pub payload: String,
    /// What is wrong with it.
    pub why: String,
}

/// The messages that nobody understood; copies share one list.
#[derive(Debug, Clone, Default)]
pub struct Quarantine {
    count: Arc<AtomicU64>,
    kept: Arc<Mutex<Kept>>,
}

#[derive(Debug, Default)]
struct Kept {
    last: VecDeque<Quarantined>,
    logged_at: Option<Timestamp>,
    since_then: u64,
}

impl Quarantine {
    /// Keeps one aside.
    pub fn put(&self, topic: &str, payload: &[u8], why: &Poison, at: Timestamp) {
        self.count.fetch_add(1, Ordering::Relaxed);
        let payload = String::from_utf8_lossy(&payload[..payload.len().min(SHOWN)]).into_owned();
        let topic: String = topic.chars().take(SHOWN).collect();
        let mut kept = self.kept.lock();
        kept.since_then += 1;
        if kept.logged_at.is_none_or(|last| at.since(last) >= LOG_EVERY) {
            tracing::warn!(topic, %why, count = kept.since_then, "a message was not understood");
            kept.logged_at = Some(at);
            kept.since_then = 0;
        }
        kept.last.push_back(Quarantined { at, topic, payload, why: why.to_string() });
        if kept.last.len() > KEPT {
            kept.last.pop_front();
        }
    }

    /// How many there were since the start.
    pub fn count(&self) -> u64 {
        self.count.load(Ordering::Relaxed)
    }

    /// The last of them, oldest first.
    pub fn last(&self) -> Vec<Quarantined> {
        self.kept.lock().last.iter().cloned().collect()
    }
}
