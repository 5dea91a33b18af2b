//! Webhook: a signed HTTP request to a program of somebody's own. `docs/webhook.md` tells receivers what
//! they get and how to check it; change both together.
//!
//! The address is the URL.

use std::path::{Path, PathBuf};

use gengfu_core::{notification::outbox::Purpose, text::Text};
use hmac::{Hmac, Mac as _};
use reqwest::header;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;
use url::Url;

use crate::{
    address::{self, PublicOnly},
    cap::{self, Alert, Issuer},
    channel::{Accepted, BoxFuture, Channel, Outgoing, SendError},
    desk::Desk,
    http,
    look::{self, Knocker},
    secret::Secret,
    settings::SetupError,
    tls::Authorities,
    words::{self, is_loud},
};

/// The header with the time and the signature.
const SIGNATURE: &str = "Gengfu-Signature";
/// Called so in messages: the host is part of the person's address, and stays out of them.
const PEER: &str = "the webhook's receiver";

/// How an operator sets it up.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The key that requests are signed with, at least 16 characters.
    pub secret: Option<Secret>,
    /// The same from a file.
    pub secret_file: Option<PathBuf>,
    /// Hosts of the house that addresses may lead to, by `http` too; all others must be public.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// What is sent.
    #[serde(default)]
    pub format: Format,
    /// Authorities to trust besides the system's.
    pub ca: Option<PathBuf>,
    /// Whether its far end is looked at between two messages.
    #[serde(default = "crate::settings::yes")]
    pub watch: bool,
}

/// What is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// A document of the gateway's own, as `docs/webhook.md` tells.
    #[default]
    Json,
    /// An alert by the Common Alerting Protocol 1.2: [`cap`].
    Cap,
}

impl Settings {
    pub(crate) fn build(&self) -> Result<Webhook, SetupError> {
        let secret = Secret::given("secret", self.secret.as_ref(), self.secret_file.as_deref())?;
        let secret = secret.ok_or_else(|| {
            let problem =
                "set `secret` or `secret_file`: receivers know by it that a request is from here";
            SetupError::setting("secret", problem)
        })?;
        let webhook = Webhook::new(secret, &self.hosts, self.ca.as_deref())?;
        Ok(Webhook { watch: self.watch, format: self.format, ..webhook })
    }
}

/// Webhook.
pub struct Webhook {
    key: Hmac<Sha256>,
    format: Format,
    hosts: Vec<String>,
    client: reqwest::Client,
    knocker: Knocker,
    watch: bool,
}

impl Webhook {
    pub(crate) fn new(
        secret: Secret,
        hosts: &[String],
        ca: Option<&Path>,
    ) -> Result<Self, SetupError> {
        let key = secret.key()?;
        let client = http::client(ca, Some(PublicOnly::except(hosts)))?;
        let knocker = Knocker::to_public(&Authorities::load(ca)?, hosts)?;
        let (hosts, format) = (hosts.to_vec(), Format::default());
        Ok(Self { key, format, hosts, client, knocker, watch: true })
    }

    /// Looks at the receivers that people name: a request would be for their programs to answer.
    async fn look(&self, desk: &Desk) -> Result<(), String> {
        let addresses = desk.addresses();
        let urls = addresses.iter().filter_map(|at| address::url(at, &self.hosts).ok());
        self.knocker.knock_at_all(urls).await
    }

    async fn post(&self, out: &Outgoing) -> Result<Accepted, SendError> {
        let url =
            address::url(&out.message.method.address, &self.hosts).map_err(SendError::gone)?;
        let (kind, body) = match self.format {
            Format::Json => ("application/json", document(out).to_string()),
            Format::Cap => (cap::MEDIA_TYPE, alert(out)?),
        };
        let now_s = jiff::Timestamp::now().as_second();
        let request = self
            .client
            .post(url)
            .header(header::CONTENT_TYPE, kind)
            .header("Idempotency-Key", header_value(&out.key))
            .header(SIGNATURE, signature(&self.key, now_s, &body))
            .body(body);
        let answer = http::ask(PEER, request).await?;
        answer.verdict(PEER)?;
        let said = answer.json().unwrap_or_default();
        if let Some(retry) = refused(&said) {
            let reason =
                format!("{PEER} answered {} but reported an error", answer.status.as_u16());
            return Err(SendError { retry, ..SendError::lasting(reason) });
        }
        let carrier_id = said["id"].as_str().map(|id| id.chars().take(200).collect());
        Ok(Accepted::named(carrier_id))
    }
}

impl Channel for Webhook {
    fn kind(&self) -> &'static str {
        "webhook"
    }
    fn send<'a>(&'a self, out: &'a Outgoing) -> BoxFuture<'a, Result<Accepted, SendError>> {
        Box::pin(self.post(out))
    }
    fn listen<'a>(&'a self, desk: &'a Desk) -> BoxFuture<'a, ()> {
        let way = Text::new("网络回调接收方", "A webhook's receiver");
        Box::pin(look::watch(desk, way, self.watch.then_some(|| self.look(desk))))
    }
    fn check_address(&self, address: &str) -> Result<(), String> {
        address::url(address, &self.hosts).map(drop)
    }
}

/// The body of the request.
fn document(out: &Outgoing) -> Value {
    let words = words::words(out);
    let message = &out.message;
    let content = &message.content;
    json!({
        "version": 1,
        "key": out.key,
        "message": message.id,
        "incident": message.incident,
        "person": message.person,
        "language": message.language,
        "site": out.site_name,
        "purpose": content.purpose,
        "danger": content.danger,
        "priority": content.priority,
        "loud": is_loud(content),
        "test": content.test || content.purpose == Purpose::PathTest,
        "what": content.what,
        "place": content.place,
        "since": content.since,
        "made_at": message.made_at,
        "title": words.title,
        "text": words.body(),
        "link": out.link.as_ref().map(Url::as_str),
        "receipt": out.receipt_link.as_ref().map(Url::as_str),
    })
}

/// The same as an alert for a program of others.
fn alert(out: &Outgoing) -> Result<String, SendError> {
    let issuer = Issuer {
        site: out.site.clone(),
        name: out.site_name.clone(),
        time_zone: out.time_zone.clone(),
    };
    let alert = Alert::of_message(&issuer, &out.message, out.incident.as_deref(), &out.card);
    let none = "CAP tells of incidents, and not of this: give this person another way beside it";
    alert.map(|alert| alert.xml()).ok_or_else(|| SendError::declined(none))
}

/// `t=<seconds>,v1=<hex HMAC-SHA-256 of "<seconds>.<body>">`.
fn signature(key: &Hmac<Sha256>, now_s: i64, body: &str) -> String {
    let mut mac = key.clone();
    mac.update(format!("{now_s}.").as_bytes());
    mac.update(body.as_bytes());
    let hex: String = mac.finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect();
    format!("t={now_s},v1={hex}")
}

/// A header takes visible ASCII only; everything else, and `%`, goes as `%` and two hex digits.
fn header_value(key: &str) -> String {
    key.bytes()
        .map(|b| match b {
            b'%' => "%25".to_owned(),
            b if b.is_ascii_graphic() => char::from(b).to_string(),
            b => format!("%{b:02X}"),
        })
        .collect()
}

/// An error inside a 200, as many programs report one: `error`, `ok: false`, or a code other than 0.
/// Says whether another try may help.
fn refused(said: &Value) -> Option<bool> {
    let error = match &said["error"] {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Number(code) => code.as_f64() != Some(0.0),
        _ => true,
    };
    let code = said["errcode"].as_f64().is_some_and(|code| code != 0.0);
    let failed = error || code || said["ok"] == false;
    failed.then(|| said["retry"] == true)
}
