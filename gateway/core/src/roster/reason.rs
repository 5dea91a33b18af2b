//! Reasons: why these people are on call, layer by layer and change by change.

use std::fmt;

use crate::{id::PersonId, text::Language};

/// One reason why somebody is on call, or is not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// A layer is on duty: its name.
    Layer(String),
    /// An exception changed who is.
    Exception {
        /// What it did.
        did: Did,
        /// Why, in the words of whoever entered it; empty without any.
        note: String,
    },
}

/// What an exception did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Did {
    /// `by` is there instead of `person`.
    Instead {
        /// Who is there.
        by: PersonId,
        /// Who is not.
        person: PersonId,
        /// Since the two have swapped.
        swapped: bool,
    },
    /// This person is there as well.
    With(PersonId),
    /// This person is not there.
    Without(PersonId),
}

impl Reason {
    /// In words, with people as `name` calls them.
    pub fn words(&self, name: impl Fn(&PersonId) -> String, language: Language) -> String {
        let (did, note) = match self {
            Reason::Layer(name) => return name.clone(),
            Reason::Exception { did, note } => (did, note),
        };
        let words = match (did, language) {
            (Did::Instead { by, person, swapped }, Language::En) => {
                let swap = if *swapped { "swap: " } else { "" };
                format!("{swap}{} for {}", name(by), name(person))
            }
            (Did::Instead { by, person, swapped }, Language::Zh) => {
                let swap = if *swapped { "换班：" } else { "" };
                format!("{swap}{}代{}", name(by), name(person))
            }
            (Did::With(person), Language::En) => format!("with {}", name(person)),
            (Did::With(person), Language::Zh) => format!("加上{}", name(person)),
            (Did::Without(person), Language::En) => format!("without {}", name(person)),
            (Did::Without(person), Language::Zh) => format!("{}不值班", name(person)),
        };
        match (note.as_str(), language) {
            ("", _) => words,
            (note, Language::En) => format!("{words} ({note})"),
            (note, Language::Zh) => format!("{words}（{note}）"),
        }
    }
}

/// As the log has it: in English, with people as the roster calls them.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words(ToString::to_string, Language::En))
    }
}
