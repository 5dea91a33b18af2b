//! What was seen of the boards.

use core::cell::{Cell, RefCell};

/// What was counted.
#[derive(Debug, Default)]
pub struct Tally {
    /// Sessions that came about.
    pub connects: Cell<u64>,
    /// Events that were said, one more than once where no receipt came.
    pub events: Cell<u64>,
    /// Receipts that were heard.
    pub receipts: Cell<u64>,
    /// Attempts and sessions that ended.
    pub lost: Cell<u64>,
    /// Looks at which a flash refused.
    pub refused: Cell<u64>,
    /// From a contact's move to the last receipt of what it led to, in milliseconds.
    times_ms: RefCell<Vec<u64>>,
}

/// One more.
pub fn count(of: &Cell<u64>) {
    of.set(of.get().saturating_add(1));
}

impl Tally {
    /// A contact's move has its last receipt, after so many milliseconds.
    pub fn took(&self, ms: u64) {
        self.times_ms.borrow_mut().push(ms);
    }

    /// The times below which so many of a hundred were, in milliseconds; none where none was seen.
    pub fn times_ms<const N: usize>(&self, percents: [usize; N]) -> Option<[u64; N]> {
        let mut times = self.times_ms.borrow().clone();
        times.sort_unstable();
        let last = times.len().checked_sub(1)?;
        Some(percents.map(|percent| times.get(last * percent / 100).copied().unwrap_or_default()))
    }
}
