//! Rows of a journal that somebody else wrote, one event a line, and what they add up to.

use gengfu_core::{
    engine,
    event::Event,
    id::SiteId,
    state::State,
    time::{Span, Timestamp},
};

/// Replays what can be read. A journal that was tampered with may tell nonsense, but the gateway
/// starts from it, knows its next deadline, and can keep what it made of it.
pub fn check(bytes: &[u8]) {
    let mut state = State::new(SiteId::from("site"));
    for line in bytes.split(|b| *b == b'\n') {
        let Ok(event) = serde_json::from_slice::<Event>(line) else { continue };
        let written = serde_json::to_vec(&event).expect("what was read can be written");
        serde_json::from_slice::<Event>(&written).expect("and read again");
        engine::evolve(&mut state, &event);
    }
    let _deadline = engine::next_deadline(&state);
    let now = Timestamp::from_millis(1_795_000_000_000);
    let _due = engine::due(&state, now + Span::hours(24));
    let kept = serde_json::to_vec(&state).expect("the state can be written");
    snapshot(&kept);
}

/// The body of a snapshot.
pub fn snapshot(bytes: &[u8]) {
    let Ok(mut state) = serde_json::from_slice::<State>(bytes) else { return };
    state.reindex();
    let _deadline = engine::next_deadline(&state);
}
