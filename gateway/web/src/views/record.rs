//! Incidents looked back on: a row for each, and the whole record of one.

use std::collections::BTreeMap;

use gengfu_core::{
    danger::{Danger, Priority},
    id::{AlarmId, ChannelId, IncidentId, MessageId, PlaceId, PointId},
    incident::{Cause, Happened, Incident, Moment, Phase},
    point::{NoData, Value as PointValue, device_of},
    state::State,
    text::Text,
    time::Timestamp,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{ToldPurpose, ToldStatus, by_name, danger_name};

/// An incident in a list.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct IncidentRow {
    /// Counted from 1.
    pub id: IncidentId,
    /// The kind of danger.
    pub danger: Danger,
    /// The plain words for it.
    pub danger_name: Text,
    /// How much it presses.
    pub priority: Priority,
    /// Where it stands.
    pub phase: Phase,
    /// Where.
    pub place: PlaceId,
    /// Where, in words, outermost place first.
    pub place_name: Text,
    /// What the first alarm said.
    pub what: Text,
    /// Nothing happened: somebody tested a device.
    pub test: bool,
    /// Since when.
    pub opened_at: Timestamp,
    /// When somebody first said "I'm going".
    #[schema(required)]
    pub acknowledged_at: Option<Timestamp>,
    /// Who that was.
    #[schema(required)]
    pub acknowledged_by: Option<String>,
    /// When somebody first said "I'm there".
    #[schema(required)]
    pub arrived_at: Option<Timestamp>,
    /// When it ended.
    #[schema(required)]
    pub ended_at: Option<Timestamp>,
    /// Why it ended.
    #[schema(required)]
    pub cause: Option<Cause>,
    /// In somebody's own words; empty for none.
    pub note: String,
    /// Who ended it; none for the gateway itself.
    #[schema(required)]
    pub ended_by: Option<String>,
}

/// A page of the list.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct IncidentPage {
    /// Newest first.
    pub rows: Vec<IncidentRow>,
    /// So many match, on all pages.
    pub count: usize,
    /// Ask for what lies `before` this number; none on the last page.
    #[schema(required)]
    pub next: Option<IncidentId>,
}

/// Everything that is kept about an incident.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RecordView {
    /// The incident, in short.
    pub incident: IncidentRow,
    /// What happened, in the order in which it was kept.
    pub lines: Vec<RecordLine>,
    /// There was more than a record holds.
    pub cut: bool,
    /// The names of everybody whose id occurs here.
    pub names: BTreeMap<String, String>,
}

/// One line of a record.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RecordLine {
    /// When, by the gateway's clock.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub what: Recorded,
}

impl RecordLine {
    /// A word that a point said gets the name that its device has for it now.
    pub(crate) fn call_by_name(&mut self, state: &State) {
        if let Recorded::Signal { point, value: Some(value), word, .. } = &mut self.what {
            *word = state.device(&device_of(point)).and_then(|device| device.word(value)).cloned();
        }
    }
}

/// What a line of a record tells of.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Recorded {
    /// A point that one of its alarms asks about changed.
    Signal {
        /// Which.
        point: PointId,
        /// The device and the point, in words.
        name: Text,
        /// Its new value.
        #[schema(required)]
        value: Option<PointValue>,
        /// What people call the value, where it is a word.
        #[schema(required)]
        word: Option<Text>,
        /// Why it has none.
        #[schema(required)]
        no_data: Option<NoData>,
        /// When the source says it was so.
        #[schema(required)]
        source_at: Option<Timestamp>,
    },
    /// One of its alarms changed.
    Alarm {
        /// Which.
        alarm: AlarmId,
        /// What it says.
        name: Text,
        /// How.
        change: AlarmChange,
    },
    /// A message about it was made, or something became of one.
    Message {
        /// Its number.
        message: MessageId,
        /// To whom.
        name: String,
        /// Through what.
        channel: ChannelId,
        /// Why it was sent.
        purpose: ToldPurpose,
        /// What became of it; `due` where it was made, or is to be tried again.
        status: ToldStatus,
        /// Why it failed.
        #[schema(required)]
        reason: Option<String>,
    },
    /// People or the escalation did something.
    Moment {
        /// What.
        happened: Happened,
        /// Who did it; none for the gateway itself.
        #[schema(required)]
        by_name: Option<String>,
        /// Through what: `page`, `link`, `ntfy`, `gateway`.
        through: String,
    },
}

/// What became of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlarmChange {
    /// Raised.
    Raised,
    /// Its condition went.
    Cleared,
    /// Somebody has seen it.
    Acknowledged,
    /// Set aside by a person.
    Shelved,
}

impl IncidentRow {
    /// The incident as it stands in `state`.
    pub fn new(state: &State, incident: &Incident) -> Self {
        let first = |is: fn(&Happened) -> bool| -> Option<&Moment> {
            incident.timeline.iter().find(|moment| is(&moment.happened))
        };
        let acknowledged = first(|happened| matches!(happened, Happened::Acknowledged));
        let ended = incident.ended.as_ref();
        Self {
            id: incident.id,
            danger: incident.danger,
            danger_name: danger_name(incident),
            priority: incident.priority,
            phase: incident.phase(),
            place: incident.place.clone(),
            place_name: incident.place_name.clone(),
            what: incident.what.clone(),
            test: incident.test.is_some(),
            opened_at: incident.opened_at,
            acknowledged_at: acknowledged.map(|moment| moment.at),
            acknowledged_by: acknowledged.and_then(|moment| by_name(state, &moment.by)),
            arrived_at: first(|happened| matches!(happened, Happened::Arrived)).map(|m| m.at),
            ended_at: ended.map(|end| end.at),
            cause: ended.map(|end| end.cause),
            note: ended.map(|end| end.note.clone()).unwrap_or_default(),
            ended_by: ended.and_then(|end| by_name(state, &end.by)),
        }
    }
}
