//! A backup: one file that holds all that a data folder must not lose, as it was at one moment, taken
//! while the gateway runs; and the way back from it.
//!
//! The file is a tar archive, readable without this program: [`manifest`] first, which names every other
//! file with its size and SHA-256, then the files. Every backup is read again before it counts, and every
//! file is proven before it is put back: a backup is looked at on the worst day.
//!
//! - [`take`](mod@take): from a data folder to a file. [`restore`](mod@restore): the way back.
//! - [`archive`]: the file. [`manifest`]: what it says of itself.

mod archive;
mod error;
mod manifest;
mod restore;
mod take;

pub use error::BackupError;
pub use manifest::{Entry, Manifest};
pub use restore::restore;
pub use take::{EXTRAS, Extra, take};

/// What is being done, for whoever waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The journal is copied; in bytes.
    Journal,
    /// The telemetry history is copied; in bytes.
    History,
    /// The pictures are copied; in bytes.
    Pictures,
    /// The journal is read; in events.
    Reading,
    /// The file is written; in bytes.
    Writing,
    /// The file is read, and every sum compared; in bytes.
    Proving,
}

/// Told of a stage, what of it is done, and of how much.
pub type Progress<'a> = &'a mut dyn FnMut(Stage, u64, u64);
