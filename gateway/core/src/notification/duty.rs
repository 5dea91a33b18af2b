//! News of shifts. They are no alarms: quiet hours hold, they wait while there are many, and nothing else
//! waits for them.

use serde::{Deserialize, Serialize};

use crate::{
    id::SwapId,
    roster::{Outcome, Turn},
    time::Timestamp,
};

/// What people are told of shifts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "news")]
pub enum DutyNews {
    /// "Can you do this shift?"
    SwapAsked {
        /// Which swap.
        swap: SwapId,
        /// Who asks, by name.
        name: String,
        /// Their shift.
        turn: Turn,
        /// The shift that they would do for it.
        against: Option<Turn>,
        /// Why, in their own words.
        note: String,
    },
    /// "That shift is settled."
    SwapEnded {
        /// Which swap.
        swap: SwapId,
        /// Who asked, by name.
        name: String,
        /// Their shift.
        turn: Turn,
        /// The shift that they do for it.
        against: Option<Turn>,
        /// How it ended.
        outcome: Outcome,
        /// Who accepted, by name.
        by_name: String,
    },
    /// "Your shift begins."
    Coming {
        /// When.
        from: Timestamp,
        /// Until when they are on duty, if it ends at all soon.
        until: Option<Timestamp>,
        /// Whom they relieve, by name.
        follows: Vec<String>,
    },
    /// "Your shift is over."
    Over {
        /// Since when.
        since: Timestamp,
        /// Who is on duty now, by name.
        next: Vec<String>,
        /// They were on duty already; else they come now.
        stays: bool,
    },
}

impl DutyNews {
    /// The swap that it asks somebody about.
    pub fn asks_about(&self) -> Option<SwapId> {
        match self {
            DutyNews::SwapAsked { swap, .. } => Some(*swap),
            _ => None,
        }
    }
}
