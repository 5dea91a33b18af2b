//! What speaks in a session beside the board itself: fetching another firmware, reading what stands beside
//! it. It comes second: nothing of it goes before an event.

use gengfu_wire::topic::Down;

use crate::board::{Board, Publication};

/// Whoever speaks beside the board.
pub trait Beside<const INPUTS: usize, const QUEUE: usize> {
    /// The gateway says something; the board itself has heard it already, whether it understood it or not.
    fn hear(&self, now_ms: u64, what: Down, payload: &[u8]);

    /// What is to be published, if anything; asked where the board has nothing to say, as long as the
    /// session stands.
    fn say<'b>(
        &self,
        now_ms: u64,
        board: &Board<'_, INPUTS, QUEUE>,
        buffer: &'b mut [u8],
    ) -> Option<Publication<'b>>;
}

/// Two of them; the first one speaks first.
pub struct Both<'a, const INPUTS: usize, const QUEUE: usize>(
    /// The first.
    pub &'a dyn Beside<INPUTS, QUEUE>,
    /// The second.
    pub &'a dyn Beside<INPUTS, QUEUE>,
);

impl<const INPUTS: usize, const QUEUE: usize> Beside<INPUTS, QUEUE> for Both<'_, INPUTS, QUEUE> {
    fn hear(&self, now_ms: u64, what: Down, payload: &[u8]) {
        self.0.hear(now_ms, what, payload);
        self.1.hear(now_ms, what, payload);
    }

    fn say<'b>(
        &self,
        now_ms: u64,
        board: &Board<'_, INPUTS, QUEUE>,
        buffer: &'b mut [u8],
    ) -> Option<Publication<'b>> {
        let first = self.0.say(now_ms, board, buffer);
        // A payload begins where the buffer does.
        let first = first.map(|said| (said.topic, said.payload.len(), said.retain));
        match first {
            Some((topic, length, retain)) => {
                Some(Publication { topic, payload: buffer.get(..length)?, retain })
            }
            None => self.1.say(now_ms, board, buffer),
        }
    }
}

/// Nobody: for a board that takes no update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nobody;

impl<const INPUTS: usize, const QUEUE: usize> Beside<INPUTS, QUEUE> for Nobody {
    fn hear(&self, _: u64, _: Down, _: &[u8]) {}

    fn say<'b>(
        &self,
        _: u64,
        _: &Board<'_, INPUTS, QUEUE>,
        _: &'b mut [u8],
    ) -> Option<Publication<'b>> {
        None
    }
}
