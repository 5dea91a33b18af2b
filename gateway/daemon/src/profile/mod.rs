//! `gengfu profile`: the profiles there are, and what one makes of a device's words, so that a profile
//! can be written and proven without a device, a broker or a gateway.
//!
//! - [`wish`]: the command line. [`trial`]: a device in virtual time, decided on by core as in a gateway.
//! - [`told`]: what a trial prints. `messages`, `metrics`, `registers`, `inputs`: what is given to it, read by the
//!   field side's own code.

mod inputs;
mod messages;
mod metrics;
mod registers;
pub mod told;
pub mod trial;
pub mod wish;

use std::{collections::BTreeSet, io::Write};

use anyhow::{anyhow, bail};
use gengfu_core::{id::DeviceId, text::Text};
use gengfu_field::profile::{
    Expanded, InputUse, Kind, Library, Overrides, Profile, ProfileError, SCHEMA, Setting, Source,
};

use crate::config::problem::choose;
use told::Told;
use trial::Trial;
pub use wish::{Folder, Try, Wish};

/// The device of a trial.
const DEVICE: &str = "device";

/// Does what is asked; what could not be used is told on `complaints`.
///
/// # Errors
/// Where a profile is not there or has mistakes, or what a device sends is not what such a device
/// sends; with what to do about it.
pub fn run(wish: &Wish, out: &mut impl Write, complaints: &mut impl Write) -> anyhow::Result<()> {
    let folder = match wish {
        Wish::List(folder) | Wish::Show { folder, .. } => folder,
        Wish::Try(wish) => &wish.folder,
        Wish::Schema => return Ok(write!(out, "{SCHEMA}")?),
    };
    let (library, broken) = library(folder, complaints)?;
    if let Wish::Show { profile, .. } | Wish::Try(Try { profile, .. }) = wish
        && broken.contains(profile)
    {
        bail!("the profile \"{profile}\" can't be used: correct what is said above");
    }
    match wish {
        Wish::List(_) => {
            let width = library.iter().map(|p| p.name.len()).max().unwrap_or_default();
            for profile in library.iter() {
                let (name, kind, title) = (&profile.name, word(profile.kind()), profile.title());
                writeln!(out, "{name:width$}  {kind:9}  {} · {}", title.zh, title.en)?;
            }
        }
        Wish::Show { profile, .. } => write!(out, "{}", find(&library, profile)?.written())?,
        Wish::Schema => {}
        Wish::Try(wish) => {
            let told = attempt(&library, wish)?;
            for reading in &told.readings {
                writeln!(out, "{}", serde_json::to_string(reading)?)?;
            }
            for alarm in &told.alarms {
                writeln!(out, "{}", serde_json::to_string(alarm)?)?;
            }
            for note in &told.notes {
                writeln!(complaints, "{note}")?;
            }
        }
    }
    Ok(())
}

/// Tries a profile on what a device sends.
///
/// # Errors
/// As [`run`].
pub fn attempt(library: &Library, wish: &Try) -> anyhow::Result<Told> {
    let profile = find(library, &wish.profile)?;
    let expanded = expand(profile, &overrides(profile, wish)?)?;
    let mut trial = Trial::new(&expanded.device);
    speak(&mut trial, &expanded, wish)?;
    Ok(trial.rest())
}

/// Everything that the wish says, in its order.
fn speak(trial: &mut Trial, expanded: &Expanded, wish: &Try) -> anyhow::Result<()> {
    let given = [
        ("--payload", !wish.payload.is_empty(), Kind::MqttJson),
        ("--registers", !wish.registers.is_empty(), Kind::Modbus),
        ("--input", !wish.input.is_empty(), Kind::Board),
        ("--point", !wish.point.is_empty(), Kind::Call),
    ];
    let kind = match &expanded.source {
        // Sparkplug's messages are told in JSON, and put into its own form on the way.
        Source::Json { .. } | Source::Announced { .. } | Source::Sparkplug { .. } => Kind::MqttJson,
        Source::Modbus { .. } => Kind::Modbus,
        Source::Board { .. } => Kind::Board,
        Source::Call | Source::Modem => Kind::Call,
    };
    let name = &wish.profile;
    let wanted = given.iter().find(|(_, _, of)| *of == kind).map_or("--point", |(flag, ..)| flag);
    if let Some((flag, ..)) = given.iter().find(|(_, there, of)| *there && *of != kind) {
        bail!("{flag} is nothing for the profile {name}; use {wanted}");
    }
    if !given.iter().any(|(_, there, _)| *there) {
        bail!("there is nothing to try; say what the device sends with {wanted}");
    }
    match &expanded.source {
        Source::Json { .. } | Source::Announced { .. } => messages::tell(trial, expanded, wish),
        Source::Sparkplug { points } => metrics::tell(trial, expanded, points, wish),
        Source::Modbus { knobs, fields } => registers::tell(trial, knobs, fields, &wish.registers),
        Source::Board { inputs, .. } => inputs::tell(trial, inputs, &wish.input),
        Source::Call | Source::Modem => inputs::set(trial, &expanded.device, &wish.point),
    }
}

/// The shipped profiles and the folder's; a bad file hides no good one. Beside them, the names of the
/// bad ones.
fn library(
    folder: &Folder,
    complaints: &mut impl Write,
) -> anyhow::Result<(Library, BTreeSet<String>)> {
    let mut library = Library::shipped().map_err(|mistakes| anyhow!(lines(&mistakes)))?;
    let mut broken = BTreeSet::new();
    if let Some(folder) = &folder.folder {
        for mistake in library.add_folder(folder) {
            writeln!(complaints, "{mistake}")?;
            broken.insert(mistake.profile().to_owned());
        }
    }
    Ok((library, broken))
}

fn lines(mistakes: &[ProfileError]) -> String {
    mistakes.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn find<'a>(library: &'a Library, name: &str) -> anyhow::Result<&'a Profile> {
    library.get(name).ok_or_else(|| {
        let near = choose(name, library.iter().map(|p| p.name.as_str()), "set --folder");
        anyhow!("there is no profile \"{name}\"; {near}")
    })
}

fn expand(profile: &Profile, overrides: &Overrides) -> anyhow::Result<Expanded> {
    profile
        .expand(&DeviceId::from(DEVICE), profile.title(), &"place".into(), overrides)
        .map_err(|mistakes| anyhow!(lines(&mistakes)))
}

fn overrides(profile: &Profile, wish: &Try) -> anyhow::Result<Overrides> {
    let mut overrides = Overrides::default();
    for text in &wish.set {
        let (name, value) = pair("--set", text)?;
        let is_word = profile.parameters().any(|(n, p)| n == name && p.is_word());
        let value = match value.parse() {
            Ok(number) if !is_word => Setting::Number(number),
            _ => Setting::Word(value.into()),
        };
        overrides.parameters.insert(name.into(), value);
    }
    for text in &wish.role {
        let (input, role) = pair("--role", text)?;
        overrides.inputs.insert(input.into(), InputUse::Role(role.into()));
    }
    Ok(overrides)
}

/// `name=value`.
fn pair<'a>(flag: &str, text: &'a str) -> anyhow::Result<(&'a str, &'a str)> {
    let (name, value) = text
        .split_once('=')
        .ok_or_else(|| anyhow!("{flag} \"{text}\" has no \"=\"; write {flag} name=value"))?;
    Ok((name.trim(), value.trim()))
}

/// The kind as profiles write it.
fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Modbus => "modbus",
        Kind::Board => "board",
        Kind::MqttJson => "mqtt_json",
        Kind::Sparkplug => "sparkplug",
        Kind::Call => "call",
        Kind::Modem => "modem",
    }
}

/// What a text is called, for a complaint in a terminal.
fn plain(text: &Text) -> String {
    format!("{} · {}", text.zh, text.en)
}
