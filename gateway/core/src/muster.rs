//! Musters: everybody of a building or a group is called at once, and counted: who is safe, who needs
//! help, who comes to help.
//!
//! An escalation looks for one person who goes; a muster reaches everybody, through all they have. It
//! answers no incident: whoever is asked to go is asked all the same.

use imbl::OrdMap;
use serde::{Deserialize, Serialize};

use crate::{
    danger::{Danger, Priority},
    id::{IncidentId, MessageId, MusterId, PersonId, PlaceId},
    incident::By,
    text::Text,
    time::{Span, Timestamp},
};

/// A muster that nobody ends is over by itself: what was told then is no longer true.
pub const LONGEST: Span = Span::hours(24);

/// Musters that are over and are kept in memory; the journal has them all.
pub const ENDED_LIMIT: usize = 20;

/// Everybody of a building or a group, called at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Muster {
    /// Counted from 1.
    pub id: MusterId,
    /// What it is about.
    pub topic: Topic,
    /// Since when.
    pub called_at: Timestamp,
    /// Who called it; the gateway itself where a policy's step says so.
    pub by: By,
    /// Everybody who was called, and what they answered last.
    pub roll: OrdMap<PersonId, Option<Answered>>,
    /// Its messages, oldest first.
    pub messages: Vec<MessageId>,
    /// How it ended.
    pub ended: Option<Ended>,
}

/// What a muster is about, as it was when it was called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Topic {
    /// The incident, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentId>,
    /// The kind of danger.
    pub danger: Danger,
    /// How much it presses: low for a drill.
    pub priority: Priority,
    /// Where.
    pub place: PlaceId,
    /// Where, in words, outermost place first.
    pub place_name: Text,
    /// What people read: the alarm, or the words of whoever called.
    pub what: Text,
}

impl Topic {
    /// Nothing happened: it is an exercise, and says so.
    pub fn is_drill(&self) -> bool {
        self.priority == Priority::Low
    }
}

/// What somebody answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// What.
    pub answer: Answer,
    /// When.
    pub at: Timestamp,
    /// Through what, and by whom: somebody else may have knocked at their door.
    pub by: By,
}

/// What people answer to a muster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// "I'm safe."
    Safe,
    /// "I need help."
    NeedHelp,
    /// "I'm coming to help."
    Coming,
}

/// How a muster ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// When.
    pub at: Timestamp,
    /// Who ended it.
    pub by: By,
}

impl Muster {
    /// Not over yet.
    pub fn is_open(&self) -> bool {
        self.ended.is_none()
    }

    /// How many answered this.
    pub fn count(&self, answer: Answer) -> usize {
        self.answers().filter(|answered| answered.answer == answer).count()
    }

    /// How many answered nothing yet.
    pub fn silent(&self) -> usize {
        self.roll.len() - self.answers().count()
    }

    fn answers(&self) -> impl Iterator<Item = &Answered> {
        self.roll.values().flatten()
    }

    /// When it is over by itself.
    pub fn lapses_at(&self) -> Option<Timestamp> {
        self.is_open().then(|| self.called_at + LONGEST)
    }
}
