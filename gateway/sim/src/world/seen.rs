//! What can be seen from outside of a gateway: what the promises are judged by.

use std::rc::Rc;

use gengfu_core::{
    event::Event,
    id::DeviceId,
    input::Input,
    notification::outbox::Message,
    point::Origin,
    state::State,
    time::{Span, Timestamp},
    turn::Answer,
};

/// When something is seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// In truth.
    pub now: Timestamp,
    /// By the gateway's clock.
    pub clock: Timestamp,
    /// How much time has passed by the gateway's clock; never goes back.
    pub felt: Span,
}

/// One decision, shown once it is durable (or told from memory, where the disk refuses).
#[derive(Debug, Clone)]
pub struct Decided {
    /// When it was made.
    pub at: Moment,
    /// What came in.
    pub input: Input,
    /// What was decided and is durable.
    pub events: Vec<Event>,
    /// What readers of the pages see after it, but for what is only live.
    pub state: Rc<State>,
    /// It was kept; otherwise it is told from memory and lost with the next crash.
    pub kept: bool,
}

/// Something that is seen.
#[derive(Debug, Clone, Copy)]
pub enum Seen<'a> {
    /// Time has passed; nothing else has happened yet.
    Time,
    /// The gateway started (again).
    Started {
        /// What it read back.
        state: &'a State,
        /// What the events alone add up to.
        replayed: &'a State,
        /// What was live when the last of these events was kept; none for a first start.
        lived: Option<&'a State>,
        /// What is wrong with the journal.
        damage: Option<&'a str>,
    },
    /// The gateway died.
    Crashed,
    /// One event of a decision, in its order; the decision as a whole follows.
    Event(&'a Decided, &'a Event),
    /// A decision.
    Decided(&'a Decided),
    /// Whoever sent an input is answered; what readers see then.
    Answered(&'a Input, &'a Answer, &'a State),
    /// A board got its receipt.
    Receipt(&'a DeviceId, Origin),
    /// A channel was given a message.
    Given(&'a Message),
    /// A channel's word of a message reached the gateway: true for a failure.
    Reported(&'a Message, bool),
    /// The gateway rests until then, by its own clock.
    Rests(Option<Timestamp>),
    /// A snapshot could not be made.
    SnapshotRefused(&'a str),
    /// From here on nothing fails any more.
    Calm,
    /// The end; boards still hold so many events without a receipt.
    Over {
        /// What readers see.
        state: &'a State,
        /// Events that boards still hold.
        waiting: usize,
        /// The journal's size in bytes, and its events.
        journal: (usize, u64),
    },
    /// What the first so many events of the journal add up to, and what was live then.
    Prefix {
        /// How many events.
        events: u64,
        /// What they add up to.
        replayed: &'a State,
        /// What was live.
        lived: &'a State,
    },
}
