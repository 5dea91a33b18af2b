//! Points that can be switched: what a profile says of them. Nothing else is ever written to a device.

use gengfu_core::{
    id::PointId,
    output::{Output, OutputKind},
    point::Value,
    time::Span,
};
use serde::Deserialize;

use super::{error::ProfileError, json::Commanded};
use crate::modbus::{
    field::{Field, Table},
    write::Writing,
};

/// Where a profile says nothing, an output is on for this long: a barrier opens, a siren is heard.
const HOLD: Span = Span::secs(30);
/// No output is on for longer than this in one go, whatever a profile says.
const LONGEST: Span = Span::hours(24);
/// Registers in one request that writes (Modbus Application Protocol 1.1b3, 6.12).
const MOST_WRITTEN: usize = 123;

/// A coil or holding register that can be switched, as a profile writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RegisterOutput {
    pub kind: OutputKind,
    #[serde(default)]
    pub hold: Option<Span>,
    #[serde(default)]
    pub most: Option<Span>,
    /// The registers that switch it on, in the order of their addresses; 1 where nothing is said.
    #[serde(default)]
    pub on: Option<Registers>,
    /// The registers that switch it off; 0 where nothing is said.
    #[serde(default)]
    pub off: Option<Registers>,
    /// Written by function 15 or 16, for a device that does not know 5 or 6.
    #[serde(default)]
    pub multiple: bool,
    /// It falls back by itself: what the device says to the writing counts, it is not read back.
    #[serde(default)]
    pub momentary: bool,
}

/// One register, or several.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "expected a number from 0 to 65535, or a list of them")]
pub(super) enum Registers {
    One(u16),
    Many(Vec<u16>),
}

impl Registers {
    fn all(self) -> Vec<u16> {
        match self {
            Registers::One(word) => vec![word],
            Registers::Many(words) => words,
        }
    }
}

/// A key of a message that can be switched by another message, as a profile writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MessageOutput {
    pub kind: OutputKind,
    #[serde(default)]
    pub hold: Option<Span>,
    #[serde(default)]
    pub most: Option<Span>,
    /// The topic that it listens on, written as a point's topic.
    pub topic: String,
    /// What is published there to switch it on.
    pub on: String,
    /// What is published there to switch it off.
    pub off: String,
}

fn wrong(id: &PointId, problem: impl Into<String>, remedy: &str) -> ProfileError {
    ProfileError::new(format!("output {id}"), problem, remedy)
}

fn output(
    id: &PointId,
    kind: OutputKind,
    hold: Option<Span>,
    most: Option<Span>,
) -> Result<Output, ProfileError> {
    let hold = hold.or(most.map(|most| most.min(HOLD))).unwrap_or(HOLD);
    let most = most.unwrap_or(hold);
    if hold < Span::secs(1) || hold > most || most > LONGEST {
        let problem = format!("it can't be on for {hold}, at most {most}");
        return Err(wrong(
            id,
            problem,
            "use 1s or more for hold, hold or more for most, 24h at most",
        ));
    }
    Ok(Output { id: id.clone(), kind, hold, most })
}

/// An output in registers: the field says from now on how it is written.
pub(super) fn register(field: &mut Field, raw: RegisterOutput) -> Result<Output, ProfileError> {
    let id = field.point.clone();
    if !matches!(field.table, Table::Coil | Table::Holding) {
        let remedy = "name a coil or a holding register";
        return Err(wrong(&id, "a table that is only read can't be written", remedy));
    }
    if field.table == Table::Coil && (raw.on.is_some() || raw.off.is_some()) {
        return Err(wrong(&id, "a coil is on or off", "remove on and off"));
    }
    let length = usize::from(field.length);
    let words = |written: Option<Registers>, word: u16| match written {
        Some(written) => written.all(),
        None => {
            let mut words = vec![0; length];
            if let Some(last) = words.last_mut() {
                *last = word;
            }
            words
        }
    };
    let (on, off) = (words(raw.on, 1), words(raw.off, 0));
    if on.len() != length || off.len() != length || length > MOST_WRITTEN {
        let problem = format!("it takes {length} register(s)");
        return Err(wrong(&id, problem, "write as many in on and off"));
    }
    for (words, wanted) in [(&on, true), (&off, false)] {
        let says = match field.table {
            Table::Coil => field.read_bit(wanted),
            _ => field.read(words),
        };
        // A bit or a number counts as well: 1 is on in every table of the pages.
        if !says.as_ref().is_ok_and(|value| value.same_as(&Value::Bool(wanted))) {
            let problem = format!("written {words:?}, the point does not say {wanted}");
            let remedy = "give the point values, as values = { 255 = true, 0 = false }";
            return Err(wrong(&id, problem, remedy));
        }
    }
    field.write = Some(Writing { on, off, multiple: raw.multiple, momentary: raw.momentary });
    output(&id, raw.kind, raw.hold, raw.most)
}

/// An output that a message switches.
pub(super) fn message(
    id: &PointId,
    raw: MessageOutput,
) -> Result<(Output, Commanded), ProfileError> {
    if raw.topic.contains(['+', '#']) {
        return Err(wrong(id, "a message goes to one topic", "remove + and # from output.topic"));
    }
    let output = output(id, raw.kind, raw.hold, raw.most)?;
    Ok((output, Commanded { topic: raw.topic, on: raw.on, off: raw.off }))
}
