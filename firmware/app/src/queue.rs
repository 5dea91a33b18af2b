//! Events, kept until the gateway's receipt.

use gengfu_wire::{
    MAX_INPUTS, VERSION,
    up::{Event, InputState},
};
use heapless::Vec;

/// An event without a receipt is said again after this long, in milliseconds, then after twice as
/// long each time.
pub const FIRST_PAUSE_MS: u64 = 5_000;
/// The pause grows no longer than this, in milliseconds.
pub const LONGEST_PAUSE_MS: u64 = 30_000;

#[derive(Debug, Clone, Copy)]
struct Waiting {
    seq: u32,
    input: u8,
    state: InputState,
    vital: bool,
    happened_ms: u64,
    /// When it is to be said.
    due_ms: u64,
    /// How long it waits after that; 0 where it was not said in this connection.
    pause_ms: u64,
}

/// The events of one start that wait for their receipt, oldest first, `N` of them at the most.
#[derive(Debug)]
pub struct Queue<const N: usize> {
    boot: u32,
    last_seq: u32,
    waiting: Vec<Waiting, N>,
    newest: [InputState; MAX_INPUTS],
    dropped: u32,
}

impl<const N: usize> Queue<N> {
    /// An empty one, for the board's start number `boot`.
    pub const fn new(boot: u32) -> Self {
        const { assert!(N > 0, "a queue has room for at least one event") };
        Self {
            boot,
            last_seq: 0,
            waiting: Vec::new(),
            newest: [InputState::Idle; MAX_INPUTS],
            dropped: 0,
        }
    }

    /// The board's start, which names each event together with its number.
    pub fn boot(&self) -> u32 {
        self.boot
    }

    /// Events that wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Events that were dropped since the start because there was no room.
    pub fn dropped(&self) -> u32 {
        self.dropped
    }

    /// What the last event of an input said, whether or not it was dropped since; idle where there
    /// was none. Inputs count from 1.
    pub fn newest(&self, input: u8) -> InputState {
        let index = usize::from(input).wrapping_sub(1);
        self.newest.get(index).copied().unwrap_or(InputState::Idle)
    }

    /// An input is no longer used: what it said last does not count any more. What waits still does.
    pub fn forget(&mut self, input: u8) {
        if let Some(newest) = self.newest.get_mut(usize::from(input).wrapping_sub(1)) {
            *newest = InputState::Idle;
        }
    }

    /// Numbers an event and keeps it. Where there is no room, the oldest event of an input that is
    /// not vital makes it (which may be this one), and a vital one only where nothing else is left.
    pub fn push(&mut self, input: u8, state: InputState, vital: bool, happened_ms: u64) {
        // Four thousand million events: 49 days of one each millisecond. The first number follows
        // the last one, rather than all further events having the same.
        self.last_seq = self.last_seq.checked_add(1).unwrap_or(1);
        if let Some(newest) = self.newest.get_mut(usize::from(input).wrapping_sub(1)) {
            *newest = state;
        }
        if self.waiting.is_full() {
            self.dropped = self.dropped.saturating_add(1);
            match self.waiting.iter().position(|w| !w.vital) {
                None if !vital => return,
                ordinary => _ = self.waiting.remove(ordinary.unwrap_or(0)),
            }
        }
        let event = Waiting {
            seq: self.last_seq,
            input,
            state,
            vital,
            happened_ms,
            due_ms: 0,
            pause_ms: 0,
        };
        // There is room: it was made just now.
        _ = self.waiting.push(event);
    }

    /// An event is on the gateway's disk. Receipts come in any order, and more than once.
    pub fn receipt(&mut self, boot: u32, seq: u32) {
        if boot == self.boot {
            self.waiting.retain(|w| w.seq != seq);
        }
    }

    /// The connection is new: all that waits is to be said at once.
    pub fn say_all_again(&mut self) {
        for event in &mut self.waiting {
            (event.due_ms, event.pause_ms) = (0, 0);
        }
    }

    /// The oldest event that is to be said now. It is taken to be said, and comes again after its
    /// pause unless its receipt was there before.
    pub fn next_due(&mut self, now_ms: u64) -> Option<Event> {
        let event = self.waiting.iter_mut().find(|w| w.due_ms <= now_ms)?;
        event.pause_ms = event.pause_ms.saturating_mul(2).clamp(FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
        event.due_ms = now_ms.saturating_add(event.pause_ms);
        let age_ms = now_ms.saturating_sub(event.happened_ms);
        Some(Event {
            v: VERSION,
            boot: self.boot,
            seq: event.seq,
            input: event.input,
            state: event.state,
            age_ms: u32::try_from(age_ms).unwrap_or(u32::MAX),
        })
    }
}
