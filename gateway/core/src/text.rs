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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
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

impl From<&str> for Text {
    /// The same words in both languages: for a proper name.
    fn from(words: &str) -> Self {
        Self::new(words, words)
    }
}
