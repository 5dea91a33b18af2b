//! Exceptions: what differs from the layers, for a while.

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use super::{Did, Reason, civil, wall::Wall};
use crate::id::PersonId;

/// A change to who is on call, from one wall time up to, not including, another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum Exception {
    /// Whenever `person` would be on call, `by` is instead.
    Replace {
        /// From when.
        #[serde(deserialize_with = "civil::read")]
        #[cfg_attr(feature = "schema", schema(value_type = String, example = "2026-11-23T08:00:00"))]
        from: DateTime,
        /// Up to when.
        #[serde(deserialize_with = "civil::read")]
        #[cfg_attr(feature = "schema", schema(value_type = String, example = "2026-11-24T08:00:00"))]
        to: DateTime,
        /// Who can't.
        person: PersonId,
        /// Who does it for them.
        by: PersonId,
        /// Why, in the words of whoever entered it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// `person` is on call as well.
    Add {
        /// From when.
        #[serde(deserialize_with = "civil::read")]
        #[cfg_attr(feature = "schema", schema(value_type = String, example = "2026-11-23T08:00:00"))]
        from: DateTime,
        /// Up to when.
        #[serde(deserialize_with = "civil::read")]
        #[cfg_attr(feature = "schema", schema(value_type = String, example = "2026-11-24T08:00:00"))]
        to: DateTime,
        /// Who comes on top.
        person: PersonId,
        /// Why, in the words of whoever entered it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// `person` is not on call, and nobody takes their place.
    Remove {
        /// From when.
        #[serde(deserialize_with = "civil::read")]
        #[cfg_attr(feature = "schema", schema(value_type = String, example = "2026-11-23T08:00:00"))]
        from: DateTime,
        /// Up to when.
        #[serde(deserialize_with = "civil::read")]
        #[cfg_attr(feature = "schema", schema(value_type = String, example = "2026-11-24T08:00:00"))]
        to: DateTime,
        /// Who is away.
        person: PersonId,
        /// Why, in the words of whoever entered it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
    /// Two people exchange duties: what `person` has in the first period is done by
    /// `with_person`, and what `with_person` has in the second by `person`.
    Swap {
        /// From when `with_person` does the duties of `person`.
        #[serde(deserialize_with = "civil::read")]
        #[cfg_attr(feature = "schema", schema(value_type = String, example = "2026-11-23T08:00:00"))]
        from: DateTime,
        /// Up to when.
        #[serde(deserialize_with = "civil::read")]
        #[cfg_attr(feature = "schema", schema(value_type = String, example = "2026-11-24T08:00:00"))]
        to: DateTime,
        /// One of the two.
        person: PersonId,
        /// From when `person` does the duties of `with_person`.
        #[serde(deserialize_with = "civil::read")]
        #[cfg_attr(feature = "schema", schema(value_type = String, example = "2026-11-25T08:00:00"))]
        with_from: DateTime,
        /// Up to when.
        #[serde(deserialize_with = "civil::read")]
        #[cfg_attr(feature = "schema", schema(value_type = String, example = "2026-11-26T08:00:00"))]
        with_to: DateTime,
        /// The other.
        with_person: PersonId,
        /// Why, in the words of whoever entered it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        note: Option<String>,
    },
}

impl Exception {
    /// Why, in the words of whoever entered it.
    pub fn note(&self) -> Option<&str> {
        match self {
            Exception::Replace { note, .. }
            | Exception::Add { note, .. }
            | Exception::Remove { note, .. }
            | Exception::Swap { note, .. } => note.as_deref(),
        }
    }

    /// Everybody it names, in order.
    pub fn people(&self) -> impl Iterator<Item = &PersonId> {
        let (one, other) = match self {
            Exception::Replace { person, by, .. } => (person, Some(by)),
            Exception::Add { person, .. } | Exception::Remove { person, .. } => (person, None),
            Exception::Swap { person, with_person, .. } => (person, Some(with_person)),
        };
        std::iter::once(one).chain(other)
    }

    /// Its periods by the wall clock, and what their fields are called.
    pub(super) fn periods(&self) -> impl Iterator<Item = (DateTime, DateTime, &'static str)> {
        let (first, second) = match *self {
            Exception::Replace { from, to, .. }
            | Exception::Add { from, to, .. }
            | Exception::Remove { from, to, .. } => ((from, to, ""), None),
            Exception::Swap { from, to, with_from, with_to, .. } => {
                ((from, to, ""), Some((with_from, with_to, "with_")))
            }
        };
        std::iter::once(first).chain(second)
    }

    /// The next beginning or end after `wall`.
    pub(super) fn next_change(&self, wall: Wall) -> Option<Wall> {
        self.periods()
            .flat_map(|(from, to, _)| [Wall::from(from), Wall::from(to)])
            .filter(|change| *change > wall)
            .min()
    }

    /// Changes `people` as it must be when the wall clock's furthest is `wall`. Returns what it
    /// did; nothing where it changed nobody.
    pub(super) fn apply(&self, wall: Wall, people: &mut Vec<PersonId>) -> Option<Reason> {
        let within = |from: DateTime, to: DateTime| Wall::from(from) <= wall && wall < to.into();
        let did = match self {
            Exception::Replace { from, to, person, by, .. } if within(*from, *to) => {
                instead(people, by, person, false)
            }
            Exception::Add { from, to, person, .. }
                if within(*from, *to) && !people.contains(person) =>
            {
                people.push(person.clone());
                Some(Did::With(person.clone()))
            }
            Exception::Remove { from, to, person, .. } if within(*from, *to) => {
                let count = people.len();
                people.retain(|on_call| on_call != person);
                (people.len() < count).then(|| Did::Without(person.clone()))
            }
            Exception::Swap { from, to, person, with_from, with_to, with_person, .. } => {
                match (within(*from, *to), within(*with_from, *with_to)) {
                    (true, false) => instead(people, with_person, person, true),
                    (false, true) => instead(people, person, with_person, true),
                    // In both periods at once each has the other's duty: where both are on call
                    // that changes nothing, else whoever is on call gives way to the other.
                    (true, true) => match (people.contains(person), people.contains(with_person)) {
                        (true, false) => instead(people, with_person, person, true),
                        (false, true) => instead(people, person, with_person, true),
                        _ => None,
                    },
                    (false, false) => None,
                }
            }
            _ => None,
        };
        let note = self.note().unwrap_or_default().trim().to_owned();
        did.map(|did| Reason::Exception { did, note })
    }
}

/// Puts `by` in the place of `person`, and says so.
fn instead(
    people: &mut Vec<PersonId>,
    by: &PersonId,
    person: &PersonId,
    swapped: bool,
) -> Option<Did> {
    let did = || Did::Instead { by: by.clone(), person: person.clone(), swapped };
    stand_in(people, person, by).then(did)
}

/// Puts `by` in the place of `person`; false where `person` is not on call.
fn stand_in(people: &mut Vec<PersonId>, person: &PersonId, by: &PersonId) -> bool {
    let Some(place) = people.iter().position(|on_call| on_call == person) else {
        return false;
    };
    if people.contains(by) {
        if person != by {
            people.remove(place);
        }
    } else {
        people[place] = by.clone();
    }
    person != by
}
