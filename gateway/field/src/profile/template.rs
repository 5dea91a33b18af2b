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
    for (n, Repeat { name, .. }) in counters.iter().enumerate() {
        let twice = if parameters.contains_key(name) {
            format!("\"{name}\" is the name of a parameter, too")
        } else if counters.iter().take(n).any(|other| other.name == *name) {
            format!("two counters are called \"{name}\"")
        } else {
            continue;
        };
        return Err(ProfileError::new("repeat", twice, "give the counter a name of its own"));
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

/// What to do about a word in braces that nothing fills in.
pub(super) const UNFILLED: &str =
    "correct it: it is the name of a parameter of the profile, or of a counter in `repeat`";

/// The first word in braces that stands in a text; `{topic}` is the device's own and is filled in later.
pub(super) fn unfilled(text: &str) -> Option<&str> {
    let is_word = |word: &str| {
        let is_sign = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        !word.is_empty() && word.chars().all(is_sign) && word != "topic"
    };
    let words = text.split('{').skip(1).filter_map(|rest| rest.split_once('}'));
    words.map(|(word, _)| word).find(|word| is_word(word))
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

#[cfg(test)]
mod tests {
    use super::unfilled;
    use crate::profile::Profile;

    /// What is said of a profile of one point of a JSON device.
    fn said(head: &str, point: &str) -> String {
        let text = format!(
            "name = {{ en = \"x\" }}\nkind = \"mqtt_json\"\n{head}\n\
             [parameters]\ncamera = {{ default = \"gate\" }}\ncount = {{ default = 2 }}\n\
             [[point]]\nid = \"x\"\nname = {{ en = \"x\" }}\n{point}\n"
        );
        let mistakes = Profile::parse("x", "x.toml", &text).err().unwrap_or_default();
        mistakes.first().map(ToString::to_string).unwrap_or_default()
    }

    #[test]
    fn a_word_in_braces_that_nothing_fills_in_is_a_mistake() {
        for point in [
            "topic = \"{camra}/x\"",
            "pointer = \"/{camra}\"",
            "where = { \"/{camra}\" = 1 }",
            "where = { \"/x\" = \"{camra}\" }",
            "also = [{ topic = \"{camra}\" }]",
        ] {
            let said = said("", point);
            assert!(said.starts_with("x.toml:7: point x: nothing is called {camra};"), "{said}");
        }
        let away = said("availability = \"{camra}/LWT\"", "pointer = \"/x\"");
        assert!(away.contains("availability: nothing is called {camra}"), "{away}");
        for point in ["topic = \"tele/{topic}/{camera}\"", "pointer = \"/{camera}\""] {
            assert_eq!(said("availability = \"tele/{topic}/LWT\"", point), "");
        }
        assert_eq!(unfilled("{\"state\": \"ON\"} {}"), None);
    }

    #[test]
    fn a_counter_has_a_name_of_its_own() {
        let of = |name: &str| said("", &format!("repeat = [{{ name = \"{name}\", count = 2 }}]"));
        let said_of = of("camera");
        assert!(said_of.contains("\"camera\" is the name of a parameter, too"), "{said_of}");
        let twice = "repeat = [{ name = \"n\", count = 2 }, { name = \"n\", count = 2 }]";
        let twice = said("", twice);
        assert!(twice.contains("two counters are called \"n\""), "{twice}");
    }
}
