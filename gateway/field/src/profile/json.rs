//! A point of a JSON message: where it stands and what its values mean.

use std::collections::BTreeMap;

use base64::{Engine, prelude::BASE64_STANDARD as STANDARD};
use gengfu_core::{
    id::PointId,
    point::{NoData, Sample, Value},
};
use serde::Deserialize;
use serde_json::Value as Json;

use super::meaning::{meant, spelled, words};

/// Where a point is found in a device's JSON messages.
#[derive(Debug, Clone, PartialEq)]
pub struct JsonPoint {
    /// `device/point`.
    pub point: PointId,
    /// The topic it comes on, below the device's own; empty for the device's own. One with `{topic}` in
    /// it is whole, and that stands for the device's own.
    pub topic: String,
    /// RFC 6901; empty for the whole message.
    pub pointer: String,
    /// The message counts only where each of these pointers finds this value, or a list that holds it.
    pub only_if: BTreeMap<String, Value>,
    /// Where else it is found, said in the same words; the latest word counts, wherever it comes.
    pub also: Vec<Place>,
    /// What it means that a message leaves the key out; none where that says nothing.
    pub missing: Option<Value>,
    /// What it is when the source says that it is there, as it does when it starts: it has forgotten
    /// what it told of before. None where that still holds, or is said anew.
    pub forgotten: Option<Value>,
    /// Where in a base64 text the value stands.
    pub bytes: Option<Bytes>,
    /// What the words of the message mean; empty where they are taken as they are.
    pub values: BTreeMap<String, Value>,
    /// What every other word means; none where it is not understood.
    pub otherwise: Option<Value>,
    /// Factor of a number.
    pub scale: Option<f64>,
    /// Added after the factor, in the point's unit.
    pub offset: Option<f64>,
    /// A text is the truth or the number that it spells, and no value where it spells none.
    pub spelled: bool,
    /// By what message it is switched, where the profile names it as an output.
    pub switch: Option<Commanded>,
}

/// Where else a point is found, as a profile writes it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    /// As [`JsonPoint::topic`].
    #[serde(default)]
    pub topic: String,
    /// As [`JsonPoint::pointer`].
    #[serde(default)]
    pub pointer: String,
    /// As [`JsonPoint::only_if`].
    #[serde(default, rename = "where")]
    pub only_if: BTreeMap<String, Value>,
}

/// What is published to switch an output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commanded {
    /// Where, written as a point's topic.
    pub topic: String,
    /// What switches it on.
    pub on: String,
    /// What switches it off.
    pub off: String,
}

/// Some bytes of a base64 text, as a whole number, the highest byte first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bytes {
    /// The first, from 0.
    pub first: usize,
    /// The last, included.
    pub last: usize,
    /// The one bit that counts, 0 being the lowest.
    pub bit: Option<u8>,
    /// The highest bit is a sign.
    pub signed: bool,
}

impl Bytes {
    /// A text that is no base64, or too short, has no value.
    fn read(self, text: &str) -> Option<Value> {
        let all = STANDARD.decode(text).ok()?;
        let bytes = all.get(self.first..=self.last)?;
        let number = bytes.iter().fold(0_u64, |n, byte| n << 8 | u64::from(*byte));
        if let Some(bit) = self.bit {
            return Some(Value::Bool(number >> bit & 1 == 1));
        }
        let unused = 64 - 8 * u32::try_from(bytes.len()).ok()?;
        Some(match self.signed {
            true => Value::Int((number << unused).cast_signed() >> unused),
            false => i64::try_from(number).map_or(Value::Float(number as f64), Value::Int),
        })
    }
}

impl JsonPoint {
    /// A point whose value is taken as it is found.
    pub fn new(point: PointId, topic: &str, pointer: &str) -> Self {
        Self {
            point,
            topic: topic.into(),
            pointer: pointer.into(),
            only_if: BTreeMap::new(),
            also: vec![],
            missing: None,
            forgotten: None,
            bytes: None,
            values: BTreeMap::new(),
            otherwise: None,
            scale: None,
            offset: None,
            spelled: false,
            switch: None,
        }
    }

    /// The topics that it comes on, as they are written.
    pub fn topics(&self) -> impl Iterator<Item = &str> {
        [&self.topic].into_iter().chain(self.also.iter().map(|place| &place.topic)).map(|t| &**t)
    }

    /// What a message on one of [`Self::topics`], counted from 0, says of the point; `None` where it
    /// does not speak of it: many sources send only what changed, or leave out what is at its default.
    pub fn sample(&self, topic: usize, message: &Json) -> Option<Sample> {
        let (pointer, only_if) = match topic.checked_sub(1) {
            None => (&self.pointer, &self.only_if),
            Some(other) => {
                let place = self.also.get(other)?;
                (&place.pointer, &place.only_if)
            }
        };
        let fits = |(pointer, wanted): (&String, &Value)| match message.pointer(pointer) {
            Some(Json::Array(items)) => items.iter().any(|item| is(item, wanted)),
            Some(found) => is(found, wanted),
            None => false,
        };
        if !only_if.iter().all(fits) {
            return None;
        }
        if let Some(found) = message.pointer(pointer) {
            return Some(self.read(found));
        }
        let missing = self.missing.clone()?;
        // Left out is what the object lacks that should hold it. Where that itself is not there (a codec
        // failed), nothing was said.
        let (holder, _) = pointer.rsplit_once('/')?;
        let is_left_out = message.pointer(holder).is_some_and(Json::is_object);
        Some(if is_left_out { Ok(missing) } else { Err(NoData::Garbled) })
    }

    fn read(&self, found: &Json) -> Sample {
        let (word, value) = match found {
            Json::Null => return Err(NoData::Faulty),
            Json::Bool(b) => (b.to_string(), Value::Bool(*b)),
            Json::String(text) => match self.bytes {
                None => (text.clone(), Value::Text(text.clone())),
                Some(bytes) => {
                    let value = bytes.read(text).ok_or(NoData::Garbled)?;
                    (words(&value), value)
                }
            },
            Json::Number(n) => {
                let value = n.as_i64().map(Value::Int).or_else(|| n.as_f64().map(Value::Float));
                (n.to_string(), value.ok_or(NoData::Garbled)?)
            }
            Json::Array(_) | Json::Object(_) => return Err(NoData::Garbled),
        };
        let is_listed = self.values.is_empty() || self.values.contains_key(&word);
        match &self.otherwise {
            Some(otherwise) if !is_listed => Ok(otherwise.clone()),
            _ => meant(&self.values, (self.scale, self.offset), self.spelled, &word, value),
        }
    }
}

/// A part of a message says this.
fn is(found: &Json, wanted: &Value) -> bool {
    match (found, wanted) {
        (Json::Bool(b), wanted) => Value::Bool(*b).same_as(wanted),
        (Json::Number(n), Value::Text(word)) => n.to_string() == *word,
        (Json::Number(n), wanted) => wanted.as_f64().is_some_and(|w| n.as_f64() == Some(w)),
        (Json::String(text), Value::Text(word)) => text == word,
        (Json::String(text), wanted) => spelled(text).is_some_and(|value| value.same_as(wanted)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(pointer: &str, values: &[(&str, Value)]) -> JsonPoint {
        let values = values.iter().map(|(k, v)| ((*k).into(), v.clone())).collect();
        JsonPoint { values, ..JsonPoint::new(PointId::from("d/p"), "", pointer) }
    }

    #[test]
    fn a_message_about_something_else_says_nothing() {
        let lift = JsonPoint {
            only_if: [
                ("/after/camera".into(), Value::Text("lift".into())),
                ("/after/current_zones".into(), Value::Text("car".into())),
            ]
            .into(),
            ..point("/type", &[("new", Value::Bool(true)), ("end", Value::Bool(false))])
        };
        let at = |camera: &str, zones: &[&str]| {
            lift.sample(
                0,
                &serde_json::json!({
                    "type": "new", "after": { "camera": camera, "current_zones": zones }
                }),
            )
        };
        assert_eq!(at("lift", &["hall", "car"]), Some(Ok(Value::Bool(true))));
        assert_eq!(at("gate", &["car"]), None);
        assert_eq!(at("lift", &[]), None);
        assert_eq!(lift.sample(0, &serde_json::json!({"type": "new"})), None);
    }

    #[test]
    fn a_key_that_is_left_out_has_its_default_only_where_the_message_counts() {
        let leak = JsonPoint {
            missing: Some(Value::Bool(false)),
            only_if: [("/fPort".into(), Value::Int(2))].into(),
            ..point("/object/leak", &[])
        };
        let sample = |message| leak.sample(0, &message);
        assert_eq!(
            sample(serde_json::json!({"fPort": 2, "object": {}})),
            Some(Ok(Value::Bool(false)))
        );
        assert_eq!(
            sample(serde_json::json!({"fPort": 2, "object": {"leak": true}})),
            Some(Ok(Value::Bool(true)))
        );
        assert_eq!(sample(serde_json::json!({"fPort": 3, "object": {}})), None);
        for broken in [
            serde_json::json!({"fPort": 2, "data": "AQ=="}),
            serde_json::json!({"fPort": 2, "object": null}),
            serde_json::json!({"fPort": 2, "object": "AQ=="}),
            serde_json::json!({"fPort": 2, "object": []}),
        ] {
            let said = sample(broken.clone());
            assert_eq!(said, Some(Err(NoData::Garbled)), "{broken}: the codec failed");
        }
    }

    #[test]
    fn bytes_of_a_base64_text_are_a_number_a_bit_or_nothing() {
        // 01 FF 38 80
        let message = serde_json::json!({"data": "Af84gA=="});
        let read = |first, last, bit, signed| {
            let bytes = Some(Bytes { first, last, bit, signed });
            JsonPoint { bytes, ..point("/data", &[]) }.sample(0, &message)
        };
        assert_eq!(read(0, 0, None, false), Some(Ok(Value::Int(1))));
        assert_eq!(read(1, 2, None, false), Some(Ok(Value::Int(0xFF38))));
        assert_eq!(read(1, 2, None, true), Some(Ok(Value::Int(-200))));
        assert_eq!(read(3, 3, Some(7), false), Some(Ok(Value::Bool(true))));
        assert_eq!(read(3, 3, Some(0), false), Some(Ok(Value::Bool(false))));
        assert_eq!(read(3, 4, None, false), Some(Err(NoData::Garbled)), "the text is too short");
    }

    #[test]
    fn a_message_that_does_not_speak_of_a_point_leaves_it_as_it_was() {
        let message = serde_json::json!({"params": {"input:0": {"state": true}}});
        let first = point("/params/input:0/state", &[]);
        assert_eq!(first.sample(0, &message), Some(Ok(Value::Bool(true))));
        assert_eq!(point("/params/input:1/state", &[]).sample(0, &message), None);
    }

    #[test]
    fn words_are_translated_and_a_strange_word_is_no_value() {
        let switch = point("/s", &[("ON", Value::Bool(true)), ("OFF", Value::Bool(false))]);
        let at = |word: &str| switch.sample(0, &serde_json::json!({ "s": word }));
        assert_eq!(at("ON"), Some(Ok(Value::Bool(true))));
        assert_eq!(at("OFF"), Some(Ok(Value::Bool(false))));
        assert_eq!(at("PERHAPS"), Some(Err(NoData::Garbled)));
    }

    #[test]
    fn nothing_but_a_plain_value_is_a_value() {
        let any = point("/x", &[]);
        assert_eq!(any.sample(0, &serde_json::json!({"x": null})), Some(Err(NoData::Faulty)));
        assert_eq!(any.sample(0, &serde_json::json!({"x": [1]})), Some(Err(NoData::Garbled)));
        let scaled = JsonPoint { scale: Some(0.1), ..point("/x", &[]) };
        assert_eq!(scaled.sample(0, &serde_json::json!({"x": 3})), Some(Ok(Value::Float(0.3))));
        assert_eq!(scaled.sample(0, &serde_json::json!({"x": "3"})), Some(Ok(Value::Float(0.3))));
        assert_eq!(
            scaled.sample(0, &serde_json::json!({"x": "three"})),
            Some(Err(NoData::Garbled))
        );
    }
}
