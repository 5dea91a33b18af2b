//! Incidents: the alarms that one person should deal with at once, and what people did about them.

use serde::{Deserialize, Serialize};

use crate::{
    danger::{Danger, Priority},
    escalation::{policy::Policy, run::Run},
    id::{AlarmId, DeviceId, IncidentId, MessageId, MusterId, PersonId, PlaceId, PointId},
    text::Text,
    time::Timestamp,
};

/// Alarms of one kind of danger at one place, as one task for one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Incident {
    /// Counted from 1.
    pub id: IncidentId,
    /// The kind of danger.
    pub danger: Danger,
    /// The highest priority among its alarms.
    pub priority: Priority,
    /// Where.
    pub place: PlaceId,
    /// Where, in words, outermost place first, as it was called at the opening.
    pub place_name: Text,
    /// What the first alarm said.
    pub what: Text,
    /// Since when.
    pub opened_at: Timestamp,
    /// It gathers the alarms of a flood, of whatever kind and place.
    pub flood: bool,
    /// Nothing happened: somebody tests this device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<DeviceId>,
    /// Its alarms, first to last.
    pub alarms: Vec<AlarmId>,
    /// The policy as it was at the opening.
    pub policy: Policy,
    /// Where the escalation stands.
    pub run: Run,
    /// Who said "I'm going", first to last, and has neither handed over nor failed to arrive.
    pub going: Vec<Going>,
    /// How it ended.
    pub ended: Option<End>,
    /// What happened, oldest first; the last [`TIMELINE_LIMIT`] entries.
    pub timeline: Vec<Moment>,
    /// Messages about it that the outbox still knows, oldest first.
    pub messages: Vec<MessageId>,
}

/// A timeline keeps this many entries in memory; the journal has them all.
pub const TIMELINE_LIMIT: usize = 300;

/// Somebody on the way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Going {
    /// Who.
    pub person: PersonId,
    /// When they said "I'm going".
    pub since: Timestamp,
    /// When they said "I'm there".
    pub arrived_at: Option<Timestamp>,
}

/// How an incident ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct End {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub cause: Cause,
    /// In somebody's own words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// By whom.
    pub by: By,
}

/// Why an incident ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The passenger is out, the people are safe.
    Rescued,
    /// The fault was mended.
    Fixed,
    /// There was nothing.
    FalseAlarm,
    /// It was a test.
    Drill,
    /// Something else; see the note.
    Other,
    /// All its alarms went by themselves. Never for fire and trapped.
    Cleared,
}

/// Who did something, and through what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct By {
    /// Who; none for the gateway itself.
    pub person: Option<PersonId>,
    /// Through what: `page`, `link`, `api`, `ntfy`, `gateway`.
    pub through: String,
}

impl By {
    /// Done by the gateway's own logic.
    pub fn gateway() -> Self {
        Self { person: None, through: "gateway".into() }
    }
    /// Done by a person, through `through`.
    pub fn person(person: PersonId, through: &str) -> Self {
        Self { person: Some(person), through: through.into() }
    }
}

/// One entry of the timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Moment {
    /// When.
    pub at: Timestamp,
    /// What.
    pub happened: Happened,
    /// Who did it.
    pub by: By,
}

/// What happened to an incident.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum Happened {
    /// It was opened.
    Opened,
    /// An alarm joined it, or was raised again.
    AlarmRaised {
        /// Which.
        alarm: AlarmId,
    },
    /// An alarm's condition went.
    AlarmCleared {
        /// Which.
        alarm: AlarmId,
    },
    /// These people were asked.
    StepStarted {
        /// The step, from 0.
        step: usize,
        /// The round, from 0.
        round: u32,
        /// Who.
        people: Vec<PersonId>,
    },
    /// Everybody who could be asked has quiet hours.
    Rested {
        /// Until when it waits.
        until: Timestamp,
    },
    /// "I'm going."
    Acknowledged,
    /// "I'm there."
    Arrived,
    /// "I can't": asked of somebody else.
    HandedOver {
        /// The person named, if one was.
        to: Option<PersonId>,
    },
    /// Nothing more was heard of somebody who said they were going or there: they may not come, or have left.
    Lapsed {
        /// Who.
        person: PersonId,
    },
    /// Nobody answered: the loud prompt to call 119 or 96333.
    Prompted {
        /// The how-manieth, from 1.
        count: u32,
    },
    /// Everybody of a building or a group was called.
    Mustered {
        /// Which muster.
        muster: MusterId,
        /// How many.
        people: usize,
    },
    /// Something in the building was switched because of it.
    Switched {
        /// Which output.
        output: PointId,
        /// What it is called.
        name: Text,
        /// On, or off.
        on: bool,
    },
    /// It was not over after so long.
    Reminded {
        /// Minutes since the opening.
        minutes: u64,
    },
    /// It ended.
    Ended {
        /// Why.
        cause: Cause,
    },
}

/// Where an incident stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// People are being asked.
    Calling,
    /// Somebody is going.
    Going,
    /// Somebody is there.
    There,
    /// It is over.
    Ended,
}

impl Incident {
    /// Where it stands, derived.
    pub fn phase(&self) -> Phase {
        if self.ended.is_some() {
            Phase::Ended
        } else if self.going.iter().any(|g| g.arrived_at.is_some()) {
            Phase::There
        } else if !self.going.is_empty() {
            Phase::Going
        } else {
            Phase::Calling
        }
    }
    /// Those who are asked by the current step and have not said that they can't.
    pub fn still_asked(&self) -> Vec<PersonId> {
        let mut asked = Vec::new();
        for moment in &self.timeline {
            match (&moment.happened, &moment.by.person) {
                (Happened::StepStarted { people, .. }, _) => asked.clone_from(people),
                (Happened::HandedOver { to }, from) => {
                    asked.retain(|person| Some(person) != from.as_ref());
                    asked.extend(to.clone().filter(|to| !asked.contains(to)));
                }
                (Happened::Acknowledged | Happened::Arrived, _) => asked.clear(),
                _ => {}
            }
        }
        asked
    }
    /// Never throttled or held back, by nobody's quiet hours either: fire, trapped, and whatever is
    /// critical.
    pub fn must_pass(&self) -> bool {
        self.danger.must_pass(self.priority)
    }
    /// Not over yet.
    pub fn is_open(&self) -> bool {
        self.ended.is_none()
    }
}
