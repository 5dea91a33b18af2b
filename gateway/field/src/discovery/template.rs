//! The forms of templates that are understood: `{{ value }}`, a key of the message as
//! `{{ value_json.x['y'] }}`, with filters that leave it what it is, and
//! `{{ 'ON' if value_json.x else 'OFF' }}` with a comparison or without. Whatever else a template says
//! would have to be guessed, and is not.

use serde::{Deserialize, Serialize};

/// Longest template that is looked at, in bytes.
const MAX: usize = 512;

/// Where a value stands in a message, and which word it comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// RFC 6901; empty for the whole message.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pointer: String,
    /// The word that a message means which leaves it out; none where that says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub missing: Option<String>,
    /// Two words, of which the value chooses one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<Choice>,
}

/// Two words, of which the value chooses one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The value that chooses the first; where there is none, whatever is not false, 0 or empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is: Option<String>,
    /// The first.
    pub then: String,
    /// The other.
    pub otherwise: String,
}

/// True and false are written either way, by templates with a capital letter.
pub(super) fn folded(word: String) -> String {
    match word.as_str() {
        "True" | "False" => word.to_ascii_lowercase(),
        _ => word,
    }
}

impl Template {
    /// Reads a template; none where it says something that is not understood.
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX {
            return None;
        }
        let inner = text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
        let inner = inner.strip_prefix('-').unwrap_or(inner);
        let inner = inner.strip_suffix('-').unwrap_or(inner);
        let tokens = tokens(inner)?;
        let mut reader = Reader { tokens: &tokens };
        let template = match reader.tokens.first()? {
            Token::Text(_) | Token::Number(_) => reader.choice()?,
            _ => reader.value()?,
        };
        reader.tokens.is_empty().then_some(template)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Name(String),
    Text(String),
    Number(String),
    Sign(&'static str),
}

fn tokens(mut text: &str) -> Option<Vec<Token>> {
    const SIGNS: [&str; 10] = ["==", "!=", ".", "[", "]", "|", "(", ")", ",", "-"];
    let mut all = vec![];
    loop {
        text = text.trim_start();
        let Some(first) = text.chars().next() else { return Some(all) };
        if first == '\'' || first == '"' {
            let (word, rest) = text.get(1..)?.split_once(first)?;
            // What a backslash stands for is not looked into.
            if word.contains('\\') {
                return None;
            }
            all.push(Token::Text(word.into()));
            text = rest;
        } else if first.is_ascii_digit() {
            let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
            all.push(Token::Number(text.get(..end)?.into()));
            text = text.get(end..)?;
        } else if first.is_alphabetic() || first == '_' {
            let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
            all.push(Token::Name(text.get(..end)?.into()));
            text = text.get(end..)?;
        } else {
            let sign = SIGNS.into_iter().find(|sign| text.starts_with(sign))?;
            all.push(Token::Sign(sign));
            text = text.get(sign.len()..)?;
        }
    }
}

struct Reader<'t> {
    tokens: &'t [Token],
}

impl Reader<'_> {
    fn next(&mut self) -> Option<&Token> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first)
    }

    fn takes(&mut self, wanted: &Token) -> bool {
        let is_next = self.tokens.first() == Some(wanted);
        if is_next {
            self.tokens = &self.tokens[1..];
        }
        is_next
    }

    fn sign(&mut self, sign: &'static str) -> bool {
        self.takes(&Token::Sign(sign))
    }

    fn name(&mut self, name: &str) -> bool {
        self.takes(&Token::Name(name.into()))
    }

    /// A word that is written out.
    fn literal(&mut self) -> Option<String> {
        let is_negative = self.sign("-");
        match self.next()? {
            Token::Number(number) if is_negative => Some(format!("-{number}")),
            _ if is_negative => None,
            Token::Number(word) => Some(word.clone()),
            Token::Text(word) => Some(folded(word.clone())),
            Token::Name(name) => match name.as_str() {
                "true" | "True" | "false" | "False" => Some(name.to_ascii_lowercase()),
                _ => None,
            },
            Token::Sign(_) => None,
        }
    }

    /// Where the value stands, with filters that leave it what it is.
    fn value(&mut self) -> Option<Template> {
        let Token::Name(name) = self.next()?.clone() else { return None };
        let mut pointer = String::new();
        match name.as_str() {
            "value" => {}
            "value_json" => {
                loop {
                    let key = if self.sign(".") {
                        match self.next()? {
                            Token::Name(key) => key.clone(),
                            _ => return None,
                        }
                    } else if self.sign("[") {
                        let key = match self.next()? {
                            Token::Text(key) | Token::Number(key) => key.clone(),
                            _ => return None,
                        };
                        if !self.sign("]") {
                            return None;
                        }
                        key
                    } else {
                        break;
                    };
                    pointer.push('/');
                    pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
                }
                // A whole object is no value.
                if pointer.is_empty() {
                    return None;
                }
            }
            _ => return None,
        }
        let mut missing = None;
        while self.sign("|") {
            let Token::Name(filter) = self.next()?.clone() else { return None };
            let argument = self.argument()?;
            match (filter.as_str(), argument) {
                ("default" | "d", Some(word)) => missing = Some(word),
                // Its argument stands for what is no number, which is no value here.
                ("float" | "int" | "round", _) => {}
                ("is_defined" | "string" | "bool" | "trim", None) => {}
                _ => return None,
            }
        }
        Some(Template { pointer, missing, choice: None })
    }

    /// What a filter is told, if anything: of several words the first.
    fn argument(&mut self) -> Option<Option<String>> {
        if !self.sign("(") {
            return Some(None);
        }
        if self.sign(")") {
            return Some(None);
        }
        let first = self.literal()?;
        while self.sign(",") {
            self.literal()?;
        }
        self.sign(")").then_some(Some(first))
    }

    /// `'ON' if … else 'OFF'`.
    fn choice(&mut self) -> Option<Template> {
        let then = self.literal()?;
        if !self.name("if") {
            return None;
        }
        let mut is_turned = self.name("not");
        let mut template = self.value()?;
        let is = if self.sign("==") {
            Some(self.literal()?)
        } else if self.sign("!=") {
            is_turned = !is_turned;
            Some(self.literal()?)
        } else {
            None
        };
        if !self.name("else") {
            return None;
        }
        let otherwise = self.literal()?;
        let (then, otherwise) = if is_turned { (otherwise, then) } else { (then, otherwise) };
        template.choice = Some(Choice { is, then, otherwise });
        Some(template)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(pointer: &str) -> Template {
        Template { pointer: pointer.into(), ..Template::default() }
    }

    #[test]
    fn the_common_forms_are_understood() {
        for (text, wanted) in [
            ("{{ value }}", key("")),
            ("{{value_json.smoke}}", key("/smoke")),
            ("{{ value_json['smoke'] }}", key("/smoke")),
            ("{{ value_json.SDS0X1['PM2.5'] | float }}", key("/SDS0X1/PM2.5")),
            ("{{- value_json[\"a/b\"].c[0] | round(1) -}}", key("/a~1b/c/0")),
            ("{{ value_json.hum | is_defined | float(0) }}", key("/hum")),
        ] {
            assert_eq!(Template::parse(text), Some(wanted), "{text}");
        }
        let chosen = |is: Option<&str>, then: &str, otherwise: &str| Template {
            choice: Some(Choice {
                is: is.map(Into::into),
                then: then.into(),
                otherwise: otherwise.into(),
            }),
            ..key("/x")
        };
        for (text, wanted) in [
            ("{{ 'ON' if value_json.x else 'OFF' }}", chosen(None, "ON", "OFF")),
            ("{{ 'ON' if not value_json.x else 'OFF' }}", chosen(None, "OFF", "ON")),
            ("{{ 'ON' if value_json.x == 'open' else 'OFF' }}", chosen(Some("open"), "ON", "OFF")),
            ("{{ 'ON' if value_json.x != true else 'OFF' }}", chosen(Some("true"), "OFF", "ON")),
            ("{{ 1 if value_json.x == -1 else 0 }}", chosen(Some("-1"), "1", "0")),
        ] {
            assert_eq!(Template::parse(text), Some(wanted), "{text}");
        }
        let kept = Template { missing: Some("OFF".into()), ..key("/x") };
        assert_eq!(Template::parse("{{ value_json.x | default('OFF') }}"), Some(kept));
    }

    #[test]
    fn whatever_else_a_template_says_is_not_guessed() {
        for text in [
            "",
            "value",
            "{{ value_json }}",
            "{{ value_json. }}",
            "{{ value_json[x] }}",
            "{{ value_json.x + 1 }}",
            "{{ value_json.x | multiply(2) }}",
            "{{ value_json.x | default(y) }}",
            "{{ states('sensor.x') }}",
            "{% if value_json.x %}ON{% else %}OFF{% endif %}",
            "{{ 'ON' if value_json.x > 5 else 'OFF' }}",
            "{{ 'ON' if value_json.x }}",
            "{{ value }} {{ value }}",
            "{{ 'a\\'b' if value else 'c' }}",
            "{{ value_json.é\u{301}",
        ] {
            assert_eq!(Template::parse(text), None, "{text}");
        }
        assert_eq!(Template::parse(&format!("{{{{ value_json.{} }}}}", "x".repeat(MAX))), None);
    }
}
