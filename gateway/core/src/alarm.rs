//! Alarms: orthogonal dimensions, of which the ISA-18.2 state is derived.

use serde::{Deserialize, Serialize};

use crate::{
    danger::{Danger, Priority},
    id::{AlarmId, ChannelId, DeviceId, IncidentId, LONGEST, PersonId, PlaceId, RuleId},
    text::Text,
    time::{Span, Timestamp},
};

/// Raised this often within [`CHATTER_WINDOW`], an alarm chatters (ISA-18.2).
pub const CHATTER_COUNT: usize = 3;
/// See [`CHATTER_COUNT`].
pub const CHATTER_WINDOW: Span = Span::mins(1);
/// A chattering alarm that has been quiet this long is believed again.
pub const CHATTER_QUIET: Span = Span::mins(10);

/// What raises an alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A rule over points.
    Rule(RuleId),
    /// A supervised device went quiet.
    Quiet(DeviceId),
    /// A channel failed, or gave no receipt in time.
    Channel(ChannelId),
    /// A channel found its own line closed: not registered, or no way for answers to come in.
    Line(ChannelId),
    /// A channel's path test is missing.
    PathTest(ChannelId),
    /// Somebody has a shift and can't be reached.
    Person(PersonId),
    /// A part of the gateway itself, as `journal` or `broker`.
    Gateway(String),
}

impl Source {
    /// The alarm's name, made of its source. A part of the gateway may be called anything, as after a
    /// user of the broker: what can't stand in a name is left out of this one, since the journal
    /// could not be read back otherwise.
    pub fn alarm(&self) -> AlarmId {
        AlarmId::from(
            match self {
                Source::Rule(id) => format!("rule:{id}"),
                Source::Quiet(id) => format!("quiet:{id}"),
                Source::Channel(id) => format!("channel:{id}"),
                Source::Line(id) => format!("line:{id}"),
                Source::PathTest(id) => format!("path-test:{id}"),
                Source::Person(id) => format!("person:{id}"),
                Source::Gateway(part) => named("gateway:", part),
            }
            .as_str(),
        )
    }
}

/// A name of this part behind `before`, whatever signs it holds and however long it is.
fn named(before: &str, part: &str) -> String {
    let mut name = before.to_owned();
    for sign in part.chars() {
        let sign = if sign.is_alphanumeric() || ".-:".contains(sign) { sign } else { '_' };
        if name.len() + sign.len_utf8() > LONGEST {
            break;
        }
        name.push(sign);
    }
    name
}

/// What an alarm is about: fixed while it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Subject {
    /// What raises it.
    pub source: Source,
    /// What it says.
    pub name: Text,
    /// The kind of danger.
    pub danger: Danger,
    /// How much it presses.
    pub priority: Priority,
    /// Where.
    pub place: PlaceId,
    /// The device that it comes from, if any.
    pub device: Option<DeviceId>,
    /// It stays after its condition has gone, until somebody ends it.
    pub latching: bool,
}

impl Subject {
    /// Never throttled, grouped away or held back: fire, trapped, and whatever is critical.
    pub fn must_pass(&self) -> bool {
        self.danger.must_pass(self.priority)
    }

    /// It presses more than `old` of the same source did, or tells of another danger.
    pub fn is_more_than(&self, old: &Subject) -> bool {
        self.priority > old.priority || self.danger != old.danger
    }
}

/// An alarm that has been raised at least once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Alarm {
    /// Its name, made of its source.
    pub id: AlarmId,
    /// What it is about.
    pub subject: Subject,
    /// The condition holds.
    pub active: bool,
    /// Somebody has seen it.
    pub acknowledged: bool,
    /// Held by its latch: it was active and nobody has ended it.
    pub latched: bool,
    /// Set aside by a person, until then.
    pub shelved: Option<Shelf>,
    /// Set aside by logic since then, because it chatters.
    pub chattering_since: Option<Timestamp>,
    /// When it was raised last.
    pub raised_at: Timestamp,
    /// When its condition went last.
    pub cleared_at: Option<Timestamp>,
    /// The last raisings, oldest first, at most [`CHATTER_COUNT`].
    pub raisings: Vec<Timestamp>,
    /// The incident that it belongs to, while that is open.
    pub incident: Option<IncidentId>,
}

/// An alarm set aside by a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Shelf {
    /// Until then.
    pub until: Timestamp,
    /// By whom.
    pub by: Option<PersonId>,
}

/// The state of ISA-18.2 / IEC 62682 that an operator's list shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum AlarmState {
    /// Nothing stands.
    Normal,
    /// Active, not seen.
    Unacknowledged,
    /// Active, seen.
    Acknowledged,
    /// Gone again, not seen.
    ReturnedUnacknowledged,
    /// Gone, held by its latch, not seen.
    LatchedUnacknowledged,
    /// Gone, held by its latch, seen.
    LatchedAcknowledged,
    /// Set aside by a person.
    Shelved,
    /// Set aside by logic.
    Suppressed,
    /// Its device is out of service.
    OutOfService,
}

impl Alarm {
    /// The one function that derives the state from the dimensions.
    pub fn state(&self, out_of_service: bool) -> AlarmState {
        if out_of_service {
            return AlarmState::OutOfService;
        }
        if self.shelved.is_some() {
            return AlarmState::Shelved;
        }
        if self.chattering_since.is_some() {
            return AlarmState::Suppressed;
        }
        match (self.active, self.latched, self.acknowledged) {
            (true, _, false) => AlarmState::Unacknowledged,
            (true, _, true) => AlarmState::Acknowledged,
            (false, true, false) => AlarmState::LatchedUnacknowledged,
            (false, true, true) => AlarmState::LatchedAcknowledged,
            (false, false, false) => AlarmState::ReturnedUnacknowledged,
            (false, false, true) => AlarmState::Normal,
        }
    }

    /// Its incident can't end by itself while this is true.
    pub fn stands(&self) -> bool {
        self.active || self.latched || self.chattering_since.is_some()
    }
}
