//! What is wrong with a profile, where, and what to do about it.

use std::{ffi::OsStr, fmt, path::Path};

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
    /// Where and what, without what to do.
    pub fn what(&self) -> String {
        let mut what = String::new();
        if !self.file.is_empty() {
            what += &self.file;
            what += &self.line.map_or_else(|| ": ".into(), |line| format!(":{line}: "));
        }
        if !self.at.is_empty() {
            what += &self.at;
            what += ": ";
        }
        what + &self.problem
    }

    /// The profile that its file holds, by name; empty where it is in none.
    pub fn profile(&self) -> &str {
        Path::new(&self.file).file_stem().and_then(OsStr::to_str).unwrap_or_default()
    }

    /// What a reader of TOML complains of, in words for whoever writes a profile.
    pub(super) fn of(at: impl Into<String>, error: &toml::de::Error) -> Self {
        let (problem, remedy) = explain(error);
        Self::new(at, problem, &remedy)
    }

    pub(super) fn on(mut self, file: &str, line: Option<usize>) -> Self {
        self.file = file.into();
        self.line = line;
        self
    }
}

impl fmt::Display for ProfileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.what(), self.remedy)
    }
}

impl std::error::Error for ProfileError {}

/// Where every key is explained: these go with the program, and the documents are on the web.
const KEYS: &str = "docs/profiles.md explains the keys, `gengfu profile schema` lists all of them";

/// A complaint of a reader of TOML: what is wrong, and what to do.
fn explain(error: &toml::de::Error) -> (String, String) {
    let message = error.message().lines().next().unwrap_or_default();
    // It names the key behind its complaint, "in `name`", and the keys that lead there.
    let whole = error.to_string();
    let key = whole.lines().find_map(|line| line.strip_prefix("in "));
    let key = key.map_or_else(|| "this".to_owned(), |key| key.trim().to_owned());
    let words: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let known = || match words.get(1..) {
        Some(known) if !known.is_empty() => format!("use one of these: {}", known.join(", ")),
        _ => "remove it".to_owned(),
    };
    let first = words.first().copied().unwrap_or_default();
    if message.starts_with("missing field") {
        return (format!("`{first}` is not there"), format!("add `{first} = …`; {KEYS}"));
    }
    if message.starts_with("unknown field") {
        return (format!("there is no key `{first}`"), known());
    }
    if message.starts_with("unknown variant") {
        return (format!("{key} can't be \"{first}\""), known());
    }
    if message.contains("duration") {
        return (format!("{key} is no length of time"), "write it as \"90s\" or \"10m\"".into());
    }
    if let Some(wanted) = message.strip_prefix("expected ") {
        return (format!("{key} can't be what is written there"), format!("write {wanted}"));
    }
    let found = message.split_once(": ").and_then(|(_, rest)| rest.split_once(", expected "));
    match found {
        Some((found, wanted)) => {
            (format!("{key} can't be {found}"), format!("write {}", shape(wanted)))
        }
        None => (message.to_owned(), format!("correct it; {KEYS}")),
    }
}

/// A type's name in the words of whoever writes a profile.
fn shape(wanted: &str) -> &str {
    match wanted {
        "a string" => "a text in quotes",
        "a boolean" => "true or false",
        "a sequence" => "a list in brackets",
        "a map" => "a table in braces",
        "u8" => "a whole number, 0 to 255",
        "u16" => "a whole number, 0 to 65535",
        "u32" => "a whole number, not negative",
        "f64" => "a number",
        other => other,
    }
}

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

#[cfg(test)]
mod tests {
    use gengfu_core::text::Text;

    use crate::profile::{Overrides, Profile};

    /// What is said of a profile with this in it.
    fn said(rest: &str) -> String {
        let text = format!("name = {{ en = \"x\" }}\nkind = \"modbus\"\n{rest}");
        let all = match Profile::parse("bad", "bad.toml", &text) {
            Err(mistakes) => mistakes,
            Ok(profile) => profile
                .expand(&"d".into(), &Text::from("d"), &"p".into(), &Overrides::default())
                .unwrap_err(),
        };
        all.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn mistakes_are_told_in_words_with_an_example_and_not_in_those_of_a_parser() {
        let point = |keys: &str| said(&format!("[[point]]\nid = \"a\"\n{keys}"));
        for (told, wanted) in [
            (point("name = \"A\"\naddress = 1"), ["`name` can't be", "{ zh = \"…\", en = \"…\" }"]),
            (point("name = { en = \"A\" }\naddress = true"), ["`address`", "16, \"0x0010\""]),
            (
                point(
                    "name = { en = \"A\" }\naddress = 1\nrepeat = [{ name = \"n\", count = true }]",
                ),
                ["`count`", "a number or a parameter"],
            ),
            (point("name = { en = \"A\" }"), ["`address` is not there", "gengfu profile schema"]),
            (point("name = { en = \"A\" }\nadress = 1"), ["no key `adress`", "address"]),
            (point("name = { en = \"A\" }\naddress = 1\npoll = \"x\""), ["`poll`", "\"90s\""]),
            (said("supervision = 5"), ["bad.toml:3: ", "write "]),
        ] {
            for word in wanted {
                assert!(told.contains(word), "{told}: {word}");
            }
            for word in ["invalid type", "struct ", "untagged", "variant", "README"] {
                assert!(!told.contains(word), "{told}");
            }
        }
    }
}
