//! Which part of a broker's messages one session takes. What an alarm may come of has a session of its
//! own where the broker allows that, so that it never waits behind telemetry.

/// Which messages a session takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// All of them.
    All,
    /// Boards, and whatever else an alarm may come of.
    Alarms,
    /// The rest: values that nobody watches, pictures, what announces itself.
    Telemetry,
}

impl Share {
    /// Whether it takes what an alarm may come of, or, with `calls` false, what none may come of.
    pub(super) fn takes(self, calls: bool) -> bool {
        match self {
            Share::All => true,
            Share::Alarms => calls,
            Share::Telemetry => !calls,
        }
    }
}
