//! ntfy: a message published to a topic on an ntfy server, the house's own or a public one.
//!
//! With a `secret`, messages carry buttons, and the gateway listens for what they say: `replies`.
//!
//! The address is the topic. Whoever knows it can read along, so it should be long and random, or
//! guarded by the server's access control.

mod replies;

use std::path::{Path, PathBuf};

use gengfu_core::{danger::Priority, notification::outbox::Purpose, text::Text};
use reqwest::RequestBuilder;
use serde::Deserialize;
use serde_json::{Value, json};
use url::{Host, Url};

use replies::Replies;

use crate::{
    channel::{Accepted, BoxFuture, Channel, Outgoing, SendError},
    desk::Desk,
    http,
    look::{self, Knocker},
    secret::Secret,
    settings::SetupError,
    tls::Authorities,
    words::{self, Answering, Room, is_loud},
};

/// Longer messages become an attachment there, in bytes.
const MAX_MESSAGE: usize = 4096;
/// The longest topic that ntfy takes.
const MAX_TOPIC: usize = 64;

/// How an operator sets it up.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The server's address, e.g. `https://ntfy.example.org`.
    pub server: String,
    /// Access token, where the server wants one.
    pub token: Option<Secret>,
    /// The same from a file.
    pub token_file: Option<PathBuf>,
    /// At least 16 characters that only the gateway knows: with it people can answer by buttons.
    pub secret: Option<Secret>,
    /// The same from a file.
    pub secret_file: Option<PathBuf>,
    /// Authorities to trust besides the system's.
    pub ca: Option<PathBuf>,
    /// Whether its far end is looked at between two messages.
    #[serde(default = "crate::settings::yes")]
    pub watch: bool,
}

impl Settings {
    /// People can answer by buttons.
    pub(crate) fn is_answered(&self) -> bool {
        self.secret.is_some() || self.secret_file.is_some()
    }

    pub(crate) fn build(&self) -> Result<Ntfy, SetupError> {
        let token = Secret::given("token", self.token.as_ref(), self.token_file.as_deref())?;
        let secret = Secret::given("secret", self.secret.as_ref(), self.secret_file.as_deref())?;
        let key = secret.map(|secret| secret.key()).transpose()?;
        let ntfy = Ntfy::new(&self.server, token, self.ca.as_deref())?;
        Ok(Ntfy { replies: key.map(Replies::new), watch: self.watch, ..ntfy })
    }
}

/// ntfy.
pub struct Ntfy {
    server: Url,
    token: Option<Secret>,
    client: reqwest::Client,
    replies: Option<Replies>,
    knocker: Knocker,
    watch: bool,
}

impl Ntfy {
    pub(crate) fn new(
        server: &str,
        token: Option<Secret>,
        ca: Option<&Path>,
    ) -> Result<Self, SetupError> {
        let wrong = |what: &str| {
            SetupError::setting(
                "server",
                format!("`server` must be like \"https://ntfy.example.org\": {what}"),
            )
        };
        let mut server = Url::parse(server).map_err(|e| wrong(&e.to_string()))?;
        let here = match server.host() {
            None => return Err(wrong("there is no host in it")),
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
        };
        match server.scheme() {
            "https" => {}
            "http" if token.is_none() || here => {}
            "http" => {
                return Err(wrong(
                    "with a token it must be https, or everybody on the way reads it",
                ));
            }
            _ => return Err(wrong("it begins with https:// or, inside the house, http://")),
        }
        if !server.username().is_empty() || server.password().is_some() {
            return Err(wrong("name and password don't belong there; use `token`"));
        }
        server.set_query(None);
        server.set_fragment(None);
        let knocker = Knocker::new(&Authorities::load(ca)?)?;
        let client = http::client(ca, None)?;
        Ok(Self { server, token, client, replies: None, knocker, watch: true })
    }

    async fn publish(&self, out: &Outgoing) -> Result<Accepted, SendError> {
        let topic = &out.message.method.address;
        self.check_address(topic).map_err(SendError::gone)?;
        let buttons = self.replies.as_ref().map(|replies| replies.buttons(out, &self.server));
        self.post(topic, &publication(out, buttons.unwrap_or_default())).await
    }

    fn authorized(&self, request: RequestBuilder) -> RequestBuilder {
        match &self.token {
            Some(token) => request.bearer_auth(token.expose()),
            None => request,
        }
    }

    async fn post(&self, topic: &str, publication: &Value) -> Result<Accepted, SendError> {
        let peer = format!("the ntfy server {}", self.server.host_str().unwrap_or_default());
        let request = self.authorized(self.client.post(self.server.clone()).json(publication));
        let answer = http::ask(&peer, request).await?;
        let said = answer.json().unwrap_or_default();
        let complaint = said["error"].as_str().map(|text| quote(text, topic));
        if let Err(mut error) = answer.verdict(&peer) {
            if let Some(text) = complaint {
                error.reason = format!("{}: \"{text}\"", error.reason);
            }
            return Err(error);
        }
        match (said["id"].as_str(), complaint) {
            (Some(id), None) if said["event"] == "message" => {
                Ok(Accepted::named(Some(id.chars().take(64).collect())))
            }
            (_, Some(text)) => Err(SendError::lasting(format!("{peer} refused: \"{text}\""))),
            _ => Err(SendError::lasting(format!(
                "{peer} answered, but not as ntfy does: check `server`"
            ))),
        }
    }
}

impl Channel for Ntfy {
    fn kind(&self) -> &'static str {
        "ntfy"
    }
    fn send<'a>(&'a self, out: &'a Outgoing) -> BoxFuture<'a, Result<Accepted, SendError>> {
        Box::pin(self.publish(out))
    }
    fn listen<'a>(&'a self, desk: &'a Desk) -> BoxFuture<'a, ()> {
        match &self.replies {
            Some(replies) => Box::pin(replies.listen(self, desk)),
            None => Box::pin(look::watch(
                desk,
                Text::new("ntfy 服务器", "The ntfy server"),
                self.watch.then_some(|| self.knocker.knock(&self.server)),
            )),
        }
    }
    fn check_address(&self, topic: &str) -> Result<(), String> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if topic.is_empty() || topic.len() > MAX_TOPIC || !topic.chars().all(allowed) {
            return Err(format!(
                "an ntfy topic has 1 to {MAX_TOPIC} letters a-z, digits, - and _; only the topic, not \
                 the server's address"
            ));
        }
        Ok(())
    }
}

fn publication(out: &Outgoing, buttons: Vec<Value>) -> Value {
    let answering = if buttons.is_empty() { Answering::ByLink } else { Answering::ByButton };
    let words = words::words_answered(out, answering, Room::Notice);
    let content = &out.message.content;
    let mut body = words.body();
    while body.len() > MAX_MESSAGE {
        body.pop();
    }
    let mut publication = json!({
        "topic": out.message.method.address,
        "title": words.title,
        "message": body,
        "priority": priority(out),
        "tags": [if content.purpose == Purpose::PathTest { "white_check_mark" } else { emoji(out) }],
    });
    let mut actions = buttons;
    if let Some(link) = &out.link {
        publication["click"] = json!(link.as_str());
        let label = match (content.purpose.asks(), out.message.language) {
            (true, gengfu_core::text::Language::Zh) => "打开并回答",
            (true, gengfu_core::text::Language::En) => "Open and answer",
            (false, gengfu_core::text::Language::Zh) => "打开",
            (false, gengfu_core::text::Language::En) => "Open",
        };
        actions
            .push(json!({"action": "view", "label": label, "url": link.as_str(), "clear": true}));
    }
    if let Purpose::NobodyAnswered { .. } = content.purpose {
        for number in ["119", "96333"] {
            let url = format!("tel:{number}");
            actions.push(json!({"action": "view", "label": number, "url": url}));
        }
    }
    // ntfy takes no more than three.
    actions.truncate(3);
    if !actions.is_empty() {
        publication["actions"] = json!(actions);
    }
    publication
}

/// 5 rings through "do not disturb" where the person allowed it; 3 is ntfy's ordinary one.
fn priority(out: &Outgoing) -> u8 {
    let content = &out.message.content;
    match content.priority {
        _ if is_loud(content) => 5,
        _ if !content.purpose.asks() => 3,
        Priority::Critical | Priority::High => 4,
        Priority::Normal => 3,
        Priority::Low => 2,
    }
}

/// ntfy's short names of the pictures before a title.
fn emoji(out: &Outgoing) -> &'static str {
    use gengfu_core::danger::Danger as D;
    match out.message.content.danger {
        D::Fire => "fire",
        D::Trapped => "sos",
        D::Gas => "warning",
        D::Water => "droplet",
        D::Lift => "elevator",
        D::Gate => "door",
        D::Fault => "wrench",
    }
}

/// The server's own words, short, without the topic.
fn quote(text: &str, topic: &str) -> String {
    let text: String = text.chars().filter(|c| !c.is_control()).take(200).collect();
    text.replace(topic, "…")
}
