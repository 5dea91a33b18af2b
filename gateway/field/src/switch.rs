//! Switching: a wish that an output of a device be on or off, and what became of it.

use gengfu_core::{id::PointId, output::OrderEnd, text::Text};
use tokio::{sync::oneshot, time::Instant};

/// A wish that one output be switched.
#[derive(Debug)]
pub struct Switch {
    /// The output.
    pub output: PointId,
    /// On, or off.
    pub on: bool,
    /// Not begun any more after this instant: a gate must not open long after it was asked for.
    pub not_after: Option<Instant>,
    /// Told what became of it.
    pub answer: oneshot::Sender<Ended>,
}

/// What became of a wish.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// How it ended.
    pub end: OrderEnd,
    /// What went wrong, for people; empty where nothing did.
    pub why: Text,
}

impl Ended {
    /// The output stands as it was wished.
    pub fn done() -> Self {
        Self { end: OrderEnd::Done, why: Text::default() }
    }

    /// Nothing was switched.
    pub fn failed(zh: &str, en: &str) -> Self {
        Self { end: OrderEnd::Failed, why: Text::new(zh, en) }
    }

    /// It is not known how it stands.
    pub fn unclear(zh: &str, en: &str) -> Self {
        Self { end: OrderEnd::Unclear, why: Text::new(zh, en) }
    }
}
