//! What a board says.

use heapless::Vec;
use serde::{Deserialize, Serialize};

use crate::{MAX_INPUTS, codec::payloads};

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
    /// Its number within that start, from 1, without holes.
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

payloads!(Presence, Birth<'_>, Heartbeat, Event, ConfigAck<'_>);
