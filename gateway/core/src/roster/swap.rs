//! Swaps: a person asks others to do a shift for them, alone or against one of theirs.

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use super::{Exception, Roster, wall::Clock};
use crate::{
    id::{PersonId, RosterId, SwapId},
    time::Timestamp,
};

/// A shift of one person, or a part of it: `[from, to)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Turn {
    /// When it begins.
    pub from: Timestamp,
    /// When it is over.
    pub to: Timestamp,
}

/// A shift that somebody wants others to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Swap {
    /// Counted from 1.
    pub id: SwapId,
    /// The roster.
    pub roster: RosterId,
    /// Who asks.
    pub person: PersonId,
    /// What they want to be rid of.
    pub turn: Turn,
    /// What they do for whoever accepts; then one person alone is asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub against: Option<Turn>,
    /// Who may accept.
    pub asked: Vec<PersonId>,
    /// Who of them can't.
    #[serde(default)]
    pub declined: Vec<PersonId>,
    /// Why, in their own words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// When they asked.
    pub asked_at: Timestamp,
    /// How it ended; none while it is open.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required))]
    pub ended: Option<Ended>,
}

/// How a swap ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Ended {
    /// When.
    pub at: Timestamp,
    /// How.
    pub outcome: Outcome,
}

/// How a swap can end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// Somebody does it; the roster says so.
    Accepted {
        /// Who.
        by: PersonId,
    },
    /// Everybody who was asked can't.
    Declined,
    /// Whoever asked needs it no more.
    Withdrawn,
    /// The shift began before anybody had answered.
    Lapsed,
    /// The roster, or one of the two, is not there any more.
    Void,
}

impl Swap {
    /// Nobody has accepted it, and it has not ended otherwise.
    pub fn is_open(&self) -> bool {
        self.ended.is_none()
    }

    /// When it is too late: as soon as one of its shifts begins.
    pub fn lapses_at(&self) -> Timestamp {
        self.against.map_or(self.turn.from, |against| against.from.min(self.turn.from))
    }

    /// Whether this person may still accept or decline.
    pub fn is_asked(&self, person: &PersonId) -> bool {
        self.asked.contains(person) && !self.declined.contains(person)
    }

    /// What the roster must say once `by` has accepted; none where one of the times can't be told
    /// by the roster's clock on the wall.
    pub fn exception(&self, roster: &Roster, by: &PersonId) -> Option<Exception> {
        let (from, to) = roster.on_the_wall(self.turn)?;
        // The number keeps what is given away, taken back and given away again apart.
        let note = Some(format!("{} #{}", self.note.trim(), self.id).trim().to_owned());
        let (person, by) = (self.person.clone(), by.clone());
        let Some(against) = self.against else {
            return Some(Exception::Replace { from, to, person, by, note });
        };
        let (with_from, with_to) = roster.on_the_wall(against)?;
        let with_person = by;
        Some(Exception::Swap { from, to, person, with_from, with_to, with_person, note })
    }
}

impl Roster {
    /// Whether `person` is on call all through a turn.
    pub fn covers(&self, person: &PersonId, turn: Turn) -> bool {
        self.shifts(turn.from, turn.to).all(|shift| shift.people.contains(person))
    }

    /// Whether `person` is on call at any time of a turn.
    pub fn touches(&self, person: &PersonId, turn: Turn) -> bool {
        self.shifts(turn.from, turn.to).any(|shift| shift.people.contains(person))
    }

    /// An instant as the roster's own clock on the wall shows it, for an exception that begins or ends
    /// just then. None for one in an hour that the clock shows a second time: no exception can.
    pub fn wall_time(&self, at: Timestamp) -> Option<DateTime> {
        let clock = Clock::of(&self.time_zone);
        let wall = clock.furthest(at);
        (clock.first_shows(wall) == Some(at)).then(|| wall.to_civil())?
    }

    fn on_the_wall(&self, turn: Turn) -> Option<(DateTime, DateTime)> {
        Some((self.wall_time(turn.from)?, self.wall_time(turn.to)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_instant_that_an_exception_can_name_has_a_wall_time() {
        let roster: Roster =
            serde_json::from_str(r#"{"id":"r","name":"R","time_zone":"Europe/Berlin"}"#).unwrap();
        let wall = |text: &str| roster.wall_time(text.parse().unwrap()).map(|at| at.to_string());
        assert_eq!(wall("2026-10-25T00:30:00Z").as_deref(), Some("2026-10-25T02:30:00"));
        assert_eq!(wall("2026-10-25T01:30:00Z"), None, "02:30 for the second time");
        assert_eq!(wall("2026-10-25T02:00:00Z").as_deref(), Some("2026-10-25T03:00:00"));
        assert_eq!(wall("2026-03-29T01:00:00Z").as_deref(), Some("2026-03-29T03:00:00"));
    }
}
