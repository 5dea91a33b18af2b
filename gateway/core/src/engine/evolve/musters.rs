//! What changes about musters.

use std::sync::Arc;

use crate::{
    event::Muster as Roll,
    id::{MessageId, MusterId},
    incident::Happened,
    muster::{Answered, ENDED_LIMIT, Ended, Muster},
    state::State,
    time::Timestamp,
};

use super::{incidents, messages};

pub(super) fn evolve(state: &mut State, at: Timestamp, roll: &Roll) {
    match roll {
        Roll::Called { muster: id, topic, people, by } => {
            let muster = Muster {
                id: *id,
                topic: topic.clone(),
                called_at: at,
                by: by.clone(),
                roll: people.iter().map(|person| (person.clone(), None)).collect(),
                messages: vec![],
                ended: None,
            };
            state.musters.insert(*id, Arc::new(muster));
            state.next_muster = MusterId(state.next_muster.0.max(id.0.saturating_add(1)));
            if let Some(incident) = topic.incident {
                let happened = Happened::Mustered { muster: *id, people: people.len() };
                incidents::note(state, incident, at, happened, by.clone());
            }
        }
        Roll::Answered { muster, person, answer, by } => {
            let answered = Answered { answer: *answer, at, by: by.clone() };
            change(state, *muster, |muster| {
                if let Some(known) = muster.roll.get_mut(person) {
                    *known = Some(answered);
                }
            });
        }
        Roll::Ended { muster, by } => {
            let ended = Ended { at, by: by.clone() };
            change(state, *muster, |muster| muster.ended = muster.ended.take().or(Some(ended)));
            forget_oldest(state);
        }
    }
}

/// A message of a muster that is known; false for any other.
pub(super) fn add_message(state: &mut State, muster: MusterId, message: MessageId) -> bool {
    change(state, muster, |muster| muster.messages.push(message));
    state.musters.contains_key(&muster)
}

fn change(state: &mut State, id: MusterId, with: impl FnOnce(&mut Muster)) {
    if let Some(muster) = state.musters.get_mut(&id) {
        with(Arc::make_mut(muster));
    }
}

fn forget_oldest(state: &mut State) {
    let ended = || state.musters.values().filter(|muster| !muster.is_open());
    if ended().count() <= ENDED_LIMIT {
        return;
    }
    if let Some(oldest) = ended().next().cloned() {
        for message in &oldest.messages {
            messages::forget(state, *message);
        }
        state.musters.remove(&oldest.id);
    }
}
