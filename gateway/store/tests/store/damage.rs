//! A bad disk has damaged the journal: it is found, named, and whatever is readable is saved.

use std::{
    fs,
    path::{Path, PathBuf},
};

use gengfu_core::state::State;
use gengfu_store::{Journal, SqliteJournal, StoreError, salvage};

use crate::building::{all, event, events, expect_exactly, fill, open, site};

const EVENTS: u64 = 2_000;
const PAGE: usize = 4096;

/// A journal of 2,000 events, closed, all of it in the file.
fn closed(folder: &Path) -> PathBuf {
    fill(&mut open(folder), EVENTS, 50);
    folder.join("journal.sqlite")
}

/// Changes bytes in the middle of a page.
fn spoil(file: &Path, page: usize, from: usize, length: usize) {
    let mut bytes = fs::read(file).unwrap();
    let start = page * PAGE + from;
    for byte in &mut bytes[start..start + length] {
        *byte = byte.wrapping_mul(31).wrapping_add(97);
    }
    fs::write(file, bytes).unwrap();
}

/// Opens it and reads everything; the first error on the way.
fn first_error(folder: &Path) -> StoreError {
    let opened = SqliteJournal::open(folder, &site());
    let tried = opened.and_then(|mut journal| {
        journal.load(&mut |_| ())?;
        journal.settle()
    });
    tried.expect_err("the damage should have been found")
}

#[test]
fn a_spoiled_row_is_found_and_named_and_the_others_are_saved() {
    let folder = tempfile::tempdir().unwrap();
    let file = closed(folder.path());
    // The end of a page holds its first rows: what is changed there is an event's text, which
    // SQLite's own check does not mind.
    spoil(&file, 20, PAGE - 60, 4);
    let error = first_error(folder.path()).to_string();
    assert!(error.contains("journal.sqlite is damaged: the checksum of event"), "{error}");
    assert!(error.contains("gengfu recover"), "{error}");
    let before = fs::read(&file).unwrap();

    let saved = salvage(folder.path()).unwrap();
    assert_eq!((saved.recovered, saved.missing.len()), (EVENTS - 1, 1));
    assert_eq!(fs::read(saved.moved_to.join("journal.sqlite")).unwrap(), before);
    assert!(!saved.state_is_whole(), "no snapshot covers it: {saved}");

    let (lost, _) = saved.missing[0];
    let mut journal = open(folder.path());
    for (seq, kept) in all(&mut journal) {
        assert_ne!(seq, lost);
        assert_eq!(kept, event(seq));
    }
    assert_eq!(journal.load(&mut |_| ()).unwrap().events_replayed, EVENTS - 1);
    assert_eq!(journal.append(&[event(EVENTS + 1)]).unwrap(), EVENTS + 1);
    journal.settle().unwrap();
}

#[test]
fn a_snapshot_makes_good_what_was_lost_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut journal = open(folder.path());
    fill(&mut journal, EVENTS, 50);
    let state = journal.load(&mut |_| ()).unwrap().state;
    assert!(journal.snapshot(&state, EVENTS).unwrap());
    journal.settle().unwrap();
    drop(journal);
    spoil(&folder.path().join("journal.sqlite"), 20, 0, PAGE);
    let saved = salvage(folder.path()).unwrap();
    assert!(saved.recovered > EVENTS - 50 && saved.recovered < EVENTS);
    assert!(saved.state_is_whole() && saved.snapshot == Some(EVENTS));
    assert!(saved.to_string().contains("a snapshot holds what the lost events led to"));
    let mut journal = open(folder.path());
    assert_eq!(journal.load(&mut |_| ()).unwrap().state, state);
    journal.settle().unwrap();
}

#[test]
fn whatever_page_is_spoiled_the_rest_is_saved() {
    let source = tempfile::tempdir().unwrap();
    let file = closed(source.path());
    let pages = fs::metadata(&file).unwrap().len() as usize / PAGE;
    assert!(pages > 40, "{pages}");
    for page in 0..pages.min(40) {
        let folder = tempfile::tempdir().unwrap();
        let copy = folder.path().join("journal.sqlite");
        fs::copy(&file, &copy).unwrap();
        spoil(&copy, page, 0, PAGE);
        if page < 2 {
            // The head of the file, and the root of its rows: nothing can be read the usual way.
            let error = first_error(folder.path());
            assert!(
                matches!(error, StoreError::Damaged { .. } | StoreError::Foreign { .. }),
                "page {page}: {error}"
            );
        }
        let saved = salvage(folder.path()).unwrap();
        let lost: u64 = saved.missing.iter().map(|(first, last)| last - first + 1).sum();
        assert!(lost <= 60, "page {page}: {saved}");
        assert_eq!(saved.recovered + lost, EVENTS, "page {page}: {saved}");
        let mut journal = open(folder.path());
        assert!(all(&mut journal).iter().all(|(seq, kept)| *kept == event(*seq)));
        journal.load(&mut |_| ()).unwrap();
        journal.settle().unwrap();
    }
}

#[test]
fn a_file_cut_short_keeps_what_is_left_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = closed(folder.path());
    let length = fs::metadata(&file).unwrap().len();
    fs::OpenOptions::new().write(true).open(&file).unwrap().set_len(length / 2).unwrap();
    let error = first_error(folder.path());
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    let saved = salvage(folder.path()).unwrap();
    assert!(saved.recovered > EVENTS / 3, "{saved}");
    let mut journal = open(folder.path());
    assert_eq!(all(&mut journal).len() as u64, saved.recovered);
}

#[test]
fn what_is_only_in_the_log_is_saved_too_and_long_events_as_well() {
    let live = tempfile::tempdir().unwrap();
    let mut journal = open(live.path());
    fill(&mut journal, 300, 50);
    // An event that fills several pages: a long note.
    let mut long = event(301);
    let gengfu_core::event::What::PointChanged(reading) = &mut long.what else { panic!() };
    reading.sample = Ok(gengfu_core::point::Value::Text("梯".repeat(20_000)));
    journal.append(&[long.clone()]).unwrap();
    journal.append(&events(302, 310)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for name in ["journal.sqlite", "journal.sqlite-wal"] {
        fs::copy(live.path().join(name), folder.path().join(name)).unwrap();
    }
    // The file itself is gone for good; its log has every page of it.
    fs::write(folder.path().join("journal.sqlite"), vec![0x5a; 3 * PAGE]).unwrap();

    let saved = salvage(folder.path()).unwrap();
    assert_eq!((saved.recovered, &saved.missing[..]), (310, &[][..]));
    assert!(saved.moved_to.join("journal.sqlite-wal").exists());
    let mut journal = open(folder.path());
    let kept = all(&mut journal);
    assert_eq!(kept[300], (301, long));
    assert_eq!(kept[309], (310, event(310)));
    assert!(saved.to_string().contains("nothing is known to be lost"));
}

#[test]
fn a_whole_journal_is_salvaged_without_loss_and_twice() {
    let folder = tempfile::tempdir().unwrap();
    closed(folder.path());
    let first = salvage(folder.path()).unwrap();
    let second = salvage(folder.path()).unwrap();
    assert_eq!((first.recovered, second.recovered), (EVENTS, EVENTS));
    assert_ne!(first.moved_to, second.moved_to);
    expect_exactly(&mut open(folder.path()), EVENTS);
}

#[test]
fn an_interrupted_recovery_is_finished_by_the_next_start() {
    let folder = tempfile::tempdir().unwrap();
    let file = closed(folder.path());
    // As it stands when power goes just before the new file takes the old one's place.
    fs::rename(&file, folder.path().join("journal.recovered.sqlite")).unwrap();
    fs::write(&file, "damaged").unwrap();
    expect_exactly(&mut open(folder.path()), EVENTS);
    assert_eq!(fs::read(folder.path().join("damaged-1/journal.sqlite")).unwrap(), b"damaged");
}

#[test]
fn a_journal_of_nothing_but_garbage_says_so() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("journal.sqlite"), vec![0xa5; 8 * PAGE]).unwrap();
    assert!(matches!(first_error(folder.path()), StoreError::Damaged { .. }));
    let saved = salvage(folder.path()).unwrap();
    assert_eq!((saved.recovered, saved.site.clone()), (0, None));
    let mut journal = open(folder.path());
    assert_eq!(journal.load(&mut |_| ()).unwrap().state, State::new(site()));
}
