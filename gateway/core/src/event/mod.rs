//! Events: what was decided. The journal is a list of these, and state is what they add up to.

mod advice;
mod duty;
mod muster;
mod output;
mod reading;
mod update;
mod walk_test;
mod what;

use serde::Serialize;

use crate::time::Timestamp;

pub use advice::Advice;
pub use duty::{Begin, Duty};
pub use muster::Muster;
pub use output::Output;
pub use update::Update;
pub use walk_test::WalkTest;
pub use what::What;

/// Something that was decided, and when.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Event {
    /// When.
    pub at: Timestamp,
    /// What.
    #[serde(flatten)]
    pub what: What,
}

impl Event {
    /// Kept in the journal. What is only live (a sign of life, a value that changes nothing) is not:
    /// after a restart it is not known, and nobody pretends that it is.
    pub fn is_durable(&self) -> bool {
        !matches!(
            self.what,
            What::Started
                | What::Leaving { .. }
                | What::Heard { .. }
                | What::Sampled(_)
                | What::Rechecked { .. }
                | What::HandedOver { .. }
                | What::ReachChecked { .. }
                | What::Duty(Duty::Looked { .. })
        )
    }
}
