//! What the configuration says of one device beyond its profile.

use std::collections::{BTreeMap, BTreeSet};

use gengfu_core::{danger::Priority, text::Text, time::Span};
use serde::{Deserialize, Serialize};
use toml::Table;

/// What the configuration says of one device beyond its profile.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Overrides {
    /// Longest silence believed to be health, where it differs.
    pub supervision: Option<Span>,
    /// How much its silence presses, where it differs.
    pub silence_priority: Option<Priority>,
    /// Numbers for the profile's parameters, as `detectors = 40`.
    pub parameters: BTreeMap<String, u16>,
    /// Points that are not fitted and rules that are not wanted, by id.
    pub without: BTreeSet<String>,
    /// What a board's inputs are wired to, by number from 1.
    pub inputs: BTreeMap<String, InputUse>,
    /// Time from one poll to the next, where it differs.
    pub poll: Option<Span>,
    /// Longest wait for one answer, where it differs.
    pub timeout: Option<Span>,
    /// Pause between two requests, where it differs.
    pub pause: Option<Span>,
    /// Most registers in one request, where it differs.
    pub max_registers: Option<u16>,
    /// Further points, or other ones in place of the profile's, written as in a profile.
    pub points: Vec<Table>,
    /// Further rules, or other ones in place of the profile's, written as in a profile.
    pub rules: Vec<Table>,
}

/// What an input of a board is wired to: a role's name, or a role with more to say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
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
