//! A file of SQLite beside the journal: worth having, not worth stopping for. It never holds the disk up
//! for the journal, and where it is damaged, another one is begun.

use std::{fs, io, path::Path, time::Duration};

use rusqlite::Connection;

use super::{migration::migrate, salvage::aside};
use crate::{error::StoreError, folder::create_private};

/// What a write-ahead log is cut to after it has grown, in bytes.
const LOG_LIMIT: u32 = 16 * 1024 * 1024;

/// Opens the file `name` of a data folder that exists; a damaged one is moved aside and another one begun.
pub(crate) fn open<T>(
    folder: &Path,
    name: &str,
    open_at: impl Fn(&Path) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    if !folder.is_dir() {
        return Err(StoreError::Missing(folder.into()));
    }
    let path = folder.join(name);
    match open_at(&path) {
        Err(StoreError::Damaged { what, .. }) => {
            let aside = aside(folder)?;
            tracing::error!(
                file = %path.display(), moved_to = %aside.display(), what,
                "the file is damaged; a new one is begun"
            );
            for suffix in ["sqlite-wal", "sqlite-shm", "sqlite"] {
                let from = path.with_extension(suffix);
                let Some(name) = from.file_name() else { continue };
                match fs::rename(&from, aside.join(name)) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => {
                        return Err(StoreError::io(&from, error));
                    }
                    _ => {}
                }
            }
            open_at(&path)
        }
        opened => opened,
    }
}

/// The writing end of the file, brought to the newest of `steps`.
pub(crate) fn connect(path: &Path, mark: i32, steps: &[&str]) -> Result<Connection, StoreError> {
    create_private(path)?;
    let settings = |conn: Connection| {
        conn.busy_timeout(Duration::from_secs(5))?;
        conn.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
        // A power cut may lose the last seconds and can't damage the file; and the disk is left
        // to the journal, which needs it at once.
        conn.pragma_update(None, "synchronous", "NORMAL")?;
        conn.pragma_update_and_check(None, "journal_size_limit", LOG_LIMIT, |_| Ok(()))?;
        conn.pragma_update(None, "temp_store", "MEMORY")?;
        Ok(conn)
    };
    let conn = Connection::open(path).and_then(settings);
    let mut conn = conn.map_err(|error| StoreError::sqlite(path, error))?;
    migrate(path, &mut conn, mark, steps)?;
    Ok(conn)
}
