//! Entries with something to be filled in: what parameters are set to, and the numbers of a repeated
//! one, which stands for many, as for every detector of a loop.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::{Table, Value};

use super::{Setting, error::ProfileError};

/// More entries than this out of one template are taken for a slip of the pen.
const MAX_COPIES: usize = 10_000;

/// More counters than this in one template are taken for one too.
const MAX_COUNTERS: usize = 4;

/// What all entries of a device may come to, in bytes. The largest panel that a shipped profile
/// allows needs more than 16 MiB; without it, a profile of a few lines could fill the memory.
pub(super) const ROOM: usize = 64 * 1024 * 1024;

/// What an entry takes apart from its words, in bytes.
const ENTRY: usize = 256;

/// One counter of a repeated entry. Several of them nest, the last one turning fastest.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repeat {
    /// The word that stands in braces in the entry: `{loop}`.
    name: String,
    /// How often: a number, or the name of a parameter of the profile.
    count: Count,
    /// The first number.
    #[serde(default = "one")]
    from: u16,
    /// Added to the entry's address for each further copy.
    #[serde(default)]
    step: u16,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "expected a number, as 8, or a parameter's name, as \"inputs\"")]
enum Count {
    Number(u16),
    Parameter(String),
}

fn one() -> u16 {
    1
}

/// One copy of an entry: its words filled in, and how far its address lies from the written one.
#[derive(Debug)]
pub(super) struct Copy {
    pub table: Table,
    pub shift: u32,
}

/// All copies of an entry; one where nothing is repeated. They are taken off the `room` that is left,
/// which is 0 once it was too little.
pub(super) fn copies(
    entry: &Table,
    parameters: &BTreeMap<String, Setting>,
    room: &mut usize,
) -> Result<Vec<Copy>, ProfileError> {
    let size = ENTRY + size(entry);
    take(room, size)?;
    let mut table = entry.clone();
    for (name, setting) in parameters {
        table = fill_table(&table, name, &setting.to_string());
    }
    let Some(repeat) = table.remove("repeat") else {
        return Ok(vec![Copy { table, shift: 0 }]);
    };
    let wrong = |problem: String| {
        ProfileError::new(
            "repeat",
            problem,
            "write repeat = [{ name = \"loop\", count = 2, step = 400 }], count being a number or a parameter",
        )
    };
    let counters: Vec<Repeat> =
        repeat.try_into().map_err(|e| wrong(ProfileError::of("repeat", &e).problem))?;
    if counters.len() > MAX_COUNTERS {
        return Err(wrong(format!("more than {MAX_COUNTERS} counters")));
    }
    let mut all = vec![Copy { table, shift: 0 }];
    for counter in &counters {
        let count = match &counter.count {
            Count::Number(n) => *n,
            Count::Parameter(name) => match parameters.get(name) {
                Some(Setting::Number(n)) => *n,
                Some(Setting::Word(_)) => {
                    return Err(wrong(format!("parameter \"{name}\" is no number")));
                }
                None => return Err(wrong(format!("there is no parameter \"{name}\""))),
            },
        };
        if all.len() * usize::from(count) > MAX_COPIES {
            return Err(wrong(format!("more than {MAX_COPIES} copies")));
        }
        take(room, all.len() * usize::from(count) * size)?;
        all = all
            .iter()
            .flat_map(|copy| {
                (0..count).map(|n| Copy {
                    table: fill_table(
                        &copy.table,
                        &counter.name,
                        &(u32::from(counter.from) + u32::from(n)).to_string(),
                    ),
                    shift: copy.shift + u32::from(counter.step) * u32::from(n),
                })
            })
            .collect();
    }
    Ok(all)
}

fn take(room: &mut usize, size: usize) -> Result<(), ProfileError> {
    match room.checked_sub(size) {
        Some(left) => {
            *room = left;
            Ok(())
        }
        None => {
            *room = 0;
            Err(ProfileError::new(
                "repeat",
                "from here on the points and rules are too many to be kept",
                "repeat fewer of them, shorten their words, or make several devices of it",
            ))
        }
    }
}

/// About how many bytes a table takes.
fn size(table: &Table) -> usize {
    table.iter().map(|(key, value)| key.len() + size_of_value(value)).sum()
}

fn size_of_value(value: &Value) -> usize {
    size_of::<Value>()
        + match value {
            Value::String(text) => text.len(),
            Value::Array(items) => items.iter().map(size_of_value).sum(),
            Value::Table(table) => size(table),
            _ => 0,
        }
}

/// The table with `{word}` replaced in every text it holds.
pub(super) fn fill_table(table: &Table, word: &str, by: &str) -> Table {
    table
        .iter()
        .map(|(key, value)| (key.clone(), fill(value, &format!("{{{word}}}"), by)))
        .collect()
}

fn fill(value: &Value, braced: &str, by: &str) -> Value {
    match value {
        Value::String(text) => Value::String(text.replace(braced, by)),
        Value::Array(items) => Value::Array(items.iter().map(|v| fill(v, braced, by)).collect()),
        Value::Table(table) => Value::Table(
            table.iter().map(|(key, value)| (key.clone(), fill(value, braced, by))).collect(),
        ),
        other => other.clone(),
    }
}
