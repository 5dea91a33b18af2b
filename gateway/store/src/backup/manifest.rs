//! What a backup says of itself: the first file in it.

use std::{
    fmt::Write as _,
    fs::File,
    io::{self, Read},
    path::Path,
};

use gengfu_core::{id::SiteId, time::Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Its name in the archive.
pub(super) const FILE: &str = "backup.json";
/// The form of a backup that this gateway writes.
pub(super) const FORM: u32 = 1;

/// What a backup holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the archive.
    pub form: u32,
    /// The gateway that made it.
    pub version: String,
    /// Whose data it is.
    pub site: SiteId,
    /// When it was taken.
    pub taken: Timestamp,
    /// The last event in its journal.
    pub last_seq: u64,
    /// Every other file, in the archive's order.
    pub files: Vec<Entry>,
}

/// One file of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Its path within the data folder, with `/`.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// Of its bytes, in hex.
    pub sha256: String,
}

impl Manifest {
    /// Bytes of all its files.
    pub fn size(&self) -> u64 {
        self.files.iter().map(|entry| entry.size).sum()
    }
}

/// A reader that keeps the sum of what went through it.
pub(super) struct Summed<R> {
    from: R,
    hash: Sha256,
    size: u64,
}

impl<R: Read> Summed<R> {
    pub fn new(from: R) -> Self {
        Self { from, hash: Sha256::new(), size: 0 }
    }

    /// The sum in hex, and over how many bytes.
    pub fn end(self) -> (String, u64) {
        let mut hex = String::new();
        for byte in self.hash.finalize() {
            // Writing to a string can't fail.
            let _ = write!(hex, "{byte:02x}");
        }
        (hex, self.size)
    }
}

impl<R: Read> Read for Summed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let length = self.from.read(into)?;
        self.hash.update(&into[..length]);
        self.size += length as u64;
        Ok(length)
    }
}

/// The sum over a file, in hex, and over how many bytes.
pub(super) fn sum(file: &Path) -> io::Result<(String, u64)> {
    let mut summed = Summed::new(File::open(file)?);
    io::copy(&mut summed, &mut io::sink())?;
    Ok(summed.end())
}
