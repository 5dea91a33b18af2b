//! The run of one incident's policy: where it stands and when it moves on.

use serde::{Deserialize, Serialize};

use crate::time::Timestamp;

/// Where an incident's escalation stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Run {
    /// The step that is being asked, from 0.
    pub step: usize,
    /// How often all steps have been gone through before.
    pub round: u32,
    /// When the next step begins, unless somebody answers; none while somebody is going.
    pub next_step_at: Option<Timestamp>,
    /// When the loud prompt sounds (again); none while somebody is going.
    pub next_prompt_at: Option<Timestamp>,
    /// How often it has sounded.
    pub prompts: u32,
    /// Everybody has quiet hours: the step begins once the first of them may be disturbed.
    #[serde(default)]
    pub rests: bool,
    /// How many of the policy's reminders were given.
    pub reminded: usize,
}
