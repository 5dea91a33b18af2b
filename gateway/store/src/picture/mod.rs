//! Pictures of cameras, beside the incidents that they belong to. A file of its own, so that neither the
//! journal nor the telemetry ever waits for a picture; whoever stores one waits alone.
//!
//! They are deleted after their time, and the oldest first where there are too many bytes of them; what is
//! deleted is overwritten.
//!
//! - [`file`](mod@file): the table, and what is asked of it.

mod file;

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use gengfu_core::{id::IncidentId, text::Text, time::Timestamp};
use parking_lot::Mutex;
use rusqlite::Connection;

use crate::{error::StoreError, sqlite::open_read_only};

pub use file::FILE;

/// When a picture was taken, beside the opening of its incident.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Just before.
    Before,
    /// Just after.
    After,
}

/// A picture without its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The incident.
    pub incident: IncidentId,
    /// The camera, by its name for programs.
    pub camera: String,
    /// What the camera was called then.
    pub name: Text,
    /// When it came from the camera.
    pub taken_at: Timestamp,
    /// Before or after the opening.
    pub when: When,
}

/// The pictures of one site; copies are the same.
#[derive(Clone)]
pub struct Pictures(Arc<Owner>);

struct Owner {
    path: PathBuf,
    writer: Mutex<Connection>,
    /// One of its own, so that nobody who looks waits for a disk that writes.
    reader: Mutex<Connection>,
}

impl Pictures {
    /// Opens them in a data folder that exists, and makes the file where there is none.
    ///
    /// # Errors
    /// Where the file can't be used; a damaged one is moved aside.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(FILE);
        let writer = Mutex::new(file::open(folder)?);
        let reader = Mutex::new(open_read_only(&path)?);
        Ok(Self(Arc::new(Owner { path, writer, reader })))
    }

    /// Stores a picture, and deletes the oldest ones until all together have `most` bytes at the most.
    /// False where the incident has one of this camera and time already: the first one stays.
    ///
    /// # Errors
    /// Where it can't be written.
    pub fn put(&self, picture: &Picture, bytes: &[u8], most: u64) -> Result<bool, StoreError> {
        self.write(|conn| file::put(conn, picture, bytes, most))
    }

    /// Deletes those that were taken before then; how many.
    ///
    /// # Errors
    /// Where it can't be written.
    pub fn forget(&self, before: Timestamp) -> Result<usize, StoreError> {
        self.write(|conn| file::forget(conn, before))
    }

    /// The pictures of an incident with their numbers, oldest first.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn of(&self, incident: IncidentId) -> Result<Vec<(u64, Picture)>, StoreError> {
        self.read(|conn| file::of(conn, incident))
    }

    /// The bytes of an incident's picture; none where it has none of this number.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub fn bytes(&self, incident: IncidentId, number: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|conn| file::bytes(conn, incident, number))
    }

    fn write<T>(
        &self,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        work(&mut self.0.writer.lock()).map_err(|error| StoreError::sqlite(&self.0.path, error))
    }

    fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, StoreError> {
        work(&self.0.reader.lock()).map_err(|error| StoreError::sqlite(&self.0.path, error))
    }
}
