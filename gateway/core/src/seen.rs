//! Which numbered events of a board are known, so that a second copy is not taken for a second event.

use serde::{Deserialize, Serialize};

use crate::{
    planted::{self, Bug},
    point::Origin,
};

/// Starts of a board that are remembered.
const BOOTS: usize = 8;
/// Holes remembered per start: a board's queue of 500 events can't be missing in more places.
const HOLES: usize = 512;

/// The known events of one board, per start.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen(Vec<Boot>);

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Boot {
    boot: u32,
    /// Known numbers, from the first to the last of each stretch; in order, with a hole between any two.
    /// Numbers count from 1: the first stretch begins with 0, which is none.
    known: Vec<(u32, u32)>,
}

impl Seen {
    /// True if this event was kept before. An event that overtook another does not hide it.
    pub fn contains(&self, origin: Origin) -> bool {
        if planted::is(Bug::NoDedupe) {
            return false;
        }
        match self.0.iter().find(|b| b.boot == origin.boot || planted::is(Bug::DedupeWithoutBoot)) {
            Some(b) => b.contains(origin.seq),
            // A start that is not remembered may be an old one, or a new board in place of the old:
            // told twice is better than never.
            None => false,
        }
    }

    /// The newest event known, by start and number.
    pub fn newest(&self) -> Option<Origin> {
        let last = self.0.last()?;
        Some(Origin { boot: last.boot, seq: last.known.last()?.1 })
    }

    /// Remembers an event.
    pub fn insert(&mut self, origin: Origin) {
        let at = self.0.partition_point(|b| b.boot < origin.boot);
        if self.0.get(at).is_none_or(|b| b.boot != origin.boot) {
            self.0.insert(at, Boot { boot: origin.boot, known: vec![(0, 0)] });
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
    /// The stretch that begins at this number or before it.
    fn at(&self, seq: u32) -> usize {
        self.known.partition_point(|(first, _)| *first <= seq).saturating_sub(1)
    }

    fn contains(&self, seq: u32) -> bool {
        self.known.get(self.at(seq)).is_some_and(|(_, last)| seq <= *last)
    }

    fn insert(&mut self, seq: u32) {
        if self.contains(seq) {
            return;
        }
        let at = self.at(seq);
        let follows = self.known[at].1 + 1 == seq;
        let next = self.known.get(at + 1).copied();
        match (follows, next.filter(|(first, _)| seq + 1 == *first)) {
            (true, Some((_, last))) => {
                self.known[at].1 = last;
                self.known.remove(at + 1);
            }
            (true, None) => self.known[at].1 = seq,
            (false, Some(_)) => self.known[at + 1].0 = seq,
            (false, None) => self.known.insert(at + 1, (seq, seq)),
        }
        // The oldest hole belongs to events that the board itself has given up.
        if self.known.len() > HOLES + 1 {
            self.known[1].0 = self.known[0].0;
            self.known.remove(0);
        }
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
        assert!(seen.0.len() <= BOOTS && seen.0.iter().all(|b| b.known.len() <= HOLES + 1));
        assert!(seen.contains(at(99, 5_998)));
    }

    #[test]
    fn a_late_event_is_not_taken_for_a_copy_however_many_came_before_it() {
        let mut seen = Seen::default();
        (1..100_000).filter(|seq| seq % 1_000 != 7).for_each(|seq| seen.insert(at(1, seq)));
        for late in (7..100_000).step_by(1_000) {
            assert!(!seen.contains(at(1, late)), "number {late} was never kept");
            seen.insert(at(1, late));
        }
        assert_eq!(seen.0[0].known, [(0, 99_999)]);
    }

    proptest::proptest! {
        #[test]
        fn whatever_the_order_exactly_what_came_is_known(
            numbers in proptest::collection::vec(1_u32..400, 0..300)
        ) {
            let mut seen = Seen::default();
            numbers.iter().for_each(|seq| seen.insert(at(1, *seq)));
            for seq in 1..=400 {
                assert_eq!(seen.contains(at(1, seq)), numbers.contains(&seq));
            }
            let known = seen.0.first().map_or(&[][..], |b| &b.known);
            assert!(known.windows(2).all(|two| two[0].1 + 1 < two[1].0), "{known:?}");
        }
    }
}
