//! What can be decided about walk tests.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    danger::{Danger, Priority},
    id::{AlarmId, DeviceId, IncidentId, PlaceId, PointId},
    incident::By,
    point::Value,
    text::Text,
    time::Timestamp,
};

/// What was decided about a walk test.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "walk")]
pub enum WalkTest {
    /// Somebody tests a device from now on, or has more time for it.
    Begun {
        /// Which.
        device: DeviceId,
        /// It ends by itself then.
        until: Timestamp,
        /// Who.
        by: By,
    },
    /// An input was seen for the first time as its alarm wants it, or at rest.
    Touched {
        /// Of which device.
        device: DeviceId,
        /// Which.
        point: PointId,
        /// As its alarm wants it.
        active: bool,
    },
    /// An alarm of the device opened an incident of the test's own.
    Opened {
        /// The device.
        device: DeviceId,
        /// The incident's number.
        incident: IncidentId,
        /// The alarm.
        alarm: AlarmId,
        /// The inputs that raised it.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        points: Vec<PointId>,
        /// The kind of danger.
        danger: Danger,
        /// How much it would press.
        priority: Priority,
        /// Where.
        place: PlaceId,
        /// Where, in words.
        place_name: Text,
        /// What happened, marked as a test.
        what: Text,
    },
    /// The test is over.
    Ended {
        /// Of which device.
        device: DeviceId,
        /// Who ended it.
        by: By,
        /// What the device's other points said then.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        measured: BTreeMap<PointId, Value>,
    },
}
