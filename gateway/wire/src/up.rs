//! What a board says.

use heapless::Vec;
use serde::{Deserialize, Serialize};

use crate::{MAX_INPUTS, MAX_VALUES, codec::payloads};

/// Retained. Said with `online: true` after each connect; the last will says `online: false`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// 1.
    pub v: u8,
    /// Whether the board is connected.
    pub online: bool,
}

/// Said once after each connect, before anything else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Birth<'a> {
    /// 1.
    pub v: u8,
    /// How often the board has started in its life; rises with every start, and is kept in flash.
    pub boot: u32,
    /// Version of its firmware.
    #[serde(borrow)]
    pub firmware: &'a str,
    /// What kind of board it is.
    #[serde(borrow)]
    pub hardware: &'a str,
    /// Why it started: `power`, `watchdog`, `panic`, `brown-out`, `update`, `request`.
    #[serde(borrow)]
    pub reset: &'a str,
    /// Revision of the configuration that it runs by; 0 for none yet.
    pub config: u32,
    /// How each input stands now, first to last.
    pub inputs: Vec<InputState, MAX_INPUTS>,
}

/// Said every 15 s.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// 1.
    pub v: u8,
    /// See [`Birth::boot`].
    pub boot: u32,
    /// Seconds since that start.
    pub uptime_s: u32,
    /// How each input stands now, first to last.
    pub inputs: Vec<InputState, MAX_INPUTS>,
    /// Events that wait for their receipt.
    pub queue: u16,
    /// Supply voltage in millivolts, where it is measured.
    pub supply_mv: Option<u32>,
    /// Battery voltage in millivolts, where it is measured.
    pub battery_mv: Option<u32>,
}

/// An input changed. Kept by the board, and said again, until its receipt arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// 1.
    pub v: u8,
    /// The start in which it happened; see [`Birth::boot`].
    pub boot: u32,
    /// Its number within that start, from 1, each one given once; a hole is an event that was given up.
    pub seq: u32,
    /// Which input, from 1.
    pub input: u8,
    /// How it stands since then.
    pub state: InputState,
    /// Milliseconds between its happening and this message.
    pub age_ms: u32,
}

/// A configuration was taken or refused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConfigAck<'a> {
    /// 1.
    pub v: u8,
    /// Which revision.
    pub revision: u32,
    /// What was wrong with it; none where the board runs by it now.
    #[serde(borrow)]
    pub error: Option<&'a str>,
}

/// How the board itself is: said after a birth where there is something to tell, and when it
/// changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health<'a> {
    /// 1.
    pub v: u8,
    /// See [`Birth::boot`].
    pub boot: u32,
    /// Starts in a row that followed a crash; 0 once the board has run for 10 minutes.
    pub crashes: u8,
    /// It reads its inputs, tells of them and takes an update, and does nothing else.
    pub safe: bool,
    /// What it said last before it crashed.
    #[serde(borrow)]
    pub panic: Option<&'a str>,
    /// Events that were given up since the start because there was no room.
    pub dropped: u32,
    /// How often the supply became low since the start.
    pub dips: u16,
    /// The board's temperature in tenths of a degree Celsius, where it is measured.
    pub temperature_dc: Option<i16>,
    /// Its flash has refused to keep something since the start: a power cut may lose events.
    #[serde(default, skip_serializing_if = "is_false")]
    pub flash: bool,
    /// Messages of the gateway since the start that could not be understood.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub garbled: u16,
}

/// How an update goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Update<'a> {
    /// 1.
    pub v: u8,
    /// Of which version.
    #[serde(borrow)]
    pub version: &'a str,
    /// What the board does.
    pub state: UpdateState,
    /// The first byte that it wants, or how many it has.
    pub offset: u32,
    /// How many bytes it wants from there on.
    pub length: u16,
    /// Why it was refused or given up.
    #[serde(borrow)]
    pub error: Option<&'a str>,
}

/// What a board does about an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UpdateState {
    /// It wants a block.
    Wants,
    /// It has all of it, found it signed and whole, and starts anew with it.
    Ready,
    /// It does not take it, for the reason in `error`.
    Refused,
    /// It runs, has been well for 60 s, and stays.
    Confirmed,
}

/// What was read over RS-485, by one entry of [`crate::down::Poll`]. Said when it has changed, and every
/// 30 s while it has not. A state, never an event: nothing is kept of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registers<'a> {
    /// 1.
    pub v: u8,
    /// The list that the board reads by.
    pub revision: u32,
    /// Which entry of it, from 1.
    pub read: u8,
    /// The registers, first to last; none where `error` says why.
    pub values: Vec<u16, MAX_VALUES>,
    /// Why there are none.
    #[serde(borrow)]
    pub error: Option<&'a str>,
    /// Milliseconds between the answer and this message.
    pub age_ms: u32,
}

/// How an input stands, after debouncing and after turning round a normally-closed contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum InputState {
    /// Nothing to tell.
    Idle,
    /// Something to tell.
    Active,
    /// The supervised loop is cut.
    Open,
    /// The supervised loop is shorted.
    Short,
    /// The supervised loop is neither normal nor alarm.
    Drift,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_false(value: &bool) -> bool {
    !value
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_zero(value: &u16) -> bool {
    *value == 0
}

payloads!(
    Presence,
    Birth<'_>,
    Heartbeat,
    Event,
    ConfigAck<'_>,
    Health<'_>,
    Update<'_>,
    Registers<'_>
);
