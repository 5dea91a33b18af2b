//! Keeping what happened: the journal that nothing acknowledged may ever leave, and the telemetry
//! history that may lose a reading but never holds up an alarm.
//!
//! In reading order:
//!
//! - [`journal`]: what the gateway asks of a journal, whatever keeps it. One journal is one site.
//! - [`error`]: what can go wrong, each with its way forward.
//! - [`folder`]: the data folder, which one gateway at a time may use.
//! - [`snapshot`]: a state in a file of its own, so that a start need not replay everything.
//! - [`sqlite`]: the journal in SQLite; its checkpoints, its checks, and what saves a damaged one.
//! - [`prompt`]: a journal whose caller is not held up where the disk hangs.
//! - [`backup`]: a copy of the data folder of a running gateway, in one file, and the way back.
//! - [`history`]: telemetry, in a file and on a thread of its own.
//! - [`picture`]: pictures of cameras, beside incidents, in a file of their own.
//! - [`influx`]: a copy of the telemetry, to InfluxDB.
//! - [`bench`]: the figures of this machine's disk, for `gengfu bench`.

pub mod backup;
pub mod bench;
pub mod error;
pub mod folder;
pub mod history;
pub mod influx;
pub mod journal;
pub mod picture;
pub mod prompt;
pub mod snapshot;
pub mod sqlite;

pub use error::StoreError;
pub use history::History;
pub use journal::{Journal, JournalReader, Loaded, Progress, Stored};
pub use picture::Pictures;
pub use prompt::PromptJournal;
pub use sqlite::{SqliteJournal, salvage};
