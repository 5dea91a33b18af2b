//! What changes about swaps of shifts.

use std::sync::Arc;

use crate::{
    event::Duty,
    id::SwapId,
    roster::{Ended, Swap},
    state::State,
    time::Timestamp,
};

/// Ended swaps that are kept in memory; the journal has them all.
const ENDED_SWAPS: usize = 100;

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
    }
}

fn change(state: &mut State, id: SwapId, with: impl FnOnce(&mut Swap)) {
    if let Some(swap) = state.swaps.get_mut(&id) {
        with(Arc::make_mut(swap));
    }
}
