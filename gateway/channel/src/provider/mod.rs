//! Providers by HTTP: group robots, app notifications and text messages through whoever offers them, each
//! described by a file and not by a program. Some come with the gateway; `docs/providers.md` teaches
//! describing another.
//!
//! - `description`: what is written of a provider.
//! - `library`: those that come with the gateway.
//! - `template`: texts with names in them.
//! - `filled`: one message's request.
//! - `verdict`: what the answer means.
//!
//! The address is what the provider calls a person or a group: a number, a robot's key.

mod description;
mod filled;
mod library;
mod template;
mod verdict;

use std::{collections::BTreeMap, fs, path::PathBuf};

use gengfu_core::{
    advice::Card,
    danger::{Danger, Priority},
    id::MessageId,
    notification::{
        cost::Cost,
        outbox::{Content, Message, Purpose, Status},
    },
    person::Method as Way,
    text::Text,
    time::Timestamp,
};
use reqwest::{RequestBuilder, header};
use serde::Deserialize;
use url::Url;

use description::{Form, Method, Provider, Request};
use filled::{Filled, PLAIN, loud, said};

use crate::{
    address::is_public_host,
    channel::{Accepted, BoxFuture, Channel, Outgoing, Pace, SendError},
    desk::Desk,
    http,
    look::{self, Knocker},
    number,
    secret::Secret,
    settings::SetupError,
    tls::Authorities,
    words::Room,
};

/// No address is longer, in characters.
const MAX_ADDRESS: usize = 200;

/// How an operator sets it up.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// One of those that come with the gateway, e.g. `wecom`.
    pub provider: Option<String>,
    /// A file that describes another.
    pub provider_file: Option<PathBuf>,
    /// What requests are signed with, or let in by.
    pub secret: Option<Secret>,
    /// The same from a file.
    pub secret_file: Option<PathBuf>,
    /// What else the provider wants to be given.
    #[serde(default)]
    pub with: BTreeMap<String, String>,
    /// Authorities to trust besides the system's.
    pub ca: Option<PathBuf>,
    /// What a message costs, where the carrier does not say so: `0.05 CNY`.
    pub price: Option<Cost>,
    /// Whether its far end is looked at between two messages.
    #[serde(default = "crate::settings::yes")]
    pub watch: bool,
}

impl Settings {
    pub(crate) fn build(&self) -> Result<ByProvider, SetupError> {
        let wrong = |name, problem: String| SetupError::setting(name, problem);
        let provider = match (&self.provider, &self.provider_file) {
            (Some(name), None) => library::shipped(name).map_err(|e| wrong("provider", e))?,
            (None, Some(path)) => {
                let file = fs::read_to_string(path)
                    .map_err(|e| SetupError::file(path, format!("it can't be read: {e}")))?;
                Provider::parse(&path.display().to_string(), &file)
                    .map_err(|e| wrong("provider_file", e))?
            }
            _ => {
                let problem = "set either `provider` or `provider_file`";
                return Err(wrong("provider", problem.to_owned()));
            }
        };
        let secret = Secret::given("secret", self.secret.as_ref(), self.secret_file.as_deref())?;
        let channel = ByProvider {
            client: http::client(self.ca.as_deref(), None)?,
            knocker: Knocker::new(&Authorities::load(self.ca.as_deref())?)?,
            watch: self.watch,
            price: self.price.clone(),
            with: self.with.clone(),
            provider,
            secret,
        };
        channel.check().map(|()| channel)
    }
}

/// A provider that is described by a file.
pub struct ByProvider {
    provider: Provider,
    with: BTreeMap<String, String>,
    secret: Option<Secret>,
    client: reqwest::Client,
    knocker: Knocker,
    watch: bool,
    price: Option<Cost>,
}

impl ByProvider {
    /// What is given is what is wanted, and a request can be made of it.
    fn check(&self) -> Result<(), SetupError> {
        let name = self.peer();
        match (&self.provider.secret, &self.secret) {
            (Some(about), None) => {
                let problem = format!("set `secret_file`: {name} wants {}", about.get(PLAIN));
                return Err(SetupError::setting("secret", problem));
            }
            (None, Some(_)) => {
                let problem = format!("{name} takes no secret: leave it out");
                return Err(SetupError::setting("secret", problem));
            }
            _ => {}
        }
        for (wanted, given) in &self.provider.with {
            if given.default.is_none() && !self.with.contains_key(wanted) {
                let about = given.about.get(PLAIN);
                let problem = format!("{name} wants `with.{wanted}`: {about}");
                return Err(SetupError::setting("with", problem));
            }
        }
        if let Some(unknown) = self.with.keys().find(|n| !self.provider.with.contains_key(*n)) {
            let known: Vec<&str> = self.provider.with.keys().map(String::as_str).collect();
            let known = if known.is_empty() { "nothing".into() } else { known.join(", ") };
            let problem = format!("{name} knows no `with.{unknown}`: it is given {known}");
            return Err(SetupError::setting("with", problem));
        }
        let sample = sample(self.provider.address.form);
        let wanted = std::iter::once(&self.provider.request).chain(&self.provider.ping);
        let mut trials = wanted.map(|wanted| self.request(wanted, &sample).map(drop));
        trials.find(Result::is_err).unwrap_or(Ok(())).map_err(|error| {
            let key = if error.contains("`with.") { "with" } else { "provider_file" };
            SetupError::setting(key, format!("{name}: {error}"))
        })
    }

    fn peer(&self) -> &str {
        self.provider.name.get(PLAIN)
    }

    fn address(&self, text: &str) -> Result<String, String> {
        let about = self.provider.address.about.get(PLAIN);
        match self.provider.address.form {
            Form::Number => number::dialled(text),
            Form::Token => {
                let allowed = |c: char| c.is_ascii_alphanumeric() || "-_.:".contains(c);
                if text.is_empty() || text.len() > MAX_ADDRESS || !text.chars().all(allowed) {
                    return Err(format!(
                        "this is no address at {}: wanted is {about}, of letters, digits, - and _ only",
                        self.peer()
                    ));
                }
                Ok(text.to_owned())
            }
        }
    }

    /// What goes to a number is a text.
    fn room(&self) -> Room {
        match self.provider.address.form {
            Form::Number => Room::Text,
            Form::Token => Room::Notice,
        }
    }

    /// A request, filled in for a message.
    fn request(&self, wanted: &Request, out: &Outgoing) -> Result<RequestBuilder, String> {
        let address = self.address(&out.message.method.address)?;
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce).map_err(|e| format!("no random numbers: {e}"))?;
        let nonce = nonce.iter().map(|b| format!("{b:02x}")).collect();
        let filled = Filled {
            request: wanted,
            provider: &self.provider,
            with: &self.with,
            secret: self.secret.as_ref().map(Secret::expose),
            said: said(out, address, jiff::Timestamp::now(), nonce, self.room()),
            loud: loud(out),
        };
        let url = Url::parse(&filled.url()?).map_err(|e| format!("`url` is none: {e}"))?;
        let host = url.host().ok_or("`url` has no host")?;
        if url.scheme() != "https" && (url.scheme() != "http" || is_public_host(&host)) {
            return Err(format!(
                "`url` leads to {host} in the open: only https goes out of the house"
            ));
        }
        let method = match wanted.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Put => reqwest::Method::PUT,
        };
        let mut request = self.client.request(method, url);
        if let Some((user, password)) = &wanted.basic {
            request = request.basic_auth(filled.text(user)?, Some(filled.text(password)?));
        }
        let mut headers = header::HeaderMap::new();
        if let Some(body) = filled.body()? {
            headers
                .insert(header::CONTENT_TYPE, header::HeaderValue::from_static(body.content_type));
            request = request.body(body.bytes);
        }
        for (name, text) in &wanted.headers {
            let wrong = || format!("\"{name}\" is no header that can be sent");
            let name = header::HeaderName::try_from(name).map_err(|_| wrong())?;
            let text = header::HeaderValue::try_from(filled.text(text)?).map_err(|_| wrong())?;
            headers.insert(name, text);
        }
        Ok(request.headers(headers))
    }

    async fn post(&self, out: &Outgoing) -> Result<Accepted, SendError> {
        let typed = out.message.method.address.as_str();
        let address = self.address(typed).map_err(SendError::gone)?;
        let request = self.request(&self.provider.request, out).map_err(SendError::lasting)?;
        let answer = http::ask(self.peer(), request).await?;
        let mut hidden = vec![typed, &address, address.trim_start_matches('+')];
        hidden.extend(self.secret.as_ref().map(Secret::expose));
        let accepted = verdict::judge(self.peer(), &self.provider.answer, &answer, &hidden)?;
        Ok(Accepted { cost: accepted.cost.or_else(|| self.price.clone()), ..accepted })
    }
}

impl ByProvider {
    /// Asks whether they are there as the description says, or else only knocks.
    async fn look(&self) -> Result<(), String> {
        let sample = sample(self.provider.address.form);
        let Some(ping) = &self.provider.ping else {
            let url = self.request(&self.provider.request, &sample)?.build();
            let url = url.map_err(|_| "`url` is none".to_owned())?.url().clone();
            return self.knocker.knock(&url).await;
        };
        let answer = http::ask(self.peer(), self.request(ping, &sample)?).await;
        let hidden: Vec<&str> = self.secret.as_ref().map(Secret::expose).into_iter().collect();
        let judged = answer.and_then(|answer| {
            verdict::judge(self.peer(), &self.provider.answer, &answer, &hidden)
        });
        judged.map(drop).map_err(|error| error.reason)
    }
}

impl Channel for ByProvider {
    fn kind(&self) -> &'static str {
        "http"
    }
    fn send<'a>(&'a self, out: &'a Outgoing) -> BoxFuture<'a, Result<Accepted, SendError>> {
        Box::pin(self.post(out))
    }
    fn listen<'a>(&'a self, desk: &'a Desk) -> BoxFuture<'a, ()> {
        let way = self.provider.name.clone();
        Box::pin(look::watch(desk, way, self.watch.then_some(|| self.look())))
    }
    fn check_address(&self, address: &str) -> Result<(), String> {
        self.address(address).map(drop)
    }
    fn pace(&self) -> Option<Pace> {
        self.provider.limit.map(Pace::from)
    }
}

/// A message to try a description with, before there is a true one.
fn sample(form: Form) -> Outgoing {
    let address = match form {
        Form::Number => "+8613800138000",
        Form::Token => "sample",
    };
    let at = Timestamp::from(jiff::Timestamp::now());
    Outgoing {
        key: "site:1".into(),
        message: Message {
            id: MessageId(1),
            incident: None,
            person: "sample".into(),
            method: Way::new("sample".into(), address),
            language: PLAIN,
            content: Content {
                purpose: Purpose::Alert { step: 0, round: 0 },
                what: Text::from("a sample"),
                place: Text::from("nowhere"),
                since: at,
                danger: Danger::Trapped,
                priority: Priority::Critical,
                test: false,
            },
            made_at: at,
            not_before: at,
            failures: 0,
            status: Status::Due,
            cost: None,
        },
        site: "site".into(),
        incident: None,
        card: Card::usual(Danger::Trapped),
        site_name: Text::from("a sample"),
        time_zone: "UTC".into(),
        link: None,
        receipt_link: None,
    }
}
