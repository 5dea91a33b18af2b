//! How a profile is written: the shapes of its TOML.

use std::collections::BTreeMap;

use gengfu_core::{
    danger::Priority,
    point::{NoData, Value},
    text::Text,
    time::Span,
};
use serde::{Deserialize, Serialize};
use toml::{Spanned, Table};

use crate::modbus::field::{Kind as NumberKind, Order, Table as Registers};

/// How a device is spoken with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Polled over Modbus.
    Modbus,
    /// A board that speaks the gateway's own protocol over MQTT.
    Board,
    /// Anything that publishes JSON over MQTT.
    MqttJson,
    /// A telephone that calls the gateway.
    Call,
    /// A channel's own modem.
    Modem,
}

/// A whole profile file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub name: Text,
    pub kind: Kind,
    #[serde(default)]
    pub supervision: Option<Span>,
    #[serde(default = "normal")]
    pub silence_priority: Priority,
    #[serde(default)]
    pub parameters: BTreeMap<String, Parameter>,
    #[serde(default)]
    pub modbus: Knobs,
    /// Number of inputs of a board.
    #[serde(default)]
    pub inputs: u8,
    #[serde(default, rename = "point")]
    pub points: Vec<Spanned<Table>>,
    #[serde(default, rename = "rule")]
    pub rules: Vec<Spanned<Table>>,
    #[serde(default, rename = "role")]
    pub roles: Vec<Spanned<Role>>,
}

fn normal() -> Priority {
    Priority::Normal
}

/// A number that the configuration may set for each device, as how many detectors a loop has.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Where the configuration says nothing.
    pub default: u16,
    /// The least allowed.
    #[serde(default)]
    pub min: u16,
    /// The most allowed.
    pub max: u16,
}

/// How a Modbus device wants to be asked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Knobs {
    /// The unit id where the configuration names none.
    pub unit_id: u8,
    /// How the document this profile was made from counts addresses.
    pub numbering: Numbering,
    /// Time from one poll to the next.
    pub poll: Span,
    /// Longest wait for one answer.
    pub timeout: Span,
    /// Pause between two requests.
    pub pause: Span,
    /// Pause after the connection was made, before the first request.
    pub pause_after_connect: Span,
    /// Most registers in one request, 1 to 125.
    pub max_registers: u16,
    /// Most coils or inputs in one request, 1 to 2,000.
    pub max_bits: u16,
    /// Most unused registers that are read along to save a request.
    pub max_hole: u16,
    /// Each point is asked for by a request of its own.
    pub one_by_one: bool,
    /// The connection is closed after each poll, for a device that takes only one.
    pub close_after_poll: bool,
}

impl Default for Knobs {
    fn default() -> Self {
        Self {
            unit_id: 1,
            numbering: Numbering::default(),
            poll: Span::secs(1),
            timeout: Span::millis(500),
            pause: Span::ZERO,
            pause_after_connect: Span::ZERO,
            max_registers: 125,
            max_bits: 2_000,
            max_hole: 8,
            one_by_one: false,
            close_after_poll: false,
        }
    }
}

/// How addresses are counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Numbering {
    /// As on the wire, from 0.
    #[default]
    Zero,
    /// From 1.
    One,
    /// As 40001, 30001, 10001 or 1: the leading digit names the table.
    Reference,
}

/// A register as a profile writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RegisterPoint {
    pub id: String,
    pub name: Text,
    #[serde(default)]
    pub unit: String,
    #[serde(default)]
    pub table: Option<Registers>,
    pub address: Address,
    #[serde(default, rename = "type")]
    pub kind: Option<NumberKind>,
    #[serde(default)]
    pub order: Order,
    /// Registers of a text.
    #[serde(default)]
    pub length: Option<u16>,
    #[serde(default)]
    pub scale: Option<f64>,
    #[serde(default)]
    pub offset: Option<f64>,
    #[serde(default)]
    pub bit: Option<u8>,
    /// Lowest and highest bit, both included.
    #[serde(default)]
    pub bits: Option<[u8; 2]>,
    #[serde(default)]
    pub values: BTreeMap<String, Value>,
    #[serde(default)]
    pub cases: Vec<RawCase>,
    /// Numbers by which the device says that it has no value.
    #[serde(default)]
    pub absent: Vec<i64>,
    /// Time from one poll to the next, where it is not the device's own.
    #[serde(default)]
    pub poll: Option<Span>,
}

/// An address: a number, or a text as `0x101B`.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Address {
    Number(u32),
    Text(String),
}

impl Address {
    pub fn number(&self) -> Option<u32> {
        match self {
            Address::Number(n) => Some(*n),
            Address::Text(text) => number(text).and_then(|n| u32::try_from(n).ok()),
        }
    }
}

/// Decimal, or hexadecimal after `0x`.
pub(super) fn number(text: &str) -> Option<i64> {
    match text.strip_prefix("0x") {
        Some(hex) => i64::from_str_radix(hex, 16).ok(),
        None => text.parse().ok(),
    }
}

/// One meaning of a register: where `register & mask == equals`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawCase {
    pub mask: u64,
    pub equals: u64,
    #[serde(default)]
    pub value: Option<Value>,
    #[serde(default)]
    pub no_data: Option<NoData>,
}

/// A key of a JSON message as a profile writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JsonKey {
    pub id: String,
    pub name: Text,
    #[serde(default)]
    pub unit: String,
    /// The topic it comes on, below the device's own; empty for the device's own.
    #[serde(default)]
    pub topic: String,
    /// RFC 6901, as `/params/input:0/state`; empty for the whole message.
    #[serde(default)]
    pub pointer: String,
    #[serde(default)]
    pub values: BTreeMap<String, Value>,
    #[serde(default)]
    pub scale: Option<f64>,
    #[serde(default)]
    pub offset: Option<f64>,
}

/// A point that a modem's channel sets.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ModemPoint {
    pub id: String,
    pub name: Text,
    #[serde(default)]
    pub unit: String,
}

/// A point that a call itself sets.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CallPoint {
    pub id: String,
    pub name: Text,
}

/// What an input of a board is wired to, and what follows from it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Role {
    pub id: String,
    pub name: Text,
    /// How long the contact must rest before the board believes it.
    pub debounce: Span,
    #[serde(default, rename = "rule")]
    pub rules: Vec<Table>,
}
