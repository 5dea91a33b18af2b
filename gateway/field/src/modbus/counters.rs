//! What a bus counts, for `/metrics` and for the people who look for a bad cable.

use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! counters {
    ($($(#[$doc:meta])* $name:ident,)+) => {
        /// Counts since the start, all of them growing only.
        #[derive(Debug, Default)]
        pub struct Counters { $($(#[$doc])* pub $name: AtomicU64,)+ }

        impl Counters {
            /// Name and count of each.
            pub fn snapshot(&self) -> Vec<(&'static str, u64)> {
                vec![$((stringify!($name), self.$name.load(Ordering::Relaxed)),)+]
            }
        }
    };
}

counters! {
    /// Requests sent.
    requests,
    /// Answers with values.
    answers,
    /// Requests without an answer in time.
    timeouts,
    /// Answers that could not be understood.
    garbled,
    /// Answers that say why there is no value.
    exceptions,
    /// Outputs written to.
    writes,
    /// Connections made.
    connections,
    /// Connections that could not be made.
    connection_failures,
    /// Readings handed to the engine.
    alarm_readings,
    /// Readings handed to the history.
    telemetry_readings,
}

/// One more.
pub(super) fn count(counter: &AtomicU64) {
    counter.fetch_add(1, Ordering::Relaxed);
}
