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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_silent_take_a_fifth_at_the_most_and_the_others_wait_for_nothing() {
        let start = Instant::now();
        let mut share = Share::new(3, start);
        let (cost, later) = (Duration::from_millis(500), start + Duration::from_millis(500));
        share.wasted(cost, later);
        assert_eq!(share.turn(later, 0), later, "one that answers");
        assert_eq!(share.turn(later, 1), later + 4 * cost);
        let due = later + Duration::from_secs(30);
        assert_eq!(share.turn(due, 5), due, "it is asked rarely enough by itself");
        let mut lone = Share::new(1, start);
        lone.wasted(cost, later);
        assert_eq!(lone.turn(later, 1), later, "there is nobody else");
    }
}
