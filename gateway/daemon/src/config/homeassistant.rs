//! `[homeassistant]`: devices that announce themselves as they do for Home Assistant, and what Home
//! Assistant is shown of this site.

use super::fields::Fields;

/// What is spoken with Home Assistant, and with devices that speak as it does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HomeAssistant {
    /// Devices that announce themselves are offered for adoption.
    pub discover: bool,
    /// This site's points and incidents are announced.
    pub publish: bool,
    /// The first level of the announcements' topics.
    pub prefix: String,
}

/// Home Assistant's own default.
const PREFIX: &str = "homeassistant";
/// No prefix is longer, in bytes.
const MAX_PREFIX: usize = 64;

/// Reads `[homeassistant]`.
pub fn read(mut fields: Fields<'_>) -> HomeAssistant {
    let problems = fields.walk.problems;
    let discover = fields.or("discover", false);
    let publish = fields.or("publish", false);
    let prefix = fields.optional::<String>("prefix");
    if let Some(at) = prefix.as_ref().filter(|at| !is_prefix(&at.value)) {
        problems.error(
            &at.span,
            format!("\"{}\" can't begin a topic", at.value),
            "write it as Home Assistant's own setting has it: \"homeassistant\"",
        );
    }
    fields.done();
    HomeAssistant { discover, publish, prefix: prefix.map_or(PREFIX.into(), |at| at.value) }
}

fn is_prefix(text: &str) -> bool {
    (1..=MAX_PREFIX).contains(&text.len())
        && !text.starts_with('$')
        && !text.contains(['+', '#', '\0'])
        && text.split('/').all(|level| !level.is_empty())
}
