//! When to look again.

use crate::{
    event::What,
    notification::outbox::RECEIPT_LIMIT,
    planted::{self, Bug},
    state::State,
    time::Timestamp,
};

use super::{alarms::chatter_ends, musters, outputs, paths, reliefs, steps, swaps, walk_tests};

/// When to call [`super::decide`] with a tick again: nothing falls due before.
pub fn next_deadline(state: &State) -> Option<Timestamp> {
    state.live.deadline.unwrap_or_else(|| look(state))
}

/// What changes no timer leaves the known deadline as it is: readings above all.
pub(super) fn forget(state: &mut State, what: &What) {
    let changes_none =
        matches!(what, What::Heard { .. } | What::Sampled(_) | What::PointChanged(_));
    if !changes_none {
        state.live.deadline = None;
    }
}

/// Looks it up, so that it is known until something changes.
pub(super) fn know(state: &mut State) {
    state.live.deadline = Some(next_deadline(state));
}

fn look(state: &State) -> Option<Timestamp> {
    let rules = state.rules.values().filter_map(|r| r.due);
    let alarms = state
        .alarms
        .values()
        .flat_map(|a| [a.shelved.as_ref().map(|s| s.until), chatter_ends(a)].into_iter().flatten());
    let out = state.out_of_service.values().map(|o| o.until);
    let quiet = state.live.watch.get_min().map(|(at, _)| *at);
    let leaving = state.live.leaving.values().map(|(_, until)| *until);
    let incidents = state.open_incidents().flat_map(|i| {
        let lapse = steps::lapses_at(i).filter(|_| !planted::is(Bug::DeadlineWithoutLapse));
        let prompt = i.run.next_prompt_at.filter(|_| !planted::is(Bug::DeadlineWithoutPrompt));
        [i.run.next_step_at, prompt, lapse, steps::next_reminder(i)].into_iter().flatten()
    });
    let messages = state
        .due
        .iter()
        .filter(|id| !state.live.handed_over.contains_key(*id))
        .filter_map(|id| state.messages.get(id).map(|m| m.not_before));
    let handed_over = state.live.handed_over.values().map(|at| *at + RECEIPT_LIMIT);
    let paths = state.paths.iter().flat_map(|(channel, path)| {
        [Some(paths::next_test(state, path)), paths::missing_at(state, channel, path)]
            .into_iter()
            .flatten()
    });
    rules
        .chain(alarms)
        .chain(out)
        .chain(quiet)
        .chain(leaving)
        .chain(incidents)
        .chain(messages)
        .chain(handed_over)
        .chain(paths)
        .chain(musters::next_lapse(state))
        .chain(outputs::next_look(state))
        .chain(swaps::next_lapse(state))
        .chain(walk_tests::next_end(state))
        .chain([state.live.reach_due.unwrap_or_default(), reliefs::next_look(state)])
        .min()
}
