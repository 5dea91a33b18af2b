//! What people do about firmware of boards. It changes nothing here: it is kept so that it is known who did it.

use serde::{Deserialize, Serialize};

use crate::incident::By;

/// An update of boards.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "update")]
pub enum Update {
    /// It began.
    Begun {
        /// The firmware's version.
        version: String,
        /// The kind of board that it is for.
        hardware: String,
        /// So many boards.
        boards: usize,
        /// Who began it.
        by: By,
    },
    /// It was stopped by somebody.
    Stopped {
        /// The firmware's version.
        version: String,
        /// Who stopped it.
        by: By,
    },
}
