//! The thread that writes history.

use std::{
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use gengfu_core::point::Reading;
use rusqlite::Connection;

use super::{
    BLOCK, Shared,
    file::Opened,
    recent::{Recent, put_block},
    rollup::Roller,
};
use crate::error::StoreError;

/// Arrivals are written this long after the first of them.
const GATHER: Duration = Duration::from_millis(200);
/// Chunks are made of what arrived in so long a time...
const CHUNK_EVERY: Duration = Duration::from_secs(300);
/// ... or of so many readings, which take about 2 MB of memory.
const CHUNK_READINGS: usize = 200_000;
/// After a failure chunks are tried again this much later.
const RETRY: Duration = Duration::from_secs(10);
/// Old chunks removed at once.
const FORGET_SLICE: u32 = 200;
/// Between two such slices.
const BREATH: Duration = Duration::from_millis(20);
/// Room for waiting readings that is kept between two blocks.
const ROOM: usize = 2 * BLOCK;

pub(super) struct Writer {
    path: PathBuf,
    conn: Connection,
    shared: Arc<Shared>,
    chunks_due: Instant,
    block: Vec<u8>,
    roller: Roller,
    /// After a failure, not before then.
    roll_again: Option<Instant>,
}

impl Writer {
    pub fn new(path: PathBuf, opened: Opened, shared: Arc<Shared>) -> rusqlite::Result<Self> {
        let chunks_due = Instant::now() + CHUNK_EVERY;
        let roller = Roller::open(&opened.conn)?;
        let conn = opened.conn;
        Ok(Self { path, conn, shared, chunks_due, block: vec![], roller, roll_again: None })
    }

    /// Until the last handle is gone and all that waited is written.
    pub fn run(mut self) {
        let mut batch: Vec<Reading> = vec![];
        let mut forgotten = i64::MIN;
        loop {
            let forget = self.shared.forget_before.load(Ordering::Acquire);
            let rolls = self.rolls();
            let closing = self.gather(&mut batch, forget != forgotten || rolls);
            if !batch.is_empty() {
                self.write(&mut batch);
            }
            if closing {
                return;
            }
            if self.chunks_are_due() {
                self.make_chunks();
            }
            if rolls {
                self.roll();
            } else if forget != forgotten && !self.roller.is_due() && self.forget(forget) {
                // What is not rolled up yet is not forgotten.
                forgotten = forget;
            }
        }
    }

    /// Waits for readings and takes all there are. With other work at hand it does not wait long.
    /// True when it is time to close.
    fn gather(&self, batch: &mut Vec<Reading>, at_work: bool) -> bool {
        let shared = &self.shared;
        let closing = || shared.closing.load(Ordering::Acquire);
        let mut queue = shared.queue.lock();
        if at_work {
            shared.wake.wait_for(&mut queue, BREATH);
        } else if queue.is_empty() && !closing() {
            shared.wake.wait_until(&mut queue, self.chunks_due);
        }
        let until = Instant::now() + GATHER;
        while !queue.is_empty() && queue.len() < BLOCK && !closing() {
            if shared.wake.wait_until(&mut queue, until).timed_out() {
                break;
            }
        }
        std::mem::swap(&mut *queue, batch);
        closing()
    }

    fn write(&mut self, batch: &mut Vec<Reading>) {
        let count = batch.len() as u64;
        let kept = *self.shared.kept.lock();
        batch.iter().for_each(|reading| self.roller.see(reading.received_at.as_millis(), kept));
        let mut recent = self.shared.recent.lock();
        let mut added: Vec<(u32, Reading)> = Vec::with_capacity(batch.len());
        let mut new = vec![];
        for reading in batch.drain(..) {
            let (id, is_new) = recent.id_of(&reading.point);
            if is_new {
                new.push((id, reading.point.clone()));
            }
            added.push((id, reading));
        }
        drop(recent);
        batch.shrink_to(ROOM);
        self.block.clear();
        put_block(&added, &mut self.block);
        let body = &self.block;
        let conn = &mut self.conn;
        let mut write = || -> rusqlite::Result<()> {
            let tx = conn.transaction()?;
            for (id, point) in &new {
                tx.prepare_cached("INSERT INTO point (id, name) VALUES (?1, ?2)")?
                    .execute((id, point.as_str()))?;
            }
            tx.prepare_cached("INSERT INTO arrived (body) VALUES (?1)")?.execute([body])?;
            tx.commit()
        };
        let written = write();
        let is_written = written.is_ok();
        // Whoever sees the count sees the reason.
        self.note(written);
        let mut recent = self.shared.recent.lock();
        if is_written {
            for (id, reading) in &added {
                recent.push(*id, reading.received_at, &reading.sample);
            }
            self.shared.recorded.fetch_add(count, Ordering::Relaxed);
        } else {
            for (_, point) in &new {
                recent.ids.remove(point);
            }
            self.shared.dropped.fetch_add(count, Ordering::Relaxed);
        }
        drop(recent);
        self.block.shrink_to(64 * ROOM);
    }

    fn chunks_are_due(&self) -> bool {
        let recent = self.shared.recent.lock();
        Instant::now() >= self.chunks_due || recent.readings >= CHUNK_READINGS
    }

    /// Makes chunks of all that arrived. The lock holds up queries for that long, and never
    /// [`record`](super::History::record).
    fn make_chunks(&mut self) {
        self.chunks_due = Instant::now() + CHUNK_EVERY;
        let shared = self.shared.clone();
        let mut recent = shared.recent.lock();
        if recent.readings == 0 {
            return;
        }
        let written = write_chunks(&mut self.conn, &recent);
        match &written {
            Ok(()) => recent.clear(),
            Err(_) => self.chunks_due = Instant::now() + RETRY,
        }
        drop(recent);
        self.note(written);
    }

    fn rolls(&self) -> bool {
        self.roller.is_due() && self.roll_again.is_none_or(|again| Instant::now() >= again)
    }

    fn roll(&mut self) {
        let kept = *self.shared.kept.lock();
        let rolled = self.roller.turn(&mut self.conn, &self.shared.recent, kept);
        self.roll_again = rolled.is_err().then(|| Instant::now() + RETRY);
        self.note(rolled);
    }

    /// Removes a slice of what is older than `before`; true when there is no more.
    fn forget(&mut self, before: i64) -> bool {
        let removed = self
            .conn
            .prepare_cached(
                "DELETE FROM chunk WHERE until_ms < ?1
                 AND id IN (SELECT id FROM chunk ORDER BY id LIMIT ?2)",
            )
            .and_then(|mut delete| delete.execute((before, FORGET_SLICE)));
        let done = !matches!(removed, Ok(1..));
        self.note(removed.map(|_| ()));
        done
    }

    /// Notes how it went, and logs where that changed: a full disk is one line, not five a second.
    fn note(&self, went: rusqlite::Result<()>) {
        let mut trouble = self.shared.trouble.lock();
        match went {
            Ok(()) => {
                if trouble.take().is_some() {
                    tracing::info!(file = %self.path.display(), "telemetry is written again");
                }
            }
            Err(error) => {
                let error = StoreError::sqlite(&self.path, error).to_string();
                if trouble.is_none() {
                    tracing::warn!(error, "telemetry is not written; alarms are not touched by it");
                }
                *trouble = Some(error);
            }
        }
    }
}

fn write_chunks(conn: &mut Connection, recent: &Recent) -> rusqlite::Result<()> {
    let tx = conn.transaction()?;
    {
        let mut insert = tx.prepare_cached(
            "INSERT INTO chunk (point, from_ms, until_ms, body) VALUES (?1, ?2, ?3, ?4)",
        )?;
        for (id, chunk) in recent.chunks() {
            insert.execute((id, chunk.from, chunk.until, &chunk.bytes))?;
        }
        tx.execute("DELETE FROM arrived", [])?;
    }
    tx.commit()
}
