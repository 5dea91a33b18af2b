//! Slows down whoever guesses passwords: per person and per address, or per browser in which the person
//! has signed in before, in bounded memory.

use std::{collections::HashMap, net::IpAddr};

use gengfu_core::time::{Span, Timestamp};
use parking_lot::Mutex;

/// Failed sign-ins count for this long.
pub(crate) const WINDOW: Span = Span::mins(15);
/// Failed sign-ins that one person's name, or one browser that is known, may have within [`WINDOW`].
pub(crate) const PER_PERSON: usize = 8;
/// Failed sign-ins that one address may have within [`WINDOW`]: a family shares one.
pub(crate) const PER_ADDRESS: usize = 24;
/// Names and addresses remembered; the one that was quiet longest is forgotten first.
const REMEMBERED: usize = 4096;
/// Longer names are nobody's; they share one entry.
const NAME_LEN: usize = 128;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Browser(String),
    Person(String),
    V4(u32),
    /// The first 64 bits: one household has all of them.
    V6(u64),
}

/// Remembers the failed sign-ins of the last minutes.
#[derive(Default)]
pub(crate) struct Throttle(Mutex<HashMap<Key, Vec<Timestamp>>>);

/// An attempt that was let through. It counts as failed until it is told to have succeeded, so that
/// many attempts at once can't all slip through.
pub(crate) struct Attempt {
    /// What is forgiven where it succeeds: the person's, or the browser's.
    whose: Key,
    address: Option<Key>,
    at: Timestamp,
}

impl Throttle {
    /// Lets an attempt through, or says how long to wait.
    pub fn attempt(&self, now: Timestamp, person: &str, address: IpAddr) -> Result<Attempt, Span> {
        let person: String = person.chars().take(NAME_LEN).collect();
        self.count(now, Key::Person(person), Some(address_key(address)))
    }

    /// The same from a browser in which the person has signed in before, which `proof` stands for. What
    /// others tried meanwhile, even from the same address, does not count.
    pub fn attempt_of_known(&self, now: Timestamp, proof: String) -> Result<Attempt, Span> {
        self.count(now, Key::Browser(proof), None)
    }

    fn count(&self, now: Timestamp, whose: Key, address: Option<Key>) -> Result<Attempt, Span> {
        let mut tries = self.0.lock();
        let limits = [(Some(&whose), PER_PERSON), (address.as_ref(), PER_ADDRESS)];
        for (key, limit) in limits {
            if let Some(times) = key.and_then(|key| tries.get_mut(key)) {
                times.retain(|at| counts(*at, now));
                if times.len() >= limit {
                    let oldest = times.first().copied().unwrap_or(now);
                    return Err(Span::millis(
                        WINDOW.as_millis().saturating_sub(now.since(oldest).as_millis()),
                    ));
                }
            }
        }
        for key in [Some(&whose), address.as_ref()].into_iter().flatten() {
            if !tries.contains_key(key) && tries.len() >= REMEMBERED {
                forget(&mut tries, now);
            }
            tries.entry(key.clone()).or_default().push(now);
        }
        drop(tries);
        Ok(Attempt { whose, address, at: now })
    }

    /// The attempt succeeded: the person's failures are forgiven, the address's are not.
    pub fn succeeded(&self, attempt: &Attempt) {
        let mut tries = self.0.lock();
        tries.remove(&attempt.whose);
        if let Some(times) = attempt.address.as_ref().and_then(|address| tries.get_mut(address))
            && let Some(own) = times.iter().rposition(|at| *at == attempt.at)
        {
            times.remove(own);
        }
    }
}

/// What lies ahead was written by a clock that has been set back since.
fn counts(at: Timestamp, now: Timestamp) -> bool {
    at <= now && now.since(at) < WINDOW
}

fn address_key(address: IpAddr) -> Key {
    match address.to_canonical() {
        IpAddr::V4(v4) => Key::V4(v4.to_bits()),
        IpAddr::V6(v6) => Key::V6((v6.to_bits() >> 64) as u64),
    }
}

fn forget(tries: &mut HashMap<Key, Vec<Timestamp>>, now: Timestamp) {
    tries.retain(|_, times| times.iter().any(|at| counts(*at, now)));
    while tries.len() >= REMEMBERED {
        let quietest = tries.iter().min_by_key(|(_, times)| times.last().copied());
        let Some(key) = quietest.map(|(key, _)| key.clone()) else { return };
        tries.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-23T08:00:00Z".parse().unwrap()
    }
    fn from(n: u32) -> IpAddr {
        IpAddr::V4((0x0a00_0000 + n).into())
    }

    #[test]
    fn a_guesser_waits_and_the_wait_ends() {
        let throttle = Throttle::default();
        for n in 0..PER_PERSON {
            assert!(throttle.attempt(now(), "wang", from(n as u32)).is_ok());
        }
        let later = now() + Span::mins(5);
        assert_eq!(throttle.attempt(later, "wang", from(99)).err(), Some(Span::mins(10)));
        assert!(throttle.attempt(later, "li", from(99)).is_ok(), "others are not held up");
        assert!(throttle.attempt(now() + WINDOW, "wang", from(99)).is_ok());
    }

    #[test]
    fn one_address_can_not_try_many_names() {
        let throttle = Throttle::default();
        for n in 0..PER_ADDRESS {
            assert!(throttle.attempt(now(), &format!("name-{n}"), from(1)).is_ok());
        }
        assert!(throttle.attempt(now(), "another", from(1)).is_err());
        assert!(throttle.attempt(now(), "another", from(2)).is_ok());
    }

    #[test]
    fn success_forgives_the_person_but_not_the_address() {
        let throttle = Throttle::default();
        for _ in 0..PER_PERSON - 1 {
            throttle.attempt(now(), "wang", from(1)).ok().unwrap();
        }
        let good = throttle.attempt(now(), "wang", from(1)).ok().unwrap();
        throttle.succeeded(&good);
        for _ in 0..PER_PERSON {
            assert!(throttle.attempt(now(), "wang", from(2)).is_ok());
        }
        let left = (0..100).filter(|n| throttle.attempt(now(), &format!("n{n}"), from(1)).is_ok());
        assert_eq!(left.count(), PER_ADDRESS - (PER_PERSON - 1));
    }

    #[test]
    fn memory_stays_bounded() {
        let throttle = Throttle::default();
        for n in 0..20_000_u32 {
            let _ = throttle.attempt(now() + Span::millis(n.into()), &format!("n{n}"), from(n));
        }
        assert!(throttle.0.lock().len() <= REMEMBERED);
    }

    #[test]
    fn a_clock_set_back_locks_nobody_out() {
        let throttle = Throttle::default();
        for _ in 0..PER_PERSON {
            throttle.attempt(now(), "wang", from(1)).ok().unwrap();
        }
        assert!(throttle.attempt(now() - Span::hours(24), "wang", from(1)).is_ok());
    }
}
