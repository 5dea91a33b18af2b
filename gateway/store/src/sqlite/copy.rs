//! A copy of a file in use: what it held at one moment, whole, while its gateway goes on writing.

use std::{
    fs::File,
    path::Path,
    sync::mpsc::{RecvTimeoutError, channel},
    thread,
    time::Duration,
};

use gengfu_core::id::SiteId;
use rusqlite::{Connection, OpenFlags};

use super::{
    integrity::{Walk, check_structure, open_read_only},
    migration::JOURNAL_MARK,
};
use crate::{
    error::StoreError,
    folder::{create_private, size_of, sync_folder},
};

/// Progress is told this often.
const TELL: Duration = Duration::from_millis(200);

/// Copies a file of SQLite to where nothing is yet, and brings it onto the disk. Writers are not held up:
/// the copy is made of one read. `progress` is told the bytes done and, roughly, of how many.
///
/// # Errors
/// Where the file is damaged or can't be read, or the copy can't be written.
pub fn copy(from: &Path, to: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<(), StoreError> {
    let total = size_of(from)?;
    create_private(to)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(from, flags)
        .and_then(|conn| conn.busy_timeout(Duration::from_secs(5)).map(|()| conn))
        .map_err(|error| StoreError::sqlite(from, error))?;
    let path = to.to_string_lossy().into_owned();
    let (done, is_done) = channel();
    thread::scope(|scope| {
        scope.spawn(move || {
            // Nobody listens any more: then nobody wants to know.
            let _ = done.send(conn.execute("VACUUM INTO ?1", [&path]).map(drop));
        });
        loop {
            match is_done.recv_timeout(TELL) {
                Ok(copied) => return copied.map_err(|error| StoreError::sqlite(to, error)),
                Err(RecvTimeoutError::Timeout) => progress(size_of(to)?.min(total), total),
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(StoreError::Trouble("the copying has ended by itself".into()));
                }
            }
        }
    })?;
    File::open(to).and_then(|file| file.sync_all()).map_err(|error| StoreError::io(to, error))?;
    sync_folder(to)?;
    progress(total, total);
    Ok(())
}

/// What a journal holds that nobody writes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspected {
    /// Whose it is; none where it was never used.
    pub site: Option<SiteId>,
    /// Its last event's number; 0 where it has none.
    pub last_seq: u64,
}

/// Reads a journal from its first event to its last: a copy that was never read is no copy.
///
/// # Errors
/// Where it is no journal, or an event is damaged or missing.
pub fn inspect(file: &Path, progress: &mut dyn FnMut(u64, u64)) -> Result<Inspected, StoreError> {
    let conn = open_read_only(file)?;
    let fail = |error| StoreError::sqlite(file, error);
    let mark: i32 =
        conn.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(fail)?;
    if mark != JOURNAL_MARK {
        let what = format!("its application id is {mark}");
        return Err(StoreError::Foreign { file: file.into(), what });
    }
    check_structure(file, &conn)?;
    let owner: Option<String> =
        conn.query_row("SELECT max(site) FROM owner", [], |row| row.get(0)).map_err(fail)?;
    let site = owner.map(|owner| SiteId::from(owner.as_str()));
    let last_seq = conn
        .query_row(
            "SELECT max(coalesce((SELECT max(seq) FROM event), 0), coalesce((SELECT max(last) FROM gap), 0))",
            [],
            |row| row.get(0),
        )
        .map_err(fail)?;
    let Some(owner) = &site else { return Ok(Inspected { site, last_seq }) };
    let mut walk = Walk::new(file, last_seq)?;
    let damaged = |what| StoreError::Damaged { file: file.into(), what };
    while !walk.step(owner).map_err(damaged)? {
        progress(walk.done(), last_seq);
    }
    Ok(Inspected { site, last_seq })
}
