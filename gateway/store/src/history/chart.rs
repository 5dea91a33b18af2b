//! A chart of a point over any time: of hours, minutes and raw readings, whichever there are, and as fine as
//! it is asked for.

use gengfu_core::{id::PointId, time::Timestamp};
use parking_lot::Mutex;
use rusqlite::Connection;

use super::{
    file,
    recent::Recent,
    rollup::{self, HOUR, Level, MINUTE},
    summary::{HOLD_MS, Summary, steps, stretches},
};

/// What a point said from `from` to `until` in so many steps of equal length; steps of which nothing is
/// known are left out.
pub(super) fn chart(
    conn: &Connection,
    recent: &Mutex<Recent>,
    point: &PointId,
    (from, until): (Timestamp, Timestamp),
    count: usize,
) -> rusqlite::Result<Vec<Summary>> {
    let (from, until) = (from.as_millis(), until.as_millis());
    let count = i64::try_from(count).unwrap_or(i64::MAX).max(1);
    let Some(id) = recent.lock().ids.get(point).copied() else { return Ok(vec![]) };
    let step = (until.saturating_sub(from) / count).max(1);
    let hours = rollup::reach(conn, Level::Hours, id)?;
    let minutes = rollup::reach(conn, Level::Minutes, id)?;
    // Coarse ones serve where they are fine enough, and where there is nothing finer any more.
    let (_, minutes_until) = minutes.unwrap_or((i64::MAX, i64::MIN));
    let oldest_raw = match minutes {
        // What is asked for as finely as it came is read raw as far as that goes back.
        Some(_) if step < MINUTE => oldest(conn, id)?.unwrap_or(i64::MAX),
        Some(_) => minutes_until,
        None => i64::MIN,
    };
    let oldest_minute = match (hours, minutes) {
        (Some((_, hours_until)), _) if step >= HOUR => hours_until,
        (Some(_), Some((first, _))) => first,
        (Some((_, hours_until)), None) => hours_until,
        (None, _) => i64::MIN,
    };
    let mut said = vec![];
    let mut at = from;
    for (level, end) in [(Level::Hours, oldest_minute), (Level::Minutes, oldest_raw)] {
        let end = end.min(until);
        if at < end {
            let part = rollup::read(conn, level, id, (at, end))?;
            said.extend(part.into_iter().map(|s| Summary { until: s.until.min(end), ..s }));
            at = end;
        }
    }
    if at < until {
        let begin = Timestamp::from_millis(at.saturating_sub(HOLD_MS));
        let period = (begin, Timestamp::from_millis(until - 1));
        let past = file::query(conn, recent, point, period, usize::MAX)?;
        let readings = past.iter().map(|p| (p.at.as_millis(), &p.sample));
        let lasts = |s: &Summary| s.until > at || s.from >= at;
        let clip = |s: Summary| lasts(&s).then_some(Summary { from: s.from.max(at), ..s });
        said.extend(stretches(readings, until).into_iter().filter_map(clip));
    }
    Ok(steps(&said, (from, until), step))
}

fn oldest(conn: &Connection, id: u32) -> rusqlite::Result<Option<i64>> {
    conn.prepare_cached("SELECT min(from_ms) FROM chunk WHERE point = ?1")?
        .query_row([id], |row| row.get(0))
}
