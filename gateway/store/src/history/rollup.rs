//! Roll-ups: what raw readings come to in minutes and in hours, kept for far longer than they are.
//!
//! They are made of the raw readings, an hour at a time and a while after it is over; so a crash costs no more
//! than to make one again. A row holds the minutes of an hour, or the hours of a day, of one point.

use std::path::Path;

use gengfu_core::{id::PointId, time::Timestamp};
use parking_lot::Mutex;
use rusqlite::{Connection, OptionalExtension as _};

use super::{
    file,
    recent::Recent,
    summary::{self, HOLD_MS, Summary, steps, stretches},
};
use crate::error::StoreError;

pub(super) const MINUTE: i64 = 60_000;
pub(super) const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;

/// An hour is rolled up so long after its end: what was on its way has arrived.
const LATE: i64 = 10 * MINUTE;
/// Points whose hour is rolled up at once.
const SLICE: usize = 10;

/// How long each kind of history is kept, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kept {
    /// Every reading.
    pub raw: i64,
    /// The minutes.
    pub minutes: i64,
    /// The hours.
    pub hours: i64,
}

impl Default for Kept {
    /// Seven days, ninety days, five years.
    fn default() -> Self {
        Self { raw: 7 * DAY, minutes: 90 * DAY, hours: 5 * 366 * DAY }
    }
}

/// How fine a roll-up is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    Hours,
    Minutes,
}

impl Level {
    fn number(self) -> i64 {
        match self {
            Level::Minutes => 1,
            Level::Hours => 2,
        }
    }

    /// The length of a step, and of the period that a row holds.
    fn lengths(self) -> (i64, i64) {
        match self {
            Level::Minutes => (MINUTE, HOUR),
            Level::Hours => (HOUR, DAY),
        }
    }
}

/// Where the work stands.
#[derive(Debug)]
pub(super) struct Roller {
    /// The next hour to be rolled up; none before the first reading.
    next: Option<i64>,
    /// The points of that hour that are still to do.
    points: Vec<(u32, PointId)>,
    /// The newest reading's time.
    newest: i64,
}

impl Roller {
    /// Goes on where the file says; in one that was never rolled up, at its oldest reading.
    pub fn open(conn: &Connection) -> rusqlite::Result<Self> {
        let mark = conn
            .query_row("SELECT value FROM mark WHERE name = 'rolled'", [], |row| row.get(0))
            .optional()?;
        let oldest: Option<i64> =
            conn.query_row("SELECT min(from_ms) FROM chunk", [], |row| row.get(0))?;
        let next = mark.or(oldest.map(|at| at.div_euclid(HOUR) * HOUR));
        Ok(Self { next, points: vec![], newest: i64::MIN })
    }

    /// A reading came.
    pub fn see(&mut self, at: i64, kept: Kept) {
        let hour = at.div_euclid(HOUR) * HOUR;
        let next = self.next.get_or_insert(hour);
        let before = if self.newest == i64::MIN { *next } else { self.newest };
        if at < before - DAY {
            // The clock was set back: what it said before was wrong.
            (*next, self.newest) = ((*next).min(hour), at);
            self.points.clear();
        } else if at > before.saturating_add(kept.raw) {
            // It was set ahead, or the gateway was away: of the time between there is nothing.
            *next = (*next).max((at - kept.raw).div_euclid(HOUR) * HOUR);
            self.points.clear();
        }
        self.newest = self.newest.max(at);
    }

    /// An hour is over and not rolled up.
    pub fn is_due(&self) -> bool {
        self.next.is_some_and(|next| self.newest >= next + HOUR + LATE)
    }

    /// Rolls up a few points' hour.
    pub fn turn(
        &mut self,
        conn: &mut Connection,
        recent: &Mutex<Recent>,
        kept: Kept,
    ) -> rusqlite::Result<()> {
        let Some(hour) = self.next else { return Ok(()) };
        if self.points.is_empty() {
            self.points = recent.lock().ids.iter().map(|(p, id)| (*id, p.clone())).collect();
        }
        let from = self.points.len().saturating_sub(SLICE);
        let mut rows = vec![];
        for (id, point) in self.points.get(from..).unwrap_or_default() {
            let (begin, end) = (hour - HOLD_MS, hour + HOUR);
            let period = (Timestamp::from_millis(begin), Timestamp::from_millis(end - 1));
            let past = file::query(conn, recent, point, period, usize::MAX)?;
            let said = stretches(past.iter().map(|p| (p.at.as_millis(), &p.sample)), end);
            rows.push((*id, steps(&said, (hour, end), MINUTE)));
        }
        let tx = conn.transaction()?;
        for (id, minutes) in rows {
            write(&tx, Level::Minutes, id, hour, &minutes)?;
            forget(&tx, Level::Minutes, id, hour - kept.minutes)?;
            if (hour + HOUR).rem_euclid(DAY) == 0 {
                let day = hour + HOUR - DAY;
                let minutes = read(&tx, Level::Minutes, id, (day, day + DAY))?;
                write(&tx, Level::Hours, id, day, &steps(&minutes, (day, day + DAY), HOUR))?;
                forget(&tx, Level::Hours, id, hour - kept.hours)?;
            }
        }
        let is_done = from == 0;
        if is_done {
            tx.execute(
                "INSERT OR REPLACE INTO mark (name, value) VALUES ('rolled', ?1)",
                [hour + HOUR],
            )?;
        }
        tx.commit()?;
        self.points.truncate(from);
        if is_done {
            self.next = Some(hour + HOUR);
        }
        Ok(())
    }
}

pub(super) fn write(
    conn: &Connection,
    level: Level,
    point: u32,
    from: i64,
    steps: &[Summary],
) -> rusqlite::Result<()> {
    if steps.is_empty() {
        return Ok(());
    }
    let mut body = vec![];
    summary::put(steps, from, level.lengths().0, &mut body);
    conn.prepare_cached(
        "INSERT OR REPLACE INTO rolled (level, point, from_ms, body) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute((level.number(), point, from, body))
    .map(drop)
}

fn forget(conn: &Connection, level: Level, point: u32, before: i64) -> rusqlite::Result<()> {
    conn.prepare_cached("DELETE FROM rolled WHERE level = ?1 AND point = ?2 AND from_ms < ?3")?
        .execute((level.number(), point, before))
        .map(drop)
}

/// The steps of a point that lie in the period, or reach into it.
pub(super) fn read(
    conn: &Connection,
    level: Level,
    point: u32,
    (from, until): (i64, i64),
) -> rusqlite::Result<Vec<Summary>> {
    let (step, period) = level.lengths();
    let mut select = conn.prepare_cached(
        "SELECT from_ms, body FROM rolled
         WHERE level = ?1 AND point = ?2 AND from_ms > ?3 AND from_ms < ?4 ORDER BY from_ms",
    )?;
    let mut rows = select.query((level.number(), point, from.saturating_sub(period), until))?;
    let mut found = vec![];
    while let Some(row) = rows.next()? {
        let begins = row.get(0)?;
        let steps = summary::get(row.get_ref(1)?.as_blob()?, begins, step);
        found.extend(steps.into_iter().filter(|s| s.until > from && s.from < until));
    }
    Ok(found)
}

/// When the first and after the last period begins that there is of a point.
pub(super) fn reach(
    conn: &Connection,
    level: Level,
    point: u32,
) -> rusqlite::Result<Option<(i64, i64)>> {
    let mut select = conn.prepare_cached(
        "SELECT min(from_ms), max(from_ms) FROM rolled WHERE level = ?1 AND point = ?2",
    )?;
    let (first, last): (Option<i64>, Option<i64>) =
        select.query_row((level.number(), point), |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(first.zip(last).map(|(first, last)| (first, last + level.lengths().1)))
}

/// For measurements: a year of hours of so many points.
pub(crate) fn year(folder: &Path, points: u32, begin: i64) -> Result<(), StoreError> {
    let fail = |error| StoreError::sqlite(&folder.join(file::FILE), error);
    let mut conn = file::open(folder)?.conn;
    let tx = conn.transaction().map_err(fail)?;
    let hours: Vec<Summary> = (0..24)
        .map(|hour| {
            let (from, mean) = (hour * HOUR, hour as f64 / 7.0);
            Summary { from, until: from + HOUR, min: mean - 1.0, mean, max: mean + 1.0 }
        })
        .collect();
    for day in 0..365 {
        let from = begin + day * DAY;
        let moved = |s: &Summary| Summary { from: s.from + from, until: s.until + from, ..*s };
        let hours: Vec<Summary> = hours.iter().map(moved).collect();
        for id in 1..=points {
            write(&tx, Level::Hours, id, from, &hours).map_err(fail)?;
        }
    }
    for id in 1..=points {
        let name = format!("d/{}", id - 1);
        tx.execute("INSERT INTO point (id, name) VALUES (?1, ?2)", (id, name)).map_err(fail)?;
    }
    tx.commit().map_err(fail)
}
