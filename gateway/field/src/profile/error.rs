//! What is wrong with a profile, where, and what to do about it.

use std::fmt;

/// One mistake in a profile or in what the configuration asks of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileError {
    /// The file it is in; empty for a mistake in the device's own part of the configuration.
    pub file: String,
    /// The line, counted from 1, where it is known.
    pub line: Option<usize>,
    /// The key it is about, as `point l1d7` or `inputs.9`.
    pub at: String,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl ProfileError {
    pub(super) fn new(at: impl Into<String>, problem: impl Into<String>, remedy: &str) -> Self {
        Self {
            file: String::new(),
            line: None,
            at: at.into(),
            problem: problem.into(),
            remedy: remedy.into(),
        }
    }
    pub(super) fn on(mut self, file: &str, line: Option<usize>) -> Self {
        self.file = file.into();
        self.line = line;
        self
    }
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.file.is_empty() {
            match self.line {
                Some(line) => write!(f, "{}:{line}: ", self.file)?,
                None => write!(f, "{}: ", self.file)?,
            }
        }
        if !self.at.is_empty() {
            write!(f, "{}: ", self.at)?;
        }
        write!(f, "{}; {}", self.problem, self.remedy)
    }
}

impl std::error::Error for ProfileError {}

/// The line, counted from 1, on which the byte `offset` of `text` lies.
pub(super) fn line_at(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|b| *b == b'\n').count()
}

/// Two things of one name.
pub(super) fn twice(what: &str, id: &str) -> ProfileError {
    ProfileError::new(format!("{what} {id}"), "it is there twice", "give one of them another id")
}

/// Names in a row, for a remedy.
pub(super) fn list<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let names: Vec<&str> = names.map(String::as_str).collect();
    if names.is_empty() { "(none)".into() } else { names.join(", ") }
}
