//! What goes on beside the appending, on a thread of its own: moving the write-ahead log into the
//! file, writing snapshots, and walking the rows of a large journal. It reads, and never holds the
//! lock that an append needs.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    },
    thread::JoinHandle,
    time::Duration,
};

use gengfu_core::{id::SiteId, state::State};
use parking_lot::Mutex;
use rusqlite::Connection;

use super::integrity::Walk;
use crate::{error::StoreError, snapshot};

/// Left in the log after the keeper's pass, in pages of 4 KiB: with more than this the writer moves
/// the rest itself, between two appends, so that the log starts over. Without it a log that is
/// never idle would grow for ever.
const LEFT_TO_WRITER: i64 = 2_048;
/// Between two slices of a walk, so that it takes a small part of one core.
const BREATH: Duration = Duration::from_millis(5);

enum Job {
    Checkpoint,
    Snapshot(Box<State>, u64),
    Walk(Box<Walk>),
    Settle(Sender<()>),
}

/// What the keeper and the writer tell one another.
#[derive(Default)]
struct Shared {
    closing: AtomicBool,
    checkpoint_asked: AtomicBool,
    writer_to_finish: AtomicBool,
    snapshot_asked: AtomicBool,
    /// Damage that a walk found; stays until the next start.
    damage: Mutex<Option<String>>,
    /// Why the last snapshot or checkpoint failed; gone when the next one succeeds.
    snapshot_failure: Mutex<Option<String>>,
    checkpoint_failure: Mutex<Option<String>>,
}

/// The writer's end.
pub(super) struct Keeper {
    jobs: Option<Sender<Job>>,
    thread: Option<JoinHandle<()>>,
    shared: Arc<Shared>,
}

impl Keeper {
    /// Starts it for the journal in `file`; `conn` is a connection of its own.
    pub fn start(file: PathBuf, site: SiteId, conn: Connection) -> Result<Self, StoreError> {
        let shared = Arc::<Shared>::default();
        let (jobs, todo) = channel();
        let work = Work { file: file.clone(), site, conn, shared: shared.clone(), walk: None };
        let thread = std::thread::Builder::new()
            .name("journal-keeper".into())
            .spawn(move || work.run(&todo))
            .map_err(|error| StoreError::io(&file, error))?;
        Ok(Self { jobs: Some(jobs), thread: Some(thread), shared })
    }

    fn send(&self, job: Job) -> bool {
        self.jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok())
    }

    /// Asks for the log to be moved into the file, unless that was asked already.
    pub fn checkpoint(&self) {
        if !self.shared.checkpoint_asked.swap(true, Ordering::AcqRel) {
            self.send(Job::Checkpoint);
        }
    }

    /// True where the last pass failed, as on a full disk.
    pub fn owes_checkpoint(&self) -> bool {
        self.shared.checkpoint_failure.lock().is_some()
    }

    /// True once after a pass that left so much that the writer should finish it.
    pub fn wants_writer(&self) -> bool {
        self.shared.writer_to_finish.swap(false, Ordering::AcqRel)
    }

    /// Asks for a snapshot; false while one is being written.
    pub fn snapshot(&self, state: &State, seq: u64) -> bool {
        !self.shared.snapshot_asked.swap(true, Ordering::AcqRel)
            && self.send(Job::Snapshot(Box::new(state.clone()), seq))
    }

    /// Asks for every row to be walked.
    pub fn walk(&self, walk: Walk) {
        self.send(Job::Walk(Box::new(walk)));
    }

    /// Waits until all that was asked is done.
    pub fn settle(&self) {
        let (done, wait) = channel();
        if self.send(Job::Settle(done)) {
            // An error means that the keeper is gone, and with it what there was to wait for.
            let _gone = wait.recv();
        }
    }

    /// What is wrong, if anything is.
    pub fn trouble(&self) -> Option<String> {
        let shared = &self.shared;
        let one = |of: &Mutex<Option<String>>| of.lock().clone();
        one(&shared.damage)
            .or_else(|| one(&shared.snapshot_failure))
            .or_else(|| one(&shared.checkpoint_failure))
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.shared.closing.store(true, Ordering::Release);
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A keeper that panicked has said so itself.
            let _panicked = thread.join();
        }
    }
}

struct Work {
    file: PathBuf,
    site: SiteId,
    conn: Connection,
    shared: Arc<Shared>,
    walk: Option<Box<Walk>>,
}

impl Work {
    fn run(mut self, todo: &Receiver<Job>) {
        loop {
            let job = if self.walk.is_some() {
                match todo.recv_timeout(BREATH) {
                    Ok(job) => Some(job),
                    Err(RecvTimeoutError::Timeout) => None,
                    Err(RecvTimeoutError::Disconnected) => return,
                }
            } else {
                match todo.recv() {
                    Ok(job) => Some(job),
                    Err(_) => return,
                }
            };
            match job {
                Some(Job::Checkpoint) => self.checkpoint(),
                Some(Job::Snapshot(state, seq)) => self.snapshot(&state, seq),
                Some(Job::Walk(walk)) => self.walk = Some(walk),
                Some(Job::Settle(done)) => {
                    while self.walk.is_some() && !self.shared.closing.load(Ordering::Acquire) {
                        self.step();
                    }
                    // Whoever asked may have given up waiting.
                    let _gone = done.send(());
                }
                None => self.step(),
            }
        }
    }

    fn checkpoint(&mut self) {
        self.shared.checkpoint_asked.store(false, Ordering::Release);
        let passed = self.conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
            Ok((row.get::<_, i64>(1)?, row.get::<_, i64>(2)?))
        });
        match passed {
            Ok((log, moved)) => {
                *self.shared.checkpoint_failure.lock() = None;
                if log > LEFT_TO_WRITER && moved < log {
                    self.shared.writer_to_finish.store(true, Ordering::Release);
                }
            }
            Err(error) => {
                let error = StoreError::sqlite(&self.file, error).to_string();
                fail("the log was not moved into the file", &self.shared.checkpoint_failure, error);
            }
        }
    }

    fn snapshot(&mut self, state: &State, seq: u64) {
        let folder = self.file.parent().unwrap_or(&self.file);
        match snapshot::write(folder, state, seq) {
            Ok(path) => {
                tracing::debug!(file = %path.display(), seq, "snapshot written");
                *self.shared.snapshot_failure.lock() = None;
            }
            Err(error) => {
                fail("no snapshot was written", &self.shared.snapshot_failure, error.to_string());
            }
        }
        self.shared.snapshot_asked.store(false, Ordering::Release);
    }

    fn step(&mut self) {
        let Some(walk) = &mut self.walk else { return };
        match walk.step(&self.site) {
            Ok(false) => return,
            Ok(true) => tracing::debug!(file = %self.file.display(), "every event is whole"),
            Err(what) => {
                let error = StoreError::Damaged { file: self.file.clone(), what }.to_string();
                fail("the journal is damaged", &self.shared.damage, error);
            }
        }
        self.walk = None;
    }
}

/// Notes a failure, and logs it where it is a new one.
fn fail(what: &str, of: &Mutex<Option<String>>, error: String) {
    let mut known = of.lock();
    if known.as_ref() != Some(&error) {
        tracing::error!(error, "{what}");
        *known = Some(error);
    }
}
