//! Types that read themselves and stop at their first mistake: how all of them are found, and put in
//! a person's words.

use std::borrow::Cow;

use gengfu_core::time::Span;
use serde::{Deserialize, de::IntoDeserializer};
use toml::{Spanned, de::DeValue};

use super::{
    fields::Node,
    kind::Kind,
    problem::{At, choose},
};

impl Node<'_> {
    /// The value as a type that reads itself. Each mistake in it is found by taking out the key at
    /// fault and reading again, since such a type stops at its first one.
    pub fn foreign<T: for<'de> Deserialize<'de>>(mut self, name: &str) -> Option<At<T>> {
        let span = self.value.span();
        let heading = self.key_span.clone();
        let mut first = true;
        loop {
            let error = match T::deserialize(self.value.clone().into_deserializer()) {
                Ok(value) => return Some(At { value, span }),
                Err(e) => e,
            };
            let message = first_line(&error).to_owned();
            let culprit = culprit::<T>(self.value.get_mut(), &message);
            let missing = message.starts_with("missing field");
            if missing && !first {
                return None; // The key was there, and was taken out for its own mistake.
            }
            let key = culprit.as_ref().map(|at| at.value.as_str());
            let (what, remedy) = explain(name, key, &message);
            if missing {
                self.walk.problems.missing(&heading, what, remedy);
                return None;
            }
            let Some(At { span: at, .. }) = culprit else {
                self.walk.problems.error(&error.span().unwrap_or(heading), what, remedy);
                return None;
            };
            self.walk.problems.error(&at, what, remedy);
            first = false;
        }
    }
}

/// The complaint itself, without where it was met.
pub fn first_line(error: &toml::de::Error) -> &str {
    error.message().lines().next().unwrap_or_default()
}

/// Takes out the key without which `message` is not the first complaint any more.
fn culprit<'a, T: Deserialize<'a>>(value: &mut DeValue<'a>, message: &str) -> Option<At<String>> {
    let DeValue::Table(table) = value else { return None };
    let keys: Vec<Spanned<Cow<'a, str>>> = table.keys().cloned().collect();
    for key in keys {
        let mut less = table.clone();
        let Some((name, taken)) = less.remove_entry(key.get_ref().as_ref()) else { continue };
        let without = Spanned::new(0..0, DeValue::Table(less.clone()));
        let changed = match T::deserialize(without.into_deserializer()) {
            Ok(_) => true,
            Err(e) => first_line(&e) != message,
        };
        // Without its tag such a type complains of the tag: that says nothing of the rest.
        let is_tag = !message.contains("variant") && name.get_ref() == "kind";
        if changed && !is_tag && !message.starts_with("missing field") {
            *table = less;
            let unknown = message.starts_with("unknown field");
            let span = if unknown { name.span() } else { taken.span() };
            return Some(At { value: name.into_inner().into_owned(), span });
        }
    }
    None
}

/// A deserializer's complaint about `name` (and the key in it that is at fault) in words that name
/// the remedy.
pub fn explain(name: &str, key: Option<&str>, message: &str) -> (String, String) {
    let words: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let of = key.map_or_else(|| name.to_owned(), |key| format!("{name}: `{key}`"));
    match message {
        m if m.starts_with("unknown field") => {
            let (found, known) = words.split_first().map_or(("", &[][..]), |(f, k)| (*f, k));
            let remedy = choose(found, known.iter().copied(), "remove it");
            (format!("{name} knows no `{found}`"), remedy)
        }
        m if m.starts_with("unknown variant") => {
            let (found, known) = words.split_first().map_or(("", &[][..]), |(f, k)| (*f, k));
            let remedy = choose(found, known.iter().copied(), "remove it");
            (format!("{of} can't be \"{found}\""), remedy)
        }
        m if m.starts_with("missing field") => {
            let key = words.first().copied().unwrap_or("?");
            (format!("{name} has no `{key}`"), format!("add `{key} = …`"))
        }
        m if is_of_time(m) => {
            (format!("{of} is no length of time"), format!("write {}", <Span as Kind>::SHAPE))
        }
        m => {
            match m.split_once(": ").map(|(_, rest)| rest).and_then(|r| r.split_once(", expected "))
            {
                Some((found, wanted)) => {
                    (format!("{of} can't be {found}"), format!("write {}", plain(wanted)))
                }
                None => (format!("{of}: {m}"), "write it in the form that is wanted".to_owned()),
            }
        }
    }
}

/// A type's name in a person's words.
fn plain(wanted: &str) -> &str {
    match wanted {
        "a string" => String::SHAPE,
        "a boolean" => bool::SHAPE,
        "a sequence" => "a list in brackets",
        "a map" => "a table",
        "u8" => u8::SHAPE,
        "u16" => u16::SHAPE,
        other => other,
    }
}

/// True for a complaint about a length of time, whose words are for programmers.
pub fn is_of_time(message: &str) -> bool {
    message.contains("duration")
}
