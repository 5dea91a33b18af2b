//! What must be true after every step of every story.

use gengfu_core::{
    engine::{Decision, evolve, next_deadline},
    event::{Event, What},
    incident::TIMELINE_LIMIT,
    state::{ENDED_LIMIT, State},
};

/// The events of a decision lead from the state before to the state after, the next deadline
/// included: what was kept of it is what a fresh look finds.
pub fn events_add_up(before: &State, decision: &Decision) {
    let mut folded = before.clone();
    for event in &decision.events {
        evolve(&mut folded, event);
    }
    assert_eq!(folded, decision.state, "the events do not lead to the decided state");
    // An event about nothing makes the state look at all its timers again.
    let nothing = What::SessionClosed { key: "nobody's".into() };
    evolve(&mut folded, &Event { at: gengfu_core::time::Timestamp::default(), what: nothing });
    assert_eq!(next_deadline(&folded), next_deadline(&decision.state), "a stale deadline");
}

/// Every event survives being written as JSON.
pub fn written(replayed: &mut State, durable: &[Event]) {
    for event in durable {
        let text = serde_json::to_string(event).unwrap();
        let back: Event = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
        assert_eq!(back, *event, "an event changes by being written: {text}");
        evolve(replayed, &back);
    }
}

/// The durable events alone lead to the same state, and a snapshot of it is that state.
pub fn journal_adds_up(replayed: &State, live: &State, changed: bool) {
    if replayed != live {
        let [journal, live] = [replayed, live].map(|s| serde_json::to_string_pretty(s).unwrap());
        let other = journal.lines().zip(live.lines()).find(|(a, b)| a != b);
        panic!("the journal adds up to another state: {other:?}");
    }
    if changed {
        let text = serde_json::to_string(live).unwrap();
        let mut back: State = serde_json::from_str(&text).unwrap();
        back.reindex();
        assert_eq!(back, *live, "a snapshot changes the state");
        assert_eq!(back.index.rules, live.index.rules);
        assert_eq!(back.index.device_of, live.index.device_of);
    }
}

/// Memory is bounded by what is set up and what is wrong.
pub fn bounded(state: &State) {
    assert!(state.incidents.len() <= state.open.len() + ENDED_LIMIT);
    for incident in state.incidents.values() {
        assert!(incident.timeline.len() <= TIMELINE_LIMIT);
        let done = incident.messages.iter().filter(|id| !state.due.contains(*id)).count();
        assert!(done <= 200.max(4 * state.people.len()), "{done} messages that are done");
        assert_eq!(state.open.contains(&incident.id), incident.is_open());
    }
    for (id, message) in &state.messages {
        assert_eq!(state.due.contains(id), message.is_due());
    }
    let unknown = |id| !state.messages.contains_key(id);
    assert!(!state.due.iter().any(unknown) && !state.live.handed_over.keys().any(unknown));
    assert_eq!(state.live.watch.len(), state.live.watched.len());
    assert!(state.raisings.len() <= 11 && state.settled.len() <= 1000);
    assert!(state.turns.values().all(|turns| turns.len() <= 10));
}
