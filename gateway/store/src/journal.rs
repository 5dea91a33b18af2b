//! What the gateway asks of a journal. SQLite is the first that answers; a server that many
//! gateways share can be the second. One journal is one site: one writer, one order of events.

use gengfu_core::{event::Event, state::State};

use crate::error::StoreError;

/// The journal of one site, owned by the thread that decides for it.
pub trait Journal: Send {
    /// Keeps events, in this order and all or none of them, and returns the number of the last
    /// event kept. When it returns, they are on the disk: only then may anybody be told.
    ///
    /// Events that are only live ([`Event::is_durable`]) are passed over. One call costs one write
    /// to the disk, however many events it brings.
    ///
    /// After an error nothing of the batch is kept, and the journal stays usable: the same events
    /// can be brought again, as when a [full](StoreError::Full) disk has room again. Only one that
    /// [stalls](StoreError::Stalled) may keep them in the end: then they must come again, and first.
    fn append(&mut self, events: &[Event]) -> Result<u64, StoreError>;

    /// The number of the last event kept; 0 for none. Events count from 1.
    fn last_seq(&self) -> u64;

    /// Reads the state back: the newest good snapshot, then every event after it.
    fn load(&mut self, progress: &mut dyn FnMut(Progress)) -> Result<Loaded, StoreError>;

    /// Has the state written as a snapshot, as it stands after event `upto_seq`, without holding up
    /// what is appended meanwhile. False where the one before is still being written: ask later.
    fn snapshot(&mut self, state: &State, upto_seq: u64) -> Result<bool, StoreError>;

    /// Waits until what goes on beside the appending (a snapshot, a check) is done, and tells what
    /// became of it.
    fn settle(&mut self) -> Result<(), StoreError>;

    /// At most `limit` events from number `from_seq` on, in order.
    fn read(&mut self, from_seq: u64, limit: usize) -> Result<Vec<Stored>, StoreError>;

    /// A reader for another thread, so that looking back never holds up the engine.
    fn reader(&self) -> Result<Box<dyn JournalReader>, StoreError>;

    /// The size of the journal with its snapshots, in bytes.
    fn bytes(&self) -> Result<u64, StoreError>;

    /// What is wrong with what was kept, as far as was found since the start, in words for the
    /// caretaker; none where all is well. Cheap enough to ask every second.
    fn trouble(&self) -> Option<String>;
}

/// Reads a journal that another thread writes.
pub trait JournalReader: Send {
    /// At most `limit` events from number `from_seq` on, in order.
    fn read(&mut self, from_seq: u64, limit: usize) -> Result<Vec<Stored>, StoreError>;
}

/// An event as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    /// Its number within the site, from 1.
    pub seq: u64,
    /// The event.
    pub event: Event,
}

/// What was read back.
#[derive(Debug)]
pub struct Loaded {
    /// The state after the last event.
    pub state: State,
    /// How many events were replayed.
    pub events_replayed: u64,
    /// The last event within the snapshot that it began from; none where all was replayed.
    pub from_snapshot: Option<u64>,
}

/// How far the reading back has come, in events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Replayed so far.
    pub done: u64,
    /// To be replayed in all.
    pub total: u64,
}
