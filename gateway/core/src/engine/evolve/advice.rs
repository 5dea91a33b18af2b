//! How advice moves.

use std::sync::Arc;

use crate::{event::Advice, state::State};

pub(super) fn evolve(state: &mut State, news: &Advice) {
    let advice = &mut state.advice;
    match news {
        Advice::CardPut { danger, card, .. } => {
            advice.cards.insert(*danger, Arc::new(card.clone()));
        }
        Advice::CardRemoved { danger, .. } => {
            advice.cards.remove(danger);
        }
        Advice::NotePut { place, note, .. } if note.is_empty() => {
            advice.notes.remove(place);
        }
        Advice::NotePut { place, note, .. } => {
            advice.notes.insert(place.clone(), Arc::new(note.clone()));
        }
    }
}
