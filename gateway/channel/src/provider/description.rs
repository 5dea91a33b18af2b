//! What is written of a provider: where it wants what, how requests are signed, what its answers mean.
//! `docs/providers.md` teaches writing one; change both together.

use std::collections::BTreeMap;

use gengfu_core::{text::Text, time::Span};
use serde::Deserialize;
use serde_json::Value as Json;

use crate::channel::Pace;

/// A provider, as a file describes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Provider {
    /// How people call it.
    pub name: Text,
    /// What a person's address is there.
    pub address: Address,
    /// What the secret is, where one is wanted.
    pub secret: Option<Text>,
    /// What else the operator has to give, by name.
    #[serde(default)]
    pub with: BTreeMap<String, Given>,
    /// What is made of all this for signing, by name.
    #[serde(default)]
    pub values: BTreeMap<String, Value>,
    pub request: Request,
    /// A request that only asks whether they are there and let us in, and costs nothing.
    pub ping: Option<Request>,
    #[serde(default)]
    pub answer: Answer,
    /// How many messages it takes.
    pub limit: Option<Limit>,
}

/// A person's address at the provider.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Address {
    /// What it is, for the person who types it in.
    pub about: Text,
    pub form: Form,
}

/// What an address looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Form {
    /// A telephone number.
    Number,
    /// Letters, digits, `-`, `_`, `.` and `:`.
    Token,
}

/// Something that the operator gives.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Given {
    /// What it is and where to find it.
    pub about: Text,
    /// What it is where it is not given.
    pub default: Option<String>,
}

/// Something that is made for a request: a text or a JSON document, then perhaps hashed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Value {
    /// The text; empty where there is neither this nor `json`.
    pub text: Option<String>,
    /// The document.
    pub json: Option<Json>,
    /// Hashed by SHA-256; with a `key`, HMAC-SHA-256.
    #[serde(default)]
    pub sha256: bool,
    /// The key, a text with names in it.
    pub key: Option<String>,
    /// How what was hashed is written.
    #[serde(default, rename = "as")]
    pub form: Written,
}

/// How bytes are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Written {
    #[default]
    Hex,
    Base64,
    /// As they are: the key of another value.
    Bytes,
}

/// The request for one message.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    #[serde(default)]
    pub method: Method,
    pub url: String,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// User and password.
    pub basic: Option<(String, String)>,
    /// The body as a JSON document.
    pub json: Option<Json>,
    /// What is laid over it (RFC 7396) when the message should wake somebody.
    pub loud: Option<Json>,
    /// The body as a form.
    pub form: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Method {
    #[default]
    Post,
    Get,
    Put,
}

/// What the answer means. Places in it are JSON pointers (RFC 6901).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answer {
    /// Where its code stands; the first of these that is there.
    #[serde(default)]
    pub code: Vec<String>,
    /// Codes of a success. With none, the status alone says so.
    #[serde(default)]
    pub good: Vec<Code>,
    /// Codes of what passes by itself: a limit, a fault of theirs.
    #[serde(default)]
    pub passing: Vec<Code>,
    /// Codes for "nobody is at this address".
    #[serde(default)]
    pub gone: Vec<Code>,
    /// Where the reason stands, in their words.
    #[serde(default)]
    pub reason: Vec<String>,
    /// Where their name for the message stands.
    #[serde(default)]
    pub id: Vec<String>,
    /// Where it stands what the message cost: the amount, or the amount and the currency.
    #[serde(default)]
    pub cost: Vec<String>,
    /// Where the currency of the cost stands, or the currency itself: `CNY`.
    #[serde(default)]
    pub currency: Vec<String>,
}

/// A code: a number, or a text that ends in `*` for all that begin so.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub(super) enum Code {
    Number(i64),
    Text(String),
}

impl Code {
    pub fn matches(&self, code: &str) -> bool {
        match self {
            Code::Number(n) => code == n.to_string(),
            Code::Text(text) => match text.strip_suffix('*') {
                Some(begin) => code.starts_with(begin),
                None => code == text,
            },
        }
    }
}

/// How many messages a provider takes.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Limit {
    pub messages: u32,
    #[serde(rename = "in")]
    pub span: Span,
}

impl From<Limit> for Pace {
    fn from(limit: Limit) -> Self {
        Self { messages: limit.messages, span: limit.span }
    }
}

impl Provider {
    /// The provider that `file` describes; `name` is the file's, for people.
    ///
    /// # Errors
    /// Where the mistake is and what it is.
    pub fn parse(name: &str, file: &str) -> Result<Self, String> {
        toml::from_str(file).map_err(|error| {
            let line = error.span().map(|at| file[..at.start].lines().count().max(1));
            let line = line.map(|n| format!(":{n}")).unwrap_or_default();
            format!("{name}{line}: {}", error.message().lines().next().unwrap_or_default())
        })
    }
}
