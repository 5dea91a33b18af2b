//! Boards that speak the protocol of `docs/wire.md`, and what each said last of itself.

use gengfu_core::{id::DeviceId, time::Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What a board said last of itself, since the gateway started.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BoardWords {
    /// The board.
    pub id: DeviceId,
    /// What it said when it came; none where it has not come since the gateway started.
    #[schema(required)]
    pub birth: Option<BoardBirth>,
    /// Revision of the configuration that it is to run by.
    pub wanted_configuration: u32,
    /// Why it does not run by that, where it refused it.
    #[schema(required)]
    pub configuration_error: Option<String>,
    /// How it is, since its last start; none where it had nothing to tell.
    #[schema(required)]
    pub health: Option<BoardHealth>,
    /// What it said before its last crash.
    #[schema(required)]
    pub last_panic: Option<BoardPanic>,
}

/// What a board said when it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BoardBirth {
    /// When.
    pub at: Timestamp,
    /// Its start, counted over its life.
    pub boot: u32,
    /// Version of its firmware.
    pub firmware: String,
    /// What kind of board it is.
    pub hardware: String,
    /// Why it started: `power`, `watchdog`, `panic`, `brown-out`, `update`, `request`.
    pub reset: String,
    /// Revision of the configuration that it runs by; 0 for none.
    pub configuration: u32,
}

/// How a board is, by its own word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BoardHealth {
    /// When it was told.
    pub at: Timestamp,
    /// Starts in a row that followed a crash.
    pub crashes: u8,
    /// It does only what tells of danger.
    pub safe: bool,
    /// Events that were given up since the start because there was no room.
    pub dropped: u32,
    /// How often the supply became low since the start.
    pub dips: u16,
    /// Tenths of a degree Celsius; none where it is not measured.
    #[schema(required)]
    pub temperature_dc: Option<i16>,
}

/// What a board said before a crash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BoardPanic {
    /// When it was told.
    pub at: Timestamp,
    /// What.
    pub said: String,
}
