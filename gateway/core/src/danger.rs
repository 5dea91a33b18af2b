//! What kind of danger an alarm tells of, and how much it presses.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::text::Text;

/// The kind of danger: with the place, it decides which alarms one person should deal with at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Danger {
    /// Fire or smoke.
    Fire,
    /// A person shut in a lift car.
    Trapped,
    /// Gas or carbon monoxide.
    Gas,
    /// Water where it should not be.
    Water,
    /// A lift that stands or misbehaves.
    Lift,
    /// A gate or door, a camera's finding, an intruder.
    Gate,
    /// The watch itself is impaired: a quiet board, a dead channel, a full disk, a missing test.
    Fault,
}

impl Danger {
    /// All of them, most pressing first.
    pub const ALL: [Danger; 7] = [
        Danger::Fire,
        Danger::Trapped,
        Danger::Gas,
        Danger::Water,
        Danger::Lift,
        Danger::Gate,
        Danger::Fault,
    ];

    /// Fire and trapped: two channels at once, never shelved, throttled or grouped away.
    pub fn is_vital(self) -> bool {
        matches!(self, Danger::Fire | Danger::Trapped)
    }

    /// Never throttled, grouped away or held back, at no hour: vital, or critical.
    pub fn must_pass(self, priority: Priority) -> bool {
        self.is_vital() || priority == Priority::Critical
    }

    /// The plain words for it.
    pub fn words(self) -> Text {
        match self {
            Danger::Fire => Text::new("火警", "Fire"),
            Danger::Trapped => Text::new("电梯困人", "Person trapped in the lift"),
            Danger::Gas => Text::new("燃气泄漏", "Gas leak"),
            Danger::Water => Text::new("漏水", "Water leak"),
            Danger::Lift => Text::new("电梯故障", "Lift fault"),
            Danger::Gate => Text::new("门禁异常", "Gate or door"),
            Danger::Fault => Text::new("设备故障", "Equipment fault"),
        }
    }
}

/// Why a text names no danger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no kind of danger: use fire, trapped, gas, water, lift, gate or fault")]
pub struct BadDanger;

/// Its name for programs, as in the journal and in paths.
impl fmt::Display for Danger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Danger::Fire => "fire",
            Danger::Trapped => "trapped",
            Danger::Gas => "gas",
            Danger::Water => "water",
            Danger::Lift => "lift",
            Danger::Gate => "gate",
            Danger::Fault => "fault",
        })
    }
}

impl FromStr for Danger {
    type Err = BadDanger;
    fn from_str(text: &str) -> Result<Self, BadDanger> {
        Self::ALL.into_iter().find(|danger| danger.to_string() == text).ok_or(BadDanger)
    }
}

/// How much an alarm presses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// Seen on the page, nobody is woken.
    Low,
    /// Somebody is told; may wait for a quiet minute.
    Normal,
    /// Somebody is told at once.
    High,
    /// A life may hang on it.
    Critical,
}
