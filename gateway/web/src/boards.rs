//! Boards that speak the protocol of `docs/wire.md`, and what each said last of itself.

use gengfu_core::{id::DeviceId, text::Text, time::Timestamp};
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
    /// What is at each of its inputs.
    #[serde(default)]
    pub inputs: Vec<BoardInput>,
}

/// What is at an input of a board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BoardInput {
    /// Its number, from 1.
    pub number: u8,
    /// Its name for people.
    pub name: Text,
    /// Its role in the profile: `call`, `fire`, `contact` and so on.
    pub role: String,
    /// The contact opens when there is something to tell.
    pub normally_closed: bool,
}

/// What the gateway has for making boards ready.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BoardKinds {
    /// The kinds of boards.
    pub kinds: Vec<BoardKind>,
    /// Where boards find the broker; none where the configuration does not tell.
    #[schema(required)]
    pub broker_host: Option<String>,
    /// The broker's port.
    pub broker_port: u16,
    /// A new board takes updates: the gateway has the public key to put into it.
    pub updatable: bool,
    /// What is in the way of every board.
    #[schema(required)]
    pub note: Option<Text>,
}

/// A kind of board.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BoardKind {
    /// Its name for programs.
    pub id: String,
    /// Its maker's name for it.
    pub name: String,
    /// So many inputs.
    pub inputs: u8,
    /// The file with its firmware; none where the gateway has none.
    #[schema(required)]
    pub image: Option<String>,
    /// Where the gateway looks for that.
    pub wanted: String,
    /// What its boot loader calls the drive that it shows while BOOTSEL is held.
    pub drive: String,
    /// The product number of that boot loader on the USB; its vendor's is 0x2E8A.
    pub usb_product: u16,
}

/// What a board's file is to be made of.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BoardFileWish {
    /// The kind of board.
    pub kind: String,
    /// Where it finds the broker, as `host:port`: one to three, tried in this order.
    pub brokers: Vec<String>,
    /// SHA-256 of the public key of the broker's certificate, 64 hexadecimal digits, where it has TLS.
    #[serde(default)]
    pub broker_key: Option<String>,
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
    /// Its flash has refused to keep something since the start: a power cut may lose events.
    #[serde(default)]
    #[schema(required)]
    pub flash: bool,
    /// Messages of the gateway since the start that it could not understand.
    #[serde(default)]
    #[schema(required)]
    pub garbled: u16,
}

/// What a board said before a crash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BoardPanic {
    /// When it was told.
    pub at: Timestamp,
    /// What.
    pub said: String,
}
