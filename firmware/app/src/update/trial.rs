//! Whether a firmware that was swapped in stays.

/// It stays once it has been well, and connected to the gateway, for so long without a break, in
/// milliseconds.
pub const WELL_MS: u64 = 60_000;
/// It has so long for that, in milliseconds; then the board starts anew, and the boot loader puts back
/// what ran before.
pub const PATIENCE_MS: u64 = 10 * 60_000;

/// What is to be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Wait.
    Wait,
    /// Tell the boot loader that it stays (`mark_booted` of `embassy-boot`).
    Stays,
    /// Start anew without that. A crash or the watchdog does the same.
    GoesBack,
}

/// A firmware on trial. A board that can't reach its gateway any more is of no use, however well it
/// feels, and can't be updated again: so being connected is part of being well.
#[derive(Debug, Clone, Copy)]
pub struct Trial {
    since_ms: u64,
    well_since_ms: Option<u64>,
}

impl Trial {
    /// Begins now.
    pub const fn new(now_ms: u64) -> Self {
        Self { since_ms: now_ms, well_since_ms: None }
    }

    /// Looks at it: is every task alive, and does the session stand?
    pub fn look(&mut self, now_ms: u64, well: bool) -> Verdict {
        let since_ms = match (well, self.well_since_ms) {
            (false, _) => {
                self.well_since_ms = None;
                now_ms
            }
            (true, since) => *self.well_since_ms.insert(since.unwrap_or(now_ms)),
        };
        if now_ms.saturating_sub(since_ms) >= WELL_MS {
            Verdict::Stays
        } else if now_ms.saturating_sub(self.since_ms) >= PATIENCE_MS {
            Verdict::GoesBack
        } else {
            Verdict::Wait
        }
    }
}
