//! What the gateway says to a board.

use heapless::Vec;
use serde::{Deserialize, Serialize};

use crate::{MAX_INPUTS, MAX_READS, codec::payloads};

/// An event is on the gateway's disk: the board may forget it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// 1.
    pub v: u8,
    /// The event's start.
    pub boot: u32,
    /// The event's number in it.
    pub seq: u32,
}

/// Retained. How the inputs are used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Config {
    /// 1.
    pub v: u8,
    /// Differs whenever anything below differs; acknowledged by [`crate::up::ConfigAck`].
    pub revision: u32,
    /// The inputs that are used.
    pub inputs: Vec<InputConfig, MAX_INPUTS>,
}

/// How one input is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputConfig {
    /// Which, from 1.
    pub input: u8,
    /// The contact opens when there is something to tell.
    pub normally_closed: bool,
    /// How long the contact must rest before it is believed, in milliseconds.
    pub debounce_ms: u16,
    /// The last to be dropped when the board's queue is full: fire and trapped.
    pub vital: bool,
    /// A supervised loop whose contact is bare, without a resistor of its own: shorted, it tells of an
    /// alarm and not of a fault.
    #[serde(default, skip_serializing_if = "is_false")]
    pub bare: bool,
}

/// What of a [`Config`] or a [`Poll`] can be read where the rest can't be: its revision, to refuse it by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revised {
    /// 1.
    pub v: u8,
    /// See [`Config::revision`].
    pub revision: u32,
}

/// What time it is, for the board's own log: said after each birth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Time {
    /// 1.
    pub v: u8,
    /// Milliseconds since 1970-01-01T00:00Z.
    pub unix_ms: u64,
}

/// What the board's outputs shall do. Said again before `hold_s` is over for as long as one is on;
/// without it, all of them go off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// 1.
    pub v: u8,
    /// The call lamp (EN 81-28): yellow while the call is being passed on, green once a person has
    /// acknowledged it.
    pub lamp: Lamp,
    /// The sounder.
    pub sounder: bool,
    /// The relay.
    #[serde(default, skip_serializing_if = "is_false")]
    pub relay: bool,
    /// Seconds after which all of it is off, unless it is said again.
    pub hold_s: u16,
}

/// The call lamp.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lamp {
    /// No call.
    #[default]
    Off,
    /// The call is being passed on.
    Yellow,
    /// A person has acknowledged it.
    Green,
}

/// Blink, so that somebody finds the board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identify {
    /// 1.
    pub v: u8,
    /// For so many seconds.
    pub seconds: u16,
}

/// A firmware is there for the board to fetch, block by block. It is checked before the first one is
/// asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Update<'a> {
    /// 1.
    pub v: u8,
    /// Its version: three numbers.
    #[serde(borrow)]
    pub version: &'a str,
    /// The kind of board that it is for; see [`crate::up::Birth::hardware`].
    #[serde(borrow)]
    pub hardware: &'a str,
    /// Its length in bytes.
    pub size: u32,
    /// SHA-256 of it, 64 hexadecimal digits.
    #[serde(borrow)]
    pub sha256: &'a str,
    /// The ed25519 signature of what [`crate::manifest`] makes of all else, 128 hexadecimal digits.
    #[serde(borrow)]
    pub signature: &'a str,
    /// To be taken though it is not newer than what runs. Signed, so that nobody offers an old firmware
    /// with a known fault again.
    #[serde(default)]
    pub forced: bool,
}

/// A part of the firmware that was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Block<'a> {
    /// 1.
    pub v: u8,
    /// Where it begins.
    pub offset: u32,
    /// Its bytes as hexadecimal digits, 1024 of them at the most.
    #[serde(borrow)]
    pub data: &'a str,
}

/// Retained. What the board is to read over RS-485, by Modbus RTU, from what stands beside it; an empty
/// list ends it. Acknowledged by [`crate::up::ConfigAck`] with its revision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Poll {
    /// 1.
    pub v: u8,
    /// Differs whenever anything below differs.
    pub revision: u32,
    /// Bits per second: 1200 to 115200.
    pub baud: u32,
    /// Of each character; with none there are two stop bits or one, as the other side likes it.
    pub parity: Parity,
    /// What is read, in this order.
    pub reads: Vec<Read, MAX_READS>,
}

/// Parity of a character on a serial line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Parity {
    /// No bit for it.
    None,
    /// As Modbus has it where nobody says otherwise.
    Even,
    /// The other one.
    Odd,
}

/// One read over RS-485.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Read {
    /// Whom: 1 to 247.
    pub unit: u8,
    /// 3 for holding registers, 4 for input registers.
    pub function: u8,
    /// The first register, from 0.
    pub address: u16,
    /// How many, 1 to [`crate::MAX_VALUES`].
    pub count: u16,
    /// How often, in seconds, at least 1.
    pub every_s: u16,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_false(value: &bool) -> bool {
    !value
}

payloads!(Receipt, Config, Revised, Time, Output, Identify, Update<'_>, Block<'_>, Poll);
