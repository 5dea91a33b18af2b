//! A card: what to do first about a kind of danger, in a few steps that are read on the way.

use serde::{Deserialize, Serialize};

use super::{check_words, usual};
use crate::{danger::Danger, text::Text};

/// More steps than these are not read by somebody in a hurry.
pub const MOST_STEPS: usize = 6;
/// Characters of a step in one language: three lines on a phone of 360 px at the most.
pub const LONGEST_STEP: usize = 120;

/// What to do first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Card {
    /// First to last: 1 to 6, each of at most 120 characters in a language.
    pub steps: Vec<Text>,
}

impl Card {
    /// The card that holds until somebody edits it.
    pub fn usual(danger: Danger) -> Self {
        let steps = usual::steps(danger).iter().map(|(zh, en)| Text::new(zh, en)).collect();
        Self { steps }
    }

    /// Whether it can serve.
    ///
    /// # Errors
    /// What to change, for whoever wrote it.
    pub fn check(&self) -> Result<(), String> {
        match self.steps.len() {
            0 => return Err("a card needs a step: take the card back for the usual one".into()),
            1..=MOST_STEPS => {}
            many => return Err(format!("a card has {many} steps: use {MOST_STEPS} at most")),
        }
        for (n, step) in self.steps.iter().enumerate() {
            check_words(&format!("steps[{n}]"), step, LONGEST_STEP)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_usual_card_for_every_danger_in_both_languages() {
        for danger in Danger::ALL {
            let card = Card::usual(danger);
            card.check().unwrap();
            assert!(card.steps.len() >= 3, "{danger:?}");
            for step in card.steps {
                assert!(!step.zh.is_empty() && !step.en.is_empty(), "{danger:?}: {step:?}");
            }
        }
    }

    #[test]
    fn a_step_is_counted_in_characters_and_not_in_bytes() {
        let card = |words: &str| Card { steps: vec![Text::new(words, "")] };
        card(&"门".repeat(LONGEST_STEP)).check().unwrap();
        let long = card(&"门".repeat(LONGEST_STEP + 1)).check().unwrap_err();
        assert_eq!(long, "steps[0] has 121 characters: use 120 at most");
    }
}
