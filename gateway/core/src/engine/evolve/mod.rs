//! Evolve: the only way that state changes. Total: whatever the journal holds, it never fails.

mod advice;
mod alarms;
mod building;
mod clock;
mod duty;
mod incidents;
mod messages;
mod musters;
mod outputs;
mod walk_tests;
mod ways;

use std::sync::Arc;

use imbl::OrdMap;

use crate::{
    event::{Event, What},
    state::State,
};

/// Applies one event. Events about things that are not there change nothing.
pub fn evolve(state: &mut State, event: &Event) {
    let at = event.at;
    super::deadline::forget(state, &event.what);
    if event.is_durable() {
        state.clock = at;
    }
    ways::evolve(state, at, &event.what);
    walk_tests::evolve(state, at, &event.what);
    match &event.what {
        What::ClockPutBack { by } => clock::put_back(state, *by),
        What::Started
        | What::Heard { .. }
        | What::Leaving { .. }
        | What::Sampled(_)
        | What::Rechecked { .. }
        | What::Configured(_)
        | What::DevicePut { .. }
        | What::DeviceRemoved { .. }
        | What::PointChanged(_)
        | What::RulePending { .. }
        | What::RuleKept { .. }
        | What::RuleSettled { .. }
        | What::DeviceLost { .. }
        | What::DeviceFound { .. }
        | What::OutOfService { .. }
        | What::BackInService { .. } => building::evolve(state, at, &event.what),

        What::AlarmRaised { .. }
        | What::AlarmCleared { .. }
        | What::AlarmAcknowledged { .. }
        | What::AlarmShelved { .. }
        | What::AlarmUnshelved { .. }
        | What::AlarmChatters { .. }
        | What::AlarmSettled { .. } => alarms::evolve(state, at, &event.what),

        What::IncidentOpened { .. }
        | What::IncidentJoined { .. }
        | What::StepStarted { .. }
        | What::Rested { .. }
        | What::Acknowledged { .. }
        | What::Arrived { .. }
        | What::IncidentHandedOver { .. }
        | What::Lapsed { .. }
        | What::Prompted { .. }
        | What::Reminded { .. }
        | What::IncidentEnded { .. } => incidents::evolve(state, at, &event.what),

        What::Muster(roll) => musters::evolve(state, at, roll),
        What::Output(news) => outputs::evolve(state, at, news),
        // Receipts and answers tell of tests too: they were looked at above.
        What::WalkTest(_) => {}

        What::HandedOver { .. }
        | What::MessageDue(_)
        | What::Receipted { .. }
        | What::MessageRetried { .. }
        | What::MessageCancelled { .. }
        | What::PathTested { .. }
        | What::PathProven { .. } => messages::evolve(state, at, &event.what),

        // All there is to them is about ways.
        What::ReachChecked { .. } | What::WayBroken { .. } | What::WayProven { .. } => {}

        What::PersonPut { person, .. } => {
            state.people.insert(person.id.clone(), Arc::new(person.clone()));
        }
        What::PersonRemoved { person, .. } => {
            state.people.remove(person);
            state.logins.remove(person);
            state.turns.remove(person);
            close_sessions(state, |who| who == person);
        }
        What::LoginSet { person, login } => {
            let old = state.logins.insert(person.clone(), login.clone());
            // A new password ends what was opened with the old one; a mere invitation does not.
            if old.is_some_and(|old| old.password_hash != login.password_hash) {
                close_sessions(state, |who| who == person);
            }
        }
        What::SessionOpened { key, session } => {
            keep(&mut state.sessions, |_, s| s.until > at);
            state.sessions.insert(key.clone(), session.clone());
        }
        What::SessionClosed { key } => {
            state.sessions.remove(key);
        }
        What::RosterPut { roster, .. } => {
            duty::put_roster(state, at, roster);
            state.rosters.insert(roster.id.clone(), Arc::new(roster.clone()));
        }
        What::RosterRemoved { roster, .. } => {
            duty::remove_roster(state, roster);
            state.rosters.remove(roster);
        }
        What::Advice(news) => advice::evolve(state, news),
        What::Update(_) => {}
        What::Duty(news) => duty::evolve(state, at, news),
        What::PolicyPut { policy, .. } => {
            state.policies.insert(policy.id.clone(), Arc::new(policy.clone()));
        }
        What::PolicyRemoved { policy, .. } => {
            state.policies.remove(policy);
        }
    }
}

fn close_sessions(state: &mut State, of: impl Fn(&crate::id::PersonId) -> bool) {
    keep(&mut state.sessions, |_, session| !of(&session.person));
}

/// Drops what `wanted` is false for.
fn keep<K: Ord + Clone, V: Clone>(map: &mut OrdMap<K, V>, wanted: impl Fn(&K, &V) -> bool) {
    let dropped: Vec<K> =
        map.iter().filter(|(k, v)| !wanted(k, v)).map(|(k, _)| k.clone()).collect();
    for key in &dropped {
        map.remove(key);
    }
}
