//! What is noted of a place: things that a rescue takes, and flats where somebody needs help.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{check_length, check_words};
use crate::{id::PersonId, text::Text};

/// Things of one place; a page that lists more is not read.
const MOST_THINGS: usize = 20;
/// Flats of one place: a tower has hundreds, those who need help are a few of them.
const MOST_FLATS: usize = 60;
/// Characters of what a thing is, and of what help is needed, in one language.
const LONGEST_NAME: usize = 60;
/// Characters of where a thing is kept, in one language.
const LONGEST_WHERE: usize = 120;
/// Characters of what a flat is called: "3-2-1101".
const LONGEST_FLAT: usize = 30;

/// What is noted of a place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PlaceNote {
    /// Keys, rescue kit, evacuation chair: 20 at most.
    #[serde(default)]
    pub things: Vec<Thing>,
    /// Flats where somebody needs help: 60 at most.
    #[serde(default)]
    pub flats: Vec<Flat>,
}

/// Something that a rescue takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Thing {
    /// What it is: "machine room key", "rescue kit"; 60 characters at most in a language.
    pub what: Text,
    /// Where it is kept; 120 characters at most in a language.
    pub kept_at: Text,
    /// The key holder: who has it, or lets others have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holder: Option<PersonId>,
}

/// A flat where somebody can't leave without help. Personal data: it is never logged, nor sent.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Flat {
    /// Which: "1101"; 30 characters at most.
    pub flat: String,
    /// What help: "wheelchair", "does not hear"; 60 characters at most in a language.
    pub help: Text,
}

/// What is written down for debugging does not say who needs help.
impl fmt::Debug for Flat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Flat(…)")
    }
}

impl PlaceNote {
    /// Nothing is noted.
    pub fn is_empty(&self) -> bool {
        self.things.is_empty() && self.flats.is_empty()
    }

    /// Whether it can serve. The words of a refusal name a flat by its number in the list.
    ///
    /// # Errors
    /// What to change, for whoever wrote it.
    pub fn check(&self) -> Result<(), String> {
        check_count("things", self.things.len(), MOST_THINGS)?;
        check_count("flats", self.flats.len(), MOST_FLATS)?;
        for (n, thing) in self.things.iter().enumerate() {
            check_words(&format!("things[{n}].what"), &thing.what, LONGEST_NAME)?;
            check_words(&format!("things[{n}].kept_at"), &thing.kept_at, LONGEST_WHERE)?;
        }
        for (n, flat) in self.flats.iter().enumerate() {
            if flat.flat.trim().is_empty() {
                return Err(format!("flats[{n}].flat is empty: write which flat it is"));
            }
            check_length(&format!("flats[{n}].flat"), &flat.flat, LONGEST_FLAT)?;
            check_words(&format!("flats[{n}].help"), &flat.help, LONGEST_NAME)?;
        }
        Ok(())
    }
}

fn check_count(what: &str, count: usize, most: usize) -> Result<(), String> {
    if count > most {
        return Err(format!("a place has {count} {what}: use {most} at most"));
    }
    Ok(())
}
