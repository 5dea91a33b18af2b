//! Device profiles: what a kind of device is, as data. A profile names the points, where they are
//! found (registers, JSON keys, inputs), how the device wants to be asked, and the rules that
//! usually watch it. The shipped ones lie in `gateway/field/profiles/`; an operator's own folder
//! adds to them or replaces them by name.
//!
//! - [`schema`]: how a profile is written; [`template`]: entries that stand for many.
//! - [`expand`], [`work`]: from a profile and a device's [`Overrides`] to [`Expanded`], by way of [`points`], [`registers`],
//!   [`rules`], [`every_point`], [`deadbands`] and [`parameters`].
//! - [`family`]: what profiles include of one another; [`codes`]: numbers of faults.
//! - [`outputs`]: points that can be switched.
//! - [`json`]: a key of a JSON message; [`meaning`]: what its values mean, and a metric's. Registers are [`crate::modbus::field::Field`].
//! - [`spelling`]: truths and numbers that come as texts.
//! - [`numbering`]: how documents count addresses. [`library`]: all profiles by name. [`error`]: what is wrong with one, and where.

mod codes;
mod deadbands;
mod error;
mod every_point;
mod expand;
mod family;
mod json;
mod library;
mod meaning;
mod numbering;
mod outputs;
mod overrides;
mod parameters;
mod points;
mod registers;
mod rules;
mod schema;
mod source;
mod spelling;
mod template;
mod work;

pub use error::ProfileError;
pub use json::{Bytes, Commanded, JsonPoint, Place};
pub use library::{Library, SCHEMA};
pub use meaning::Meaning;
pub use numbering::Numbering;
pub use overrides::{InputUse, Overrides};
pub use schema::{Kind, Knobs, Parameter, Setting, number};
pub use source::{BoardInput, Expanded, Source};

use error::{line_at, list};
use family::{Spot, Whole};
use std::{collections::BTreeMap, sync::Arc};

use gengfu_core::{id::DeviceId, text::Text};

/// A profile that was read and found to be whole.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Its name: the file's, without `.toml`.
    pub name: String,
    written: String,
    whole: Whole,
}

/// No profile is larger, in bytes: some twenty-five times the largest one that is shipped.
const MAX_FILE: usize = 256 * 1024;

impl Profile {
    /// Reads a profile that includes no other.
    ///
    /// # Errors
    /// As [`Profile::parse_over`].
    pub fn parse(name: &str, file: &str, text: &str) -> Result<Self, Vec<ProfileError>> {
        Self::parse_over(name, file, text, &BTreeMap::new())
    }

    /// Reads a profile, which may include any of `others`, and tries it on a device, so that every
    /// mistake in it is found now and not when the first device uses it. `file` is what the errors
    /// call it.
    ///
    /// # Errors
    /// Every mistake in it, with its line.
    pub fn parse_over(
        name: &str,
        file: &str,
        text: &str,
        others: &BTreeMap<String, Profile>,
    ) -> Result<Self, Vec<ProfileError>> {
        let mut read = read(file, text)?;
        // Found once for all entries, not counted anew for each.
        let breaks: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
        let path: Arc<str> = file.into();
        let spot = |span: std::ops::Range<usize>| Spot {
            file: path.clone(),
            line: 1 + breaks.partition_point(|at| *at < span.start),
        };
        let mut included: Vec<&Whole> = Vec::new();
        let mut mistakes = Vec::new();
        for wanted in std::mem::take(&mut read.include) {
            let line = Some(spot(wanted.span()).line);
            let wrong = |problem: String, remedy: &str| {
                ProfileError::new("include", problem, remedy).on(file, line)
            };
            match others.get(wanted.as_ref()) {
                None => mistakes.push(wrong(
                    format!("there is no profile \"{}\"", wanted.as_ref()),
                    &format!("use one of: {}", list(others.keys())),
                )),
                Some(other) if other.kind() != read.kind => mistakes.push(wrong(
                    format!("profile \"{}\" is of another kind", other.name),
                    "include profiles of the same kind",
                )),
                Some(other) => included.push(&other.whole),
            }
        }
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        // Whatever is wrong here is wrong in this file, whether it has a line or not.
        let named = |mistakes: Vec<ProfileError>| -> Vec<ProfileError> {
            let name = |m: ProfileError| if m.file.is_empty() { m.on(file, None) } else { m };
            mistakes.into_iter().map(name).collect()
        };
        let whole = Whole::new(read, written_knobs(text), &included, spot).map_err(named)?;
        let profile = Self { name: name.into(), written: text.into(), whole };
        // Every role is tried, whatever the inputs are used for by default.
        let roles = profile.whole.roles.iter().map(|(_, role)| role.id.clone());
        let trial = Overrides {
            inputs: (1..=profile.whole.inputs)
                .map(|n| n.to_string())
                .zip(roles.map(InputUse::Role))
                .collect(),
            ..Overrides::default()
        };
        let (id, name) = (DeviceId::from("device"), Text::from("device"));
        for overrides in [trial, Overrides::default()] {
            profile.expand(&id, &name, &"place".into(), &overrides).map_err(named)?;
        }
        Ok(profile)
    }

    /// Its file's text, as it was read.
    pub fn written(&self) -> &str {
        &self.written
    }
    /// How its devices are spoken with.
    pub fn kind(&self) -> Kind {
        self.whole.kind
    }
    /// What people call this kind of device.
    pub fn title(&self) -> &Text {
        &self.whole.name
    }
    /// Number of inputs of a board of this kind.
    pub fn inputs(&self) -> u8 {
        self.whole.inputs
    }
    /// The roles that an input of such a board can have, with their names.
    pub fn roles(&self) -> impl Iterator<Item = (&str, &Text)> {
        self.whole.roles.iter().map(|(_, role)| (role.id.as_str(), &role.name))
    }
    /// What the configuration may set for each device.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &Parameter)> {
        self.whole.parameters.iter().map(|(name, parameter)| (name.as_str(), parameter))
    }
}

fn read(file: &str, text: &str) -> Result<schema::File, Vec<ProfileError>> {
    if text.len() > MAX_FILE {
        let problem = format!("{} bytes are too many for a profile", text.len());
        let remedy = &format!("use {MAX_FILE} bytes at most");
        return Err(vec![ProfileError::new("", problem, remedy).on(file, None)]);
    }
    toml::from_str(text).map_err(|e| {
        let line = e.span().map(|span| line_at(text, span.start));
        vec![ProfileError::of("", &e).on(file, line)]
    })
}

/// The keys of `[modbus]` that a file writes, which go before those that it includes.
fn written_knobs(text: &str) -> toml::Table {
    let whole: Option<toml::Table> = toml::from_str(text).ok();
    let modbus = whole.and_then(|mut table| table.remove("modbus"));
    modbus.and_then(|modbus| modbus.try_into().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests;
