//! `[channels.<name>]`: the ways of reaching people that are set up.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use gengfu_channel::{Settings, SetupError, settings::KINDS};
use gengfu_core::id::{self, ChannelId};

use super::{
    fields::{Fields, Node},
    problem::At,
    secret,
};

/// Keys of channels that name files, and whether those are secret.
const FILES: [(&str, bool); 9] = [
    ("ca", false),
    ("provider_file", false),
    ("pin_file", true),
    ("token_file", true),
    ("password_file", true),
    ("secret_file", true),
    ("answers.ca", false),
    ("answers.password_file", true),
    ("answers.secret_file", true),
];

/// Keys that hold a secret outright, in a file that is usually readable.
const SECRETS: [&str; 5] = ["token", "password", "secret", "answers.password", "answers.secret"];

/// Reads `[channels]`.
pub fn read(mut fields: Fields<'_>, data_dir: &Path) -> BTreeMap<ChannelId, Settings> {
    let problems = fields.walk.problems;
    let nodes = fields.rest();
    if nodes.len() < 2 {
        let what = match nodes.first() {
            None => "no channel is set up: nobody can be told of anything".to_owned(),
            Some(only) => format!(
                "\"{}\" is the only channel: fire and trapped alarms want two, so that one that \
                 fails is not the end of it",
                only.key
            ),
        };
        let remedy = format!("add a [channels.<name>] of kind {}", kinds());
        problems.warning(&fields.span, what, remedy);
    }
    nodes.into_iter().filter_map(|node| channel(node, data_dir)).collect()
}

/// The kinds, for people: `"push", "phone" or "mail"`.
fn kinds() -> String {
    let quoted: Vec<String> = KINDS.iter().map(|kind| format!("\"{kind}\"")).collect();
    match quoted.split_last() {
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}

fn channel(mut node: Node<'_>, data_dir: &Path) -> Option<(ChannelId, Settings)> {
    let (walk, span, key) = (node.walk, node.key_span.clone(), node.key.clone());
    if !id::is_valid(&key) || key.contains('/') {
        walk.problems.error(
            &span,
            format!("\"{key}\" can't be a channel's name"),
            "use letters, digits and . _ - only",
        );
    }
    if !node.value().is_table() {
        node.fields(&format!("channels.{key}"))?;
        return None;
    }
    if node.entry("kind").is_none() {
        walk.problems.missing(
            &span,
            format!("channel \"{key}\" has no `kind`"),
            format!("add `kind`: {}", kinds()),
        );
        return None;
    }
    let mut files_are_good = true;
    for (name, is_secret) in FILES {
        if let Some(At { value, span }) = node.text(name) {
            let at = At { value: PathBuf::from(&value), span };
            files_are_good &= secret::check(walk, name, at, is_secret).is_some();
            node.replace(name, secret::full(walk.folder, Path::new(&value)).display().to_string());
        }
    }
    for name in SECRETS {
        if let Some((_, at)) = node.entry(name) {
            walk.problems.warning(
                &at,
                format!("`{name}` stands in this file, which others may read or copy"),
                format!("put it into a file of its own and write `{name}_file = \"…\"`"),
            );
        }
    }
    let entries = node.spans();
    let settings = node.foreign::<Settings>(&format!("channel \"{key}\""))?.value;
    let refused = if files_are_good { trial(&settings, data_dir).err() } else { None };
    if let Some(error) = refused {
        let (name, what) = match &error {
            SetupError::Setting { name, problem } => (*name, problem.clone()),
            other => ("", other.to_string()),
        };
        let at = entries.get(name).unwrap_or(&span);
        walk.problems.error(at, format!("channel \"{key}\": {what}"), "correct it");
    }
    Some((ChannelId::from(key.as_str()), settings))
}

/// Sets the channel up and forgets it, to learn what is wrong. That of push would write its key, so
/// of that one only the contact is looked at.
fn trial(settings: &Settings, data_dir: &Path) -> Result<(), SetupError> {
    match settings {
        Settings::Push(push) if push.contact.starts_with("mailto:") => Ok(()),
        Settings::Push(push) if push.contact.starts_with("https://") => Ok(()),
        Settings::Push(_) => Err(SetupError::Setting {
            name: "contact",
            problem: "`contact` must begin with mailto: or https://".to_owned(),
        }),
        other => other.build(data_dir).map(drop),
    }
}
