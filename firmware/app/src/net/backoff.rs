//! How long a board waits before it tries again: `docs/wire.md`, "Again".

/// The first pause, in milliseconds.
pub const FIRST_MS: u32 = 1_000;
/// The pause grows no longer than this, in milliseconds.
pub const LONGEST_MS: u32 = 30_000;
/// A session that stood for so long was a good one, in milliseconds: the pause is short again.
pub const GOOD_MS: u64 = 60_000;

/// The pauses between attempts.
#[derive(Debug, Clone, Copy)]
pub struct Backoff {
    next_ms: u32,
}

impl Backoff {
    /// Nothing has failed yet.
    pub const fn new() -> Self {
        Self { next_ms: FIRST_MS }
    }

    /// The pause now, in milliseconds, after a session that stood for `stood_ms` (0 where none came
    /// about). It is longer each time, and plus or minus a half by `random`: after a power cut, all
    /// boards of a house start together, and must not come together for ever.
    pub fn pause_ms(&mut self, stood_ms: u64, random: u32) -> u32 {
        if stood_ms >= GOOD_MS {
            self.next_ms = FIRST_MS;
        }
        let pause = self.next_ms;
        self.next_ms = pause.saturating_mul(2).min(LONGEST_MS);
        pause / 2 + random % (pause + 1)
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new()
    }
}
