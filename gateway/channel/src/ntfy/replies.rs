//! Replies by ntfy, with outgoing connections alone: buttons under the message post a signed word to a
//! topic of the same server, and the gateway listens there.
//!
//! The topic's name and the signatures come from a secret that only the gateway has: nobody can foresee
//! the topic, and whoever reads along there can't make a word of their own. A word says which message and
//! what is wanted; the same word twice is the same wish.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use gengfu_core::{id::MessageId, text::Text};
use hmac::Hmac;
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::time::{sleep, timeout};

use super::Ntfy;
use crate::{
    button::{Button, Pressed, Signer},
    channel::{Outgoing, SendError},
    desk::{Desk, Line},
};

/// The server says at least every 45 s that it is there; after this it is called again.
const SILENCE: Duration = Duration::from_secs(75);
/// It is called again after this.
const AGAIN: Duration = Duration::from_secs(5);
/// No line is longer, in bytes.
const LONGEST: usize = 16 * 1024;
/// Messages whose senders are still told what became of their reply: a muster may call five hundred people.
const REMEMBERED: usize = 1_024;
/// The way back in.
pub(super) struct Replies {
    signer: Signer,
    topic: String,
    sent: Mutex<VecDeque<(MessageId, String)>>,
}

/// A line of ntfy's stream.
#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    id: String,
    event: String,
    #[serde(default)]
    message: String,
}

impl Replies {
    pub fn new(key: Hmac<Sha256>) -> Self {
        let signer = Signer::new(key);
        Self { topic: format!("gengfu-{}", signer.name("topic")), signer, sent: Mutex::default() }
    }

    /// The buttons under a message; remembers whom to tell what became of them.
    pub fn buttons(&self, out: &Outgoing, server: &url::Url) -> Vec<Value> {
        let message = &out.message;
        let buttons = Button::under(message);
        if buttons.is_empty() {
            return vec![];
        }
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.retain(|(id, _)| *id != message.id);
        sent.push_back((message.id, message.method.address.clone()));
        if sent.len() > REMEMBERED {
            sent.pop_front();
        }
        let (id, language) = (message.id, message.language);
        let pressed =
            buttons.iter().map(|button| Pressed { message: id, button: *button, language });
        pressed.map(|pressed| self.button(pressed, server)).collect()
    }

    fn button(&self, pressed: Pressed, server: &url::Url) -> Value {
        let url = server.join(&self.topic).map(String::from).unwrap_or_default();
        json!({ "action": "http", "label": pressed.button.label(pressed.language), "url": url,
            "method": "POST", "body": self.signer.token(pressed), "clear": true })
    }

    /// Listens for as long as the channel is set up.
    pub async fn listen(&self, ntfy: &Ntfy, desk: &Desk) {
        let since = jiff::Timestamp::now().as_second().to_string();
        let mut ear = Ear { replies: self, ntfy, desk, since, line: Line::new(desk) };
        loop {
            let reason = ear.stream().await;
            let fault = Text {
                zh: format!("收不到 ntfy 的回复：{reason}"),
                en: format!("Replies by ntfy can't come in: {reason}"),
            };
            ear.line.is_down(fault).await;
            sleep(AGAIN).await;
        }
    }

    async fn take(&self, ntfy: &Ntfy, desk: &Desk, token: &str) {
        let Some(pressed) = self.signer.read(token) else {
            tracing::warn!("a stranger wrote to the topic of replies by ntfy");
            return;
        };
        let message = pressed.message;
        let (words, next) = pressed.file(desk).await;
        let topic = {
            let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
            sent.iter().find(|(id, _)| *id == message).map(|(_, topic)| topic.clone())
        };
        let Some(topic) = topic else { return };
        let next = next.map(|button| self.button(Pressed { button, ..pressed }, &ntfy.server));
        let actions: Vec<Value> = next.into_iter().collect();
        let answer = json!({ "topic": topic, "message": words, "actions": actions });
        if let Err(SendError { reason, .. }) = ntfy.post(&topic, &answer).await {
            tracing::warn!(%message, reason, "what became of a reply was not told");
        }
    }
}

/// Somebody who listens to the topic, from one call of the server to the next.
struct Ear<'a> {
    replies: &'a Replies,
    ntfy: &'a Ntfy,
    desk: &'a Desk,
    /// The last word that was heard; before there is one, a time in seconds.
    since: String,
    line: Line<'a>,
}

impl Ear<'_> {
    /// Until the line breaks; why it did.
    async fn stream(&mut self) -> String {
        let Ok(mut url) = self.ntfy.server.join(&format!("{}/json", self.replies.topic)) else {
            return "the server's address can't be used".into();
        };
        url.query_pairs_mut().append_pair("since", &self.since);
        let request = self.ntfy.authorized(self.ntfy.client.get(url));
        let mut answer = match timeout(SILENCE, request.send()).await {
            Ok(Ok(answer)) if answer.status().is_success() => answer,
            Ok(Ok(answer)) => return format!("the server answered {}", answer.status().as_u16()),
            Ok(Err(_)) => return "the server can't be reached".into(),
            Err(_) => return "the server does not answer".into(),
        };
        let mut buffer = Vec::new();
        loop {
            match timeout(SILENCE, answer.chunk()).await {
                Ok(Ok(Some(bytes))) => buffer.extend_from_slice(&bytes),
                Ok(Ok(None)) | Ok(Err(_)) => return "the server hung up".into(),
                Err(_) => return "the server has fallen silent".into(),
            }
            while let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = buffer.drain(..=end).collect();
                let Ok(line) = serde_json::from_slice::<Said>(&line) else {
                    return "the server does not speak as ntfy does: check `server`".into();
                };
                self.line.is_open().await;
                if line.event == "message" {
                    self.replies.take(self.ntfy, self.desk, &line.message).await;
                    self.since = line.id;
                }
            }
            if buffer.len() > LONGEST {
                return "the server sends lines without an end".into();
            }
        }
    }
}
