//! What a change takes for granted: that what it changes is still as whoever changes it has seen it.

use std::sync::Arc;

use crate::{
    advice::{Card, PlaceNote},
    danger::Danger,
    escalation::policy::Policy,
    id::{PersonId, PlaceId, PolicyId, RosterId},
    person::Person,
    refusal::Refusal,
    roster::Roster,
    state::State,
};

/// Something that people edit as a whole, as somebody saw it; none where there was nothing.
#[derive(Debug, Clone, PartialEq)]
pub enum Premise {
    /// A person.
    Person(PersonId, Option<Arc<Person>>),
    /// A roster.
    Roster(RosterId, Option<Arc<Roster>>),
    /// A policy.
    Policy(PolicyId, Option<Arc<Policy>>),
    /// The edited card of a danger; none is the usual one.
    Card(Danger, Option<Arc<Card>>),
    /// What is noted of a place.
    Note(PlaceId, Option<Arc<PlaceNote>>),
}

impl Premise {
    /// The person as they stand in `state`.
    pub fn person(state: &State, id: &PersonId) -> Self {
        Self::Person(id.clone(), state.people.get(id).cloned())
    }
    /// The roster as it stands in `state`.
    pub fn roster(state: &State, id: &RosterId) -> Self {
        Self::Roster(id.clone(), state.rosters.get(id).cloned())
    }
    /// The policy as it stands in `state`.
    pub fn policy(state: &State, id: &PolicyId) -> Self {
        Self::Policy(id.clone(), state.policies.get(id).cloned())
    }
    /// The danger's card as it stands in `state`.
    pub fn card(state: &State, danger: Danger) -> Self {
        Self::Card(danger, state.advice.cards.get(&danger).cloned())
    }
    /// The place's note as it stands in `state`.
    pub fn note(state: &State, place: &PlaceId) -> Self {
        Self::Note(place.clone(), state.advice.notes.get(place).cloned())
    }

    /// The same thing as it stands in `state`.
    pub fn now(&self, state: &State) -> Self {
        match self {
            Self::Person(id, _) => Self::person(state, id),
            Self::Roster(id, _) => Self::roster(state, id),
            Self::Policy(id, _) => Self::policy(state, id),
            Self::Card(danger, _) => Self::card(state, *danger),
            Self::Note(place, _) => Self::note(state, place),
        }
    }

    /// There was something.
    pub fn is_something(&self) -> bool {
        match self {
            Self::Person(_, seen) => seen.is_some(),
            Self::Roster(_, seen) => seen.is_some(),
            Self::Policy(_, seen) => seen.is_some(),
            Self::Card(_, seen) => seen.is_some(),
            Self::Note(_, seen) => seen.is_some(),
        }
    }

    /// Whether it still holds in `state`.
    ///
    /// # Errors
    /// [`Refusal::Taken`] where there was nothing and is something; [`Refusal::Changed`] otherwise.
    pub fn check(&self, state: &State) -> Result<(), Refusal> {
        if *self == self.now(state) {
            return Ok(());
        }
        // A card or a note is always there, if only as the usual one or an empty one.
        let is_always_there = matches!(self, Self::Card(..) | Self::Note(..));
        let is_changed = is_always_there || self.is_something();
        Err(if is_changed { self.changed() } else { self.taken() })
    }

    /// It is not as it was seen any more.
    pub fn changed(&self) -> Refusal {
        let (what, name) = self.name();
        Refusal::Changed { what, name }
    }

    /// It was to be made new, and is there.
    pub fn taken(&self) -> Refusal {
        let (what, name) = self.name();
        Refusal::Taken { what, name }
    }

    fn name(&self) -> (&'static str, String) {
        match self {
            Self::Person(id, _) => ("person", id.to_string()),
            Self::Roster(id, _) => ("roster", id.to_string()),
            Self::Policy(id, _) => ("policy", id.to_string()),
            Self::Card(danger, _) => ("card", danger.to_string()),
            Self::Note(place, _) => ("note of place", place.to_string()),
        }
    }
}
