//! The engine: decide, evolve, and when to look again.
use crate::{event::Event, input::Input, refusal::Refusal, state::State, time::Timestamp};

/// What was decided, and the state that it leads to.
#[derive(Debug, Clone)]
pub struct Decision {
    /// What was decided, first to last.
    pub events: Vec<Event>,
    /// The state after them.
    pub state: State,
}

/// Decides what an input means at `now`.
pub fn decide(state: &State, _now: Timestamp, _input: &Input) -> Result<Decision, Refusal> {
    Ok(Decision { events: vec![], state: state.clone() })
}
/// The only way that state changes.
pub fn evolve(_state: &mut State, _event: &Event) {}
/// When to call [`decide`] with a tick again.
pub fn next_deadline(_state: &State) -> Option<Timestamp> {
    None
}
