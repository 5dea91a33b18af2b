//! Telemetry history: what every point said, for charts and for finding out afterwards. It is the
//! lossy lane: a file, a connection and a thread of its own; what it can't take in time it drops
//! and counts, and nothing that waits for it can be an alarm.
//!
//! A reading goes through three places: the queue in memory; a block of arrivals, written every
//! 200 ms as one row, so that a crash loses no more than that; and, minutes later, a chunk per
//! point, which is what queries read. So a thousand points at one reading a second wear the disk
//! about as much as one, and not like a thousand rows in a thousand places.
//!
//! - [`codec`]: how readings lie in bytes.
//! - [`file`](mod@file): the tables.
//! - [`recent`]: what no chunk has yet.
//! - [`writer`]: the thread.
//! - [`rollup`]: minutes and hours, kept for longer; [`summary`]: what they hold. [`chart`]: all of it drawn.

mod chart;
mod codec;
mod file;
mod recent;
pub(crate) mod rollup;
mod summary;
mod writer;

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    thread::JoinHandle,
};

use gengfu_core::{
    id::PointId,
    point::{Reading, Sample},
    time::Timestamp,
};
use parking_lot::{Condvar, Mutex};
use rusqlite::Connection;

use crate::{error::StoreError, folder::size_of};
use recent::Recent;

pub use file::FILE;
pub use rollup::Kept;
pub use summary::Summary;

/// Readings that wait at most; more are dropped. About 12 MB, a second's worth of the fastest flow
/// that was measured.
const QUEUE_LIMIT: usize = 100_000;
/// With so many waiting the writer begins before its time.
const BLOCK: usize = 5_000;

/// The telemetry history of one site. Clones are the same history; the last one to go writes down
/// what still waits.
#[derive(Clone)]
pub struct History(Arc<Owner>);

struct Owner {
    path: PathBuf,
    shared: Arc<Shared>,
    reader: Mutex<Connection>,
    thread: Option<JoinHandle<()>>,
}

/// What the writer's thread and the handles share.
struct Shared {
    queue: Mutex<Vec<Reading>>,
    wake: Condvar,
    recent: Mutex<Recent>,
    recorded: AtomicU64,
    dropped: AtomicU64,
    /// How long what is kept.
    kept: Mutex<Kept>,
    /// What is older may be removed, in milliseconds.
    forget_before: AtomicI64,
    closing: AtomicBool,
    trouble: Mutex<Option<String>>,
}

/// What became of readings since the start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Written down.
    pub recorded: u64,
    /// Lost, because they came faster than the disk took them or could not be written.
    pub dropped: u64,
}

/// A past sample of a point.
#[derive(Debug, Clone, PartialEq)]
pub struct Past {
    /// When the gateway received it.
    pub at: Timestamp,
    /// What it was, or why there was none.
    pub sample: Sample,
}

impl History {
    /// Opens the history in a data folder that exists, makes it where there is none, and moves one
    /// that is damaged aside to begin anew: history is worth having, not worth stopping for.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let mut opened = file::open(folder)?;
        let path = folder.join(FILE);
        let recent = std::mem::take(&mut opened.recent);
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            wake: Condvar::new(),
            recent: Mutex::new(recent),
            recorded: AtomicU64::new(0),
            dropped: AtomicU64::new(0),
            kept: Mutex::default(),
            forget_before: AtomicI64::new(i64::MIN),
            closing: AtomicBool::new(false),
            trouble: Mutex::default(),
        });
        let reader = Mutex::new(crate::sqlite::open_read_only(&path)?);
        let writer = writer::Writer::new(path.clone(), opened, shared.clone())
            .map_err(|error| StoreError::sqlite(&path, error))?;
        let thread = std::thread::Builder::new()
            .name("history".into())
            .spawn(move || writer.run())
            .map_err(|error| StoreError::io(&path, error))?;
        Ok(Self(Arc::new(Owner { path, shared, reader, thread: Some(thread) })))
    }

    /// Takes a reading. Never waits for the disk: what can't be taken is dropped and counted.
    pub fn record(&self, reading: Reading) {
        let shared = &self.0.shared;
        let mut queue = shared.queue.lock();
        if queue.len() >= QUEUE_LIMIT {
            drop(queue);
            shared.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        queue.push(reading);
        let waiting = queue.len();
        drop(queue);
        if waiting == 1 || waiting == BLOCK {
            shared.wake.notify_one();
        }
    }

    /// What a point said from `from` to `to`, both included, oldest first; at most `limit`. To go
    /// on, ask again from the last one's time.
    pub fn query(
        &self,
        point: &PointId,
        from: Timestamp,
        to: Timestamp,
        limit: usize,
    ) -> Result<Vec<Past>, StoreError> {
        let conn = self.0.reader.lock();
        file::query(&conn, &self.0.shared.recent, point, (from, to), limit)
            .map_err(|error| StoreError::sqlite(&self.0.path, error))
    }

    /// What a point said from `from` to `until`, exclusive, in `count` steps of equal length: the least, the
    /// mean over time and the greatest of each. Steps of which nothing is known are left out, as all that lie
    /// behind `now`. For old times it is made of minutes or hours.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn chart(
        &self,
        point: &PointId,
        (from, until): (Timestamp, Timestamp),
        now: Timestamp,
        count: usize,
    ) -> Result<Vec<Summary>, StoreError> {
        let conn = self.0.reader.lock();
        chart::chart(&conn, &self.0.shared.recent, point, (from, until), now, count)
            .map_err(|error| StoreError::sqlite(&self.0.path, error))
    }

    /// How long what is kept, from now on.
    pub fn keep(&self, kept: Kept) {
        *self.0.shared.kept.lock() = kept;
    }

    /// How long what is kept.
    pub fn kept(&self) -> Kept {
        *self.0.shared.kept.lock()
    }

    /// Lets the writer remove raw readings older than `before`, a little at a time.
    pub fn forget(&self, before: Timestamp) {
        self.0.shared.forget_before.fetch_max(before.as_millis(), Ordering::AcqRel);
        self.0.shared.wake.notify_one();
    }

    /// What became of readings since the start.
    pub fn counters(&self) -> Counters {
        Counters {
            recorded: self.0.shared.recorded.load(Ordering::Relaxed),
            dropped: self.0.shared.dropped.load(Ordering::Relaxed),
        }
    }

    /// Why the last write failed; none where it did not.
    pub fn trouble(&self) -> Option<String> {
        self.0.shared.trouble.lock().clone()
    }

    /// The size on the disk, in bytes.
    pub fn bytes(&self) -> Result<u64, StoreError> {
        Ok(size_of(&self.0.path)? + size_of(&self.0.path.with_extension("sqlite-wal"))?)
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        self.shared.closing.store(true, Ordering::Release);
        // Under the lock, or the writer could go to sleep between looking and waiting.
        drop(self.shared.queue.lock());
        self.shared.wake.notify_all();
        if let Some(thread) = self.thread.take() {
            // A writer that panicked has said so itself.
            let _panicked = thread.join();
        }
    }
}
