//! What can be decided about outputs.

use serde::{Deserialize, Serialize};

use crate::{
    id::{OrderId, PointId},
    output::{Order, Outcome},
};

/// What was decided about an output.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "switch")]
pub enum Output {
    /// It is to be switched.
    Ordered {
        /// Which.
        output: PointId,
        /// How, by whom and why.
        order: Order,
    },
    /// What became of an order.
    Reported {
        /// Which output.
        output: PointId,
        /// Which order.
        order: OrderId,
        /// How it ended.
        outcome: Outcome,
    },
}
