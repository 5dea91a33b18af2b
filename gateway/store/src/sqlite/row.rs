//! How an event lies in a row: its number, its site, its JSON, and a checksum over all three, so
//! that a damaged, swapped or misplaced row is found. JSON, because a journal is read for longer
//! than any program lives; a line of it can be read with SQLite's own shell.

use gengfu_core::{event::Event, id::SiteId};
use rusqlite::Row;

use crate::{error::StoreError, journal::Stored};

/// Reads the columns that [`Kept::from_row`] expects.
pub(super) const SELECT: &str =
    "SELECT seq, site, body, sum FROM event WHERE seq >= ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3";
/// Writes the columns of one event.
pub(super) const INSERT: &str = "INSERT INTO event (seq, site, body, sum) VALUES (?1, ?2, ?3, ?4)";

/// A row of the table `event`, not yet believed.
pub struct Kept {
    /// Its number within the site, from 1.
    pub seq: u64,
    /// Whose it is.
    pub site: String,
    /// The event as JSON.
    pub body: Vec<u8>,
    /// The [`checksum`] that was written beside it.
    pub sum: u32,
}

/// CRC-32 over number, site and JSON: not against forgers, but against bad disks.
pub fn checksum(seq: u64, site: &str, body: &[u8]) -> u32 {
    let mut crc = crc32fast::Hasher::new();
    crc.update(&seq.to_le_bytes());
    crc.update(site.as_bytes());
    crc.update(&[0]);
    crc.update(body);
    crc.finalize()
}

/// Appends an event's JSON to `out`, and proves that it can be read back: JSON has no words for
/// some numbers (an infinite one), and a row that can't be read would stop the next start.
///
/// # Errors
/// Where the event can't be read back.
pub fn encode(event: &Event, out: &mut Vec<u8>) -> Result<(), StoreError> {
    let from = out.len();
    serde_json::to_writer(&mut *out, event)
        .map_err(|error| StoreError::Unkeepable { what: error.to_string() })?;
    serde_json::from_slice::<Event>(&out[from..]).map_err(|error| StoreError::Unkeepable {
        what: format!("{} at {}: {error}", name(&out[from..]), event.at),
    })?;
    Ok(())
}

/// Which event it is, for a message: its kind and its point, and nothing that may be a secret.
fn name(json: &[u8]) -> String {
    let fields: serde_json::Value = serde_json::from_slice(json).unwrap_or_default();
    let word = |key: &str| fields.get(key).and_then(|word| word.as_str()).unwrap_or_default();
    format!("{} {}", word("event"), word("point")).trim_end().to_owned()
}

impl Kept {
    /// The columns of [`SELECT`].
    pub(super) fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self { seq: row.get(0)?, site: row.get(1)?, body: row.get(2)?, sum: row.get(3)? })
    }

    /// True where the row is what was written.
    pub fn is_whole(&self) -> bool {
        self.sum == checksum(self.seq, &self.site, &self.body)
    }

    /// The event, where the row is whole and of this site.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn decode(&self, site: &SiteId) -> Result<Stored, String> {
        if !self.is_whole() {
            return Err(format!("the checksum of event {} is wrong", self.seq));
        }
        if self.site != site.as_str() {
            return Err(format!("event {} is of the site {}", self.seq, self.site));
        }
        let event = serde_json::from_slice(&self.body)
            .map_err(|error| format!("event {} can't be understood: {error}", self.seq))?;
        Ok(Stored { seq: self.seq, event })
    }
}
