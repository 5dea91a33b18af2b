//! What can be decided about shifts: swaps between people.

use serde::{Deserialize, Serialize};

use crate::{
    id::{PersonId, SwapId},
    roster::{Outcome, Swap},
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
}
