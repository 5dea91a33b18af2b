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

use super::{
    json::Place,
    numbering::Numbering,
    outputs::{MessageOutput, RegisterOutput},
};
use crate::modbus::{
    field::{Kind as NumberKind, Order, Table as Registers},
    number::Number,
};

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
    /// An edge node of Sparkplug B, or a device below one.
    Sparkplug,
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
    /// Profiles whose points, rules, roles and settings it has too.
    #[serde(default)]
    pub include: Vec<Spanned<String>>,
    #[serde(default)]
    pub supervision: Option<Span>,
    #[serde(default)]
    pub silence_priority: Option<Priority>,
    /// Where its messages say whether it is there.
    #[serde(default)]
    pub availability: Option<String>,
    /// Where its messages have a number of their own, as a pointer.
    #[serde(default)]
    pub dedupe: Option<String>,
    #[serde(default)]
    pub parameters: BTreeMap<String, Spanned<Parameter>>,
    /// What the words that its points say are called.
    #[serde(default)]
    pub words: BTreeMap<String, Text>,
    #[serde(default)]
    pub modbus: Knobs,
    /// Number of inputs of a board.
    #[serde(default)]
    pub inputs: u8,
    #[serde(default, rename = "point")]
    pub points: Vec<Spanned<Table>>,
    #[serde(default, rename = "rule")]
    pub rules: Vec<Spanned<Table>>,
    #[serde(default)]
    pub codes: Vec<Spanned<Codes>>,
    #[serde(default, rename = "role")]
    pub roles: Vec<Spanned<Role>>,
}

/// What the configuration may set for each device, as how many detectors a loop has.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// Where the configuration says nothing; a word makes it a parameter for words.
    pub default: Setting,
    /// The least number allowed.
    #[serde(default)]
    pub min: u16,
    /// The greatest number allowed.
    #[serde(default = "greatest")]
    pub max: u16,
}

fn greatest() -> u16 {
    u16::MAX
}

impl Parameter {
    /// Set to a word, not a number.
    pub fn is_word(&self) -> bool {
        matches!(self.default, Setting::Word(_))
    }

    /// What is wrong with its numbers, if anything.
    pub(super) fn mistake(&self) -> Option<String> {
        let Parameter { default, min, max } = self;
        match default {
            _ if min > max => Some(format!("no number is from {min} to {max}")),
            Setting::Number(n) if !(min..=max).contains(&n) => {
                Some(format!("its default {n} is not from {min} to {max}"))
            }
            _ => None,
        }
    }
}

/// What a parameter is set to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, expecting = "expected a number from 0 to 65535, or a word in quotes")]
pub enum Setting {
    /// A number: how many there are, or an address.
    Number(u16),
    /// A word: what something is called where the device lives.
    Word(String),
}

impl std::fmt::Display for Setting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Setting::Number(n) => n.fmt(f),
            Setting::Word(word) => f.write_str(word),
        }
    }
}

/// No device is asked more often, and no answer is waited for less: a question takes a millisecond or more.
pub(super) const SHORTEST_POLL: Span = Span::millis(5);

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
            max_registers: Registers::Holding.most(),
            max_bits: Registers::Coil.most(),
            max_hole: 8,
            one_by_one: false,
            close_after_poll: false,
        }
    }
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
    pub absent: Vec<Number>,
    /// Time from one poll to the next, where it is not the device's own.
    #[serde(default)]
    pub poll: Option<Span>,
    /// It can be switched.
    #[serde(default)]
    pub output: Option<RegisterOutput>,
}

/// An address: a number, or a text as `0x101B`.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "expected an address, as 16, \"0x0010\" or \"{parameter}\"")]
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

/// A whole number as profiles write it: decimal, or hexadecimal after `0x`.
pub fn number(text: &str) -> Option<i64> {
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
    /// The message counts only where each of these pointers finds this value, or a list that holds it.
    #[serde(default, rename = "where")]
    pub only_if: BTreeMap<String, Value>,
    #[serde(default)]
    pub also: Vec<Place>,
    /// What it means that the message leaves the key out.
    #[serde(default)]
    pub missing: Option<Value>,
    #[serde(default)]
    pub after_outage: Option<Value>,
    /// What is found is base64: the first and the last byte that count, from 0, as one number.
    #[serde(default)]
    pub bytes: Option<[u8; 2]>,
    /// The one bit of these bytes that counts; 0 is the lowest.
    #[serde(default)]
    pub bit: Option<u8>,
    /// The number of these bytes has a sign.
    #[serde(default)]
    pub signed: bool,
    #[serde(default)]
    pub values: BTreeMap<String, Value>,
    #[serde(default)]
    pub scale: Option<f64>,
    #[serde(default)]
    pub offset: Option<f64>,
    /// It can be switched.
    #[serde(default)]
    pub output: Option<MessageOutput>,
}

/// A metric of Sparkplug B as a profile writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MetricPoint {
    pub id: String,
    pub name: Text,
    #[serde(default)]
    pub unit: String,
    /// The metric's name, as `Inputs/Smoke`.
    pub metric: String,
    #[serde(default)]
    pub values: BTreeMap<String, Value>,
    #[serde(default)]
    pub scale: Option<f64>,
    #[serde(default)]
    pub offset: Option<f64>,
}

/// The numbers by which a device names its faults, and a rule for each.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Codes {
    /// The point that says the number.
    pub point: String,
    /// The kind of danger.
    pub danger: String,
    /// How much each presses that does not say so itself.
    pub priority: String,
    #[serde(default)]
    pub on_delay: Option<String>,
    #[serde(default)]
    pub off_delay: Option<String>,
    /// Numbers that are no fault: 0, as a rule.
    #[serde(default)]
    pub none: Vec<i64>,
    /// Each number, in words.
    pub list: Vec<Code>,
    /// What any other number means; without it they raise nothing.
    #[serde(default)]
    pub other: Option<Text>,
}

/// One fault by its number.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Code {
    pub value: i64,
    /// What it is.
    pub name: Text,
    /// What to look at.
    #[serde(default)]
    pub check: Option<Text>,
    #[serde(default)]
    pub danger: Option<String>,
    #[serde(default)]
    pub priority: Option<String>,
    #[serde(default)]
    pub on_delay: Option<String>,
    #[serde(default)]
    pub off_delay: Option<String>,
}

/// A point that has its meaning by its name: a modem's, or what a board says of itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NamedPoint {
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
