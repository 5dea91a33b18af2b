//! Words that people read, in the two languages of the gateway.

use serde::{Deserialize, Serialize};

/// A language that a person reads.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Simplified Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

/// A text in both languages; where one is missing the other is shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields, expecting = "{ zh = \"…\", en = \"…\" }")]
pub struct Text {
    /// Simplified Chinese.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub zh: String,
    /// English.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub en: String,
}

impl Text {
    /// A text in both languages.
    pub fn new(zh: &str, en: &str) -> Self {
        Self { zh: zh.into(), en: en.into() }
    }
    /// The text in `language`, or in the other one where this is empty.
    pub fn get(&self, language: Language) -> &str {
        match (language, self.zh.is_empty(), self.en.is_empty()) {
            (Language::Zh, false, _) | (Language::En, false, true) => &self.zh,
            _ => &self.en,
        }
    }
}

/// Whether a name can stand in a line of a page, a message and a calendar as it is: no control characters, no
/// ends of lines, and nothing that turns the direction of what stands behind it.
pub fn is_plain(name: &str) -> bool {
    let turns = |c| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    !name.chars().any(|c| c.is_control() || turns(c) || matches!(c, '\u{2028}' | '\u{2029}'))
}

impl From<&str> for Text {
    /// The same words in both languages: for a proper name.
    fn from(words: &str) -> Self {
        Self::new(words, words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_line_that_runs_as_it_is_written() {
        for name in ["王秀英", "O’Brien, Ann-Marie", "👨‍👩‍👧‍👦 王家", "عمر"]
        {
            assert!(is_plain(name), "{name}");
        }
        for name in
            ["a\rb", "a\nb", "a\0", "a\u{7f}", "a\u{202E}gnp.exe", "a\u{2066}b", "a\u{2028}b"]
        {
            assert!(!is_plain(name), "{name:?}");
        }
    }
}
