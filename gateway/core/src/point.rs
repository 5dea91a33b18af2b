//! Points and their readings. A reading is not an alarm, and silence is never "normal".

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::{
    id::{DeviceId, PointId},
    text::Text,
    time::Timestamp,
};

/// One value of a device: an input, a register, a key of a message.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Point {
    /// `device/point`.
    pub id: PointId,
    /// What people call it.
    // Shared: every device of a kind says the same.
    #[cfg_attr(feature = "schema", schema(value_type = Text))]
    pub name: Arc<Text>,
    /// Unit of a number, as `°C` or `m/s`; empty for none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// What the device says of itself, as its battery: nobody can touch it, and a walk test does not ask that.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub diagnostic: bool,
}

/// A value as it was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(untagged, expecting = "expected true or false, a number or a word in quotes")]
pub enum Value {
    /// On or off, open or closed.
    Bool(bool),
    /// A count, a code, a set of bits.
    Int(i64),
    /// A measurement in the point's unit.
    Float(f64),
    /// A word, as a mode's name.
    Text(String),
}

impl Value {
    /// The value as a number, for setpoints: true is 1, a text has none.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Value::Bool(b) => Some(f64::from(u8::from(*b))),
            Value::Int(n) => Some(*n as f64),
            Value::Float(x) => Some(*x),
            Value::Text(_) => None,
        }
    }
    /// Not NaN and not infinite: JSON has no word for these.
    pub fn is_finite(&self) -> bool {
        !matches!(self, Value::Float(x) if !x.is_finite())
    }
    /// Equal in meaning: 1, 1.0 and true are the same contact, however a source writes it.
    pub fn same_as(&self, other: &Value) -> bool {
        match (self.as_f64(), other.as_f64()) {
            (Some(a), Some(b)) => a == b,
            _ => self == other,
        }
    }
}

/// Why a point has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum NoData {
    /// Nothing was heard of it since the gateway started.
    NotYet,
    /// Its device was not heard for longer than its supervision time.
    Silent,
    /// Its device said good-bye, or its broker reported that it is gone.
    Offline,
    /// The device did not answer a request in time.
    Timeout,
    /// The device answered that it can't: an exception, a busy mark.
    Refused,
    /// What came could not be understood.
    Garbled,
    /// The device itself marks the value as not good: open loop, detector missing.
    Faulty,
}

impl NoData {
    /// Its name in the API and in tables, the same as in the journal.
    pub fn word(self) -> &'static str {
        match self {
            NoData::NotYet => "not_yet",
            NoData::Silent => "silent",
            NoData::Offline => "offline",
            NoData::Timeout => "timeout",
            NoData::Refused => "refused",
            NoData::Garbled => "garbled",
            NoData::Faulty => "faulty",
        }
    }
}

/// What a point said, or why it said nothing.
pub type Sample = Result<Value, NoData>;

/// Whether a reading tells of a change or repeats what stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// It happened now: a contact closed. Kept even when the value equals the last one known.
    Edge,
    /// This is how it stands: a poll, a heartbeat, a birth. Never raises an old alarm anew.
    State,
    /// This is how it stood when its source last spoke, as others remember it: a retained message.
    /// A state, and no sign of life.
    Retained,
}

/// Where an event came from, so that a second copy of it can be told from a second event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Origin {
    /// The board's count of its own starts.
    pub boot: u32,
    /// The event's number within that start, from 1.
    pub seq: u32,
}

/// The only product of the field side: one point, read once.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// The point that was read.
    pub point: PointId,
    /// Its value, or why there is none.
    #[serde(with = "sample")]
    pub sample: Sample,
    /// When the source says it was so; shown to people, never trusted for deciding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_at: Option<Timestamp>,
    /// When the gateway received it.
    pub received_at: Timestamp,
    /// Edge or state.
    pub kind: Kind,
    /// The board's own number for it, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub origin: Option<Origin>,
}

impl Reading {
    /// The device itself said this. Most reasons for having no data are the gateway's own words.
    pub fn is_sign_of_life(&self) -> bool {
        match self.kind {
            Kind::Edge => true,
            Kind::State => matches!(self.sample, Ok(_) | Err(NoData::Faulty)),
            Kind::Retained => false,
        }
    }

    /// The device that a point named `device/point` belongs to.
    pub fn device(&self) -> DeviceId {
        device_of(&self.point)
    }
}

/// The device part of `device/point`: everything before the last `/`.
pub fn device_of(point: &PointId) -> DeviceId {
    let name = point.as_str();
    DeviceId::from(name.rsplit_once('/').map_or(name, |(device, _)| device))
}

/// A sample as `{"value": 1}` or `{"no_data": "timeout"}`.
pub mod sample {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use super::{NoData, Sample, Value};

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Wire {
        Value(Value),
        NoData(NoData),
    }

    /// Writes a sample.
    pub fn serialize<S: Serializer>(sample: &Sample, s: S) -> Result<S::Ok, S::Error> {
        match sample {
            Ok(value) => Wire::Value(value.clone()).serialize(s),
            Err(reason) => Wire::NoData(*reason).serialize(s),
        }
    }
    /// Reads a sample.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Sample, D::Error> {
        Ok(match Wire::deserialize(d)? {
            Wire::Value(value) => Ok(value),
            Wire::NoData(reason) => Err(reason),
        })
    }
}
