//! The figures of this machine's disk and of the store on it, for `gengfu bench` and for tests.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write as _},
    path::Path,
    time::{Duration, Instant},
};

use gengfu_core::{
    event::{Event, What},
    id::{PointId, SiteId},
    point::{Kind, Reading, Value},
    time::Timestamp,
};

use crate::{
    error::StoreError,
    history::History,
    journal::{Journal, Loaded},
    sqlite::SqliteJournal,
};

/// What appending took.
#[derive(Debug, Clone)]
pub struct Appended {
    /// How many events were kept.
    pub events: u64,
    /// From the first to the last.
    pub elapsed: Duration,
    /// Each append's own time, in order.
    pub each: Vec<Duration>,
    /// The journal's size on the disk afterwards, in bytes.
    pub bytes: u64,
}

/// What reading back took.
#[derive(Debug, Clone, Copy)]
pub struct Replayed {
    /// How many events the journal holds.
    pub events: u64,
    /// From opening the file to the state, without a snapshot.
    pub whole: Duration,
    /// The same with a snapshot and the last 1,000 events after it.
    pub from_snapshot: Duration,
}

/// What telemetry reached.
#[derive(Debug, Clone, Copy)]
pub struct Recorded {
    /// Readings written down.
    pub recorded: u64,
    /// Readings dropped.
    pub dropped: u64,
    /// From the first reading until the last was written.
    pub elapsed: Duration,
    /// The history's size on the disk afterwards, in bytes.
    pub bytes: u64,
}

/// The floor under every append: 200 bytes written to the end of a file and brought to the disk
/// (fdatasync), so many times.
pub fn floor_fdatasync(
    folder: &Path,
    times: usize,
    pause: Duration,
) -> Result<Vec<Duration>, StoreError> {
    let path = folder.join("floor.tmp");
    let run = || -> io::Result<Vec<Duration>> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(&path)?;
        let took = (0..times).map(|_| {
            std::thread::sleep(pause);
            let start = Instant::now();
            file.write_all(&[b'x'; 200])?;
            file.sync_data()?;
            Ok(start.elapsed())
        });
        took.collect()
    };
    let took = run().map_err(|error| StoreError::io(&path, error));
    fs::remove_file(&path).map_err(|error| StoreError::io(&path, error))?;
    took
}

/// The `n`th event of a busy building: one of 1,000 points changed.
pub fn event(n: u64) -> Event {
    let reading = reading(n);
    Event { at: reading.received_at, what: What::PointChanged(reading) }
}

/// The `n`th reading of a busy building: 1,000 points in turn, one millisecond apart.
pub fn reading(n: u64) -> Reading {
    let at = Timestamp::from_millis(1_795_000_000_000 + i64::try_from(n).unwrap_or(0));
    Reading {
        point: PointId::from(format!("lift-{}/position", n % 1_000).as_str()),
        sample: Ok(Value::Float((n % 977) as f64 * 0.1)),
        source_at: None,
        received_at: at,
        kind: Kind::State,
        origin: None,
    }
}

/// Appends `batches` batches of `batch` events to a journal in `folder`.
pub fn append(folder: &Path, batch: u64, batches: u64) -> Result<Appended, StoreError> {
    let mut journal = SqliteJournal::open(folder, &site())?;
    let first = journal.last_seq();
    let mut each = vec![];
    let mut elapsed = Duration::ZERO;
    for nth in 0..batches {
        let from = first + nth * batch;
        let events: Vec<Event> = (from..from + batch).map(event).collect();
        let start = Instant::now();
        journal.append(&events)?;
        each.push(start.elapsed());
        elapsed += start.elapsed();
    }
    let bytes = journal.bytes()?;
    Ok(Appended { events: journal.last_seq() - first, elapsed, each, bytes })
}

/// Fills a journal in an empty `folder` with so many events and reads them back, first without and
/// then with a snapshot.
pub fn replay(folder: &Path, events: u64) -> Result<Replayed, StoreError> {
    const TAIL: u64 = 1_000;
    const BATCH: u64 = 10_000;
    let before = events.saturating_sub(TAIL);
    append(folder, BATCH.min(before.max(1)), before.div_ceil(BATCH.min(before.max(1))))?;
    let start = Instant::now();
    let mut journal = SqliteJournal::open(folder, &site())?;
    let Loaded { state, .. } = journal.load(&mut |_| ())?;
    let whole = start.elapsed();
    let seq = journal.last_seq();
    journal.snapshot(&state, seq)?;
    journal.append(&(seq..seq + TAIL).map(event).collect::<Vec<_>>())?;
    journal.settle()?;
    drop((journal, state));
    let start = Instant::now();
    let mut journal = SqliteJournal::open(folder, &site())?;
    journal.load(&mut |_| ())?;
    Ok(Replayed { events: journal.last_seq(), whole, from_snapshot: start.elapsed() })
}

/// Records readings at `per_second` for `length` into a history in `folder`, and waits until all of
/// them are written or dropped.
pub fn record(folder: &Path, per_second: u64, length: Duration) -> Result<Recorded, StoreError> {
    const BEAT: Duration = Duration::from_millis(10);
    let history = History::open(folder)?;
    let start = Instant::now();
    let mut sent = 0;
    while start.elapsed() < length {
        let due = (start.elapsed().as_secs_f64() * per_second as f64) as u64;
        for n in sent..due {
            history.record(reading(n));
        }
        sent = due;
        std::thread::sleep(BEAT);
    }
    loop {
        let counters = history.counters();
        if counters.recorded + counters.dropped >= sent {
            let elapsed = start.elapsed();
            let bytes = history.bytes()?;
            let (recorded, dropped) = (counters.recorded, counters.dropped);
            return Ok(Recorded { recorded, dropped, elapsed, bytes });
        }
        std::thread::sleep(BEAT);
    }
}

fn site() -> SiteId {
    SiteId::from("bench")
}

/// A year of hours of so many points, from `begin` in milliseconds, as a history that ran for so long has.
///
/// # Errors
/// Where the file can't be written.
pub fn year(folder: &Path, points: u32, begin: i64) -> Result<(), StoreError> {
    crate::history::rollup::year(folder, points, begin)
}
