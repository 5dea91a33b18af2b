//! The appending and the reading back.

use std::path::{Path, PathBuf};

use gengfu_core::{engine, event::Event, id::SiteId, state::State};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior};

use super::{
    integrity::{self, Order, Walk},
    keeper::Keeper,
    migration,
    row::{self, INSERT, Kept, SELECT},
    salvage,
};
use crate::{
    error::StoreError,
    folder::{Folder, create_private, size_of},
    journal::{Journal, JournalReader, Loaded, Progress, Stored},
    snapshot,
};

/// The journal's name within the data folder.
pub const FILE: &str = "journal.sqlite";

/// After so many bytes of events the keeper is asked to move the log into the file. The log takes
/// about this much room on the disk.
const CHECKPOINT_BYTES: usize = 4 * 1024 * 1024;
/// Events read at once while replaying.
const SLICE: usize = 1_000;
/// Room for the events of one append that is not given back: no batch of ordinary events takes more.
const ROOM: usize = 256 * 1024;
/// What a commit adds to the log besides the events: the pages it touches, roughly.
const COMMIT_BYTES: usize = 8 * 1024;

/// The journal of one site in SQLite. The data folder is this process's own while it lives.
pub struct SqliteJournal {
    file: PathBuf,
    site: SiteId,
    conn: Connection,
    keeper: Keeper,
    last: u64,
    unmoved: usize,
    bodies: Vec<u8>,
    // Last, so that the folder is let go of only when everything in it is closed.
    folder: Folder,
}

impl SqliteJournal {
    /// Opens the journal of `site` in a data folder that exists; makes it where there is none.
    pub fn open(folder: &Path, site: &SiteId) -> Result<Self, StoreError> {
        let folder = Folder::open(folder)?;
        let file = folder.path().join(FILE);
        salvage::finish(folder.path())?;
        snapshot::sweep(folder.path())?;
        create_private(&file)?;
        let mut conn = open(&file)?;
        let fail = |error| StoreError::sqlite(&file, error);
        migration::migrate(&file, &mut conn, migration::JOURNAL_MARK, migration::JOURNAL)?;
        if size_of(&file)? <= integrity::CHECKED_AT_START {
            integrity::check_structure(&file, &conn)?;
        }
        claim(&file, &mut conn, site)?;
        let last = conn
            .query_row(
                "SELECT max(ifnull((SELECT max(seq) FROM event), 0),
                            ifnull((SELECT max(last) FROM gap), 0))",
                [],
                |row| row.get(0),
            )
            .map_err(fail)?;
        let keeper = Keeper::start(file.clone(), site.clone(), open(&file)?)?;
        keeper.walk(Walk::new(&file, last)?);
        let site = site.clone();
        let mut journal =
            Self { file, site, conn, keeper, last, unmoved: 0, bodies: vec![], folder };
        journal.catch_up_with_snapshots()?;
        Ok(journal)
    }

    /// Snapshots are made of kept events only; one that is ahead of the journal proves that the
    /// journal has lost its end (a damaged log reads as an unfinished one). Its numbers are not
    /// given again, or the same number would mean two events.
    fn catch_up_with_snapshots(&mut self) -> Result<(), StoreError> {
        let listed = snapshot::list(self.folder.path())?;
        if !listed.iter().any(|(seq, _)| *seq > self.last) {
            return Ok(());
        }
        let newest = snapshot::newest(self.folder.path(), &self.site)?;
        let ahead = newest.map(|(seq, _)| seq).filter(|seq| *seq > self.last);
        let Some(seq) = ahead else { return Ok(()) };
        tracing::error!(
            file = %self.file.display(), first = self.last + 1, last = seq,
            "the journal has lost its end; what the snapshot holds of it is kept"
        );
        let why = "lost from the end of the journal; the snapshot has what they led to";
        self.conn
            .execute(
                "INSERT INTO gap (first, last, site, why) VALUES (?1, ?2, ?3, ?4)",
                (self.last + 1, seq, self.site.as_str(), why),
            )
            .map_err(|error| StoreError::sqlite(&self.file, error))?;
        self.last = seq;
        Ok(())
    }

    /// Every event from number `first` on, in slices. A second thread reads ahead: understanding
    /// an event takes longer than what is then done with it.
    fn slices(
        &self,
        first: u64,
        mut each: impl FnMut(Vec<Stored>) -> Result<(), String>,
    ) -> Result<(), StoreError> {
        let mut reader = self.reader()?;
        let (slices, coming) = std::sync::mpsc::sync_channel(4);
        let mut next = first;
        let read_ahead = move || {
            loop {
                let slice = reader.read(next, SLICE);
                let last = slice.as_ref().ok().and_then(|slice| slice.last()).map(|s| s.seq);
                // Nobody waits any more: something was wrong with an earlier slice.
                let unwanted = slices.send(slice).is_err();
                match last {
                    Some(seq) if !unwanted => next = seq + 1,
                    _ => return,
                }
            }
        };
        std::thread::scope(|scope| {
            std::thread::Builder::new()
                .name("journal-replay".into())
                .spawn_scoped(scope, read_ahead)
                .map_err(|error| StoreError::io(&self.file, error))?;
            for slice in coming {
                each(slice?)
                    .map_err(|what| StoreError::Damaged { file: self.file.clone(), what })?;
            }
            Ok(())
        })
    }

    fn insert(&mut self, ends: &[usize]) -> rusqlite::Result<u64> {
        let mut seq = self.last;
        let tx = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut insert = tx.prepare_cached(INSERT)?;
            let mut from = 0;
            for end in ends {
                seq += 1;
                let body = &self.bodies[from..*end];
                let sum = row::checksum(seq, self.site.as_str(), body);
                insert.execute((seq, self.site.as_str(), body, sum))?;
                from = *end;
            }
        }
        tx.commit()?;
        Ok(seq)
    }

    fn let_pages_go(&self) {
        if let Err(error) = self.conn.execute_batch("PRAGMA shrink_memory") {
            tracing::debug!(%error, "the journal's pages stay in memory");
        }
    }

    /// Keeps the log short without holding up the appends: the keeper moves it, and the writer
    /// only what came in meanwhile.
    fn mind_the_log(&mut self, added: usize) {
        self.unmoved += added + COMMIT_BYTES;
        if self.unmoved >= CHECKPOINT_BYTES || self.keeper.owes_checkpoint() {
            self.unmoved = 0;
            self.keeper.checkpoint();
        }
        if self.keeper.wants_writer() {
            let moved = self.conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
            if let Err(error) = moved {
                // The events are kept all the same; the keeper tries again.
                tracing::warn!(%error, "the log was not moved into the file");
            }
        }
    }
}

/// Opens a connection for writing, with the settings that the promises rest on.
fn open(file: &Path) -> Result<Connection, StoreError> {
    let settings = |conn: Connection| {
        conn.busy_timeout(std::time::Duration::from_secs(5))?;
        conn.pragma_update(None, "page_size", super::page::SIZE)?;
        conn.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        conn.pragma_update(None, "synchronous", "FULL")?;
        // The keeper moves the log, not whichever append happens to be the thousandth.
        conn.pragma_update_and_check(None, "wal_autocheckpoint", 0, |_| Ok(()))?;
        conn.pragma_update_and_check(None, "journal_size_limit", 16 * 1024 * 1024, |_| Ok(()))?;
        conn.pragma_update(None, "temp_store", "MEMORY")?;
        Ok(conn)
    };
    Connection::open(file).and_then(settings).map_err(|error| StoreError::sqlite(file, error))
}

/// Notes whose journal this is, or refuses another site's.
fn claim(file: &Path, conn: &mut Connection, site: &SiteId) -> Result<(), StoreError> {
    let fail = |error| StoreError::sqlite(file, error);
    let kept: Option<String> =
        conn.query_row("SELECT site FROM owner", [], |row| row.get(0)).optional().map_err(fail)?;
    match kept {
        Some(kept) if kept == site.as_str() => Ok(()),
        Some(kept) => Err(StoreError::OtherSite {
            file: file.into(),
            kept: SiteId::from(kept.as_str()),
            asked: site.clone(),
        }),
        None => conn
            .execute("INSERT INTO owner (site) VALUES (?1)", [site.as_str()])
            .map(|_| ())
            .map_err(fail),
    }
}

/// At most `limit` events from `from` on; a damaged one is an error that says which.
fn read(
    file: &Path,
    conn: &Connection,
    site: &SiteId,
    from: u64,
    limit: usize,
) -> Result<Vec<Stored>, StoreError> {
    let fail = |error| StoreError::sqlite(file, error);
    let mut select = conn.prepare_cached(SELECT).map_err(fail)?;
    let mut rows =
        select.query((from, i64::MAX, i64::try_from(limit).unwrap_or(i64::MAX))).map_err(fail)?;
    let mut found = vec![];
    while let Some(row) = rows.next().map_err(fail)? {
        let kept = Kept::from_row(row).map_err(fail)?;
        let stored =
            kept.decode(site).map_err(|what| StoreError::Damaged { file: file.into(), what })?;
        found.push(stored);
    }
    Ok(found)
}

impl Journal for SqliteJournal {
    fn append(&mut self, events: &[Event]) -> Result<u64, StoreError> {
        self.bodies.clear();
        let mut ends = Vec::with_capacity(events.len());
        for event in events.iter().filter(|event| event.is_durable()) {
            row::encode(event, &mut self.bodies)?;
            ends.push(self.bodies.len());
        }
        if !ends.is_empty() {
            self.last =
                self.insert(&ends).map_err(|error| StoreError::sqlite(&self.file, error))?;
            self.mind_the_log(self.bodies.len());
            // One large event (a whole configuration) must not hold its room for ever, here or in the
            // pages that SQLite keeps at hand.
            if self.bodies.len() > ROOM {
                self.bodies.clear();
                self.bodies.shrink_to(ROOM);
                self.let_pages_go();
            }
        }
        Ok(self.last)
    }

    fn last_seq(&self) -> u64 {
        self.last
    }

    fn load(&mut self, progress: &mut dyn FnMut(Progress)) -> Result<Loaded, StoreError> {
        let newest = snapshot::newest(self.folder.path(), &self.site)?;
        let from_snapshot = newest.as_ref().map(|(seq, _)| *seq);
        let mut state = newest.map_or_else(|| State::new(self.site.clone()), |(_, state)| state);
        let first = from_snapshot.unwrap_or(0) + 1;
        let total = (self.last + 1).saturating_sub(first);
        let gaps = integrity::gaps(&self.file, &self.conn)?;
        let lost = gaps.iter().find(|(_, last)| *last >= first);
        if let Some((from, to)) = lost {
            tracing::warn!(from, to, "events are missing that no snapshot covers");
        }
        let mut order = Order::new(first, gaps);
        let mut done = 0;
        self.slices(first, |slice| {
            for Stored { seq, event } in slice {
                order.follow(seq)?;
                engine::evolve(&mut state, &event);
                done += 1;
            }
            progress(Progress { done, total });
            Ok(())
        })?;
        Ok(Loaded { state, events_replayed: done, from_snapshot })
    }

    fn snapshot(&mut self, state: &State, upto_seq: u64) -> Result<bool, StoreError> {
        if upto_seq > self.last || *state.site() != self.site {
            let site = state.site();
            let what = format!(
                "the state of {site} after event {upto_seq}, where {} kept {} events",
                self.site, self.last
            );
            return Err(StoreError::Unkeepable { what });
        }
        Ok(self.keeper.snapshot(state, upto_seq))
    }

    fn settle(&mut self) -> Result<(), StoreError> {
        self.keeper.settle();
        match self.trouble() {
            Some(what) => Err(StoreError::Trouble(what)),
            None => Ok(()),
        }
    }

    fn read(&mut self, from_seq: u64, limit: usize) -> Result<Vec<Stored>, StoreError> {
        read(&self.file, &self.conn, &self.site, from_seq, limit)
    }

    fn reader(&self) -> Result<Box<dyn JournalReader>, StoreError> {
        let conn = integrity::open_read_only(&self.file)?;
        Ok(Box::new(Reader { file: self.file.clone(), site: self.site.clone(), conn }))
    }

    fn bytes(&self) -> Result<u64, StoreError> {
        let mut sum = size_of(&self.file)? + size_of(&self.file.with_extension("sqlite-wal"))?;
        for (_, path) in snapshot::list(self.folder.path())? {
            sum += size_of(&path)?;
        }
        Ok(sum)
    }

    fn trouble(&self) -> Option<String> {
        self.keeper.trouble()
    }
}

struct Reader {
    file: PathBuf,
    site: SiteId,
    conn: Connection,
}

impl JournalReader for Reader {
    fn read(&mut self, from_seq: u64, limit: usize) -> Result<Vec<Stored>, StoreError> {
        read(&self.file, &self.conn, &self.site, from_seq, limit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench;

    fn opened() -> (tempfile::TempDir, SqliteJournal) {
        let folder = tempfile::tempdir().unwrap();
        let journal = SqliteJournal::open(folder.path(), &SiteId::from("bench")).unwrap();
        (folder, journal)
    }

    #[test]
    fn every_append_is_brought_to_the_disk_before_it_counts() {
        let (_folder, journal) = opened();
        let setting = |name: &str| -> String {
            journal
                .conn
                .pragma_query_value(None, name, |row| row.get::<_, rusqlite::types::Value>(0))
                .map(|value| format!("{value:?}"))
                .unwrap()
        };
        assert_eq!(setting("synchronous"), "Integer(2)", "2 is FULL");
        assert_eq!(setting("journal_mode"), "Text(\"wal\")");
        assert_eq!(setting("wal_autocheckpoint"), "Integer(0)");
    }

    #[test]
    fn a_file_that_may_not_grow_refuses_and_goes_on_when_it_may() {
        let (_folder, mut journal) = opened();
        let limit = |journal: &SqliteJournal, pages: u32| {
            journal
                .conn
                .pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()))
                .unwrap();
        };
        limit(&journal, 40);
        let batch = |last: u64| (last + 1..=last + 20).map(bench::event).collect::<Vec<_>>();
        let full = loop {
            if let Err(error) = journal.append(&batch(journal.last)) {
                break error;
            }
        };
        assert!(full.is_full(), "{full}");
        let kept = journal.last;
        assert!(kept > 100 && kept.is_multiple_of(20), "{kept}");
        assert!(journal.append(&batch(kept)).unwrap_err().is_full());
        assert_eq!(journal.read(1, usize::MAX).unwrap().len() as u64, kept);
        limit(&journal, 1_000_000);
        assert_eq!(journal.append(&batch(kept)).unwrap(), kept + 20);
        assert_eq!(journal.read(1, usize::MAX).unwrap().len() as u64, kept + 20);
        journal.settle().unwrap();
    }
}
