//! Telegram: a bot of the house writes to people, they answer by buttons, and the gateway asks the server
//! for what they pressed: outgoing connections alone.
//!
//! The address is the chat's number. Whoever writes `/start` to the bot is told theirs.

mod updates;

use std::{path::PathBuf, sync::OnceLock};

use gengfu_core::{notification::outbox::Purpose, time::Span};
use reqwest::RequestBuilder;
use serde::Deserialize;
use serde_json::{Value, json};
use url::{Host, Url};

use crate::{
    button::{Button, Pressed, Signer},
    channel::{Accepted, BoxFuture, Channel, Outgoing, Pace, SendError},
    desk::Desk,
    http,
    secret::Secret,
    settings::SetupError,
    words::{self, Answering, Room, is_loud},
};

/// Called so in messages to people; the address of its requests holds the secret.
const PEER: &str = "Telegram";
/// Longer texts are refused there, in characters; ours never are (`words`).
const MAX_TEXT: usize = 4096;
/// What a bot may send to all chats together: core.telegram.org/bots/faq, "My bot is hitting limits".
const PACE: Pace = Pace { messages: 30, span: Span::secs(1) };

/// How an operator sets it up.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The bot's token, as @BotFather gave it.
    pub token: Option<Secret>,
    /// The same from a file.
    pub token_file: Option<PathBuf>,
    /// A server of Bot API other than Telegram's own.
    #[serde(default = "telegram")]
    pub server: String,
    /// Authorities to trust besides the system's.
    pub ca: Option<PathBuf>,
}

fn telegram() -> String {
    "https://api.telegram.org".to_owned()
}

impl Settings {
    pub(crate) fn build(&self) -> Result<Telegram, SetupError> {
        let token = Secret::given("token", self.token.as_ref(), self.token_file.as_deref())?;
        let token = token.ok_or_else(|| {
            let problem = "set `token_file`: the bot's token, which @BotFather gives on /newbot";
            SetupError::setting("token", problem)
        })?;
        let wrong = |what: &str| {
            let problem = format!("`server` must be like \"{}\": {what}", telegram());
            SetupError::setting("server", problem)
        };
        let mut server = Url::parse(&self.server).map_err(|e| wrong(&e.to_string()))?;
        let here = match server.host() {
            None => return Err(wrong("there is no host in it")),
            Some(Host::Domain(name)) => name == "localhost",
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
        };
        if server.scheme() != "https" && !(server.scheme() == "http" && here) {
            return Err(wrong("it must be https, or everybody on the way reads the token"));
        }
        let shape = |c: char| c.is_ascii_alphanumeric() || "-_:".contains(c);
        if !token.expose().contains(':') || !token.expose().chars().all(shape) {
            let problem =
                "`token` is no bot's token: it looks like 123456:ABC-DEF1234ghIkl-zyx57W2v";
            return Err(SetupError::setting("token", problem));
        }
        server.set_path("");
        let signer = Signer::new(token.key()?);
        Ok(Telegram {
            server,
            token,
            signer,
            client: http::client(self.ca.as_deref(), None)?,
            name: OnceLock::new(),
        })
    }
}

/// Telegram.
pub struct Telegram {
    server: Url,
    token: Secret,
    signer: Signer,
    client: reqwest::Client,
    /// The bot's own name, once it is known.
    name: OnceLock<String>,
}

impl Telegram {
    fn request(&self, method: &str, body: &Value) -> RequestBuilder {
        let mut url = self.server.clone();
        url.set_path(&format!("bot{}/{method}", self.token.expose()));
        self.client.post(url).json(body)
    }

    /// Asks the server something, and gives its result.
    async fn ask(&self, method: &str, body: &Value) -> Result<Value, SendError> {
        let answer = http::ask(PEER, self.request(method, body)).await?;
        let mut said = answer.json().unwrap_or_default();
        if said["ok"] == true && answer.status.is_success() {
            return Ok(said["result"].take());
        }
        let Err(mut error) = answer.verdict(PEER) else {
            return Err(SendError::lasting("something else than Telegram stands at `server`"));
        };
        let words = said["description"].as_str().unwrap_or_default();
        if error.retry {
            error.retry_after =
                said["parameters"]["retry_after"].as_u64().map(Span::secs).or(error.retry_after);
        } else if matches!(answer.status.as_u16(), 401 | 404) {
            error.reason = format!("{PEER} does not know the bot: check its token");
            return Err(error);
        } else if is_gone(answer.status.as_u16(), words) {
            error = SendError::gone(
                "this chat can't be written to any more: the bot was blocked or taken out, or nobody wrote to it yet",
            );
        }
        if !words.is_empty() {
            let words: String = words.chars().filter(|c| !c.is_control()).take(200).collect();
            error.reason = format!("{}: \"{words}\"", error.reason);
        }
        Err(error)
    }

    async fn post(&self, out: &Outgoing) -> Result<Accepted, SendError> {
        let message = &out.message;
        self.check_address(&message.method.address).map_err(SendError::gone)?;
        let buttons = Button::under(message);
        let answering = if buttons.is_empty() { Answering::ByLink } else { Answering::ByButton };
        let words = words::words_answered(out, answering, Room::Notice);
        let mut rows: Vec<Value> = buttons
            .iter()
            .map(|button| {
                let (message, language) = (message.id, message.language);
                json!([self.button(Pressed { message, button: *button, language })])
            })
            .collect();
        if let Some(link) = &out.link {
            rows.push(json!([{ "text": words::button(out), "url": link.as_str() }]));
        }
        let text: String = format!("{} {}\n{}", emoji(out), words.title, words.body());
        let text: String = text.chars().take(MAX_TEXT).collect();
        let sent = self.write(&message.method.address, &text, rows, !rings(out)).await?;
        Ok(Accepted::named(sent["message_id"].as_i64().map(|id| id.to_string())))
    }

    /// Writes to a chat.
    async fn write(
        &self,
        chat: &str,
        text: &str,
        rows: Vec<Value>,
        quiet: bool,
    ) -> Result<Value, SendError> {
        let mut body = json!({ "chat_id": chat, "text": text, "disable_notification": quiet,
            "link_preview_options": { "is_disabled": true } });
        if !rows.is_empty() {
            body["reply_markup"] = json!({ "inline_keyboard": rows });
        }
        self.ask("sendMessage", &body).await
    }

    fn button(&self, pressed: Pressed) -> Value {
        json!({ "text": pressed.button.label(pressed.language),
            "callback_data": self.signer.token(pressed) })
    }
}

impl Channel for Telegram {
    fn kind(&self) -> &'static str {
        "telegram"
    }
    fn send<'a>(&'a self, out: &'a Outgoing) -> BoxFuture<'a, Result<Accepted, SendError>> {
        Box::pin(self.post(out))
    }
    fn listen<'a>(&'a self, desk: &'a Desk) -> BoxFuture<'a, ()> {
        Box::pin(self.follow(desk))
    }
    fn check_address(&self, address: &str) -> Result<(), String> {
        let digits = address.strip_prefix('-').unwrap_or(address);
        if digits.is_empty() || digits.len() > 20 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            let bot = self.name.get().map_or("the bot".to_owned(), |name| format!("@{name}"));
            return Err(format!(
                "a Telegram address is the chat's number: write /start to {bot}, and it tells yours"
            ));
        }
        Ok(())
    }
    fn pace(&self) -> Option<Pace> {
        Some(PACE)
    }
}

/// Nobody can be written to in this chat.
fn is_gone(status: u16, words: &str) -> bool {
    let words = words.to_ascii_lowercase();
    status == 403
        || status == 400
            && (words.contains("chat not found") || words.contains("user is deactivated"))
}

/// It makes a sound: what asks something does, and what comes to an end does not.
fn rings(out: &Outgoing) -> bool {
    out.message.content.purpose.asks() || is_loud(&out.message.content)
}

fn emoji(out: &Outgoing) -> &'static str {
    use gengfu_core::danger::Danger as D;
    match (&out.message.content.purpose, out.message.content.danger) {
        (
            Purpose::PathTest
            | Purpose::Taken { .. }
            | Purpose::Over { .. }
            | Purpose::MusterOver { .. },
            _,
        ) => "✅",
        (Purpose::Duty(_), _) => "📅",
        (_, D::Fire) => "🔥",
        (_, D::Trapped) => "🆘",
        (_, D::Gas) => "⚠️",
        (_, D::Water) => "💧",
        (_, D::Lift) => "🛗",
        (_, D::Gate) => "🚪",
        (_, D::Fault) => "🔧",
    }
}
