//! What the values mean that a source sends: words, a factor, an offset.

use std::collections::BTreeMap;

use gengfu_core::point::{NoData, Sample, Value};

/// What a point's values mean.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Meaning {
    /// What the source's words mean; empty where they are taken as they are.
    pub values: BTreeMap<String, Value>,
    /// Factor of a number.
    pub scale: Option<f64>,
    /// Added after the factor, in the point's unit.
    pub offset: Option<f64>,
    /// A text is the truth or the number that it spells, and no value where it spells none.
    pub spelled: bool,
}

impl Meaning {
    /// What a value means.
    pub fn of(&self, value: Value) -> Sample {
        let spelled = self.spelled;
        meant(&self.values, (self.scale, self.offset), spelled, &words(&value), value)
    }
}

/// What a value means that its source writes as `word`.
pub(super) fn meant(
    values: &BTreeMap<String, Value>,
    (scale, offset): (Option<f64>, Option<f64>),
    is_spelled: bool,
    word: &str,
    value: Value,
) -> Sample {
    if !values.is_empty() {
        // A word that the profile does not know is not "normal".
        return values.get(word).cloned().ok_or(NoData::Garbled);
    }
    // What is scaled is a number, whoever asks.
    let value = match value {
        Value::Text(text) if is_spelled || scale.is_some() || offset.is_some() => {
            spelled(&text).ok_or(NoData::Garbled)?
        }
        other => other,
    };
    match (scale, offset, &value) {
        (None, None, _) => Ok(value),
        (_, _, Value::Int(_) | Value::Float(_)) => {
            let x = value.as_f64().ok_or(NoData::Garbled)?;
            let meant = x * scale.unwrap_or(1.0) + offset.unwrap_or(0.0);
            Ok(Value::Float(crate::modbus::number::tidy(meant)))
        }
        _ => Err(NoData::Garbled),
    }
}

/// The truth or the number that a text spells: the words in any case, numbers as JSON writes them.
pub(super) fn spelled(text: &str) -> Option<Value> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "on" => return Some(Value::Bool(true)),
        "false" | "off" => return Some(Value::Bool(false)),
        _ => {}
    }
    let is_plain = !text.contains(char::is_whitespace);
    let number: serde_json::Number = serde_json::from_str(text).ok().filter(|_| is_plain)?;
    number.as_i64().map(Value::Int).or_else(|| number.as_f64().map(Value::Float))
}

/// A value as the keys of `values` write it.
pub(super) fn words(value: &Value) -> String {
    match value {
        Value::Bool(b) => b.to_string(),
        Value::Int(n) => n.to_string(),
        Value::Float(x) => x.to_string(),
        Value::Text(text) => text.clone(),
    }
}
