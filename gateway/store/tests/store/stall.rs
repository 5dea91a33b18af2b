//! A disk that hangs: whoever decides is not held up, and nothing is lost or kept twice.

use std::{
    sync::mpsc::{Receiver, Sender, channel},
    time::{Duration, Instant},
};

use gengfu_core::{event::Event, state::State};
use gengfu_store::{
    Journal, JournalReader, Loaded, Progress, PromptJournal, SqliteJournal, StoreError, Stored,
};

use crate::building::{events, expect_exactly, open};

const LIMIT: Duration = Duration::from_millis(50);

/// A journal whose every write waits until it is let through, or is refused.
struct Slow {
    journal: SqliteJournal,
    let_through: Receiver<bool>,
}

impl Journal for Slow {
    fn append(&mut self, events: &[Event]) -> Result<u64, StoreError> {
        match self.let_through.recv() {
            Ok(true) => self.journal.append(events),
            _ => Err(StoreError::Full("the journal".into())),
        }
    }
    fn last_seq(&self) -> u64 {
        self.journal.last_seq()
    }
    fn load(&mut self, progress: &mut dyn FnMut(Progress)) -> Result<Loaded, StoreError> {
        self.journal.load(progress)
    }
    fn snapshot(&mut self, state: &State, upto_seq: u64) -> Result<bool, StoreError> {
        self.journal.snapshot(state, upto_seq)
    }
    fn settle(&mut self) -> Result<(), StoreError> {
        self.journal.settle()
    }
    fn read(&mut self, from_seq: u64, limit: usize) -> Result<Vec<Stored>, StoreError> {
        self.journal.read(from_seq, limit)
    }
    fn reader(&self) -> Result<Box<dyn JournalReader>, StoreError> {
        self.journal.reader()
    }
    fn bytes(&self) -> Result<u64, StoreError> {
        self.journal.bytes()
    }
    fn trouble(&self) -> Option<String> {
        self.journal.trouble()
    }
}

fn slow(folder: &tempfile::TempDir) -> (PromptJournal, Sender<bool>) {
    let (through, let_through) = channel();
    let journal = Slow { journal: open(folder.path()), let_through };
    let at = folder.path().to_owned();
    (PromptJournal::new(Box::new(journal), at, LIMIT).unwrap(), through)
}

/// Brings events 1 to `last` again and again until they are kept.
fn insist(journal: &mut PromptJournal, last: u64) {
    let begun = Instant::now();
    while let Err(error) = journal.append(&events(1, last)) {
        assert!(matches!(error, StoreError::Stalled { .. }), "{error}");
        assert!(begun.elapsed() < Duration::from_secs(20), "it stalls for ever");
        std::thread::yield_now();
    }
}

#[test]
fn a_write_that_hangs_is_not_waited_for_and_its_events_are_kept_once() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, through) = slow(&folder);
    let begun = Instant::now();
    let error = journal.append(&events(1, 3)).unwrap_err();
    assert!(matches!(error, StoreError::Stalled { .. }), "{error}");
    assert!(error.to_string().contains("has not answered"), "{error}");
    // Brought again with more, while it still hangs: that costs no time at all, and no second write.
    assert!(matches!(journal.append(&events(1, 5)), Err(StoreError::Stalled { .. })));
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    assert!(matches!(journal.read(1, 9), Err(StoreError::Stalled { .. })), "the disk has it");
    assert_eq!((journal.last_seq(), journal.trouble()), (0, None));

    through.send(true).unwrap();
    through.send(true).unwrap();
    insist(&mut journal, 5);
    assert_eq!(journal.last_seq(), 5);
    drop(journal);
    expect_exactly(&mut open(folder.path()), 5);
}

#[test]
fn a_write_that_hangs_and_is_refused_in_the_end_is_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let (mut journal, through) = slow(&folder);
    assert!(matches!(journal.append(&events(1, 2)), Err(StoreError::Stalled { .. })));
    // What hung is kept; what came with it meanwhile is refused, then hangs as well.
    through.send(true).unwrap();
    through.send(false).unwrap();
    let begun = Instant::now();
    while !matches!(journal.append(&events(1, 4)), Err(StoreError::Full(_))) {
        assert!(begun.elapsed() < Duration::from_secs(20), "the refusal is not told");
        std::thread::yield_now();
    }
    assert_eq!(journal.last_seq(), 2);
    assert!(matches!(journal.append(&events(1, 4)), Err(StoreError::Stalled { .. })));
    through.send(true).unwrap();
    insist(&mut journal, 4);
    drop(journal);
    expect_exactly(&mut open(folder.path()), 4);
}
