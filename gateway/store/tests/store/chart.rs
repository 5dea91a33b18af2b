//! Charts over hours and over years: of raw readings, of minutes, of hours, and nobody sees the seam.

use std::time::{Duration, Instant};

use gengfu_core::{
    point::{Kind, NoData, Reading, Sample, Value},
    time::Timestamp,
};
use gengfu_store::{
    History, bench,
    history::{Kept, Summary},
};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// A midnight in UTC.
const BEGIN: i64 = 20_700 * DAY;

fn record(history: &History, point: &str, ms: i64, sample: Sample) {
    history.record(Reading {
        point: point.into(),
        sample,
        source_at: None,
        received_at: Timestamp::from_millis(ms),
        kind: Kind::State,
        origin: None,
    });
}

fn settle(history: &History, count: u64) {
    while history.counters().recorded < count {
        assert_eq!(history.counters().dropped, 0);
        std::thread::yield_now();
    }
}

fn chart(history: &History, point: &str, from: i64, until: i64, count: usize) -> Vec<Summary> {
    let (from, until) = (Timestamp::from_millis(from), Timestamp::from_millis(until));
    history.chart(&point.into(), (from, until), until, count).unwrap()
}

/// What a point says in its minute: it rises for an hour, and has its peak for one second of the day.
fn value(minute: i64) -> f64 {
    (minute % 60) as f64
}

/// Waits until raw readings before `before` are gone, and with them everything that was to be rolled up.
fn only_rolled_before(history: &History, point: &str, before: i64) {
    history.forget(Timestamp::from_millis(before));
    let begun = Instant::now();
    let until = Timestamp::from_millis(before - 2 * HOUR);
    let raw = || history.query(&point.into(), Timestamp::from_millis(0), until, 1).unwrap();
    while !raw().is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(60), "raw readings are not forgotten");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Two weeks of ten points, a reading a minute.
fn two_weeks(history: &History) {
    const POINTS: i64 = 10;
    let minutes = 14 * DAY / MINUTE;
    let mut count = 0;
    for minute in 0..minutes {
        for point in 0..POINTS {
            let at = BEGIN + minute * MINUTE;
            record(history, &format!("d/{point}"), at, Ok(Value::Float(value(minute))));
            count += 1;
        }
        if minute % 2_000 == 0 {
            settle(history, count);
        }
    }
    // So many that the last ones are in chunks too.
    settle(history, count);
}

#[test]
fn what_was_rolled_up_draws_as_the_readings_did() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::open(folder.path()).unwrap();
    two_weeks(&history);
    let end = BEGIN + 14 * DAY;
    let periods = [(BEGIN + 2 * DAY, BEGIN + 3 * DAY, 48), (BEGIN, BEGIN + 10 * DAY, 240)];
    let drawn = periods.map(|(from, until, count)| chart(&history, "d/3", from, until, count));
    assert_eq!((drawn[0].len(), drawn[1].len()), (48, 240));
    only_rolled_before(&history, "d/3", BEGIN + 12 * DAY);
    for ((from, until, count), before) in periods.into_iter().zip(&drawn) {
        let after = chart(&history, "d/3", from, until, count);
        assert_eq!(after.len(), before.len());
        for (after, before) in after.iter().zip(before) {
            assert_eq!((after.from, after.min, after.max), (before.from, before.min, before.max));
            assert!((after.mean - before.mean).abs() < 1e-4, "{after:?} {before:?}");
        }
    }
    // From the hours through the minutes to the newest readings: no hole, and nothing twice.
    let all = chart(&history, "d/3", BEGIN, end, 14 * 24);
    assert_eq!(all.len(), 14 * 24);
    for (n, hour) in (0..).zip(&all) {
        assert_eq!(hour.from, BEGIN + n * HOUR);
        assert_eq!((hour.min, hour.max), (0.0, 59.0), "hour {n}");
        assert!((hour.mean - 29.5).abs() < 1e-4, "hour {n}: {hour:?}");
    }
    drop(history);

    // It goes on where it was, after a restart too.
    let history = History::open(folder.path()).unwrap();
    assert_eq!(chart(&history, "d/3", BEGIN, end, 14 * 24), all);
}

#[test]
fn minutes_go_when_their_time_is_over_and_hours_stay() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::open(folder.path()).unwrap();
    history.keep(Kept { raw: DAY, minutes: 3 * DAY, hours: 30 * DAY });
    two_weeks(&history);
    only_rolled_before(&history, "d/0", BEGIN + 13 * DAY);
    // Asked for by minutes, a day that has only hours is told by hours.
    let old = chart(&history, "d/0", BEGIN + DAY, BEGIN + DAY + 2 * HOUR, 120);
    assert!(old.iter().all(|m| (m.mean - 29.5).abs() < 1e-4), "{old:?}");
    let new = chart(&history, "d/0", BEGIN + 12 * DAY, BEGIN + 12 * DAY + 2 * HOUR, 120);
    assert_eq!((new[17].mean, new[17].min), (17.0, 17.0));
}

#[test]
fn a_silent_stretch_is_a_hole_and_not_a_line() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::open(folder.path()).unwrap();
    record(&history, "d/p", BEGIN, Ok(Value::Int(5)));
    record(&history, "d/p", BEGIN + 10 * MINUTE, Err(NoData::Timeout));
    record(&history, "d/p", BEGIN + 50 * MINUTE, Ok(Value::Bool(true)));
    settle(&history, 3);
    let drawn = chart(&history, "d/p", BEGIN, BEGIN + HOUR, 6);
    let at: Vec<i64> = drawn.iter().map(|s| (s.from - BEGIN) / MINUTE).collect();
    assert_eq!(at, [0, 50]);
    assert_eq!(drawn[1].mean, 1.0);
    assert!(chart(&history, "nobody/knows", BEGIN, BEGIN + HOUR, 6).is_empty());
}

#[test]
fn a_clock_that_was_wrong_for_a_while_keeps_nothing_from_being_rolled_up() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::open(folder.path()).unwrap();
    record(&history, "d/3", BEGIN + 63_000 * DAY, Ok(Value::Int(1)));
    record(&history, "d/3", 5_000, Ok(Value::Int(1)));
    settle(&history, 2);
    two_weeks(&history);
    only_rolled_before(&history, "d/9", BEGIN + 12 * DAY);
    let all = chart(&history, "d/9", BEGIN, BEGIN + 14 * DAY, 14);
    assert_eq!(all.len(), 14);
}

#[test]
fn a_year_of_one_of_a_thousand_points_is_drawn_at_once() {
    let folder = tempfile::tempdir().unwrap();
    bench::year(folder.path(), 1_000, BEGIN).unwrap();
    let history = History::open(folder.path()).unwrap();
    let draw = |point: u32| {
        let begun = Instant::now();
        let drawn = chart(&history, &format!("d/{point}"), BEGIN, BEGIN + 365 * DAY, 1_000);
        assert_eq!(drawn.len(), 1_000);
        begun.elapsed()
    };
    let mut took: Vec<Duration> = (0..50).map(|n| draw(n * 19)).collect();
    took.sort();
    println!("a year in 1,000 steps, one of 1,000 points: {:?} ({:?} at most)", took[25], took[49]);
    // Nine of ten: what other programs take of the machine in between is no time of the query's.
    assert!(took[45] < Duration::from_millis(100), "{took:?}");
}
