//! The lines of a calendar (RFC 5545 3.1): folded ones joined, each taken apart, and where it stands.

use std::borrow::Cow;

use super::Mistake;

/// `NAME;PARAM=value:value`.
#[derive(Debug, Clone)]
pub(super) struct Line {
    /// Where it begins in the file, from 1.
    pub number: usize,
    /// In capitals.
    pub name: String,
    /// Names in capitals, quotes taken off.
    pub params: Vec<(String, String)>,
    pub value: String,
}

impl Line {
    /// A parameter's value.
    pub fn param(&self, name: &str) -> Option<&str> {
        self.params.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The value as people read it.
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(self.value.len());
        let mut chars = self.value.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' => match chars.next() {
                    Some('n' | 'N') => text.push('\n'),
                    Some(other) => text.push(other),
                    None => {}
                },
                c => text.push(c),
            }
        }
        text
    }

    pub fn mistake(&self, what: impl Into<String>) -> Mistake {
        Mistake { line: self.number, what: what.into() }
    }
}

/// Every line, or the first that is none.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Line>, Mistake> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let mut joined: Vec<(usize, Cow<'_, [u8]>)> = Vec::new();
    for (at, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        // A fold may fall between the bytes of one letter, so they are joined before they are read.
        match (line.first(), joined.last_mut()) {
            (Some(b' ' | b'\t'), Some((_, before))) => {
                before.to_mut().extend_from_slice(&line[1..])
            }
            _ => joined.push((at + 1, Cow::Borrowed(line))),
        }
    }
    let filled = joined.into_iter().filter(|(_, line)| !line.trim_ascii().is_empty());
    filled.map(|(number, line)| take_apart(number, &line)).collect()
}

fn take_apart(number: usize, bytes: &[u8]) -> Result<Line, Mistake> {
    let mistake = |what: &str| Mistake { line: number, what: what.to_owned() };
    let text = std::str::from_utf8(bytes).map_err(|_| {
        mistake("this is not UTF-8 (GBK, perhaps): save the calendar as UTF-8, and import that")
    })?;
    let no_line = || mistake("this is no line of a calendar (NAME:value)");
    let end = text.find([':', ';']).ok_or_else(no_line)?;
    let (name, mut rest) = text.split_at(end);
    let is_name = |name: &str| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
    };
    if !is_name(name) {
        return Err(no_line());
    }
    let mut params = Vec::new();
    while let Some(param) = rest.strip_prefix(';') {
        let end = end_of_param(param).ok_or_else(no_line)?;
        let (param, after) = param.split_at(end);
        let (name, value) = param.split_once('=').ok_or_else(no_line)?;
        params.push((name.to_ascii_uppercase(), value.replace('"', "")));
        rest = after;
    }
    let value = rest.strip_prefix(':').ok_or_else(no_line)?.to_owned();
    Ok(Line { number, name: name.to_ascii_uppercase(), params, value })
}

/// Where a parameter ends: at the first `;` or `:` outside quotes.
fn end_of_param(text: &str) -> Option<usize> {
    let mut quoted = false;
    text.char_indices().find_map(|(at, c)| {
        quoted ^= c == '"';
        (!quoted && matches!(c, ';' | ':')).then_some(at)
    })
}
