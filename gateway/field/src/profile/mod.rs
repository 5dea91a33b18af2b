//! Device profiles: what a kind of device is, as data. A profile names the points, where they are
//! found (registers, JSON keys, inputs), how the device wants to be asked, and the rules that
//! usually watch it. The shipped ones lie in `gateway/field/profiles/`; an operator's own folder
//! adds to them or replaces them by name.
//!
//! - [`schema`]: how a profile is written; [`template`]: entries that stand for many.
//! - [`expand`], [`work`]: from a profile and a device's [`Overrides`] to [`Expanded`], by way of [`points`]
//!   and [`rules`].
//! - [`json`]: a key of a JSON message. Registers are [`crate::modbus::field::Field`].
//! - [`library`]: all profiles by name. [`error`]: what is wrong with one, and where.

mod error;
mod expand;
mod json;
mod library;
mod overrides;
mod points;
mod rules;
mod schema;
mod source;
mod template;
mod work;

pub use error::ProfileError;
pub use json::JsonPoint;
pub use library::Library;
pub use overrides::{InputUse, Overrides};
pub use schema::{Kind, Knobs, Numbering, Parameter};
pub use source::{BoardInput, Expanded, Source};

use error::line_at;
use gengfu_core::{id::DeviceId, text::Text};

/// A profile that was read and found to be whole.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Its name: the file's, without `.toml`.
    pub name: String,
    file: String,
    text: schema::File,
    /// The line of each point, rule and role of the file, in their order.
    lines: Lines,
}

#[derive(Debug, Clone, Default)]
struct Lines {
    points: Vec<usize>,
    rules: Vec<usize>,
    roles: Vec<usize>,
}

/// No profile is larger, in bytes: some twenty-five times the largest one that is shipped.
const MAX_FILE: usize = 256 * 1024;

impl Profile {
    /// Reads a profile and tries it on a device, so that every mistake in it is found now and not
    /// when the first device uses it. `file` is what the errors call it.
    pub fn parse(name: &str, file: &str, text: &str) -> Result<Self, Vec<ProfileError>> {
        if text.len() > MAX_FILE {
            let problem = format!("{} bytes are too many for a profile", text.len());
            let remedy = &format!("use {MAX_FILE} bytes at most");
            return Err(vec![ProfileError::new("", problem, remedy).on(file, None)]);
        }
        let read: schema::File = toml::from_str(text).map_err(|e| {
            let line = e.span().map(|span| line_at(text, span.start));
            let remedy = "correct this line; the profiles' README.md lists every key";
            vec![ProfileError::new("", e.message(), remedy).on(file, line)]
        })?;
        // Found once for all entries, not counted anew for each.
        let breaks: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
        let line = |span: std::ops::Range<usize>| 1 + breaks.partition_point(|at| *at < span.start);
        let lines = Lines {
            points: read.points.iter().map(|p| line(p.span())).collect(),
            rules: read.rules.iter().map(|r| line(r.span())).collect(),
            roles: read.roles.iter().map(|r| line(r.span())).collect(),
        };
        let profile = Self { name: name.into(), file: file.into(), text: read, lines };
        // Every role is tried, whatever the inputs are used for by default.
        let roles = profile.text.roles.iter().map(|r| r.as_ref().id.clone());
        let trial = Overrides {
            inputs: (1..=profile.text.inputs)
                .map(|n| n.to_string())
                .zip(roles.map(InputUse::Role))
                .collect(),
            ..Overrides::default()
        };
        let (id, name) = (DeviceId::from("device"), Text::from("device"));
        profile.expand(&id, &name, &"place".into(), &trial)?;
        profile.expand(&id, &name, &"place".into(), &Overrides::default())?;
        Ok(profile)
    }

    /// How its devices are spoken with.
    pub fn kind(&self) -> Kind {
        self.text.kind
    }
    /// What people call this kind of device.
    pub fn title(&self) -> &Text {
        &self.text.name
    }
    /// Number of inputs of a board of this kind.
    pub fn inputs(&self) -> u8 {
        self.text.inputs
    }
    /// The roles that an input of such a board can have, with their names.
    pub fn roles(&self) -> impl Iterator<Item = (&str, &Text)> {
        self.text.roles.iter().map(|role| (role.as_ref().id.as_str(), &role.as_ref().name))
    }
    /// The numbers that the configuration may set for each device.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &Parameter)> {
        self.text.parameters.iter().map(|(name, parameter)| (name.as_str(), parameter))
    }
}

#[cfg(test)]
mod tests;
