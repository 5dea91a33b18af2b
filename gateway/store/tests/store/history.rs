//! Telemetry: quick, counted, and never in anybody's way.

use std::{fs, time::Duration};

use gengfu_core::{
    id::PointId,
    point::{Kind, NoData, Reading, Sample, Value},
    time::Timestamp,
};
use gengfu_store::{
    History, bench,
    history::{Counters, Past},
};

const NOON: i64 = 1_795_000_000_000;

fn reading(point: &str, ms: i64, sample: Sample) -> Reading {
    Reading {
        point: point.into(),
        sample,
        source_at: None,
        received_at: Timestamp::from_millis(NOON + ms),
        kind: Kind::State,
        origin: None,
    }
}

fn at(ms: i64) -> Timestamp {
    Timestamp::from_millis(NOON + ms)
}

fn all(history: &History, point: &str) -> Vec<Past> {
    let end = at(i64::from(i32::MAX) * 1_000);
    history.query(&point.into(), Timestamp::from_millis(0), end, usize::MAX).unwrap()
}

/// Waits until all of `count` readings were written or dropped.
fn settled(history: &History, count: u64) -> Counters {
    loop {
        let counters = history.counters();
        if counters.recorded + counters.dropped >= count {
            return counters;
        }
        std::thread::yield_now();
    }
}

#[test]
fn what_was_recorded_is_found_again_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::open(folder.path()).unwrap();
    let said: Vec<(i64, Sample)> = vec![
        (0, Ok(Value::Float(21.5))),
        (1_000, Ok(Value::Float(21.5))),
        (2_000, Err(NoData::Timeout)),
        (2_000, Ok(Value::Int(-7))),
        (3_000, Ok(Value::Text("检修".into()))),
        (4_000, Ok(Value::Bool(true))),
    ];
    for (ms, sample) in &said {
        history.record(reading("boiler/temperature", *ms, sample.clone()));
        history.record(reading("other/point", *ms, Ok(Value::Bool(false))));
    }
    assert_eq!(settled(&history, 12), Counters { recorded: 12, dropped: 0 });
    let expected: Vec<Past> =
        said.iter().map(|(ms, sample)| Past { at: at(*ms), sample: sample.clone() }).collect();
    assert_eq!(all(&history, "boiler/temperature"), expected);
    assert_eq!(
        history.query(&"boiler/temperature".into(), at(1_000), at(3_000), 3).unwrap(),
        expected[1..4]
    );
    assert!(all(&history, "nobody/knows").is_empty());
    drop(history);

    let history = History::open(folder.path()).unwrap();
    assert_eq!(all(&history, "boiler/temperature"), expected);
    history.record(reading("boiler/temperature", 5_000, Ok(Value::Int(1))));
    settled(&history, 1);
    assert_eq!(all(&history, "boiler/temperature").len(), 7);
}

#[test]
fn the_last_handle_to_go_writes_down_what_still_waits() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::open(folder.path()).unwrap();
    let other = history.clone();
    drop(history);
    for n in 0..3_000 {
        other.record(reading("a/b", n, Ok(Value::Int(n))));
    }
    drop(other);
    assert_eq!(all(&History::open(folder.path()).unwrap(), "a/b").len(), 3_000);
}

#[test]
fn nothing_is_seen_twice_or_not_at_all_while_arrivals_become_chunks() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::open(folder.path()).unwrap();
    const COUNT: i64 = 450_000;
    let writer = history.clone();
    let feed = std::thread::spawn(move || {
        for n in 0..COUNT {
            // A reading every 20 ms is far more than an hour in all: chunks must be split too.
            writer.record(reading(&format!("d/p{}", n % 10), n * 20, Ok(Value::Int(n))));
            // Not faster than the disk: here nothing may be dropped.
            while n % 20_000 == 0 && settled_so_far(&writer) + 40_000 < n as u64 {
                std::thread::yield_now();
            }
        }
    });
    let mut seen = 0;
    while !feed.is_finished() || seen < COUNT as usize / 10 {
        let found = all(&history, "d/p3");
        for (nth, past) in found.iter().enumerate() {
            let n = nth as i64 * 10 + 3;
            assert_eq!((past.at, &past.sample), (at(n * 20), &Ok(Value::Int(n))));
        }
        assert!(found.len() >= seen, "{} after {seen}", found.len());
        seen = found.len();
    }
    feed.join().unwrap();
    assert_eq!(history.counters(), Counters { recorded: COUNT as u64, dropped: 0 });
    // A window in the middle, out of chunks, and in pieces.
    let window = history.query(&"d/p3".into(), at(4_000_000), at(4_001_000), 100).unwrap();
    assert_eq!(window.len(), 5);
    let piece = history.query(&"d/p3".into(), at(4_000_000), at(8_000_000), 7).unwrap();
    assert_eq!((piece.len(), piece[6].at), (7, at(4_001_260)));
}

fn settled_so_far(history: &History) -> u64 {
    let counters = history.counters();
    counters.recorded + counters.dropped
}

#[test]
fn a_flood_is_dropped_and_counted_and_nobody_waits() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::open(folder.path()).unwrap();
    let readings: Vec<Reading> = (0..400_000).map(bench::reading).collect();
    for reading in readings {
        history.record(reading);
    }
    let counters = settled(&history, 400_000);
    assert_eq!(counters.recorded + counters.dropped, 400_000);
    let points = (0..1_000).map(|n| PointId::from(format!("lift-{n}/position").as_str()));
    let found: usize = points.map(|point| all(&history, point.as_str()).len()).sum();
    assert_eq!(found as u64, counters.recorded, "what counts as recorded is there");
}

#[test]
fn what_is_old_is_forgotten_and_what_is_newer_stays() {
    let folder = tempfile::tempdir().unwrap();
    let history = History::open(folder.path()).unwrap();
    let mut sent = 0;
    // Three times as many as make chunks at once, each time on another day.
    for day in 0..3_i64 {
        for n in 0..200_000 {
            history.record(reading("a/b", day * 86_400_000 + n * 100, Ok(Value::Int(n))));
            sent += 1;
            if sent % 50_000 == 0 {
                settled(&history, sent);
            }
        }
        settled(&history, sent);
    }
    assert_eq!(history.counters().dropped, 0);
    history.forget(at(86_400_000));
    let first = |history: &History| all(history, "a/b").first().unwrap().at;
    while first(&history) < at(86_400_000) {
        std::thread::yield_now();
    }
    assert_eq!(all(&history, "a/b").len(), 400_000);
}

#[test]
fn a_damaged_history_is_moved_aside_and_another_begun() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("history.sqlite"), vec![0xa5; 8_192]).unwrap();
    let history = History::open(folder.path()).unwrap();
    history.record(reading("a/b", 0, Ok(Value::Bool(true))));
    settled(&history, 1);
    assert_eq!(all(&history, "a/b").len(), 1);
    let aside = folder.path().join("damaged-1/history.sqlite");
    assert_eq!(fs::read(aside).unwrap(), vec![0xa5; 8_192]);
}

#[test]
fn the_figures_are_those_of_work_that_was_done() {
    let folder = tempfile::tempdir().unwrap();
    let sub = |name: &str| {
        let path = folder.path().join(name);
        fs::create_dir(&path).unwrap();
        path
    };
    assert_eq!(bench::floor_fdatasync(&sub("floor"), 20, Duration::ZERO).unwrap().len(), 20);
    let appended = bench::append(&sub("append"), 100, 5).unwrap();
    assert_eq!((appended.events, appended.each.len()), (500, 5));
    assert!(appended.bytes > 500 * 100);
    let replayed = bench::replay(&sub("replay"), 4_000).unwrap();
    assert_eq!(replayed.events, 4_000);
    let recorded = bench::record(&sub("telemetry"), 5_000, Duration::from_millis(300)).unwrap();
    assert!(recorded.recorded >= 1_000 && recorded.dropped == 0, "{recorded:?}");
}
