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
/// known are left out. A value is held to the next one, but not past `now`.
pub(super) fn chart(
    conn: &Connection,
    recent: &Mutex<Recent>,
    point: &PointId,
    (from, until): (Timestamp, Timestamp),
    now: Timestamp,
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
        Some(_) if step < MINUTE => oldest(conn, recent, id)?.unwrap_or(i64::MAX),
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
        said.extend(stretches(readings, until.min(now.as_millis())).into_iter().filter_map(clip));
    }
    Ok(steps(&said, (from, until), step))
}

/// When the raw readings of a point begin, as far as they are kept.
fn oldest(conn: &Connection, recent: &Mutex<Recent>, id: u32) -> rusqlite::Result<Option<i64>> {
    let newest = recent.lock().of(id).map(|chunk| chunk.from).min();
    let kept: Option<i64> = conn
        .prepare_cached("SELECT min(from_ms) FROM chunk WHERE point = ?1")?
        .query_row([id], |row| row.get(0))?;
    Ok(kept.into_iter().chain(newest).min())
}

#[cfg(test)]
mod tests {
    use gengfu_core::point::Value;

    use super::*;

    #[test]
    fn what_came_just_now_is_drawn_where_older_readings_are_minutes_already() {
        let folder = tempfile::tempdir().unwrap();
        let file::Opened { conn, mut recent } = file::open(folder.path()).unwrap();
        let point = PointId::from("d/p");
        recent.ids.insert(point.clone(), 1);
        let minute = Summary { from: 0, until: MINUTE, min: 3.0, mean: 3.0, max: 3.0 };
        rollup::write(&conn, Level::Minutes, 1, 0, &[minute]).unwrap();
        let now = 5 * HOUR;
        recent.push(1, Timestamp::from_millis(now), &Ok(Value::Int(7)));
        let draw = |from: i64, until: i64, count| {
            let period = (Timestamp::from_millis(from), Timestamp::from_millis(until));
            let (recent, now) = (Mutex::new(recent.clone()), Timestamp::from_millis(now + 1_500));
            let drawn = chart(&conn, &recent, &point, period, now, count).unwrap();
            drawn.into_iter().map(|s| (s.from, s.mean)).collect::<Vec<_>>()
        };
        assert_eq!(draw(now, now + 1_000, 2), [(now, 7.0), (now + 500, 7.0)]);
        let ahead = draw(now, now + HOUR, 3_600);
        assert_eq!(ahead, [(now, 7.0), (now + 1_000, 7.0)], "nothing is known of what is to come");
        assert_eq!(draw(0, 60_000, 2), [(0, 3.0), (30_000, 3.0)]);
        assert_eq!(draw(0, now + 1, 2_000).len(), 8);
    }
}
