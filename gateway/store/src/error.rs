//! What can go wrong with the store. Every message says where, and what a caretaker can do.

use std::{
    io,
    path::{Path, PathBuf},
};

use gengfu_core::id::SiteId;
use rusqlite::ErrorCode;

/// Why something could not be kept or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The data folder is not there.
    #[error(
        "the data folder {0} does not exist: create it and give it to the gateway's user, or name another folder"
    )]
    Missing(PathBuf),
    /// What should be the data folder is something else.
    #[error("{0} is not a folder: name a folder for the gateway's data")]
    NotAFolder(PathBuf),
    /// The gateway's user may not read or write here.
    #[error(
        "no right to read and write {0}: give the file and its folder to the user that runs the gateway (chown), and see that the disk is not mounted read-only"
    )]
    Denied(PathBuf),
    /// Another process works in the data folder.
    #[error(
        "{path} is in use by another gateway{}: stop that one first, or give this one a folder of its own",
        holder.as_ref().map(|pid| format!(" (process {pid})")).unwrap_or_default()
    )]
    Locked {
        /// The folder or file.
        path: PathBuf,
        /// The process that uses it, where it is known.
        holder: Option<String>,
    },
    /// The disk has no room left. What was kept before stays kept, and keeping goes on as soon as
    /// there is room again.
    #[error("the disk is full: {0} could not grow; free some room, keeping then goes on by itself")]
    Full(PathBuf),
    /// The disk has not answered. What it was given may be kept in the end.
    #[error(
        "the disk of {folder} has not answered for {} s: look at its health, its cable, or the \
         machine that lends it; keeping goes on by itself once it answers",
        limit.as_secs()
    )]
    Stalled {
        /// The data folder.
        folder: PathBuf,
        /// How long was waited.
        limit: std::time::Duration,
    },
    /// A file is damaged.
    #[error(
        "{file} is damaged: {what}. Copy the data folder away first, then run `gengfu recover`: it moves the damaged file aside and keeps every event that can still be read"
    )]
    Damaged {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The file was written by a newer gateway.
    #[error(
        "{file} has schema {found}, and this gateway knows schema {known} at most: install the newer gateway again, or restore the data folder from a copy made before that one ran"
    )]
    Newer {
        /// The file.
        file: PathBuf,
        /// The schema it has.
        found: u32,
        /// The newest schema that is known here.
        known: u32,
    },
    /// The file belongs to somebody else.
    #[error("{file} is not a gateway's file ({what}): move it away, or name another data folder")]
    Foreign {
        /// The file.
        file: PathBuf,
        /// How that shows.
        what: String,
    },
    /// The journal keeps another site.
    #[error(
        "{file} keeps the site \"{kept}\", not \"{asked}\": every site has a data folder of its own; correct the site's name or the folder"
    )]
    OtherSite {
        /// The file.
        file: PathBuf,
        /// Whose journal it is.
        kept: SiteId,
        /// Who asked for it.
        asked: SiteId,
    },
    /// An event that could not be read back as it is: nothing of its batch was kept.
    #[error("an event can't be kept, because it could not be read back: {what}")]
    Unkeepable {
        /// Which, and why.
        what: String,
    },
    /// What went on beside the appending failed.
    #[error("{0}")]
    Trouble(String),
    /// The operating system refused.
    #[error("{path}: {said}; see the system's log for the disk's health")]
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        said: io::Error,
    },
    /// SQLite refused for a reason that is none of the above.
    #[error("{file}: {said}")]
    Sqlite {
        /// The file.
        file: PathBuf,
        /// What it said.
        said: rusqlite::Error,
    },
}

impl StoreError {
    /// True where room on the disk is all that lacks.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Full(_))
    }

    /// An error of the operating system at `path`.
    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full(path),
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::Denied(path)
            }
            _ => Self::Io { path, said: source },
        }
    }

    /// An error of SQLite at `file`.
    pub(crate) fn sqlite(file: &Path, source: rusqlite::Error) -> Self {
        // The file of shared memory could not grow: SQLite reports it as an I/O error.
        const SHARED_MEMORY_FULL: i32 = rusqlite::ffi::SQLITE_IOERR_SHMSIZE;
        let path = file.to_owned();
        let Some(error) = source.sqlite_error() else {
            use rusqlite::Error as E;
            return match source {
                // A column of another kind than was written.
                E::InvalidColumnType(..)
                | E::IntegralValueOutOfRange(..)
                | E::FromSqlConversionFailure(..)
                | E::Utf8Error(..) => Self::Damaged { file: path, what: source.to_string() },
                _ => Self::Sqlite { file: path, said: source },
            };
        };
        match (error.code, error.extended_code) {
            (ErrorCode::DiskFull, _) | (_, SHARED_MEMORY_FULL) => Self::Full(path),
            (ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase, _) => {
                Self::Damaged { file: path, what: source.to_string() }
            }
            (ErrorCode::CannotOpen | ErrorCode::ReadOnly | ErrorCode::PermissionDenied, _) => {
                Self::Denied(path)
            }
            (ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked, _) => {
                Self::Locked { path, holder: None }
            }
            _ => Self::Sqlite { file: path, said: source },
        }
    }
}
