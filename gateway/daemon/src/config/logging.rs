//! `[log]`: how much is logged, and in which form.

use serde::Deserialize;
use tracing_subscriber::filter::{Directive, LevelFilter};

use super::{fields::Fields, kind::Kind};

/// How the log is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log {
    /// Its form.
    pub format: Format,
    /// How much: a level, or directives as `info,gengfu_field=debug`.
    pub level: String,
}

/// The form of the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// Lines for people.
    #[default]
    Human,
    /// One JSON object a line, for programs.
    Json,
}

impl Kind for Format {
    const EXAMPLE: &'static str = "\"human\"";
    const SHAPE: &'static str = "\"human\" or \"json\"";
}

impl Default for Log {
    fn default() -> Self {
        Self { format: Format::Human, level: "info".to_owned() }
    }
}

/// Reads `[log]`.
pub fn read(mut fields: Fields<'_>) -> Log {
    let Log { format, mut level } = Log::default();
    let format = fields.or("format", format);
    if let Some(at) = fields.optional::<String>("level") {
        if let Some(bad) = at.value.split(',').find(|d| !is_directive(d)) {
            fields.walk.problems.error(
                &at.span,
                format!("`level`: \"{bad}\" says nothing of how much is logged"),
                "write error, warn, info, debug or trace, or as \"info,gengfu_field=debug\"",
            );
        }
        level = at.value;
    }
    fields.done();
    Log { format, level }
}

/// True for a level, or for `target=level`. A bare word that is no level would be taken for the
/// name of a module and silence everything else.
fn is_directive(text: &str) -> bool {
    let text = text.trim();
    let is_level = !text.is_empty() && text.parse::<LevelFilter>().is_ok();
    is_level || (text.contains('=') && text.parse::<Directive>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::is_directive;

    #[test]
    fn a_misspelt_level_is_not_taken_for_a_module() {
        assert!(is_directive("info") && is_directive("gengfu_field=debug"));
        assert!(!is_directive("inof") && !is_directive("") && !is_directive("a=b=c"));
    }
}
