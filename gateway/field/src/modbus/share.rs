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

    /// When a unit's turn comes that is due then and has failed so often, and what decides where several
    /// come at once: whoever failed less often, then whoever waits longer. So nobody starves, and one that
    /// faltered once is asked before all that have been dead for long.
    pub fn turn(&self, due: Instant, failures: u32) -> (Instant, u32, Instant) {
        let at = if failures > 0 && self.is_shared { due.max(self.free_at) } else { due };
        (at, failures, due)
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
        assert_eq!(share.turn(later, 0).0, later, "one that answers");
        assert_eq!(share.turn(later, 1).0, later + 4 * cost);
        let due = later + Duration::from_secs(30);
        assert_eq!(share.turn(due, 5).0, due, "it is asked rarely enough by itself");
        let mut lone = Share::new(1, start);
        lone.wasted(cost, later);
        assert_eq!(lone.turn(later, 1).0, later, "there is nobody else");
    }

    #[test]
    fn one_that_faltered_once_is_asked_before_the_dead_and_each_of_these_in_its_turn() {
        const DEAD: usize = 20;
        let start = Instant::now();
        let (cost, again) = (Duration::from_secs(3), Duration::from_secs(30));
        let mut share = Share::new(DEAD + 1, start);
        // More dead ones than a fifth of the time is enough for, and behind them one that faltered.
        let mut units: Vec<(Instant, u32)> = vec![(start, 9); DEAD];
        units.push((start, 1));
        let mut asked = vec![];
        let mut now = start;
        for _ in 0..=DEAD {
            let turn =
                |(n, (due, failures)): (usize, &(Instant, u32))| (share.turn(*due, *failures), n);
            let ((at, ..), n) = units.iter().enumerate().map(turn).min().unwrap();
            now = now.max(at);
            asked.push(n);
            if n == DEAD {
                units[n] = (now + again * 100, 0);
                continue;
            }
            now += cost;
            units[n] = (now + again, units[n].1 + 1);
            share.wasted(cost, now);
        }
        assert_eq!(asked[0], DEAD);
        asked.sort_unstable();
        assert_eq!(asked, (0..=DEAD).collect::<Vec<_>>());
    }
}
