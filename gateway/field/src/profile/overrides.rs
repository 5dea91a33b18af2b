//! What the configuration says of one device beyond its profile.

use std::collections::{BTreeMap, BTreeSet};

use gengfu_core::{danger::Priority, text::Text, time::Span};
use serde::{Deserialize, Serialize};
use toml::Table;

use super::{ProfileError, Setting};

/// What the configuration says of one device beyond its profile.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Overrides {
    /// Longest silence believed to be health, where it differs.
    pub supervision: Option<Span>,
    /// How much its silence presses, where it differs.
    pub silence_priority: Option<Priority>,
    /// What the profile's parameters are set to, as `detectors = 40`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub parameters: BTreeMap<String, Setting>,
    /// Points that are not fitted and rules that are not wanted, by id.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub without: BTreeSet<String>,
    /// What a board's inputs are wired to, by number from 1.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub inputs: BTreeMap<String, InputUse>,
    /// Time from one poll to the next, where it differs.
    pub poll: Option<Span>,
    /// Longest wait for one answer, where it differs.
    pub timeout: Option<Span>,
    /// Pause between two requests, where it differs.
    pub pause: Option<Span>,
    /// Most registers in one request, where it differs.
    pub max_registers: Option<u16>,
    /// How much a point's number must move to be a row of the history, where it differs.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub deadbands: BTreeMap<String, f64>,
    /// Further points, or other ones in place of the profile's, written as in a profile.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub points: Vec<Table>,
    /// Further rules, or other ones in place of the profile's, written as in a profile.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Table>,
}

impl Overrides {
    /// As the text that core keeps with a device; empty where nothing differs from the profile.
    ///
    /// # Errors
    /// Where a point or rule in it holds something that TOML can't write.
    pub fn to_options(&self) -> Result<String, ProfileError> {
        if *self == Self::default() {
            return Ok(String::new());
        }
        toml::to_string(self).map_err(|e| {
            ProfileError::new(
                "options",
                e.to_string(),
                "write its points and rules as a profile does",
            )
        })
    }

    /// From the text that core kept with a device.
    ///
    /// # Errors
    /// Where the text is not what [`Overrides::to_options`] writes.
    pub fn from_options(text: &str) -> Result<Self, ProfileError> {
        toml::from_str(text).map_err(|e| {
            ProfileError::new("options", e.message(), "remove the device and add it again")
        })
    }
}

/// What an input of a board is wired to: a role's name, or a role with more to say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "expected a role, as \"call\" or { role = \"call\", normally_closed = true }"
)]
pub enum InputUse {
    /// The role alone.
    Role(String),
    /// The role and more.
    Full {
        /// The role.
        role: String,
        /// What people call it; the role's name where it is missing.
        #[serde(default)]
        name: Option<Text>,
        /// The contact opens when there is something to tell.
        #[serde(default)]
        normally_closed: bool,
    },
}
