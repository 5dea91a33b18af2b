//! What a board says of itself beside its inputs, as points: whether it is well, and what it measures.

use gengfu_core::{
    id::PointId,
    input::Input,
    point::{Kind, Reading, Value},
    time::Timestamp,
};
use gengfu_wire::up::{Health, Heartbeat};

/// One of the things that a board says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// It crashed again and again, and does only what tells of danger.
    Safe,
    /// Events that it gave up since its start because there was no room.
    Dropped,
    /// How often its supply became low since its start.
    Dips,
    /// Its flash has refused to keep something since its start.
    Flash,
    /// Messages of the gateway since its start that it could not understand.
    Garbled,
    /// Its supply in volts.
    Supply,
    /// Its battery in volts.
    Battery,
    /// Its temperature in degrees Celsius.
    Temperature,
}

/// A point that a board itself sets.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnPoint {
    /// Which of them.
    pub what: What,
    /// `device/safe`.
    pub point: PointId,
}

impl What {
    /// All of them.
    pub const ALL: [What; 8] = [
        What::Safe,
        What::Dropped,
        What::Dips,
        What::Flash,
        What::Garbled,
        What::Supply,
        What::Battery,
        What::Temperature,
    ];

    /// The point's name in a profile.
    pub fn name(self) -> &'static str {
        match self {
            What::Safe => "safe",
            What::Dropped => "dropped",
            What::Dips => "dips",
            What::Flash => "flash",
            What::Garbled => "garbled",
            What::Supply => "supply",
            What::Battery => "battery",
            What::Temperature => "temperature",
        }
    }

    /// What a board that has come means by saying nothing of its health: all of it is counted since its
    /// start, and a health follows at once where there is something to tell.
    fn at_birth(self) -> Option<Value> {
        match self {
            What::Safe | What::Flash => Some(Value::Bool(false)),
            What::Dropped | What::Dips | What::Garbled => Some(Value::Int(0)),
            What::Supply | What::Battery | What::Temperature => None,
        }
    }

    fn in_health(self, health: &Health<'_>) -> Option<Value> {
        match self {
            What::Safe => Some(Value::Bool(health.safe)),
            What::Dropped => Some(Value::Int(health.dropped.into())),
            What::Dips => Some(Value::Int(health.dips.into())),
            What::Flash => Some(Value::Bool(health.flash)),
            What::Garbled => Some(Value::Int(health.garbled.into())),
            What::Temperature => {
                health.temperature_dc.map(|tenths| Value::Float(f64::from(tenths) / 10.0))
            }
            What::Supply | What::Battery => None,
        }
    }

    fn in_heartbeat(self, beat: &Heartbeat) -> Option<Value> {
        let volts = match self {
            What::Supply => beat.supply_mv,
            What::Battery => beat.battery_mv,
            _ => None,
        };
        volts.map(|mv| Value::Float(f64::from(mv) / 1_000.0))
    }
}

/// What a birth says of a board's own points.
pub fn at_birth(own: &[OwnPoint], now: Timestamp) -> impl Iterator<Item = Input> {
    readings(own, now, What::at_birth)
}

/// What a health says of them.
pub fn in_health(own: &[OwnPoint], health: &Health<'_>, now: Timestamp) -> Vec<Input> {
    readings(own, now, |what| what.in_health(health)).collect()
}

/// What a heartbeat says of them.
pub fn in_heartbeat(own: &[OwnPoint], beat: &Heartbeat, now: Timestamp) -> Vec<Input> {
    readings(own, now, |what| what.in_heartbeat(beat)).collect()
}

/// What is not measured says nothing.
fn readings(
    own: &[OwnPoint],
    now: Timestamp,
    value: impl Fn(What) -> Option<Value>,
) -> impl Iterator<Item = Input> {
    own.iter().filter_map(move |own| {
        Some(Input::Reading(Reading {
            point: own.point.clone(),
            sample: Ok(value(own.what)?),
            source_at: None,
            received_at: now,
            kind: Kind::State,
            origin: None,
        }))
    })
}
