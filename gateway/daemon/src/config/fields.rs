//! Reading a table key by key, so that one mistake does not hide the next.

use std::{collections::BTreeMap, ops::Range, path::Path};

use serde::de::IntoDeserializer;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    foreign::{explain, first_line, is_of_time},
    kind::Kind,
    problem::{At, Problems, choose},
};

/// What a walk through the file carries along: where problems go, and the folder of the file.
#[derive(Debug, Clone, Copy)]
pub struct Walk<'a> {
    /// Where problems go.
    pub problems: &'a Problems,
    /// The folder that relative paths start from: that of the configuration file.
    pub folder: &'a Path,
}

/// A table whose keys are taken one after the other; what is left at the end is not known.
#[derive(Debug)]
pub struct Fields<'a> {
    /// The walk it belongs to.
    pub walk: Walk<'a>,
    /// Where its heading stands.
    pub span: Range<usize>,
    /// What it is called in messages, as `[web]` or `device "lift-1"`.
    pub name: String,
    table: DeTable<'a>,
    asked: Vec<&'static str>,
}

/// A value that was not looked at yet.
#[derive(Debug)]
pub struct Node<'a> {
    /// The walk it belongs to.
    pub walk: Walk<'a>,
    /// Its key, for messages.
    pub key: String,
    /// Where its key stands; where the value stands, for entries of a list.
    pub key_span: Range<usize>,
    pub(super) value: Spanned<DeValue<'a>>,
}

impl<'a> Fields<'a> {
    /// The keys of `table`.
    pub fn new(walk: Walk<'a>, span: Range<usize>, name: &str, table: DeTable<'a>) -> Self {
        Self { walk, span, name: name.to_owned(), table, asked: vec![] }
    }

    /// The value of `key`, if it is there.
    pub fn take(&mut self, key: &'static str) -> Option<Node<'a>> {
        self.asked.push(key);
        self.table.remove_entry(key).map(|(name, value)| Node {
            walk: self.walk,
            key_span: name.span(),
            key: key.to_owned(),
            value,
        })
    }

    /// True if `key` is not there (or was taken).
    pub fn lacks(&self, key: &str) -> bool {
        !self.table.contains_key(key)
    }

    /// The value of a key that may be left out.
    pub fn optional<T: Kind>(&mut self, key: &'static str) -> Option<At<T>> {
        self.take(key).and_then(Node::read)
    }

    /// The value of a key, or what holds where it is left out (or can't be read).
    pub fn or<T: Kind>(&mut self, key: &'static str, default: T) -> T {
        self.optional(key).map_or(default, |at| at.value)
    }

    /// The value of a key that must be there.
    pub fn required<T: Kind>(&mut self, key: &'static str) -> Option<At<T>> {
        match self.take(key) {
            Some(node) => node.read(),
            None => {
                self.walk.problems.missing(
                    &self.span,
                    format!("{} has no `{key}`", self.name),
                    format!("add `{key} = {}`: {}", T::EXAMPLE, T::SHAPE),
                );
                None
            }
        }
    }

    /// A table below this one; an empty one where it is left out.
    pub fn table(&mut self, key: &'static str) -> Fields<'a> {
        let name = format!("[{key}]");
        match self.take(key).map(|node| node.fields(&name)) {
            Some(Some(fields)) => fields,
            _ => Fields::new(self.walk, self.span.clone(), &name, DeTable::new()),
        }
    }

    /// The entries of a list of tables, each with its heading.
    pub fn tables(&mut self, key: &'static str) -> Vec<Node<'a>> {
        let heading = if self.name.starts_with('[') {
            format!("[[{}.{key}]]", self.name.trim_matches(['[', ']']))
        } else {
            format!("[[{key}]]")
        };
        self.take(key).map(|node| node.entries(&heading)).unwrap_or_default()
    }

    /// The values of these keys as a table of their own, for a type that reads itself.
    pub fn part(&mut self, keys: &[&'static str]) -> Node<'a> {
        self.asked.extend(keys);
        let mut part = DeTable::new();
        for key in keys {
            if let Some((name, value)) = self.table.remove_entry(*key) {
                part.insert(name, value);
            }
        }
        Node {
            walk: self.walk,
            key: self.name.clone(),
            key_span: self.span.clone(),
            value: Spanned::new(self.span.clone(), DeValue::Table(part)),
        }
    }

    /// All keys that nobody asked for, as named entries: for tables whose keys are names.
    pub fn rest(&mut self) -> Vec<Node<'a>> {
        std::mem::take(&mut self.table)
            .into_iter()
            .map(|(key, value)| Node {
                walk: self.walk,
                key_span: key.span(),
                key: key.get_ref().to_string(),
                value,
            })
            .collect()
    }

    /// Ends the table: every key that nobody asked for is a mistake.
    pub fn done(mut self) {
        for node in self.rest() {
            self.walk.problems.error(
                &node.key_span,
                format!("{} knows no `{}`", self.name, node.key),
                choose(&node.key, self.asked.iter().copied(), "remove it"),
            );
        }
    }
}

impl<'a> Node<'a> {
    /// Where the value stands.
    pub fn span(&self) -> Range<usize> {
        self.value.span()
    }

    /// Where a key of this table (`key`, or `key.key` of a table in it) stands, and where its value does.
    pub fn entry(&self, key: &str) -> Option<(Range<usize>, Range<usize>)> {
        let (outer, key) = key.rsplit_once('.').map_or((None, key), |(t, key)| (Some(t), key));
        let table = match outer {
            Some(outer) => self.value.get_ref().as_table()?.get(outer)?.get_ref(),
            None => self.value.get_ref(),
        };
        let (name, value) = table.as_table()?.get_key_value(key)?;
        Some((name.span(), value.span()))
    }

    /// Where the values of this table stand: by key, those of tables in it by `key.key`, and
    /// entries of lists in it by `key id`.
    pub fn spans(&self) -> BTreeMap<String, Range<usize>> {
        let mut spans = BTreeMap::new();
        for (key, value) in self.value.get_ref().as_table().into_iter().flatten() {
            let key = key.get_ref();
            spans.insert(key.to_string(), value.span());
            for (inner, value) in value.get_ref().as_table().into_iter().flatten() {
                spans.insert(format!("{key}.{}", inner.get_ref()), value.span());
            }
            for entry in value.get_ref().as_array().into_iter().flatten() {
                if let Some(id) = entry.get_ref().get("id").and_then(|id| id.get_ref().as_str()) {
                    spans.insert(format!("{key} {id}"), entry.span());
                }
            }
        }
        spans
    }

    /// The text behind a key of this table (`key`, or `key.key` of a table in it).
    pub fn text(&self, key: &str) -> Option<At<String>> {
        let mut value = &self.value;
        for key in key.split('.') {
            value = value.get_ref().as_table()?.get(key)?;
        }
        Some(At { value: value.get_ref().as_str()?.to_owned(), span: value.span() })
    }

    /// Puts another text in the place of the one behind `key`.
    pub fn replace(&mut self, key: &str, text: String) {
        let mut found = Some(&mut self.value);
        for key in key.split('.') {
            found = match found.map(Spanned::get_mut) {
                Some(DeValue::Table(table)) => table.get_mut(key),
                _ => None,
            };
        }
        if let Some(value) = found {
            *value.get_mut() = DeValue::String(text.into());
        }
    }

    /// The value as it was parsed.
    pub fn value(&self) -> &DeValue<'a> {
        self.value.get_ref()
    }

    /// The value as `T`; a mistake is reported.
    pub fn read<T: Kind>(self) -> Option<At<T>> {
        let span = self.value.span();
        let found = describe(self.value.get_ref());
        match T::deserialize(self.value.into_deserializer()) {
            Ok(value) => Some(At { value, span }),
            Err(e) => {
                let (what, remedy) = match first_line(&e) {
                    m if m.starts_with("invalid type") => (
                        format!("`{}` can't be {found}", self.key),
                        format!("write `{} = {}`: {}", self.key, T::EXAMPLE, T::SHAPE),
                    ),
                    m if m.starts_with("unknown") => explain(&format!("`{}`", self.key), None, m),
                    m => {
                        let what = if is_of_time(m) { "this is no length of time" } else { m };
                        (
                            format!("`{}`: {what}", self.key),
                            format!("write `{} = {}`: {}", self.key, T::EXAMPLE, T::SHAPE),
                        )
                    }
                };
                self.walk.problems.error(&e.span().unwrap_or(span), what, remedy);
                None
            }
        }
    }

    /// The value as a table.
    pub fn fields(self, name: &str) -> Option<Fields<'a>> {
        let span = if self.key_span.is_empty() { self.value.span() } else { self.key_span };
        match self.value.into_inner() {
            DeValue::Table(table) => Some(Fields::new(self.walk, span, name, table)),
            other => {
                self.walk.problems.missing(
                    &span,
                    format!("`{}` must be a table, not {}", self.key, describe(&other)),
                    format!("write it as `[{}]` with its keys in the lines below", self.key),
                );
                None
            }
        }
    }

    /// The value as a list; `heading` is how each entry begins, as `[[places]]`.
    pub fn entries(self, heading: &str) -> Vec<Node<'a>> {
        let (walk, span) = (self.walk, self.key_span);
        match self.value.into_inner() {
            DeValue::Array(items) => items
                .into_iter()
                .map(|value| Node { walk, key: self.key.clone(), key_span: value.span(), value })
                .collect(),
            other => {
                walk.problems.missing(
                    &span,
                    format!("`{}` must be a list, not {}", self.key, describe(&other)),
                    format!("begin each entry with `{heading}`, with two brackets"),
                );
                vec![]
            }
        }
    }
}

/// What a value is, in a person's words.
pub fn describe(value: &DeValue<'_>) -> String {
    match value {
        DeValue::String(s) => format!("the text \"{s}\""),
        DeValue::Integer(n) => format!("the number {n}"),
        DeValue::Float(x) => format!("the number {x}"),
        DeValue::Boolean(b) => format!("{b}"),
        DeValue::Datetime(d) => format!("the date {d}"),
        DeValue::Array(_) => "a list".to_owned(),
        DeValue::Table(_) => "a table".to_owned(),
    }
}
