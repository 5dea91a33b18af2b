//! The simulator held to its own promise: bugs planted in the real code, one after the other, and
//! which promise finds each.

use std::fmt;

use gengfu_core::planted::{Bug, plant};

use crate::report;

/// A bug has to be found within so many seeds.
pub const WITHIN: u64 = 1_000;

/// What became of a planted bug.
#[derive(Debug, Clone)]
pub struct Found {
    /// The bug.
    pub bug: Bug,
    /// The lowest seed that found it, and the promise that it broke there.
    pub by: Option<(u64, &'static str)>,
}

/// Plants one bug after the other; no other world may run meanwhile.
pub fn hunt(mut each: impl FnMut(&Found)) -> Vec<Found> {
    let mut all = vec![];
    for bug in Bug::ALL {
        plant(Some(*bug));
        let figures = report::many(0, WITHIN, false, |_| {});
        plant(None);
        let found =
            Found { bug: *bug, by: figures.failed.map(|(seed, promise, _)| (seed, promise)) };
        each(&found);
        all.push(found);
    }
    all
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.by {
            Some((seed, promise)) => write!(f, "{promise:<12} {seed:>5}  {}", self.bug.words()),
            None => write!(f, "NOT FOUND          {}", self.bug.words()),
        }
    }
}
