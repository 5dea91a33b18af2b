//! How long a network chip may be silent, or without a cable, before it is reset.

/// It answers no more, in milliseconds: a disturbance on its bus is over by then.
pub const SILENT_MS: u64 = 5_000;
/// The cable seems to be out for so long, in milliseconds: perhaps it is, and perhaps the chip is stuck.
/// Where it is, a reset does no harm.
pub const UNPLUGGED_MS: u64 = 60_000;

/// Looks at a network chip again and again.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    answered_ms: u64,
    linked_ms: u64,
}

impl Patience {
    /// The chip was set up just now.
    pub const fn new(now_ms: u64) -> Self {
        Self { answered_ms: now_ms, linked_ms: now_ms }
    }

    /// Whether the cable is in, none where the chip does not answer: true if it is to be reset.
    pub fn look(&mut self, now_ms: u64, link: Option<bool>) -> bool {
        if link.is_some() {
            self.answered_ms = now_ms;
        }
        if link == Some(true) {
            self.linked_ms = now_ms;
        }
        now_ms.saturating_sub(self.answered_ms) >= SILENT_MS
            || now_ms.saturating_sub(self.linked_ms) >= UNPLUGGED_MS
    }
}
