//! A device made from a profile: what core knows of it, and where its points are found.

use std::collections::BTreeMap;

use gengfu_core::{device::Device, id::PointId, time::Span};

use super::{json::JsonPoint, schema::Knobs};
use crate::{
    adapter::{own::OwnPoint, presence::Presence, sparkplug::SparkplugPoint},
    modbus::field::Field,
};

/// An input of a board.
#[derive(Debug, Clone, PartialEq)]
pub struct BoardInput {
    /// From 1.
    pub number: u8,
    /// `device/in1`. True means: there is something to tell, however the contact is wired.
    pub point: PointId,
    /// Its role in the profile.
    pub role: String,
    /// The contact opens when there is something to tell.
    pub normally_closed: bool,
    /// A supervised loop whose contact has no resistor of its own: a short of it is the alarm.
    pub bare: bool,
    /// How long the contact must rest before the board believes it.
    pub debounce: Span,
}

/// Where a device's points are found.
#[derive(Debug, Clone, PartialEq)]
pub enum Source {
    /// In registers.
    Modbus {
        /// How it wants to be asked.
        knobs: Knobs,
        /// Its points.
        fields: Vec<Field>,
    },
    /// At a board's inputs, and in what it says of itself.
    Board {
        /// All of them, in order.
        inputs: Vec<BoardInput>,
        /// What it says of itself.
        own: Vec<OwnPoint>,
    },
    /// In JSON messages.
    Json {
        /// Its points.
        points: Vec<JsonPoint>,
        /// Where they say whether it is there; written as a point's topic.
        availability: String,
        /// Where they have a number of their own, as a pointer (RFC 6901).
        dedupe: Option<String>,
    },
    /// In the metrics of a Sparkplug B node or of a device below one.
    Sparkplug {
        /// Its points.
        points: Vec<SparkplugPoint>,
    },
    /// Where the device announced them.
    Announced {
        /// Its points.
        points: Vec<JsonPoint>,
        /// Where it is said whether it is there.
        presence: Presence,
    },
    /// In its calls: `device/call` is true while one lasts.
    Call,
    /// At the channel whose modem it is.
    Modem,
}

/// A device, and where its points are found.
#[derive(Debug, Clone, PartialEq)]
pub struct Expanded {
    /// What core knows of it.
    pub device: Device,
    /// What only the field side knows.
    pub source: Source,
    /// Points whose number must move by more than this, in the point's unit, to be a row of the
    /// history.
    pub deadbands: BTreeMap<PointId, f64>,
}
