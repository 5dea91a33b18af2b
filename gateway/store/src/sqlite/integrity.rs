//! What is looked at before a file is believed, and after.
//!
//! Small files are checked whole at the start. In a large one that would keep a building without
//! its gateway for seconds; there every row is walked beside the ordinary work instead
//! ([`Walk`]), and what is found is told as a trouble of the journal.

use std::path::Path;

use gengfu_core::id::SiteId;
use rusqlite::{Connection, OpenFlags};

use super::row::{Kept, SELECT};
use crate::error::StoreError;

/// Up to this size a file is checked whole at the start: about 0.1 s.
pub(super) const CHECKED_AT_START: u64 = 32 * 1024 * 1024;
/// Rows looked at in one slice of a walk.
const SLICE: u64 = 2_000;

/// Opens a file that exists for reading only.
pub(crate) fn open_read_only(file: &Path) -> Result<Connection, StoreError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(file, flags)
        .and_then(|conn| {
            conn.pragma_update(None, "query_only", true)?;
            Ok(conn)
        })
        .map_err(|error| StoreError::sqlite(file, error))
}

/// SQLite's own check of a file's structure.
pub(crate) fn check_structure(file: &Path, conn: &Connection) -> Result<(), StoreError> {
    let fail = |error| StoreError::sqlite(file, error);
    let mut said: Vec<String> = vec![];
    conn.pragma_query(None, "quick_check", |row| {
        said.push(row.get(0)?);
        Ok(())
    })
    .map_err(fail)?;
    if said == ["ok"] {
        return Ok(());
    }
    said.truncate(3);
    Err(StoreError::Damaged { file: file.into(), what: said.join("; ") })
}

/// Goes through rows in order and says where one is damaged or missing.
#[derive(Debug)]
pub(super) struct Order {
    next: u64,
    gaps: Vec<(u64, u64)>,
}

impl Order {
    /// From number `next` on; `gaps` are known to be missing.
    pub fn new(next: u64, gaps: Vec<(u64, u64)>) -> Self {
        Self { next, gaps }
    }

    /// Takes note of the next row's number; an error in words where one is missing before it.
    pub fn follow(&mut self, seq: u64) -> Result<(), String> {
        while let Some((_, last)) =
            self.gaps.iter().find(|(first, last)| (*first..=*last).contains(&self.next))
        {
            self.next = last + 1;
        }
        if seq != self.next {
            return Err(format!("event {} is missing", self.next));
        }
        self.next = seq + 1;
        Ok(())
    }
}

/// The numbers that are known to be missing, first to last.
pub(super) fn gaps(file: &Path, conn: &Connection) -> Result<Vec<(u64, u64)>, StoreError> {
    let read = || -> rusqlite::Result<Vec<(u64, u64)>> {
        conn.prepare("SELECT first, last FROM gap ORDER BY first")?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect()
    };
    read().map_err(|error| StoreError::sqlite(file, error))
}

/// A walk over every row that was kept before this start, in slices.
#[derive(Debug)]
pub(super) struct Walk {
    conn: Connection,
    order: Order,
    next: u64,
    last: u64,
}

impl Walk {
    /// A walk over the events up to number `last`.
    pub fn new(file: &Path, last: u64) -> Result<Self, StoreError> {
        let conn = open_read_only(file)?;
        let order = Order::new(1, gaps(file, &conn)?);
        Ok(Self { conn, order, next: 1, last })
    }

    /// Events that were looked at.
    pub fn done(&self) -> u64 {
        self.next.saturating_sub(1)
    }

    /// Looks at the next slice. True when there is no more; an error in words for what it found.
    pub fn step(&mut self, site: &SiteId) -> Result<bool, String> {
        if self.next > self.last {
            return Ok(true);
        }
        let mut seen = None;
        let rows = |error: rusqlite::Error| error.to_string();
        let mut select = self.conn.prepare_cached(SELECT).map_err(rows)?;
        let mut found = select.query((self.next, self.last, SLICE)).map_err(rows)?;
        while let Some(row) = found.next().map_err(rows)? {
            let kept = Kept::from_row(row).map_err(rows)?;
            self.order.follow(kept.seq)?;
            kept.decode(site)?;
            seen = Some(kept.seq);
        }
        match seen {
            Some(seq) => self.next = seq + 1,
            // What is left is a gap that was salvaged over, up to the last number.
            None => self.next = self.last + 1,
        }
        Ok(self.next > self.last)
    }
}
