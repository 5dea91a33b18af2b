//! Problems: what is wrong with a roster, where, and what to do about it.

use std::{collections::BTreeMap, fmt};

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use super::{Exception, Layer, Roster};
use crate::time::Span;

/// More layers than this no house has; each of them is asked for every hand-over that is looked at
/// to say until when somebody is on call, up to 4,096 of them.
const MAX_LAYERS: usize = 64;

/// More exceptions than this, some four a month for forty years, are never needed at once.
const MAX_EXCEPTIONS: usize = 2_000;

/// A reminder comes at the most so long before a shift ...
const LONGEST_REMINDER: Span = Span::hours(7 * 24);
/// ... and at the least.
const SHORTEST_REMINDER: Span = Span::mins(1);

/// One mistake in a roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Problem {
    /// The field at fault: `layers[0].handover.every`.
    #[serde(rename = "where")]
    pub where_: String,
    /// What is wrong, and the remedy.
    pub what: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.where_, self.what)
    }
}

impl Roster {
    /// Every mistake in the roster at once; none when it can be trusted to say who is on call.
    /// Whether the people exist is for the caller to check, with [`Roster::people`].
    pub fn validate(&self) -> Vec<Problem> {
        let mut found = Found::default();
        if self.name.trim().is_empty() {
            found.add("name", "is empty: write what people call this roster");
        }
        if TimeZone::get(&self.time_zone).is_err() {
            let zone = &self.time_zone;
            found.add(
                "time_zone",
                format!("\"{zone}\" is no IANA time zone: write one such as \"Asia/Shanghai\""),
            );
        }
        let adds = |change: &Exception| matches!(change, Exception::Add { .. });
        if self.layers.is_empty() && !self.exceptions.iter().any(adds) {
            found.add("layers", "is empty, so nobody is ever on call: add a rotation or a shift");
        }
        if self.layers.len() > MAX_LAYERS {
            found
                .add("layers", format!("has more than {MAX_LAYERS} entries: make several rosters"));
        }
        if self.exceptions.len() > MAX_EXCEPTIONS {
            found.add(
                "exceptions",
                format!("has more than {MAX_EXCEPTIONS} entries: delete those that are over"),
            );
        }
        if let Some(lead) = self.remind_before
            && !(SHORTEST_REMINDER..=LONGEST_REMINDER).contains(&lead)
        {
            found.add(
                "remind_before",
                format!("is {lead}: write {SHORTEST_REMINDER} to {LONGEST_REMINDER}, as \"30m\""),
            );
        }
        for (index, layer) in self.layers.iter().enumerate() {
            check_layer(layer, &format!("layers[{index}]"), &mut found);
        }
        for (index, first) in repeated(self.layers.iter().map(Layer::name)) {
            found.add(
                format!("layers[{index}].name"),
                format!("is that of layers[{first}] too: give each layer a name of its own"),
            );
        }
        for (index, change) in self.exceptions.iter().enumerate() {
            check_exception(change, &format!("exceptions[{index}]"), &mut found);
        }
        for (index, first) in repeated(&self.exceptions) {
            found.add(
                format!("exceptions[{index}]"),
                format!("is the same as exceptions[{first}]: delete one of them"),
            );
        }
        found.0
    }
}

fn check_layer(layer: &Layer, path: &str, found: &mut Found) {
    if layer.name().trim().is_empty() {
        found.add(format!("{path}.name"), "is empty: write what people call this layer");
    }
    if layer.people().is_empty() {
        found.add(format!("{path}.people"), "is empty: name at least one person");
    }
    match layer {
        Layer::Rotation(rotation) => {
            if rotation.handover.every() == 0 {
                found.add(
                    format!("{path}.handover.every"),
                    "is 0, so nobody's turn would ever end: write 1 or more",
                );
            }
        }
        Layer::Shift(shift) => {
            if shift.days.is_empty() {
                found.add(
                    format!("{path}.days"),
                    "is empty: name at least one day, such as \"monday\"",
                );
            }
            for (index, first) in repeated(&shift.days) {
                found.add(
                    format!("{path}.days[{index}]"),
                    format!("is the same day as days[{first}]: delete one of them"),
                );
            }
            for (index, first) in repeated(&shift.people) {
                let person = &shift.people[index];
                found.add(
                    format!("{path}.people[{index}]"),
                    format!("{person} is people[{first}] already: delete one of them"),
                );
            }
        }
    }
}

fn check_exception(change: &Exception, path: &str, found: &mut Found) {
    for (from, to, prefix) in change.periods() {
        if from >= to {
            found.add(
                format!("{path}.{prefix}to"),
                format!("{to} is not after {prefix}from, {from}: exchange or correct them"),
            );
        }
    }
    let (field, person) = match change {
        Exception::Replace { person, by, .. } if person == by => ("by", person),
        Exception::Swap { person, with_person, .. } if person == with_person => {
            ("with_person", person)
        }
        _ => return,
    };
    found.add(format!("{path}.{field}"), format!("is {person} again: name somebody else"));
}

/// The places of items that occurred before, each with the place where it occurred first.
fn repeated<T: Ord>(items: impl IntoIterator<Item = T>) -> Vec<(usize, usize)> {
    let mut seen = BTreeMap::new();
    let mut repeats = Vec::new();
    for (index, item) in items.into_iter().enumerate() {
        let first = *seen.entry(item).or_insert(index);
        if first != index {
            repeats.push((index, first));
        }
    }
    repeats
}

#[derive(Default)]
struct Found(Vec<Problem>);

impl Found {
    fn add(&mut self, where_: impl Into<String>, what: impl Into<String>) {
        self.0.push(Problem { where_: where_.into(), what: what.into() });
    }
}
