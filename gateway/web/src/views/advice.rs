//! Advice as those who go read it, and as those who write it do.

use gengfu_core::{
    advice::{Card, Flat},
    danger::Danger,
    id::PlaceId,
    incident::Incident,
    state::State,
    text::Text,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{name_of, place_name};

/// What to do first about a kind of danger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CardView {
    /// The kind of danger.
    pub danger: Danger,
    /// The plain words for it.
    pub danger_name: Text,
    /// The steps that hold, first to last.
    pub steps: Vec<Text>,
    /// Somebody edited them.
    pub edited: bool,
    /// The usual steps, which hold again when the edit is taken back.
    pub usual: Vec<Text>,
}

/// Something that a rescue takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ThingView {
    /// What it is.
    pub what: Text,
    /// Where it is kept.
    pub kept_at: Text,
    /// Who has it, or lets others have it.
    #[schema(required)]
    pub holder_name: Option<String>,
    /// The place that it belongs to, outermost place first.
    pub place_name: Text,
}

/// A flat whose people can't leave without help.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FlatView {
    /// Which, and what help.
    #[serde(flatten)]
    pub flat: Flat,
    /// The place that it is noted at, outermost place first.
    pub place_name: Text,
}

impl CardView {
    /// The card as it stands in `state`.
    pub fn new(state: &State, danger: Danger) -> Self {
        Self {
            danger,
            danger_name: danger.words(),
            steps: state.advice.card(danger).steps,
            edited: state.advice.cards.contains_key(&danger),
            usual: Card::usual(danger).steps,
        }
    }
}

/// What there is at a place and around it, nearest first.
pub(super) fn things(state: &State, at: &PlaceId) -> Vec<ThingView> {
    let things = state.advice.things(&state.wiring.places, at);
    let view = |(place, thing): (&PlaceId, &gengfu_core::advice::Thing)| ThingView {
        what: thing.what.clone(),
        kept_at: thing.kept_at.clone(),
        holder_name: thing.holder.as_ref().map(|holder| name_of(state, holder)),
        place_name: place_name(state, place),
    };
    things.map(view).collect()
}

/// The flats that whoever goes to this incident must know of.
pub(super) fn flats(state: &State, incident: &Incident) -> Vec<FlatView> {
    let flats = state.advice.flats(&state.wiring.places, incident).into_iter();
    flats
        .map(|(place, flat)| FlatView { flat: flat.clone(), place_name: place_name(state, place) })
        .collect()
}
