//! The engine: decide, evolve, and when to look again.
//!
//! ```text
//! input ──▶ decide ──▶ events ──▶ (appended and fsynced by the caller) ──▶ what is due is sent
//!             ▲  └─ evolve ─▶ state ─┐
//!             └──────────────────────┘
//! ```
//! One concern a file: [`reading`](self) and rules, alarms, incidents, steps, musters, messages, supervision,
//! path tests, walk tests, and what people command.

mod advice;
mod alarms;
mod behind;
mod commands;
mod deadline;
mod directory;
mod duty;
mod evolve;
mod foreseen;
mod incidents;
mod messages;
mod musters;
mod outputs;
mod paths;
mod reach;
mod readings;
mod receipts;
mod reliefs;
mod steps;
mod supervision;
mod swaps;
mod walk_tests;

pub use deadline::next_deadline;
pub use evolve::evolve;
pub use foreseen::foreseen;
pub use messages::due;

use crate::{
    event::{Event, What},
    incident::By,
    input::Input,
    planted::{self, Bug},
    refusal::Refusal,
    state::State,
    time::{Span, Timestamp},
};

/// What was decided, and the state that it leads to.
#[derive(Debug, Clone)]
pub struct Decision {
    /// What was decided, first to last.
    pub events: Vec<Event>,
    /// The state after them: `state` evolved by each of `events`.
    pub state: State,
}

/// Decides what `input` means at `now`. Pure: the same arguments give the same answer.
///
/// # Errors
/// A [`Refusal`] where a command can't be carried out; then nothing happened. Inputs that are not
/// commands are never refused.
pub fn decide(state: &State, now: Timestamp, input: &Input) -> Result<Decision, Refusal> {
    let mut draft = Draft { state: state.clone(), now, events: Vec::new() };
    draft.mind_the_clock();
    match input {
        Input::Tick => {}
        Input::Started => draft.emit(What::Started),
        Input::Configure(wiring) => draft.configure(wiring),
        Input::Reading(reading) => draft.read(reading),
        Input::Heard(device) => draft.hear(device),
        Input::Gone { device, reason } => draft.leave(device, *reason),
        Input::Health { part, fault } => draft.health(part, fault.as_ref()),
        Input::HandedOver(message) => draft.hand_over_message(*message),
        Input::Receipt { message, receipt } => draft.receipt(*message, receipt),
        Input::Path { channel, fault } => draft.path(channel, fault.as_ref()),
        Input::Switched { output, order, end, why } => {
            draft.order_ended(output, *order, *end, why);
        }
        Input::Command { by, command } => draft.command(by, command)?,
    }
    // What has come due is done with every input, so that a flood of inputs can't starve the clock.
    draft.tick();
    draft.state.live.clock = now;
    deadline::know(&mut draft.state);
    Ok(Decision { events: draft.events, state: draft.state })
}

/// A clock that is put back by less is being disciplined; nobody's 45 seconds depend on it.
const LEAST_STEP: Span = Span::secs(2);

/// A decision in the making: every event takes effect at once, so that what follows builds on it.
struct Draft {
    state: State,
    now: Timestamp,
    events: Vec<Event>,
}

impl Draft {
    fn emit(&mut self, what: What) {
        let event = Event { at: self.now, what };
        evolve(&mut self.state, &event);
        self.events.push(event);
    }

    /// A clock that was put back would put off everything that is planned by as much.
    fn mind_the_clock(&mut self) {
        let live = self.state.live.clock;
        let last = if live == Timestamp::default() { self.state.clock } else { live };
        let by = last.since(self.now);
        if by > LEAST_STEP && !planted::is(Bug::ClockBackIgnored) {
            self.emit(What::ClockPutBack { by });
        }
    }

    /// Everything whose time has come, in the order of the walk.
    fn tick(&mut self) {
        if next_deadline(&self.state).is_none_or(|due| due > self.now) {
            return;
        }
        self.settle_rules();
        self.end_shelves();
        self.end_walk_tests();
        self.supervise();
        self.test_paths();
        self.check_reach();
        self.time_out_messages();
        self.escalate();
        self.mind_outputs();
        self.lapse_musters();
        self.lapse_swaps();
        self.tell_reliefs();
    }

    /// The gateway itself, as the one who did something.
    fn gateway() -> By {
        By::gateway()
    }
}
