//! What can be decided about musters: everybody is called, and counted.

use serde::{Deserialize, Serialize};

use crate::{
    id::{MusterId, PersonId},
    incident::By,
    muster::{Answer, Topic},
};

/// What was decided about a muster.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "roll")]
pub enum Muster {
    /// Everybody of a building or a group is called.
    Called {
        /// Its number.
        muster: MusterId,
        /// What about.
        topic: Topic,
        /// Whom.
        people: Vec<PersonId>,
        /// Who called.
        by: By,
    },
    /// Somebody is counted.
    Answered {
        /// Which muster.
        muster: MusterId,
        /// Who.
        person: PersonId,
        /// What they answered.
        answer: Answer,
        /// Through what; somebody else may have asked them.
        by: By,
    },
    /// It is over.
    Ended {
        /// Which.
        muster: MusterId,
        /// Who ended it.
        by: By,
    },
}
