//! Rotations: people who take turns, handing over at fixed times by the wall clock.

use jiff::civil::{DateTime, Time};
use serde::{Deserialize, Serialize};

use super::{
    Weekday, civil,
    wall::{DAY_MS, HOUR_MS, Wall, since_midnight},
};
use crate::{
    id::PersonId,
    planted::{self, Bug},
};

/// People who take turns. One of them is on call from the first hand-over on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Rotation {
    /// What people call it.
    pub name: String,
    /// Who takes turns, in this order and then again from the first. Any number; somebody who is
    /// listed twice takes two turns a round.
    pub people: Vec<PersonId>,
    /// When one hands over to the next.
    pub handover: Handover,
    /// The first person's turn begins at the first hand-over at or after this; a date alone is
    /// its midnight. Before, nobody of this rotation is on call.
    #[serde(deserialize_with = "civil::read")]
    #[cfg_attr(feature = "schema", schema(value_type = String, example = "2026-11-23"))]
    pub starts: DateTime,
}

/// When one person hands over to the next, by the wall clock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Handover {
    /// Every day, or every so many days.
    Daily {
        /// The time of day.
        #[serde(deserialize_with = "civil::read")]
        #[cfg_attr(feature = "schema", schema(value_type = String, example = "08:00:00"))]
        at: Time,
        /// The length of a turn in days.
        #[serde(default = "one")]
        every: u32,
    },
    /// Every week, or every so many weeks.
    Weekly {
        /// The day of the week.
        day: Weekday,
        /// The time of that day.
        #[serde(deserialize_with = "civil::read")]
        #[cfg_attr(feature = "schema", schema(value_type = String, example = "08:00:00"))]
        at: Time,
        /// The length of a turn in weeks.
        #[serde(default = "one")]
        every: u32,
    },
    /// Every so many hours of the wall clock: one that is put back makes a turn longer, one that
    /// is put forward makes it shorter, and a turn that is skipped whole is nobody's.
    Hours {
        /// The length of a turn in hours.
        every: u32,
        /// The time of day of the first hand-over.
        #[serde(deserialize_with = "civil::read")]
        #[cfg_attr(feature = "schema", schema(value_type = String, example = "08:00:00"))]
        at: Time,
    },
}

fn one() -> u32 {
    1
}

impl Handover {
    /// The length of a turn in hours, days or weeks.
    pub(super) fn every(&self) -> u32 {
        match *self {
            Handover::Daily { every, .. }
            | Handover::Weekly { every, .. }
            | Handover::Hours { every, .. } => every,
        }
    }

    /// The length of a turn in milliseconds of the wall clock; at most 2.6e18.
    fn turn_ms(&self) -> i64 {
        let unit = match self {
            Handover::Daily { .. } => DAY_MS,
            Handover::Weekly { .. } => 7 * DAY_MS,
            Handover::Hours { .. } => HOUR_MS,
        };
        unit * i64::from(self.every())
    }

    /// The first hand-over at or after `starts`.
    fn first(&self, starts: Wall) -> Wall {
        let (Handover::Daily { at, .. } | Handover::Weekly { at, .. } | Handover::Hours { at, .. }) =
            *self;
        let is_day = |days: i64| match self {
            Handover::Weekly { day, .. } => Weekday::of_day(days) == *day,
            _ => true,
        };
        let today = starts.day();
        (today..=today + 7)
            .filter(|days| is_day(*days))
            .map(|days| Wall(days * DAY_MS + since_midnight(at)))
            .find(|handover| *handover >= starts)
            // Eight days hold a later occurrence of every weekday.
            .unwrap_or(starts)
    }
}

impl Rotation {
    /// The first hand-over and the turn's length; none where nobody can ever be on call.
    fn beat(&self) -> Option<(Wall, i64)> {
        let turn_ms = self.handover.turn_ms();
        (turn_ms > 0 && !self.people.is_empty())
            .then(|| (self.handover.first(self.starts.into()), turn_ms))
    }

    /// Who is on call when the wall clock's furthest is `wall`.
    pub(super) fn on_call(&self, wall: Wall) -> Option<&PersonId> {
        let (first, turn_ms) = self.beat()?;
        let wall = if planted::is(Bug::HandOverOffByOne) { Wall(wall.0 - 1) } else { wall };
        let turn = wall.0.checked_sub(first.0).filter(|passed| *passed >= 0)? / turn_ms;
        let count = i64::try_from(self.people.len()).ok()?;
        self.people.get(usize::try_from(turn % count).ok()?)
    }

    /// The next hand-over after `wall` to somebody who may be another person.
    pub(super) fn next_change(&self, wall: Wall) -> Option<Wall> {
        let (first, turn_ms) = self.beat()?;
        if wall < first {
            return Some(first);
        }
        // Where everybody is the same person, no hand-over changes anything.
        if self.people.iter().all(|person| *person == self.people[0]) {
            return None;
        }
        let turn = wall.0.checked_sub(first.0)? / turn_ms;
        turn.checked_add(1)?.checked_mul(turn_ms)?.checked_add(first.0).map(Wall)
    }
}
