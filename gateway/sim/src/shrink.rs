//! From a failing history to the shortest one that still fails: parts of the plan are left out, large
//! ones first, for as long as the same promise is broken.

use crate::world::{
    plan::{Deed, Plan},
    run::{Outcome, run},
};

/// Decisions that are spent on one history at the most: a minute or so.
const PATIENCE: u64 = 5_000_000;

/// The shortest plan found that breaks `promise`, and what comes of it.
pub fn shrink(plan: &Plan, promise: &str) -> (Plan, Outcome) {
    let mut best = plan.clone();
    let mut outcome = run(&best, false);
    let mut spent = 0;
    let mut part = best.deeds.len().div_ceil(2).max(1);
    loop {
        let mut from = 0;
        let mut shorter = false;
        while from < best.deeds.len() && spent < PATIENCE {
            let candidate = without(&best, from, part);
            let result = run(&candidate, false);
            spent += result.decisions;
            if result.broken.as_ref().is_some_and(|(name, _)| *name == promise) {
                (best, outcome, shorter) = (candidate, result, true);
            } else {
                from += part;
            }
        }
        if spent >= PATIENCE || part == 1 && !shorter {
            return (best, outcome);
        }
        part = if shorter { part } else { part.div_ceil(2) };
        part = part.min(best.deeds.len().max(1));
    }
}

fn without(plan: &Plan, from: usize, count: usize) -> Plan {
    let keep = |(n, deed): (usize, &Deed)| (n < from || n >= from + count).then(|| deed.clone());
    Plan { deeds: plan.deeds.iter().enumerate().filter_map(keep).collect(), ..plan.clone() }
}
