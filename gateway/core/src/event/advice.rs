//! What can be decided about advice for whoever goes.

use serde::{Deserialize, Serialize};

use crate::{
    advice::{Card, PlaceNote},
    danger::Danger,
    id::PlaceId,
    incident::By,
};

/// What was decided about a card, or about what is noted of a place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "advice")]
pub enum Advice {
    /// A card was edited.
    CardPut {
        /// For which danger.
        danger: Danger,
        /// The card.
        card: Card,
        /// Who did it.
        by: By,
    },
    /// The edit was taken back: the usual card holds.
    CardRemoved {
        /// For which danger.
        danger: Danger,
        /// Who did it.
        by: By,
    },
    /// What is noted of a place has changed.
    NotePut {
        /// Which place.
        place: PlaceId,
        /// All that is noted of it now.
        note: PlaceNote,
        /// Who did it.
        by: By,
    },
}
