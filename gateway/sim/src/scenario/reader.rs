//! One line of a script, word by word.

use gengfu_core::{
    id::{PersonId, PlaceId, RosterId},
    time::Span,
};

use super::{
    building::Building,
    mistake::{Mistake, nearest},
};

/// Where a line stands.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub file: String,
    pub line: usize,
}

impl Place {
    pub fn mistake(&self, what: impl Into<String>) -> Mistake {
        Mistake {
            file: self.file.clone(),
            line: self.line,
            what: what.into(),
            expected: vec![],
            suggestion: None,
        }
    }
}

/// Reads a line from its first word to its last.
#[derive(Debug)]
pub(super) struct Reader {
    pub place: Place,
    words: Vec<String>,
    at: usize,
}

impl Reader {
    pub fn new(place: Place, text: &str) -> Result<Self, Mistake> {
        let mut words = vec![];
        let mut rest = text.trim();
        while !rest.is_empty() {
            let (word, after) = if let Some(quoted) = rest.strip_prefix('"') {
                let end = quoted
                    .find('"')
                    .ok_or_else(|| place.mistake("a quotation has no second quotation mark"))?;
                (rest[..end + 2].to_owned(), &quoted[end + 1..])
            } else {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                (rest[..end].to_owned(), &rest[end..])
            };
            let bare = word.trim_end_matches([',', ':']);
            let mark = word[bare.len()..].to_owned();
            words.extend([bare.to_owned(), mark].into_iter().filter(|w| !w.is_empty()));
            rest = after.trim_start();
        }
        Ok(Self { place, words, at: 0 })
    }

    /// The next word, without taking it.
    pub fn peek(&self) -> Option<&str> {
        self.words.get(self.at).map(String::as_str)
    }

    /// What is left of the line.
    pub fn rest(&self) -> String {
        self.words.get(self.at..).unwrap_or_default().join(" ")
    }

    /// Takes what is left of the line, as words for people.
    pub fn take_rest(&mut self) -> String {
        let rest = self.rest().replace(" ,", ",").replace(" :", ":");
        self.at = self.words.len();
        rest
    }

    pub fn is_done(&self) -> bool {
        self.at >= self.words.len()
    }

    /// Takes these words if they come next.
    pub fn eat(&mut self, phrase: &str) -> bool {
        let wanted: Vec<&str> = phrase.split(' ').collect();
        let next = self.words.get(self.at..).unwrap_or_default();
        let is_next = next.len() >= wanted.len()
            && wanted.iter().zip(next).all(|(want, word)| want.eq_ignore_ascii_case(word));
        if is_next {
            self.at += wanted.len();
        }
        is_next
    }

    /// These words must come next.
    pub fn need(&mut self, phrase: &str) -> Result<(), Mistake> {
        if self.eat(phrase) { Ok(()) } else { Err(self.expected(&[phrase])) }
    }

    /// One of these must come next; the number of the one that does. Longer ones stand before
    /// shorter ones that they begin with.
    pub fn choose(&mut self, phrases: &[&str]) -> Result<usize, Mistake> {
        match phrases.iter().position(|phrase| self.eat(phrase)) {
            Some(index) => Ok(index),
            None => Err(self.expected(phrases)),
        }
    }

    /// The line must end here.
    pub fn end(&self) -> Result<(), Mistake> {
        if self.is_done() {
            return Ok(());
        }
        let what = format!("the line should end before \"{}\"", self.rest());
        Err(self.place.mistake(what))
    }

    /// The next word, whatever it is.
    pub fn word(&mut self, what: &str) -> Result<String, Mistake> {
        let word = self.words.get(self.at).filter(|w| !matches!(w.as_str(), "," | ":")).cloned();
        match word {
            Some(word) => {
                self.at += 1;
                Ok(word)
            }
            None => Err(self.expected(&[what])),
        }
    }

    /// Words between quotation marks, if they come next.
    pub fn quoted(&mut self) -> Option<String> {
        let word = self.peek()?;
        let inner = word.strip_prefix('"')?.strip_suffix('"')?.to_owned();
        self.at += 1;
        Some(inner)
    }

    /// A whole number and nothing else.
    pub fn number(&mut self) -> Option<u32> {
        let number = self.peek()?.parse().ok()?;
        self.at += 1;
        Some(number)
    }

    /// A length of time: `45 s`, `3 min`, `2 h`, `3 days`.
    pub fn span(&mut self) -> Result<Span, Mistake> {
        let Some(number) = self.number() else {
            return Err(self.expected(&["a length of time like 45 s, 3 min, 2 h or 3 days"]));
        };
        let units = ["seconds", "second", "s", "minutes", "minute", "min", "hours", "hour", "h"];
        let unit = self.choose(&[&units[..], &["days", "day"]].concat())?;
        let number = u64::from(number);
        Ok(match unit {
            0..=2 => Span::secs(number),
            3..=5 => Span::mins(number),
            6..=8 => Span::hours(number),
            _ => Span::hours(24 * number),
        })
    }

    /// A name out of those that are known; `kind` says what they name.
    pub fn known<T: Clone>(
        &mut self,
        kind: &str,
        known: impl IntoIterator<Item = (String, T)>,
    ) -> Result<T, Mistake> {
        let known: Vec<(String, T)> = known.into_iter().collect();
        let found = known.iter().find(|(name, _)| self.eat(name)).map(|(_, item)| item.clone());
        found.ok_or_else(|| {
            let names: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
            let said = self.peek().unwrap_or("the end of the line").to_owned();
            let mut mistake = self.place.mistake(format!("there is no {kind} \"{said}\""));
            mistake.suggestion = nearest(&said, names.iter().copied());
            mistake.expected = names.iter().map(|name| format!("\"{name}\"")).collect();
            mistake
        })
    }

    pub fn person(&mut self, building: &Building) -> Result<PersonId, Mistake> {
        self.known("person", building.people.iter().map(|p| (p.id.to_string(), p.id.clone())))
    }

    pub fn place_of(&mut self, building: &Building) -> Result<PlaceId, Mistake> {
        self.known("place", building.places.iter().map(|p| (p.id.to_string(), p.id.clone())))
    }

    pub fn roster(&mut self, building: &Building) -> Result<RosterId, Mistake> {
        self.known("roster", building.rosters.iter().map(|r| (r.id.to_string(), r.id.clone())))
    }

    /// Items with `,` or `and` between them.
    pub fn list<T>(
        &mut self,
        mut item: impl FnMut(&mut Self) -> Result<T, Mistake>,
    ) -> Result<Vec<T>, Mistake> {
        let mut items = vec![item(self)?];
        while self.eat(", and") || self.eat(",") || self.eat("and") {
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// That something else was expected here.
    pub fn expected(&self, phrases: &[&str]) -> Mistake {
        let rest = self.rest();
        let mut mistake = match rest.as_str() {
            "" => self.place.mistake("the line ends too early"),
            rest => self.place.mistake(format!("\"{rest}\" is not understood")),
        };
        let alike = phrases.iter().filter_map(|phrase| {
            let words = phrase.split(' ').count();
            let said: Vec<&str> = rest.split(' ').take(words).collect();
            let near = nearest(&said.join(" "), [*phrase])?;
            Some((strsim::jaro_winkler(&said.join(" "), phrase), near))
        });
        mistake.suggestion = alike.max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, near)| near);
        mistake.expected = phrases.iter().map(|phrase| format!("\"{phrase}\"")).collect();
        mistake
    }
}
