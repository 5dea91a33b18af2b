//! What goes in and out of a gateway.

use std::sync::Arc;

use gengfu_core::{
    input::Input,
    notification::outbox::Message,
    point::Origin,
    time::{Span, Timestamp},
};
use gengfu_field::adapter::Publication;
use gengfu_wire::topic::Up;

use super::seen::Seen;

/// Something that comes in.
#[derive(Debug, Clone)]
pub enum Arrival {
    /// Of a board.
    Board {
        /// Which.
        number: usize,
        /// Where it was said.
        what: Up,
        /// What.
        payload: Vec<u8>,
    },
    /// Of anybody else.
    Input(Input),
}

/// What lies around the gateway.
pub trait Outside {
    /// Somebody looks on.
    fn saw(&mut self, seen: Seen<'_>);
    /// Something is said to a board.
    fn publish(&mut self, board: usize, publication: Publication);
    /// A message goes to its channel.
    fn give(&mut self, message: &Arc<Message>);
    /// There is room on the way to the channels.
    fn has_room(&self) -> bool;
}

/// It died.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crashed;

/// A death to come.
#[derive(Debug, Clone, Copy)]
pub struct Doom {
    /// Steps until then.
    pub steps: u32,
    /// How many of the bytes that were not brought to safety survive.
    pub torn: u64,
    /// How long it stays down.
    pub down: Span,
}

/// When a gateway wants to be woken.
#[derive(Debug, Clone, Copy)]
pub struct Wakes {
    /// By its own clock.
    pub at: Option<Timestamp>,
    /// After this at the most.
    pub within: Option<Span>,
    /// After this at the least.
    pub not_within: Option<Span>,
}

/// The number of the board's event that a receipt is for.
pub fn receipted(publication: &Publication) -> Option<Origin> {
    let receipt: gengfu_wire::down::Receipt =
        gengfu_wire::codec::decode(&publication.payload).ok()?;
    publication
        .topic
        .ends_with("/down/receipt")
        .then_some(Origin { boot: receipt.boot, seq: receipt.seq })
}
