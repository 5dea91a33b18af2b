//! Why a backup was not taken or not put back, and what to do.

use std::{
    io,
    path::{Path, PathBuf},
};

use crate::error::StoreError;

/// Why a backup was not taken or not put back. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is such a file already.
    #[error("{0} is there already: name another file, or remove that one")]
    Exists(PathBuf),
    /// The file would lie in the data folder.
    #[error(
        "{0} lies in the data folder: every backup would hold all those before it; name another folder, best on another disk"
    )]
    Within(PathBuf),
    /// The data folder is in use.
    #[error(
        "{0} is not empty: stop the gateway and move the folder aside first; what is in it is not overwritten"
    )]
    NotEmpty(PathBuf),
    /// The file is no backup, or not whole.
    #[error("{file} can't be put back: {what}; use an older backup")]
    Unusable {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// It was made by a newer gateway.
    #[error(
        "{file} has form {found}, and this gateway knows form {known}: install the newer gateway"
    )]
    Newer {
        /// The file.
        file: PathBuf,
        /// The form it has.
        found: u32,
        /// The newest form that is known here.
        known: u32,
    },
    /// There is no such folder.
    #[error("the folder {0} does not exist: make it, or name another one")]
    Missing(PathBuf),
    /// What should be a folder is a file.
    #[error("{0} is not a folder: name a folder")]
    NotAFolder(PathBuf),
    /// The disk has no room for all of it.
    #[error(
        "the disk is full: {0} could not be written. Nothing was changed; free some room or name another disk, then run it again"
    )]
    Full(PathBuf),
    /// Whoever runs this may not write or read there.
    #[error(
        "no right to {0}, or its disk is mounted read-only: name another place, or run it as a user who may"
    )]
    Denied(PathBuf),
    /// The operating system refused.
    #[error("{path}: {said}; see the system's log for the disk's health")]
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        said: io::Error,
    },
    /// A file of the data folder can't be used.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for BackupError {
    fn from(error: StoreError) -> Self {
        match error {
            // Nothing goes on by itself here.
            StoreError::Full(path) => Self::Full(path),
            other => Self::Store(other),
        }
    }
}

impl BackupError {
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        use io::ErrorKind as Kind;
        move |said| {
            let path = path.to_owned();
            match said.kind() {
                Kind::StorageFull | Kind::QuotaExceeded => Self::Full(path),
                Kind::PermissionDenied | Kind::ReadOnlyFilesystem => Self::Denied(path),
                Kind::NotADirectory => Self::NotAFolder(path),
                _ => Self::Io { path, said },
            }
        }
    }

    pub(super) fn unusable(file: &Path, what: impl ToString) -> Self {
        Self::Unusable { file: file.into(), what: what.to_string() }
    }
}
