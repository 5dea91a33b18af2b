//! Advice for whoever goes: what to do first, where the keys and the rescue kit are and who holds them,
//! and which flats need help. A card belongs to a kind of danger, a note to a place.

mod card;
mod note;
mod usual;

use std::sync::Arc;

use imbl::OrdMap;
use serde::{Deserialize, Serialize};

use crate::{
    danger::Danger,
    id::{PersonId, PlaceId},
    incident::Incident,
    site::{self, Place},
    text::Text,
};

pub use card::Card;
pub use note::{Flat, PlaceNote, Thing};

/// All that was written down.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Advice {
    /// The cards that were edited; the others are the usual ones.
    #[serde(default)]
    pub cards: OrdMap<Danger, Arc<Card>>,
    /// The places that something is noted of.
    #[serde(default)]
    pub notes: OrdMap<PlaceId, Arc<PlaceNote>>,
}

type Places = OrdMap<PlaceId, Place>;

impl Advice {
    /// The card that holds: the edited one, or the usual one.
    pub fn card(&self, danger: Danger) -> Card {
        self.cards.get(&danger).map_or_else(|| Card::usual(danger), |card| card.as_ref().clone())
    }

    /// What there is at a place and at those around it, nearest first.
    pub fn things<'a>(
        &'a self,
        places: &'a Places,
        at: &'a PlaceId,
    ) -> impl Iterator<Item = (&'a PlaceId, &'a Thing)> {
        site::around(places, at)
            .filter_map(|place| self.notes.get(place).map(|note| (place, note)))
            .flat_map(|(place, note)| note.things.iter().map(move |thing| (place, thing)))
    }

    /// The flats that whoever goes there must know of: those noted at the incident's place, inside it,
    /// and around it, in this order.
    ///
    /// They say who is old, ill or alone, so that they are shown only while people may have to be fetched:
    /// in an open incident of fire or gas that is no test.
    pub fn flats<'a>(
        &'a self,
        places: &'a Places,
        incident: &'a Incident,
    ) -> Vec<(&'a PlaceId, &'a Flat)> {
        let fetches = matches!(incident.danger, Danger::Fire | Danger::Gas);
        if !fetches || incident.test.is_some() || !incident.is_open() {
            return vec![];
        }
        let at = &incident.place;
        let inside = places.keys().filter(|place| *place != at && is_inside(places, place, at));
        std::iter::once(at)
            .chain(inside)
            .chain(site::around(places, at).skip(1))
            .filter_map(|place| self.notes.get(place).map(|note| (place, note)))
            .flat_map(|(place, note)| note.flats.iter().map(move |flat| (place, flat)))
            .collect()
    }

    /// A place that says of this person that they hold something. One that the configuration no longer
    /// names does not count: nobody could change what is noted there.
    pub fn held_by(&self, places: &Places, person: &PersonId) -> Option<&PlaceId> {
        let holds =
            |note: &PlaceNote| note.things.iter().any(|t| t.holder.as_ref() == Some(person));
        self.notes
            .iter()
            .find(|(place, note)| places.contains_key(*place) && holds(note))
            .map(|(place, _)| place)
    }
}

fn is_inside(places: &Places, place: &PlaceId, outer: &PlaceId) -> bool {
    site::around(places, place).any(|around| around == outer)
}

/// What is wrong with words that people have to read in a hurry: none at all, or too many.
///
/// # Errors
/// What to change, for whoever wrote them.
fn check_words(what: &str, text: &Text, most: usize) -> Result<(), String> {
    if text.zh.trim().is_empty() && text.en.trim().is_empty() {
        return Err(format!("{what} is empty: write it in Chinese, in English, or both"));
    }
    check_length(what, &text.zh, most)?;
    check_length(what, &text.en, most)
}

fn check_length(what: &str, words: &str, most: usize) -> Result<(), String> {
    match words.chars().count() {
        long if long > most => Err(format!("{what} has {long} characters: use {most} at most")),
        _ => Ok(()),
    }
}
