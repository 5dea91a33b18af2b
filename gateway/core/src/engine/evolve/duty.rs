//! What changes about swaps of shifts, and what was told of hand-overs.

use std::sync::Arc;

use crate::{
    event::{Begin, Duty},
    id::{RosterId, SwapId},
    roster::{Ended, Roster, Swap},
    state::State,
    time::{Span, Timestamp},
};

/// Ended swaps that are kept in memory; the journal has them all.
const ENDED_SWAPS: usize = 100;

/// So long after its beginning it is known that somebody was reminded of a shift: a clock that is put
/// back must not have it told again.
const REMEMBERED: Span = Span::hours(24);

pub(super) fn evolve(state: &mut State, at: Timestamp, duty: &Duty) {
    match duty {
        Duty::SwapAsked(swap) => {
            state.last_swap = state.last_swap.max(swap.id);
            state.swaps.insert(swap.id, Arc::new(swap.clone()));
        }
        Duty::SwapDeclined { swap, person } => change(state, *swap, |swap| {
            swap.declined.push(person.clone());
        }),
        Duty::SwapEnded { swap, outcome } => {
            let outcome = outcome.clone();
            change(state, *swap, |swap| swap.ended = Some(Ended { at, outcome }));
            let ended = || state.swaps.values().filter(|swap| !swap.is_open());
            let surplus = ended().next().filter(|_| ended().count() > ENDED_SWAPS).map(|s| s.id);
            if let Some(surplus) = surplus {
                state.swaps.remove(&surplus);
            }
        }
        Duty::Relieved { roster, reminded, upto } => {
            let reliefs = state.reliefs.entry(roster.clone()).or_default();
            reliefs.upto = reliefs.upto.max(*upto);
            let oldest = *upto - REMEMBERED;
            reliefs.reminded.retain(|begin: &Begin| begin.from >= oldest);
            reliefs.reminded.extend(reminded.iter().cloned());
        }
        Duty::Looked { next } => state.live.reliefs_due = Some(*next),
    }
}

/// A roster is there, or has changed: what ended before is not told by its new words.
pub(super) fn put_roster(state: &mut State, at: Timestamp, roster: &Roster) {
    state.live.reliefs_due = None;
    if roster.remind_before.is_none() {
        state.reliefs.remove(&roster.id);
        return;
    }
    let reliefs = state.reliefs.entry(roster.id.clone()).or_default();
    reliefs.upto = reliefs.upto.max(at);
}

/// A roster is gone.
pub(super) fn remove_roster(state: &mut State, roster: &RosterId) {
    state.live.reliefs_due = None;
    state.reliefs.remove(roster);
}

fn change(state: &mut State, id: SwapId, with: impl FnOnce(&mut Swap)) {
    if let Some(swap) = state.swaps.get_mut(&id) {
        with(Arc::make_mut(swap));
    }
}
