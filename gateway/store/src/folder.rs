//! The data folder. One gateway at a time may use it: the operating system holds the lock and lets
//! go of it however the process ends, so that none is ever left behind.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use crate::error::StoreError;

/// A data folder that this process alone uses, as long as this value lives.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Takes the folder, which must exist.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        match fs::metadata(path) {
            Ok(meta) if meta.is_dir() => {}
            Ok(_) => return Err(StoreError::NotAFolder(path.into())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(StoreError::Missing(path.into()));
            }
            Err(error) => return Err(StoreError::io(path, error)),
        }
        let name = path.join("gateway.lock");
        let mut lock = private(OpenOptions::new().read(true).write(true).create(true))
            .open(&name)
            .map_err(|error| StoreError::io(&name, error))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Who holds it is a help to people, not a condition: unreadable means unknown.
                let known = lock.read_to_string(&mut holder).is_ok();
                let holder = holder.trim().to_owned();
                let holder = (known && !holder.is_empty()).then_some(holder);
                return Err(StoreError::Locked { path: path.into(), holder });
            }
            Err(TryLockError::Error(error)) => return Err(StoreError::io(&name, error)),
        }
        // On a full disk the number can't be noted; the lock holds all the same.
        if let Err(error) = lock.set_len(0).and_then(|()| writeln!(lock, "{}", std::process::id()))
        {
            tracing::warn!(file = %name.display(), %error, "could not note who uses the folder");
        }
        Ok(Self { path: path.into(), _lock: lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Makes a file that only its owner can read: journals hold names, addresses and verifiers.
pub(crate) fn create_private(path: &Path) -> Result<(), StoreError> {
    match private(OpenOptions::new().write(true).create_new(true)).open(path) {
        Ok(_) => sync_folder(path),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(StoreError::io(path, error)),
    }
}

/// Options that give a new file to its owner alone.
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

/// Brings the name of a file onto the disk: without it a new file can be gone after a power cut.
pub(crate) fn sync_folder(file: &Path) -> Result<(), StoreError> {
    let Some(folder) = file.parent() else { return Ok(()) };
    File::open(folder).and_then(|f| f.sync_all()).map_err(|error| StoreError::io(folder, error))
}

/// The size of a file in bytes; 0 where there is none.
pub(crate) fn size_of(path: &Path) -> Result<u64, StoreError> {
    match fs::metadata(path) {
        Ok(meta) => Ok(meta.len()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(StoreError::io(path, error)),
    }
}
