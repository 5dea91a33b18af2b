//! The journal in SQLite: one file for one site, in write-ahead mode, every append on the disk
//! before it counts (`synchronous=FULL`).
//!
//! - [`journal`]: the appending and the reading back.
//! - [`row`]: how an event lies in a row, with the checksum that proves it.
//! - [`migration`]: how an older file is brought to this version's schema.
//! - [`integrity`]: what is looked at before a file is believed.
//! - [`keeper`]: what goes on beside the appending, on a thread of its own.
//! - [`side`]: the files beside the journal, which it must never wait for.
//! - [`copy`](mod@copy): what a backup is made of.
//! - [`salvage`](mod@salvage) and [`page`]: what is done with a damaged file.

mod copy;
mod integrity;
mod journal;
mod keeper;
mod migration;
mod page;
pub mod row;
mod salvage;
pub(crate) mod side;

pub(crate) use integrity::open_read_only;

pub use copy::{Inspected, copy, inspect};
pub use journal::{FILE, SqliteJournal};
pub use salvage::{Salvaged, salvage};
