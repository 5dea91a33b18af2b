//! What can be decided about shifts: swaps between people, hand-overs that were told.

use serde::{Deserialize, Serialize};

use crate::{
    id::{PersonId, RosterId, SwapId},
    roster::{Outcome, Swap},
    time::Timestamp,
};

/// What was decided about shifts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "duty")]
pub enum Duty {
    /// Somebody asked others to do a shift.
    SwapAsked(Swap),
    /// One of them can't.
    SwapDeclined {
        /// Which.
        swap: SwapId,
        /// Who.
        person: PersonId,
    },
    /// It is settled.
    SwapEnded {
        /// Which.
        swap: SwapId,
        /// How.
        outcome: Outcome,
    },
    /// People were told of the hand-overs of a roster.
    Relieved {
        /// Which roster.
        roster: RosterId,
        /// The shifts that somebody was reminded of.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        reminded: Vec<Begin>,
        /// The ends of shifts up to then are told.
        upto: Timestamp,
    },
    /// Live: hand-overs were looked at.
    Looked {
        /// When to look again.
        next: Timestamp,
    },
}

/// The beginning of somebody's shift.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begin {
    /// Who.
    pub person: PersonId,
    /// When.
    pub from: Timestamp,
}
