//! The history's file: its tables, how it is opened, and how it is asked.

use std::path::Path;

use gengfu_core::{id::PointId, time::Timestamp};
use parking_lot::Mutex;
use rusqlite::Connection;

use super::{
    Past,
    codec::Readings,
    recent::{Recent, SPAN_MS},
};
use crate::{error::StoreError, sqlite::side};

/// The history's name within the data folder.
pub const FILE: &str = "history.sqlite";
/// SQLite's mark for whose file it is: "GFH1".
const MARK: i32 = i32::from_be_bytes(*b"GFH1");
/// The schema, step by step. A step that was released is never changed.
const SCHEMA: &[&str] = &[
    // Chunks lie in the order in which they were made, which is the order of time: new ones are
    // written side by side, and old ones are removed from the front.
    "CREATE TABLE point (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
     CREATE TABLE arrived (id INTEGER PRIMARY KEY, body BLOB NOT NULL);
     CREATE TABLE chunk (
        id INTEGER PRIMARY KEY,
        point INTEGER NOT NULL,
        from_ms INTEGER NOT NULL,
        until_ms INTEGER NOT NULL,
        body BLOB NOT NULL
     );
     CREATE INDEX chunk_of_point ON chunk (point, from_ms);",
    "CREATE TABLE rolled (
        level INTEGER NOT NULL,
        point INTEGER NOT NULL,
        from_ms INTEGER NOT NULL,
        body BLOB NOT NULL,
        PRIMARY KEY (level, point, from_ms)
     ) WITHOUT ROWID;
     CREATE TABLE mark (name TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID;",
];

/// A history's writing end, and what no chunk has yet.
pub(super) struct Opened {
    pub conn: Connection,
    pub recent: Recent,
}

/// Opens the file; a damaged one is moved aside and another one begun.
pub(super) fn open(folder: &Path) -> Result<Opened, StoreError> {
    side::open(folder, FILE, |path| {
        let conn = side::connect(path, MARK, SCHEMA)?;
        let recent = read_recent(&conn).map_err(|error| StoreError::sqlite(path, error))?;
        Ok(Opened { conn, recent })
    })
}

fn read_recent(conn: &Connection) -> rusqlite::Result<Recent> {
    let mut recent = Recent::default();
    let mut points = conn.prepare("SELECT id, name FROM point")?;
    let mut rows = points.query([])?;
    while let Some(row) = rows.next()? {
        recent.ids.insert(PointId::from(row.get::<_, String>(1)?.as_str()), row.get(0)?);
    }
    let mut arrived = conn.prepare("SELECT body FROM arrived ORDER BY id")?;
    let mut rows = arrived.query([])?;
    while let Some(row) = rows.next()? {
        recent.push_block(row.get_ref(0)?.as_blob()?);
    }
    Ok(recent)
}

/// What a point said in a range of time, oldest first.
pub(super) fn query(
    conn: &Connection,
    recent: &Mutex<Recent>,
    point: &PointId,
    (from, to): (Timestamp, Timestamp),
    limit: usize,
) -> rusqlite::Result<Vec<Past>> {
    let mut found: Vec<Past> = vec![];
    let tx = conn.unchecked_transaction()?;
    let (id, newest) = {
        let recent = recent.lock();
        let Some(id) = recent.ids.get(point).copied() else { return Ok(found) };
        // The first read fixes what the transaction sees, under the same lock under which chunks
        // are written: so a reading is seen in memory or on the disk, and never in both or none.
        tx.query_row("SELECT count(*) FROM point WHERE id = 0", [], |_| Ok(()))?;
        let newest: Vec<Vec<u8>> = recent.of(id).map(|chunk| chunk.bytes.clone()).collect();
        (id, newest)
    };
    let (from_ms, to_ms) = (from.as_millis(), to.as_millis());
    let mut add = |bytes: &[u8]| {
        let within = |(at, _): &(Timestamp, _)| (from..=to).contains(at);
        found.extend(Readings::new(bytes).filter(within).map(|(at, sample)| Past { at, sample }));
        found.len()
    };
    let mut select = tx.prepare_cached(
        "SELECT from_ms, until_ms, body FROM chunk
         WHERE point = ?1 AND from_ms BETWEEN ?2 AND ?3 ORDER BY from_ms",
    )?;
    let mut rows = select.query((id, from_ms.saturating_sub(SPAN_MS), to_ms))?;
    let mut latest = i64::MIN;
    let mut enough = false;
    while let Some(row) = rows.next()? {
        let (starts, ends): (i64, i64) = (row.get(0)?, row.get(1)?);
        if enough && starts > latest {
            break;
        }
        latest = latest.max(ends);
        enough = add(row.get_ref(2)?.as_blob()?) >= limit;
    }
    for bytes in &newest {
        add(bytes);
    }
    // Stable: readings of one millisecond stay in the order in which they came.
    found.sort_by_key(|past| past.at);
    found.truncate(limit);
    Ok(found)
}
