//! The two lanes that readings ride in. Alarms and telemetry share no queue: the alarm lane is
//! bounded by back-pressure on the sender and never drops; the telemetry lane is lossy and counted,
//! and can never delay an alarm.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use gengfu_core::{id::PointId, input::Input, point::Reading};
use tokio::sync::mpsc;

/// Inputs that may wait for the engine before their senders have to.
pub const ALARM_LANE: usize = 1024;
/// Readings that may wait for the history before the newest are dropped.
pub const TELEMETRY_LANE: usize = 16_384;

/// What became of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is durable, or there was nothing in it to keep: the sender may be told.
    Kept,
    /// It is decided, but the disk refuses to keep it at the moment: whoever keeps a copy of its own
    /// must go on doing so.
    InMemory,
    /// It was refused, and will be again: the sender may be told that, too.
    Refused(String),
}

/// Called once the input is decided and durable, or, with a disk that refuses, decided. An input
/// that is dropped without this being called (a crash, a stop) must not be acknowledged.
pub type Done = Box<dyn FnOnce(Outcome) + Send>;

/// An input on its way to the engine.
pub struct Envelope {
    /// What came in.
    pub input: Input,
    /// Whom to tell once it is durable.
    pub done: Done,
}

impl Envelope {
    /// An input whose sender needs no answer: a poll that will be made again anyway.
    pub fn unanswered(input: Input) -> Self {
        Self { input, done: Box::new(|_| {}) }
    }
}

/// The way to the engine. Sending waits while it is full.
pub type AlarmLane = mpsc::Sender<Envelope>;

/// The way to the history. Sending never waits.
#[derive(Debug, Clone)]
pub struct TelemetryLane {
    to: mpsc::Sender<Reading>,
    dropped: Arc<AtomicU64>,
}

impl TelemetryLane {
    /// A lane and its far end.
    pub fn new(size: usize) -> (Self, mpsc::Receiver<Reading>) {
        let (to, from) = mpsc::channel(size);
        (Self { to, dropped: Arc::default() }, from)
    }
    /// Sends a reading, or drops and counts it.
    pub fn send(&self, reading: Reading) {
        if self.to.try_send(reading).is_err() {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }
    /// Readings dropped so far, because the far end was too slow or gone.
    pub fn dropped(&self) -> u64 {
        self.dropped.load(Ordering::Relaxed)
    }
}

/// Whether a point's readings go to the engine; those of the others go to the history only.
pub type IsWatched = Arc<dyn Fn(&PointId) -> bool + Send + Sync>;

/// Both lanes, as a source holds them.
#[derive(Debug, Clone)]
pub struct Lanes {
    /// To the engine.
    pub alarm: AlarmLane,
    /// To the history.
    pub telemetry: TelemetryLane,
}
