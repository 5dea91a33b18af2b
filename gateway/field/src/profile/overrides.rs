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
        /// A supervised loop whose contact has no resistor of its own: a short of it is the alarm.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        bare: bool,
    },
}

#[cfg(test)]
mod tests {
    use gengfu_core::{id::PlaceId, text::Text};

    use super::*;
    use crate::{
        adapter::board::Board,
        profile::{Expanded, Library, Profile, ProfileError, Source},
    };

    fn expand(profile: &Profile, inputs: &str) -> Result<Expanded, Vec<ProfileError>> {
        let overrides: Overrides = toml::from_str(inputs).unwrap();
        let name = Text::new("三号楼电梯", "Lift of building 3");
        profile.expand(&"b3-lift".into(), &name, &PlaceId::from("b3"), &overrides)
    }

    #[test]
    fn a_loop_whose_contact_is_bare_is_told_to_the_board() {
        let library = Library::shipped().unwrap();
        let board = library.get("board-loop").unwrap();
        let expanded = expand(board, r#"inputs = { 9 = { role = "fire", bare = true } }"#).unwrap();
        let Source::Board { inputs, .. } = expanded.source else { panic!("not a board") };
        let told = Board::new("b3-lift".into(), inputs).config();
        assert!(told.inputs.iter().all(|input| input.bare == (input.input == 9)), "{told:?}");
    }

    #[test]
    fn a_debounce_that_would_hide_a_call_or_a_fire_is_refused() {
        for (role, debounce, is_taken) in [
            ("call", "30ms", true),
            ("call", "100ms", true),
            ("call", "101ms", false),
            ("call", "29ms", false),
            ("fire", "500ms", true),
            ("fire", "501ms", false),
            ("gate", "10s", true),
            ("gate", "11s", false),
        ] {
            let role_of = |id: &str, debounce: &str| {
                let name = r#"name = { zh = "触点", en = "Contact" }"#;
                format!("[[role]]\nid = \"{id}\"\n{name}\ndebounce = \"{debounce}\"\n")
            };
            let head = r#"name = { zh = "板", en = "Board" }
                kind = "board"
                inputs = 1
                supervision = "60s"
                "#;
            let text = format!("{head}\n{}{}", role_of("contact", "50ms"), role_of(role, debounce));
            let made = Profile::parse("own", "own.toml", &text)
                .and_then(|profile| expand(&profile, &format!("inputs = {{ 1 = \"{role}\" }}")));
            assert_eq!(made.is_ok(), is_taken, "{role} {debounce}: {:?}", made.err());
        }
    }
}
