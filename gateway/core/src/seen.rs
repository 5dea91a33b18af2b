//! Which numbered events of a board are known, so that a second copy is not taken for a second event.

use serde::{Deserialize, Serialize};

use crate::{
    planted::{self, Bug},
    point::Origin,
};

/// Starts of a board that are remembered.
const BOOTS: usize = 8;
/// Numbers remembered above a hole, per start: twice the 500 events that a board's queue holds.
const AHEAD: usize = 1024;

/// The known events of one board, per start.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen(Vec<Boot>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Boot {
    boot: u32,
    /// Every number up to this one is known.
    up_to: u32,
    /// Known numbers above it, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    ahead: Vec<u32>,
}

impl Seen {
    /// True if this event was kept before. An event that overtook another does not hide it.
    pub fn contains(&self, origin: Origin) -> bool {
        if planted::is(Bug::NoDedupe) {
            return false;
        }
        match self.0.iter().find(|b| b.boot == origin.boot || planted::is(Bug::DedupeWithoutBoot)) {
            Some(b) => origin.seq <= b.up_to || b.ahead.binary_search(&origin.seq).is_ok(),
            // A start that is not remembered may be an old one, or a new board in place of the old:
            // told twice is better than never.
            None => false,
        }
    }

    /// The newest event known, by start and number.
    pub fn newest(&self) -> Option<Origin> {
        let last = self.0.last()?;
        Some(Origin { boot: last.boot, seq: last.ahead.last().copied().unwrap_or(last.up_to) })
    }

    /// Remembers an event.
    pub fn insert(&mut self, origin: Origin) {
        let at = self.0.partition_point(|b| b.boot < origin.boot);
        if self.0.get(at).is_none_or(|b| b.boot != origin.boot) {
            self.0.insert(at, Boot { boot: origin.boot, up_to: 0, ahead: vec![] });
        }
        if let Some(b) = self.0.get_mut(at) {
            b.insert(origin.seq);
        }
        if self.0.len() > BOOTS {
            self.0.remove(0);
        }
    }
}

impl Boot {
    fn insert(&mut self, seq: u32) {
        if seq <= self.up_to {
            return;
        }
        if let Err(at) = self.ahead.binary_search(&seq) {
            self.ahead.insert(at, seq);
        }
        // A hole that stays open this long belongs to events that the board itself has given up.
        if self.ahead.len() > AHEAD {
            self.up_to = self.ahead[0];
            self.ahead.remove(0);
        }
        let joined = self
            .ahead
            .iter()
            .zip(self.up_to + 1..)
            .take_while(|(seq, next)| **seq == *next)
            .count();
        self.up_to += u32::try_from(joined).unwrap_or(0);
        self.ahead.drain(..joined);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(boot: u32, seq: u32) -> Origin {
        Origin { boot, seq }
    }

    #[test]
    fn an_event_that_overtook_another_does_not_hide_it() {
        let mut seen = Seen::default();
        seen.insert(at(1, 1));
        seen.insert(at(1, 3));
        assert!(seen.contains(at(1, 1)) && seen.contains(at(1, 3)));
        assert!(!seen.contains(at(1, 2)), "number 2 was never kept: it must not be dropped");
        seen.insert(at(1, 2));
        assert!(seen.contains(at(1, 2)));
        assert_eq!(seen.newest(), Some(at(1, 3)));
    }

    #[test]
    fn the_same_number_after_another_start_is_another_event() {
        let mut seen = Seen::default();
        seen.insert(at(4, 1));
        assert!(!seen.contains(at(5, 1)));
        assert!(!seen.contains(at(3, 1)), "an older start's queue may still be on its way");
    }

    #[test]
    fn memory_stays_bounded_however_a_board_counts() {
        let mut seen = Seen::default();
        for boot in 0..100 {
            for seq in 0..3_000 {
                seen.insert(at(boot, seq * 2));
            }
        }
        assert!(seen.0.len() <= BOOTS && seen.0.iter().all(|b| b.ahead.len() <= AHEAD));
        assert!(seen.contains(at(99, 5_998)));
    }
}
