//! What is kept comes back.

use std::fs;

use gengfu_core::{
    event::{Event, What},
    id::{DeviceId, IncidentId, PersonId},
    incident::Cause,
    input::Command,
    point::Value,
};
use gengfu_store::{Journal, Loaded, Progress, StoreError};

use crate::building::{Live, all, event, events, expect_exactly, fill, open};

#[test]
fn what_was_appended_is_read_back_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(folder.path());
    assert_eq!(journal.last_seq(), 0);
    assert_eq!(journal.append(&[event(1)]).unwrap(), 1);
    assert_eq!(journal.append(&events(2, 100)).unwrap(), 100);
    drop(journal);

    let mut journal = open(folder.path());
    assert_eq!(journal.last_seq(), 100);
    expect_exactly(&mut journal, 100);
    assert_eq!(journal.append(&[event(101)]).unwrap(), 101);
    journal.settle().unwrap();
}

#[test]
fn what_is_only_live_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(folder.path());
    let at = event(1).at;
    let live = Event { at, what: What::Heard { device: DeviceId::from("board-7") } };
    assert_eq!(journal.append(&[live.clone(), event(1), live.clone()]).unwrap(), 1);
    assert_eq!(journal.append(&[live]).unwrap(), 1);
    assert_eq!(all(&mut journal), [(1, event(1))]);
}

#[test]
fn a_rescue_replayed_is_the_rescue_that_was_lived() {
    let folder = tempfile::tempdir().unwrap();
    let mut live = Live::start(folder.path());
    // Numbers that a careless reader of JSON brings back one bit off.
    live.press(true, 0.1 + 0.2);
    live.press(false, 1.0e-310);
    live.press(true, 8.41e21);
    let incident = IncidentId(1);
    assert!(live.state.open.contains(&incident), "the button has opened an incident");
    live.command("li", Command::Acknowledge(incident));
    live.command("li", Command::Arrive(incident));
    live.press(false, std::f64::consts::PI);
    let over = Command::End { incident, cause: Cause::Rescued, note: "平安".into() };
    live.command("li", over);
    let Live { journal, state, .. } = live;
    let kept = journal.last_seq();
    drop(journal);

    let mut journal = open(folder.path());
    let mut told: Vec<Progress> = vec![];
    let loaded = journal.load(&mut |progress| told.push(progress)).unwrap();
    assert_eq!(loaded.state, state);
    assert_eq!((loaded.events_replayed, loaded.from_snapshot), (kept, None));
    assert_eq!(told.last(), Some(&Progress { done: kept, total: kept }));
    assert!(loaded.state.people.contains_key(&PersonId::from("wang")));
    assert!(loaded.state.incidents[&incident].ended.is_some());
}

#[test]
fn a_snapshot_and_what_came_after_it_are_the_same_as_everything_from_the_beginning() {
    let folder = tempfile::tempdir().unwrap();
    let mut live = Live::start(folder.path());
    for n in 0..20 {
        live.press(n % 2 == 0, f64::from(n) * 0.1);
        if n == 5 || n == 11 {
            let seq = live.journal.last_seq();
            assert!(live.journal.snapshot(&live.state, seq).unwrap());
            live.journal.settle().unwrap();
        }
    }
    let Live { journal, state, .. } = live;
    let last = journal.last_seq();
    drop(journal);
    let snapshots = snapshots(folder.path());
    let [older, newer] = &snapshots[..] else { panic!("two snapshots: {snapshots:?}") };

    // With the newest; with the one before it, where the newest is half written, damaged, or from
    // a version that nobody can read; and with none at all.
    let load = || open(folder.path()).load(&mut |_| ()).unwrap();
    let whole = load();
    let from = whole.from_snapshot.unwrap();
    expect_same(whole, &state, last, from);
    let bytes = fs::read(newer).unwrap();
    let mut damaged = bytes.clone();
    damaged[bytes.len() / 2] ^= 1;
    for bad in [&bytes[..bytes.len() / 3], &bytes[..0], &damaged, b"gengfu-snapshot/99 1 1 1 x\n"] {
        fs::write(newer, bad).unwrap();
        let loaded = load();
        let earlier = loaded.from_snapshot.unwrap();
        assert!(earlier < from);
        expect_same(loaded, &state, last, earlier);
    }
    fs::remove_file(newer).unwrap();
    fs::remove_file(older).unwrap();
    let loaded = load();
    assert_eq!(loaded.from_snapshot, None);
    expect_same(loaded, &state, last, 0);
}

fn expect_same(loaded: Loaded, state: &gengfu_core::state::State, last: u64, from: u64) {
    assert_eq!(loaded.state, *state);
    assert_eq!(loaded.events_replayed, last - from);
    // Look-ups are not kept; they must be there all the same.
    assert!(loaded.state.is_watched(&"lift-1/button".into()));
}

fn snapshots(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let mut found: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "json"))
        .collect();
    found.sort();
    found
}

#[test]
fn only_the_two_newest_snapshots_are_kept_and_none_claims_what_was_not_kept() {
    let folder = tempfile::tempdir().unwrap();
    let mut live = Live::start(folder.path());
    for n in 0..5 {
        live.press(n % 2 == 0, 0.5);
        let seq = live.journal.last_seq();
        assert!(live.journal.snapshot(&live.state, seq).unwrap());
        live.journal.settle().unwrap();
    }
    assert_eq!(snapshots(folder.path()).len(), 2);
    let beyond = live.journal.last_seq() + 1;
    let error = live.journal.snapshot(&live.state, beyond).unwrap_err();
    assert!(matches!(error, StoreError::Unkeepable { .. }), "{error}");
}

#[test]
fn an_event_that_could_not_be_read_back_is_refused_with_its_whole_batch() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(folder.path());
    let mut infinite = event(2);
    let What::PointChanged(reading) = &mut infinite.what else { panic!() };
    reading.sample = Ok(Value::Float(f64::INFINITY));
    let error = journal.append(&[event(1), infinite]).unwrap_err();
    assert!(
        matches!(&error, StoreError::Unkeepable { what } if what.contains("point_changed lift-2/position"))
    );
    assert_eq!(journal.append(&[event(1)]).unwrap(), 1);
    expect_exactly(&mut journal, 1);
}

#[test]
fn looking_back_needs_no_engine_thread() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(folder.path());
    fill(&mut journal, 50, 10);
    let mut reader = journal.reader().unwrap();
    let back = std::thread::spawn(move || reader.read(21, 5).unwrap()).join().unwrap();
    let numbers: Vec<u64> = back.iter().map(|stored| stored.seq).collect();
    assert_eq!(numbers, [21, 22, 23, 24, 25]);
    assert_eq!(back[0].event, event(21));
    assert!(journal.bytes().unwrap() > 4096);
}

#[test]
fn the_log_stays_short_however_much_is_appended() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(folder.path());
    let mut longest = 0;
    // 200 events are about 40 KB: some 60 MB in all would pile up in a log that nobody moves.
    for _ in 0..300 {
        let next = journal.last_seq() + 1;
        journal.append(&events(next, next + 199)).unwrap();
        let log = fs::metadata(folder.path().join("journal.sqlite-wal")).unwrap().len();
        longest = longest.max(log);
    }
    journal.settle().unwrap();
    assert!(longest < 40 << 20, "the log grew to {longest} bytes");
    expect_exactly(&mut journal, 60_000);
}
