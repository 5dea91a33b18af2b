//! Texts with names in them: `"{title}, {place|max 20}"`. A name stands in braces, with what is to be done
//! to it behind bars; `{{` and `}}` are braces.

use std::fmt::Write as _;

/// A text with names in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Name { name: String, filters: Vec<Filter> },
}

/// What is done to what a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filter {
    /// As part of a web address (RFC 3986: all but letters, digits and `-._~` as `%` and two digits).
    Url,
    /// No longer than so many characters.
    Max(usize),
    /// No longer than so many bytes.
    Bytes(usize),
}

impl Template {
    /// The template in `text`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            plain.push_str(&rest[..at]);
            let brace = &rest[at..=at];
            rest = &rest[at + 1..];
            if let Some(after) = rest.strip_prefix(brace) {
                plain.push_str(brace);
                rest = after;
                continue;
            }
            let Some((inside, after)) = rest.split_once('}').filter(|_| brace == "{") else {
                return Err(format!("\"{text}\" has a brace too many: write {{{{ or }}}} for one"));
            };
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain)));
            }
            let mut words = inside.split('|').map(str::trim);
            let name = words.next().unwrap_or_default().to_owned();
            parts.push(Part::Name { name, filters: words.map(filter).collect::<Result<_, _>>()? });
            rest = after;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        Ok(Self(parts))
    }

    /// The text with `look_up` in the place of each name, as bytes: a key may be any.
    ///
    /// # Errors
    /// Those of `look_up`, and where a filter meets what is no text.
    pub fn fill(
        &self,
        look_up: &dyn Fn(&str) -> Result<Vec<u8>, String>,
    ) -> Result<Vec<u8>, String> {
        let mut filled = Vec::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => filled.extend_from_slice(text.as_bytes()),
                Part::Name { name, filters } => {
                    let value = look_up(name)?;
                    filled.extend(filters.iter().try_fold(value, |v, f| f.apply(name, v))?);
                }
            }
        }
        Ok(filled)
    }
}

fn filter(word: &str) -> Result<Filter, String> {
    let number = |text: &str| text.trim().parse::<usize>().ok();
    let filter = match word.split_once(' ') {
        None if word == "url" => Some(Filter::Url),
        Some(("max", n)) => number(n).map(Filter::Max),
        Some(("bytes", n)) => number(n).map(Filter::Bytes),
        _ => None,
    };
    filter.ok_or_else(|| {
        format!("\"{word}\" is nothing that can be done to a name: write url, max 20 or bytes 2048")
    })
}

impl Filter {
    fn apply(self, name: &str, value: Vec<u8>) -> Result<Vec<u8>, String> {
        if self == Filter::Url {
            return Ok(encode(&value).into_bytes());
        }
        let mut text = string(name, value)?;
        match self {
            Filter::Url => {}
            Filter::Max(limit) => {
                if text.chars().count() > limit {
                    text = text.chars().take(limit.saturating_sub(1)).collect();
                    text.push('…');
                }
            }
            Filter::Bytes(limit) => text.truncate(text.floor_char_boundary(limit)),
        }
        Ok(text.into_bytes())
    }
}

/// `value` as text.
pub(super) fn string(name: &str, value: Vec<u8>) -> Result<String, String> {
    String::from_utf8(value)
        .map_err(|_| format!("`{name}` is bytes and no text: write `as = \"hex\"` or \"base64\""))
}

/// As part of a web address.
pub(super) fn encode(value: &[u8]) -> String {
    let mut encoded = String::new();
    for byte in value {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(*byte));
            }
            // Writing to a string can't fail.
            _ => drop(write!(encoded, "%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> Result<String, String> {
        let look_up = |name: &str| match name {
            "place" => Ok("3号楼 & 1号电梯".as_bytes().to_vec()),
            "key" => Ok(vec![0xff, 0x00]),
            other => Err(format!("no {other}")),
        };
        Ok(String::from_utf8(Template::parse(text)?.fill(&look_up)?).unwrap())
    }

    #[test]
    fn names_are_filled_in_cut_and_encoded() {
        assert_eq!(filled("at {place}!").unwrap(), "at 3号楼 & 1号电梯!");
        assert_eq!(filled("{place|max 4}").unwrap(), "3号楼…");
        assert_eq!(filled("{place|max 400}").unwrap(), "3号楼 & 1号电梯");
        assert_eq!(filled("{place|bytes 5}").unwrap(), "3号");
        assert_eq!(filled("?{place | max 3 | url}").unwrap(), "?3%E5%8F%B7%E2%80%A6");
        assert_eq!(filled("{key|url}").unwrap(), "%FF%00");
        assert_eq!(filled("{{\"a\": \"{place|bytes 1}\"}}").unwrap(), "{\"a\": \"3\"}");
        assert_eq!(filled("").unwrap(), "");
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, words) in [
            ("{place", "brace too many"),
            ("place}", "brace too many"),
            ("{plaice}", "no plaice"),
            ("{place|upper}", "url, max 20 or bytes 2048"),
            ("{place|max x}", "url, max 20 or bytes 2048"),
            ("{key|max 3}", "no text"),
        ] {
            let reason = filled(text).unwrap_err();
            assert!(reason.contains(words), "{text}: {reason}");
        }
    }
}
