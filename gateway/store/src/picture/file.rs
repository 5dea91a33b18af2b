//! The pictures' file: its table, and what is asked of it.

use std::path::Path;

use gengfu_core::{id::IncidentId, text::Text, time::Timestamp};
use rusqlite::{Connection, OptionalExtension, Row};

use super::{Picture, When};
use crate::{error::StoreError, sqlite::side};

/// Its name within the data folder.
pub const FILE: &str = "pictures.sqlite";
/// SQLite's mark for whose file it is: "GFP1".
const MARK: i32 = i32::from_be_bytes(*b"GFP1");
/// The schema, step by step. A step that was released is never changed.
const SCHEMA: &[&str] = &[
    // The index by age holds the sizes: how many bytes there are is asked without touching a picture.
    "CREATE TABLE picture (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        incident INTEGER NOT NULL,
        camera TEXT NOT NULL,
        is_after INTEGER NOT NULL,
        taken_ms INTEGER NOT NULL,
        size INTEGER NOT NULL,
        name_zh TEXT NOT NULL,
        name_en TEXT NOT NULL,
        body BLOB NOT NULL,
        UNIQUE (incident, camera, is_after)
     );
     CREATE INDEX picture_by_age ON picture (taken_ms, size);",
];

/// The writing end.
pub(super) fn open(folder: &Path) -> Result<Connection, StoreError> {
    side::open(folder, FILE, |path| {
        let conn = side::connect(path, MARK, SCHEMA)?;
        // Who is on a picture must be gone from the disk when its time is over.
        conn.pragma_update(None, "secure_delete", true)
            .map_err(|error| StoreError::sqlite(path, error))?;
        Ok(conn)
    })
}

pub(super) fn put(
    conn: &mut Connection,
    picture: &Picture,
    bytes: &[u8],
    most: u64,
) -> rusqlite::Result<bool> {
    let tx = conn.transaction()?;
    let put = tx.execute(
        "INSERT OR IGNORE INTO picture
            (incident, camera, is_after, taken_ms, size, name_zh, name_en, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        (
            picture.incident.0,
            &picture.camera,
            picture.when == When::After,
            picture.taken_at.as_millis(),
            bytes.len(),
            &picture.name.zh,
            &picture.name.en,
            bytes,
        ),
    )?;
    let all = |tx: &Connection| {
        let sum = "SELECT coalesce(sum(size), 0) FROM picture INDEXED BY picture_by_age";
        tx.query_row(sum, [], |row| row.get::<_, u64>(0))
    };
    while all(&tx)? > most {
        let oldest = "DELETE FROM picture WHERE id =
            (SELECT id FROM picture ORDER BY taken_ms, id LIMIT 1)";
        if tx.execute(oldest, [])? == 0 {
            break;
        }
    }
    tx.commit()?;
    Ok(put > 0)
}

pub(super) fn forget(conn: &mut Connection, before: Timestamp) -> rusqlite::Result<usize> {
    let gone = conn.execute("DELETE FROM picture WHERE taken_ms < ?1", [before.as_millis()])?;
    if gone > 0 {
        // The log still has the pages as they were; somebody who reads at this moment keeps it so until
        // the next time.
        conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    }
    Ok(gone)
}

pub(super) fn of(conn: &Connection, incident: IncidentId) -> rusqlite::Result<Vec<(u64, Picture)>> {
    let mut select = conn.prepare_cached(
        "SELECT id, camera, is_after, taken_ms, name_zh, name_en FROM picture
         WHERE incident = ?1 ORDER BY taken_ms, id",
    )?;
    let picture = |row: &Row<'_>| {
        let when = if row.get::<_, bool>(2)? { When::After } else { When::Before };
        let picture = Picture {
            incident,
            camera: row.get(1)?,
            name: Text { zh: row.get(4)?, en: row.get(5)? },
            taken_at: Timestamp::from_millis(row.get(3)?),
            when,
        };
        Ok((row.get(0)?, picture))
    };
    select.query_map([incident.0], picture)?.collect()
}

pub(super) fn bytes(
    conn: &Connection,
    incident: IncidentId,
    number: u64,
) -> rusqlite::Result<Option<Vec<u8>>> {
    let Ok(number) = i64::try_from(number) else { return Ok(None) };
    conn.query_row(
        "SELECT body FROM picture WHERE id = ?1 AND incident = ?2",
        (number, incident.0),
        |row| row.get(0),
    )
    .optional()
}
