//! A journal that answers in time though its disk hangs: to whoever decides, such a disk is one that
//! refuses.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        mpsc::{Receiver, RecvTimeoutError, Sender, TryRecvError, channel},
    },
    thread::JoinHandle,
    time::Duration,
};

use gengfu_core::{event::Event, state::State};
use parking_lot::Mutex;

use crate::{
    error::StoreError,
    journal::{Journal, JournalReader, Loaded, Progress, Stored},
};

/// A write that takes longer than this is not waited for. A sound disk needs some milliseconds, a
/// worn memory card that tidies up some hundred; and a call for help must be told within seconds.
pub const LIMIT: Duration = Duration::from_secs(2);

type Written = Result<u64, StoreError>;

/// A journal whose writes are made on a thread of its own.
///
/// A write that takes too long is [`StoreError::Stalled`], and still under way. As after every error
/// the same events are to be brought again, as the first ones of the next batch; those that the disk
/// has taken by then are not written twice.
pub struct PromptJournal {
    folder: PathBuf,
    limit: Duration,
    inner: Arc<Mutex<Box<dyn Journal>>>,
    batches: Option<Sender<Vec<Event>>>,
    written: Receiver<Written>,
    writer: Option<JoinHandle<()>>,
    /// So many events are on their way to a disk that has not answered yet.
    under_way: Option<usize>,
    /// So many of the next batch's first events the disk has taken, though too late to say so.
    taken: usize,
    last: u64,
    trouble: Option<String>,
}

impl PromptJournal {
    /// Has the writes of a journal made beside the caller, who waits no longer than `limit` for each.
    ///
    /// # Errors
    /// Where the operating system gives no thread.
    pub fn new(
        journal: Box<dyn Journal>,
        folder: PathBuf,
        limit: Duration,
    ) -> Result<Self, StoreError> {
        let last = journal.last_seq();
        let trouble = journal.trouble();
        let inner = Arc::new(Mutex::new(journal));
        let (batches, coming) = channel::<Vec<Event>>();
        let (to, written) = channel();
        let writer = inner.clone();
        let write = move || {
            while let Ok(events) = coming.recv() {
                let result = writer.lock().append(&events);
                if to.send(result).is_err() {
                    return;
                }
            }
        };
        let writer = std::thread::Builder::new()
            .name("journal-write".into())
            .spawn(write)
            .map_err(|error| StoreError::io(&folder, error))?;
        Ok(Self {
            folder,
            limit,
            inner,
            batches: Some(batches),
            written,
            writer: Some(writer),
            under_way: None,
            taken: 0,
            last,
            trouble,
        })
    }

    fn stalled(&self) -> StoreError {
        StoreError::Stalled { folder: self.folder.clone(), limit: self.limit }
    }

    fn ended(&self) -> StoreError {
        let folder = self.folder.display();
        StoreError::Trouble(format!(
            "{folder}: the journal's writer has ended: restart the gateway"
        ))
    }

    /// The journal itself, unless the disk has it.
    fn idle(&self) -> Result<&Mutex<Box<dyn Journal>>, StoreError> {
        if self.under_way.is_some() { Err(self.stalled()) } else { Ok(&self.inner) }
    }

    /// Hears from the disk, if it has answered meanwhile.
    fn catch_up(&mut self) -> Result<(), StoreError> {
        let Some(count) = self.under_way else { return Ok(()) };
        let result = match self.written.try_recv() {
            Ok(result) => result,
            Err(TryRecvError::Empty) => return Err(self.stalled()),
            Err(TryRecvError::Disconnected) => return Err(self.ended()),
        };
        self.under_way = None;
        self.last = result?;
        self.taken += count;
        Ok(())
    }
}

impl Drop for PromptJournal {
    fn drop(&mut self) {
        self.batches = None;
        // A disk that hangs is not waited for here either; any other journal is closed by then.
        if self.under_way.is_none()
            && let Some(writer) = self.writer.take()
            && writer.join().is_err()
        {
            tracing::error!(folder = %self.folder.display(), "the journal's writer has panicked");
        }
    }
}

impl Journal for PromptJournal {
    fn append(&mut self, events: &[Event]) -> Result<u64, StoreError> {
        self.catch_up()?;
        let rest = events.get(self.taken..).unwrap_or_default();
        if !rest.is_empty() {
            let batches = self.batches.as_ref().ok_or_else(|| self.ended())?;
            batches.send(rest.to_vec()).map_err(|_| self.ended())?;
            match self.written.recv_timeout(self.limit) {
                Ok(result) => self.last = result?,
                Err(RecvTimeoutError::Timeout) => {
                    self.under_way = Some(rest.len());
                    return Err(self.stalled());
                }
                Err(RecvTimeoutError::Disconnected) => return Err(self.ended()),
            }
        }
        self.taken = 0;
        Ok(self.last)
    }

    fn last_seq(&self) -> u64 {
        self.last
    }

    fn load(&mut self, progress: &mut dyn FnMut(Progress)) -> Result<Loaded, StoreError> {
        self.idle()?.lock().load(progress)
    }

    fn snapshot(&mut self, state: &State, upto_seq: u64) -> Result<bool, StoreError> {
        self.idle()?.lock().snapshot(state, upto_seq)
    }

    fn settle(&mut self) -> Result<(), StoreError> {
        self.idle()?.lock().settle()
    }

    fn read(&mut self, from_seq: u64, limit: usize) -> Result<Vec<Stored>, StoreError> {
        self.idle()?.lock().read(from_seq, limit)
    }

    fn reader(&self) -> Result<Box<dyn JournalReader>, StoreError> {
        self.idle()?.lock().reader()
    }

    fn bytes(&self) -> Result<u64, StoreError> {
        self.idle()?.lock().bytes()
    }

    fn trouble(&self) -> Option<String> {
        self.idle().map_or_else(|_| self.trouble.clone(), |journal| journal.lock().trouble())
    }
}
