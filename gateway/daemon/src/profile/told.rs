//! What a trial prints: readings, and the alarms that they raise.

use gengfu_core::{
    danger::{Danger, Priority},
    point::{NoData, Value},
    text::Text,
    time::Span,
};
use serde::Serialize;

/// All that came of a trial.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Told {
    /// In the order in which they came.
    pub readings: Vec<Read>,
    /// In the order in which they would be raised.
    pub alarms: Vec<Raised>,
    /// What could not be used, and why.
    pub notes: Vec<String>,
}

/// A point that was read, or that the device is gone.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Read {
    /// The point's id, or `(device)` where the device says of itself that it is gone.
    pub point: String,
    /// Its value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
    /// Why it has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_data: Option<NoData>,
    /// Unit of a number; empty for none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub unit: String,
    /// What people call it.
    pub name: Text,
    /// It is how things stood, as others remember it, and no sign of life.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub retained: bool,
}

/// An alarm that is raised.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Raised {
    /// The rule's id, or `(silence)` for that of a device that is gone.
    pub alarm: String,
    /// The kind of danger.
    pub danger: Danger,
    /// How much it presses.
    pub priority: Priority,
    /// How long after what raised it, if all stays as it was said.
    pub after: Span,
    /// It stays until somebody ends it.
    pub latched: bool,
    /// What it says.
    pub name: Text,
}
