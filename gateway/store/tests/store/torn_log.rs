//! Power was cut while the log was being written: what is left of it is read as far as it is whole.

use std::{fs, path::Path};

use gengfu_store::{Journal, SqliteJournal, StoreError};

use crate::building::{event, events, fill, open, site};

/// A data folder as a power cut leaves it: copied while the journal is open, nothing moved out of
/// the log. Batches of 1 to 5 events; the numbers that ended a batch.
fn cut_off(folder: &Path) -> Vec<u64> {
    let live = tempfile::tempdir().unwrap();
    let mut journal = open(live.path());
    let mut ends = vec![0];
    for n in 0..60 {
        let next = journal.last_seq() + 1;
        ends.push(journal.append(&events(next, next + n % 5)).unwrap());
    }
    for name in ["journal.sqlite", "journal.sqlite-wal"] {
        fs::copy(live.path().join(name), folder.join(name)).unwrap();
    }
    ends
}

/// What is read back is a beginning of what was written, and whole batches of it.
fn expect_a_beginning(folder: &Path, ends: &[u64], what: &str) -> u64 {
    let mut journal = match SqliteJournal::open(folder, &site()) {
        Ok(journal) => journal,
        Err(error) => panic!("{what}: {error}"),
    };
    let last = journal.last_seq();
    assert!(ends.contains(&last), "{what}: {last} is in the middle of a batch");
    let kept = journal.read(1, usize::MAX).unwrap();
    assert_eq!(kept.len() as u64, last, "{what}");
    for (stored, n) in kept.iter().zip(1..) {
        assert_eq!((stored.seq, &stored.event), (n, &event(n)), "{what}");
    }
    journal.settle().unwrap();
    // And it goes on from there.
    assert_eq!(journal.append(&[event(last + 1)]).unwrap(), last + 1);
    last
}

#[test]
fn a_log_cut_off_anywhere_gives_whole_batches_up_to_there() {
    let source = tempfile::tempdir().unwrap();
    let ends = cut_off(source.path());
    let all = *ends.last().unwrap();
    let log = fs::read(source.path().join("journal.sqlite-wal")).unwrap();
    let mut lasts = vec![];
    // Frames are 4120 bytes: a step that shares no factor with them meets every part of one.
    for cut in (0..=log.len()).rev().step_by((log.len() / 60) | 1) {
        let folder = tempfile::tempdir().unwrap();
        fs::copy(source.path().join("journal.sqlite"), folder.path().join("journal.sqlite"))
            .unwrap();
        fs::write(folder.path().join("journal.sqlite-wal"), &log[..cut]).unwrap();
        lasts.push(expect_a_beginning(folder.path(), &ends, &format!("cut at {cut}")));
    }
    assert_eq!(lasts[0], all, "an uncut log has everything");
    assert!(lasts.is_sorted_by(|a, b| a >= b), "less log is never more events: {lasts:?}");
    assert!(lasts.iter().collect::<std::collections::BTreeSet<_>>().len() > 20);
}

#[test]
fn garbage_in_the_log_is_never_taken_for_an_event() {
    let source = tempfile::tempdir().unwrap();
    let ends = cut_off(source.path());
    let log = fs::read(source.path().join("journal.sqlite-wal")).unwrap();
    for at in (0..log.len() - 64).step_by((log.len() / 40) | 1) {
        let folder = tempfile::tempdir().unwrap();
        fs::copy(source.path().join("journal.sqlite"), folder.path().join("journal.sqlite"))
            .unwrap();
        let mut garbled = log.clone();
        for byte in &mut garbled[at..at + 64] {
            *byte = byte.wrapping_mul(31).wrapping_add(97);
        }
        fs::write(folder.path().join("journal.sqlite-wal"), garbled).unwrap();
        expect_a_beginning(folder.path(), &ends, &format!("garbage at {at}"));
    }
}

#[test]
fn a_snapshot_ahead_of_a_cut_log_is_believed_and_its_numbers_are_not_given_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(folder.path());
    fill(&mut journal, 10, 5);
    let before = tempfile::tempdir().unwrap();
    for name in ["journal.sqlite", "journal.sqlite-wal"] {
        fs::copy(folder.path().join(name), before.path().join(name)).unwrap();
    }
    fill(&mut journal, 20, 5);
    let state = journal.load(&mut |_| ()).unwrap().state;
    assert!(journal.snapshot(&state, 20).unwrap());
    journal.settle().unwrap();
    drop(journal);
    for name in ["journal.sqlite", "journal.sqlite-wal"] {
        fs::copy(before.path().join(name), folder.path().join(name)).unwrap();
    }

    let mut journal = open(folder.path());
    let loaded = journal.load(&mut |_| ()).unwrap();
    assert_eq!((loaded.from_snapshot, loaded.events_replayed), (Some(20), 0));
    assert_eq!(loaded.state, state);
    assert_eq!(journal.append(&[event(21)]).unwrap(), 21);
    drop(journal);
    let mut journal = open(folder.path());
    let loaded = journal.load(&mut |_| ()).unwrap();
    assert_eq!((loaded.from_snapshot, loaded.events_replayed), (Some(20), 1));
    journal.settle().unwrap();
    // The record has a hole, and says so rather than pretending.
    let numbers: Vec<u64> = journal.read(9, 3).unwrap().iter().map(|s| s.seq).collect();
    assert_eq!(numbers, [9, 10, 21]);
    assert!(!matches!(journal.settle(), Err(StoreError::Damaged { .. })));
}
