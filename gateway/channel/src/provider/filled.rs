//! One message's request, filled in: what names stand for, signatures made, the body written.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use gengfu_core::text::Language;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use url::{Url, form_urlencoded};

use super::{
    description::{Provider, Request, Value, Written},
    template::{Template, encode, string},
};
use crate::{
    channel::Outgoing,
    words::{self, Answering, Room, is_loud, tag},
};

/// Values may be made of values, but not round and round.
const DEEPEST: u8 = 16;

/// What is filled in.
pub(super) struct Filled<'a> {
    /// What is filled in: the request for a message, or the one that only asks whether they are there.
    pub request: &'a Request,
    pub provider: &'a Provider,
    /// What the operator gave.
    pub with: &'a BTreeMap<String, String>,
    pub secret: Option<&'a str>,
    /// What is to be said, and when.
    pub said: BTreeMap<&'static str, String>,
    /// It should wake the person.
    pub loud: bool,
}

/// The body of a request, and what it is.
pub(super) struct Body {
    pub content_type: &'static str,
    pub bytes: Vec<u8>,
}

/// What a message says, by the names that providers know. `address` is as the provider wants it.
pub(super) fn said(
    out: &Outgoing,
    address: String,
    now: jiff::Timestamp,
    nonce: String,
    room: Room,
) -> BTreeMap<&'static str, String> {
    let words = words::words_answered(out, Answering::ByLink, room);
    let content = &out.message.content;
    let language = out.message.language;
    let link = out.link.as_ref().map(ToString::to_string).unwrap_or_default();
    let text = words.body();
    let mut message = format!("{}\n{text}", words.title);
    if !link.is_empty() {
        message = format!("{message}\n{link}");
    }
    let since = jiff::tz::TimeZone::get(&out.time_zone)
        .map(|zone| content.since.to_jiff().to_zoned_datetime(zone).strftime("%H:%M").to_string());
    let name = |zh_en: &gengfu_core::text::Text| zh_en.get(language).to_owned();
    BTreeMap::from([
        ("address", address),
        ("key", out.key.clone()),
        ("title", words.title),
        ("text", text),
        ("message", message),
        ("link", link),
        ("what", name(&content.what)),
        ("place", name(&content.place)),
        ("danger", name(&content.danger.words())),
        ("site", name(&out.site_name)),
        ("since", since.unwrap_or_default()),
        ("language", tag(language).to_owned()),
        ("now_s", now.as_second().to_string()),
        ("now_ms", now.as_millisecond().to_string()),
        ("now", now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()),
        ("today", now.strftime("%Y-%m-%d").to_string()),
        ("nonce", nonce),
    ])
}

impl Filled<'_> {
    /// The body, where the request has one.
    pub fn body(&self) -> Result<Option<Body>, String> {
        self.body_at(0)
    }

    fn body_at(&self, depth: u8) -> Result<Option<Body>, String> {
        let request = self.request;
        if let Some(form) = &request.form {
            let mut written = form_urlencoded::Serializer::new(String::new());
            for (name, text) in form {
                written.append_pair(name, &self.text_at(text, depth)?);
            }
            let bytes = written.finish().into_bytes();
            return Ok(Some(Body { content_type: "application/x-www-form-urlencoded", bytes }));
        }
        let Some(json) = &request.json else { return Ok(None) };
        let mut json = json.clone();
        if let Some(loud) = request.loud.as_ref().filter(|_| self.loud) {
            merge(&mut json, loud);
        }
        let bytes = self.json_at(&json, depth)?.to_string().into_bytes();
        Ok(Some(Body { content_type: "application/json; charset=utf-8", bytes }))
    }

    /// The web address; nothing in it is made of `host`. What comes from people is encoded; what the operator gave stays as it is.
    pub fn url(&self) -> Result<String, String> {
        let look_up = |name: &str| match self.said.get(name) {
            Some(text) => Ok(encode(text.as_bytes()).into_bytes()),
            None if name == "host" => Err("`url` can't be made of its own `host`".to_owned()),
            None => self.look_up(name, 0),
        };
        string("url", Template::parse(&self.request.url)?.fill(&look_up)?)
    }

    /// The server's name, as the request's `Host` header has it.
    fn host(&self) -> Result<String, String> {
        let url = Url::parse(&self.url()?).map_err(|e| format!("`url` is none: {e}"))?;
        let host = url.host_str().ok_or("`url` has no host")?;
        Ok(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
    }

    /// A text of the request.
    pub fn text(&self, text: &str) -> Result<String, String> {
        self.text_at(text, 0)
    }

    fn text_at(&self, text: &str, depth: u8) -> Result<String, String> {
        string(text, self.bytes_at(text, depth)?)
    }

    fn bytes_at(&self, text: &str, depth: u8) -> Result<Vec<u8>, String> {
        Template::parse(text)?.fill(&|name| self.look_up(name, depth))
    }

    fn json_at(&self, json: &Json, depth: u8) -> Result<Json, String> {
        Ok(match json {
            Json::String(text) => Json::String(self.text_at(text, depth)?),
            Json::Array(all) => {
                let filled: Result<_, _> = all.iter().map(|j| self.json_at(j, depth)).collect();
                Json::Array(filled?)
            }
            Json::Object(all) => {
                let filled =
                    all.iter().map(|(name, j)| Ok((name.clone(), self.json_at(j, depth)?)));
                Json::Object(filled.collect::<Result<_, String>>()?)
            }
            other => other.clone(),
        })
    }

    fn look_up(&self, name: &str, depth: u8) -> Result<Vec<u8>, String> {
        if depth > DEEPEST {
            return Err(format!("`{name}` is made of itself"));
        }
        if let Some(text) = self.said.get(name) {
            return Ok(text.clone().into_bytes());
        }
        if name == "host" {
            return self.host().map(String::into_bytes);
        }
        if name == "body" {
            return Ok(self.body_at(depth + 1)?.map(|body| body.bytes).unwrap_or_default());
        }
        if let Some(value) = self.provider.values.get(name) {
            return self.value(value, depth + 1);
        }
        if name == "secret" {
            return self.secret.map(|s| s.as_bytes().to_vec()).ok_or_else(|| {
                "`secret` is used but not asked for: add `secret = { en = \"…\" }`".to_owned()
            });
        }
        let given = self.provider.with.get(name).and_then(|given| given.default.as_ref());
        if let Some(text) = self.with.get(name).or(given) {
            return Ok(text.clone().into_bytes());
        }
        let of_provider = self.provider.with.keys().chain(self.provider.values.keys());
        let known: Vec<&str> =
            self.said.keys().copied().chain(["body", "host", "secret"]).collect();
        let known = known.into_iter().chain(of_provider.map(String::as_str)).collect::<Vec<_>>();
        Err(format!("nothing is called `{name}`: there are {}", known.join(", ")))
    }

    fn value(&self, value: &Value, depth: u8) -> Result<Vec<u8>, String> {
        let text = match (&value.json, &value.text) {
            (Some(json), None) => self.json_at(json, depth)?.to_string().into_bytes(),
            (None, Some(text)) => self.bytes_at(text, depth)?,
            (None, None) => Vec::new(),
            (Some(_), Some(_)) => return Err("a value has both `text` and `json`".into()),
        };
        if !value.sha256 {
            return Ok(text);
        }
        let hashed = match &value.key {
            None => Sha256::digest(&text).to_vec(),
            Some(key) => Hmac::<Sha256>::new_from_slice(&self.bytes_at(key, depth)?)
                .map_err(|e| e.to_string())?
                .chain_update(&text)
                .finalize()
                .into_bytes()
                .to_vec(),
        };
        Ok(match value.form {
            Written::Bytes => hashed,
            Written::Base64 => BASE64.encode(hashed).into_bytes(),
            Written::Hex => hashed.iter().map(|b| format!("{b:02x}")).collect::<String>().into(),
        })
    }
}

/// Lays `patch` over `json` (RFC 7396).
fn merge(json: &mut Json, patch: &Json) {
    match (json, patch) {
        (Json::Object(json), Json::Object(patch)) => {
            for (name, value) in patch {
                merge(json.entry(name.clone()).or_insert(Json::Null), value);
            }
        }
        (json, patch) => *json = patch.clone(),
    }
}

/// Whether a message should wake the person.
pub(super) fn loud(out: &Outgoing) -> bool {
    is_loud(&out.message.content)
}

/// The language that has words for everybody.
pub(super) const PLAIN: Language = Language::En;
