//! What is wrong with a line of a script, for the person who wrote it.

use std::fmt;

/// A line that can't be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The script's file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What was read instead of what was expected.
    pub what: String,
    /// What would have been understood there.
    pub expected: Vec<String>,
    /// The nearest of these.
    pub suggestion: Option<String>,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.what)?;
        if !self.expected.is_empty() {
            write!(f, "; expected {}", self.expected.join(", "))?;
        }
        match &self.suggestion {
            Some(near) => write!(f, ". Did you mean \"{near}\"?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for Mistake {}

/// How alike two words must be for one to be taken for a slip of the other; 0 to 1.
const ALIKE: f64 = 0.75;

/// The one of these that somebody most likely meant.
pub(super) fn nearest<'a>(said: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let said = said.to_lowercase();
    known
        .into_iter()
        .map(|word| (strsim::jaro_winkler(&said, &word.to_lowercase()), word))
        .filter(|(alike, _)| *alike >= ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, word)| word.to_owned())
}
