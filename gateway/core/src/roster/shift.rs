//! Shifts: the same people on the same days of the week.

use jiff::civil::Time;
use serde::{Deserialize, Serialize};

use super::{
    Weekday, civil,
    wall::{DAY_MS, Wall, since_midnight},
};
use crate::{
    id::PersonId,
    planted::{self, Bug},
};

/// The same people on the same days of the week, from one time of day to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Shift {
    /// What people call it.
    pub name: String,
    /// The days on which it begins.
    pub days: Vec<Weekday>,
    /// When it begins.
    #[serde(deserialize_with = "civil::read")]
    #[cfg_attr(feature = "schema", schema(value_type = String, example = "22:00:00"))]
    pub from: Time,
    /// When it ends: on the next day where this is not later than `from`, so that the same time
    /// means 24 hours.
    #[serde(deserialize_with = "civil::read")]
    #[cfg_attr(feature = "schema", schema(value_type = String, example = "06:00:00"))]
    pub to: Time,
    /// Who is on call, all of them at once.
    pub people: Vec<PersonId>,
}

impl Shift {
    /// True when the wall clock's furthest, `wall`, lies inside the shift.
    pub(super) fn covers(&self, wall: Wall) -> bool {
        // One that began yesterday may last until now.
        (wall.day() - 1..=wall.day()).filter_map(|day| self.on(day)).any(|(start, end)| {
            let late = planted::is(Bug::ShiftOffByOne) && start == wall;
            start <= wall && wall < end && !late
        })
    }

    /// The next beginning or end after `wall`.
    pub(super) fn next_change(&self, wall: Wall) -> Option<Wall> {
        let around_the_clock =
            self.from == self.to && Weekday::ALL.iter().all(|day| self.days.contains(day));
        if around_the_clock || self.people.is_empty() {
            return None;
        }
        (wall.day() - 1..=wall.day() + 7)
            .filter_map(|day| self.on(day))
            .flat_map(|(start, end)| [start, end])
            .filter(|change| *change > wall)
            .min()
    }

    /// Beginning and end of the shift that begins on a day counted from 1970-01-01.
    fn on(&self, day: i64) -> Option<(Wall, Wall)> {
        if !self.days.contains(&Weekday::of_day(day)) {
            return None;
        }
        let midnight = day * DAY_MS;
        let next_day = if self.to <= self.from { DAY_MS } else { 0 };
        Some((
            Wall(midnight + since_midnight(self.from)),
            Wall(midnight + since_midnight(self.to) + next_day),
        ))
    }
}
