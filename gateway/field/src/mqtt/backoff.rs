//! The pauses between two attempts: doubled each time, never exactly the same for two gateways.

use std::time::Duration;

const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(30);
/// What held this long was good: the next pause is short again.
const STABLE: Duration = Duration::from_secs(60);

/// The next pause.
#[derive(Debug)]
pub(super) struct Backoff(Duration);

impl Backoff {
    pub fn new() -> Self {
        Self(FIRST)
    }

    /// The pause after an attempt that held for so long: between half and the whole of what is due.
    pub fn after(&mut self, held: Duration) -> Duration {
        if held >= STABLE {
            self.0 = FIRST;
        }
        let half = self.0 / 2;
        self.0 = (self.0 * 2).min(LONGEST);
        let random = getrandom::u32().unwrap_or(u32::MAX);
        half + half.mul_f64(f64::from(random) / f64::from(u32::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit_and_begin_anew_after_a_stable_time() {
        let mut backoff = Backoff::new();
        let mut due = FIRST;
        for _ in 0..12 {
            let pause = backoff.after(Duration::from_secs(1));
            assert!(pause >= due / 2 && pause <= due, "{pause:?} of {due:?}");
            due = (due * 2).min(LONGEST);
        }
        assert_eq!(due, LONGEST);
        assert!(backoff.after(STABLE - Duration::from_millis(1)) >= LONGEST / 2);
        assert!(backoff.after(STABLE) <= FIRST);
    }

    #[test]
    fn two_gateways_do_not_come_back_at_once() {
        let pauses: std::collections::BTreeSet<Duration> =
            (0..50).map(|_| Backoff::new().after(Duration::ZERO)).collect();
        assert!(pauses.len() > 10);
    }
}
