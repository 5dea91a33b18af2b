//! How much of a bus's time goes to units that do not answer: a fifth at the most, so that however
//! many of them there are, the others are asked as they want to be.

use std::time::Duration;

use tokio::time::Instant;

/// For each second that a unit took in vain, the next one of its kind waits so many.
const REST: u32 = 4;

/// The time of a bus.
#[derive(Debug)]
pub(super) struct Share {
    /// Units that do not answer are not asked before this.
    free_at: Instant,
    is_shared: bool,
}

impl Share {
    /// A lone unit has nobody whose time it could take.
    pub fn new(units: usize, now: Instant) -> Self {
        Self { free_at: now, is_shared: units > 1 }
    }

    /// When a unit's turn comes that is due then and has failed so often.
    pub fn turn(&self, due: Instant, failures: u32) -> Instant {
        if failures > 0 && self.is_shared { due.max(self.free_at) } else { due }
    }

    /// A unit took so long and did not answer.
    pub fn wasted(&mut self, time: Duration, now: Instant) {
        self.free_at = now + time * REST;
    }
}
