//! Migrations: how an older file is brought to this version's schema. Forward only, one step a
//! transaction, so that a power cut leaves the file at one step or the next, never between.

use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use crate::error::StoreError;

/// SQLite's mark for whose file it is: "GFJ1".
pub(super) const JOURNAL_MARK: i32 = i32::from_be_bytes(*b"GFJ1");

/// The journal's schema, step by step. A step that was released is never changed.
pub(super) const JOURNAL: &[&str] = &[
    // `gap` names the numbers that no event has any more after a damaged file was salvaged.
    "CREATE TABLE event (
        seq INTEGER PRIMARY KEY,
        site TEXT NOT NULL,
        body BLOB NOT NULL,
        sum INTEGER NOT NULL
     );
     CREATE TABLE gap (
        first INTEGER PRIMARY KEY,
        last INTEGER NOT NULL,
        site TEXT NOT NULL,
        why TEXT NOT NULL
     );
     CREATE TABLE owner (site TEXT PRIMARY KEY) WITHOUT ROWID;",
];

/// Brings the file to the newest of `steps`; says what it did.
pub(crate) fn migrate(
    file: &Path,
    conn: &mut Connection,
    mark: i32,
    steps: &[&str],
) -> Result<(), StoreError> {
    let fail = |error| StoreError::sqlite(file, error);
    let found: u32 =
        conn.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(fail)?;
    let owner: i32 =
        conn.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(fail)?;
    let tables: u32 =
        conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(fail)?;
    if owner != mark && (owner != 0 || found != 0 || tables != 0) {
        let what = format!("its application id is {owner}, and it has {tables} tables and indexes");
        return Err(StoreError::Foreign { file: file.into(), what });
    }
    let known = u32::try_from(steps.len()).unwrap_or(u32::MAX);
    if found > known {
        return Err(StoreError::Newer { file: file.into(), found, known });
    }
    for (version, step) in (1_u32..).zip(steps).skip(found as usize) {
        let tx = conn.transaction_with_behavior(TransactionBehavior::Immediate).map_err(fail)?;
        tx.execute_batch(step).map_err(fail)?;
        tx.pragma_update(None, "application_id", mark).map_err(fail)?;
        tx.pragma_update(None, "user_version", version).map_err(fail)?;
        tx.commit().map_err(fail)?;
        tracing::info!(file = %file.display(), version, "schema brought forward");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "CREATE TABLE book (name TEXT NOT NULL)";
    const SECOND: &str = "ALTER TABLE book ADD COLUMN pages INTEGER NOT NULL DEFAULT 7";

    fn run(conn: &mut Connection, steps: &[&str]) -> Result<(), StoreError> {
        migrate(Path::new("shelf.sqlite"), conn, 77, steps)
    }

    #[test]
    fn an_older_file_is_brought_forward_with_its_rows() {
        let mut conn = Connection::open_in_memory().unwrap();
        run(&mut conn, &[FIRST]).unwrap();
        conn.execute("INSERT INTO book VALUES ('a')", []).unwrap();
        run(&mut conn, &[FIRST, SECOND]).unwrap();
        run(&mut conn, &[FIRST, SECOND]).unwrap();
        let pages: u32 = conn.query_row("SELECT pages FROM book", [], |row| row.get(0)).unwrap();
        assert_eq!(pages, 7);
    }

    #[test]
    fn a_step_that_fails_leaves_the_file_at_the_step_before() {
        let mut conn = Connection::open_in_memory().unwrap();
        let broken = "CREATE TABLE half (a); CREATE TABLE half (a)";
        run(&mut conn, &[FIRST, broken]).unwrap_err();
        let version: u32 = conn.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
        assert_eq!(version, 1);
        conn.execute("SELECT 1 FROM half", []).unwrap_err();
        run(&mut conn, &[FIRST, SECOND]).unwrap();
    }

    #[test]
    fn a_newer_file_is_refused_with_the_way_forward() {
        let mut conn = Connection::open_in_memory().unwrap();
        run(&mut conn, &[FIRST, SECOND]).unwrap();
        let error = run(&mut conn, &[FIRST]).unwrap_err().to_string();
        assert!(error.contains("schema 2") && error.contains("schema 1"), "{error}");
        assert!(error.contains("install the newer gateway"), "{error}");
    }

    #[test]
    fn somebody_elses_file_is_left_alone() {
        let mut conn = Connection::open_in_memory().unwrap();
        conn.execute_batch("CREATE TABLE photo (name TEXT)").unwrap();
        assert!(matches!(run(&mut conn, &[FIRST]), Err(StoreError::Foreign { .. })));
    }
}
