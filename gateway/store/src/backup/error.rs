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
    /// The operating system refused.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
    /// A file of the data folder can't be used.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl BackupError {
    pub(super) fn io(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::Io { path: path.into(), source }
    }

    pub(super) fn unusable(file: &Path, what: impl ToString) -> Self {
        Self::Unusable { file: file.into(), what: what.to_string() }
    }
}
