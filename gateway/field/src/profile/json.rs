//! A point of a JSON message: where it stands and what its values mean.

use std::collections::BTreeMap;

use gengfu_core::{
    id::PointId,
    point::{NoData, Sample, Value},
};
use serde_json::Value as Json;

/// Where a point is found in a device's JSON messages.
#[derive(Debug, Clone, PartialEq)]
pub struct JsonPoint {
    /// `device/point`.
    pub point: PointId,
    /// The topic it comes on, below the device's own; empty for the device's own.
    pub topic: String,
    /// RFC 6901; empty for the whole message.
    pub pointer: String,
    /// What the words of the message mean; empty where they are taken as they are.
    pub values: BTreeMap<String, Value>,
    /// Factor of a number.
    pub scale: Option<f64>,
    /// Added after the factor, in the point's unit.
    pub offset: Option<f64>,
}

impl JsonPoint {
    /// What this message says of the point; `None` where it does not speak of it: many sources
    /// send only what changed, or leave out what is at its default.
    pub fn sample(&self, message: &Json) -> Option<Sample> {
        let found = message.pointer(&self.pointer)?;
        Some(self.read(found))
    }

    fn read(&self, found: &Json) -> Sample {
        let (word, value) = match found {
            Json::Null => return Err(NoData::Faulty),
            Json::Bool(b) => (b.to_string(), Value::Bool(*b)),
            Json::String(text) => (text.clone(), Value::Text(text.clone())),
            Json::Number(n) => {
                let value = n.as_i64().map(Value::Int).or_else(|| n.as_f64().map(Value::Float));
                (n.to_string(), value.ok_or(NoData::Garbled)?)
            }
            Json::Array(_) | Json::Object(_) => return Err(NoData::Garbled),
        };
        if !self.values.is_empty() {
            // A word that the profile does not know is not "normal".
            return self.values.get(&word).cloned().ok_or(NoData::Garbled);
        }
        match (self.scale, self.offset, &value) {
            (None, None, _) => Ok(value),
            (_, _, Value::Int(_) | Value::Float(_)) => {
                let x = value.as_f64().ok_or(NoData::Garbled)?;
                Ok(Value::Float(crate::modbus::field::tidy(
                    x * self.scale.unwrap_or(1.0) + self.offset.unwrap_or(0.0),
                )))
            }
            _ => Err(NoData::Garbled),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(pointer: &str, values: &[(&str, Value)]) -> JsonPoint {
        JsonPoint {
            point: PointId::from("d/p"),
            topic: String::new(),
            pointer: pointer.into(),
            values: values.iter().map(|(k, v)| ((*k).into(), v.clone())).collect(),
            scale: None,
            offset: None,
        }
    }

    #[test]
    fn a_message_that_does_not_speak_of_a_point_leaves_it_as_it_was() {
        let message = serde_json::json!({"params": {"input:0": {"state": true}}});
        let first = point("/params/input:0/state", &[]);
        assert_eq!(first.sample(&message), Some(Ok(Value::Bool(true))));
        assert_eq!(point("/params/input:1/state", &[]).sample(&message), None);
    }

    #[test]
    fn words_are_translated_and_a_strange_word_is_no_value() {
        let switch = point("/s", &[("ON", Value::Bool(true)), ("OFF", Value::Bool(false))]);
        let at = |word: &str| switch.sample(&serde_json::json!({ "s": word }));
        assert_eq!(at("ON"), Some(Ok(Value::Bool(true))));
        assert_eq!(at("OFF"), Some(Ok(Value::Bool(false))));
        assert_eq!(at("PERHAPS"), Some(Err(NoData::Garbled)));
    }

    #[test]
    fn nothing_but_a_plain_value_is_a_value() {
        let any = point("/x", &[]);
        assert_eq!(any.sample(&serde_json::json!({"x": null})), Some(Err(NoData::Faulty)));
        assert_eq!(any.sample(&serde_json::json!({"x": [1]})), Some(Err(NoData::Garbled)));
        let scaled = JsonPoint { scale: Some(0.1), ..point("/x", &[]) };
        assert_eq!(scaled.sample(&serde_json::json!({"x": 3})), Some(Ok(Value::Float(0.3))));
        assert_eq!(scaled.sample(&serde_json::json!({"x": "3"})), Some(Err(NoData::Garbled)));
    }
}
