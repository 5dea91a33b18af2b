//! Devices: what hangs in the building, the points it has and the rules that watch them.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    danger::Priority,
    front::Front,
    id::{DeviceId, PlaceId},
    output::Output,
    point::{Point, Value},
    rule::Rule,
    text::Text,
    time::Span,
};

/// A device as core knows it: already expanded from its profile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Device {
    /// Its name for programs; the part of its points' ids before the last `/`.
    pub id: DeviceId,
    /// Its name for people.
    pub name: Text,
    /// Where it hangs.
    pub place: PlaceId,
    /// The profile it was made from, for display.
    pub profile: String,
    /// Longest silence that is still believed to be health; none for a device nobody supervises.
    /// Fire and call boards: 90 s at most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supervision: Option<Span>,
    /// How much its silence presses.
    #[serde(default = "normal")]
    pub silence_priority: Priority,
    /// What all of its words come through; none where it speaks to the gateway itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub behind: Option<Front>,
    /// What the profile was asked for, as the field side wrote it: core only keeps it, so that a
    /// board added through the API is found again after a restart.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub options: String,
    /// Its points.
    #[serde(default)]
    pub points: Vec<Point>,
    /// What the words that its points say are called.
    // Shared: they are the same at every device of a kind.
    #[serde(default, skip_serializing_if = "is_empty")]
    #[cfg_attr(feature = "schema", schema(value_type = BTreeMap<String, Text>))]
    pub words: Arc<BTreeMap<String, Text>>,
    /// Those of its points that can be switched.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub outputs: Vec<Output>,
    /// The rules that watch them.
    #[serde(default)]
    pub rules: Vec<Rule>,
}

fn is_empty(words: &Arc<BTreeMap<String, Text>>) -> bool {
    words.is_empty()
}

fn normal() -> Priority {
    Priority::Normal
}

impl Device {
    /// What a value of one of its points is called, where it is a word that has a name.
    pub fn word(&self, value: &Value) -> Option<&Text> {
        match value {
            Value::Text(word) => self.words.get(word),
            Value::Bool(_) | Value::Int(_) | Value::Float(_) => None,
        }
    }
}

/// Whether a device is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Presence {
    /// Heard within its supervision time, or not yet missed.
    Present,
    /// Silent for too long, or reported gone, or what stands in front of it is.
    Lost {
        /// When it was declared lost.
        since: crate::time::Timestamp,
        /// Silent or offline.
        reason: crate::point::NoData,
    },
}
