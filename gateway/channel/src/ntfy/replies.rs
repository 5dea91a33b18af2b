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

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use gengfu_core::{
    id::MessageId,
    incident::Cause,
    notification::{outbox::Purpose, wish::Wish},
    text::{Language, Text},
};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::time::{Instant, sleep, timeout};

use super::Ntfy;
use crate::{
    channel::{Outgoing, SendError},
    desk::{Desk, Heard},
    reply,
    secret::Secret,
};

/// The server says at least every 45 s that it is there; after this it is called again.
const SILENCE: Duration = Duration::from_secs(75);
/// It is called again after this.
const AGAIN: Duration = Duration::from_secs(5);
/// A line that is down for so long is told of: with the silence before it within 100 s.
const DOWN: Duration = Duration::from_secs(20);
/// No line is longer, in bytes.
const LONGEST: usize = 16 * 1024;
/// Messages whose senders are still told what became of their reply.
const REMEMBERED: usize = 256;
/// Bytes of a signature: 128 bits.
const SIGNATURE: usize = 16;

/// What a button says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Word {
    Wish(Wish),
    /// "Everybody is out": asked once more.
    Out,
}

impl Word {
    const ALL: [(&'static str, Word); 5] = [
        ("going", Word::Wish(Wish::Going)),
        ("there", Word::Wish(Wish::There)),
        ("hand-on", Word::Wish(Wish::HandOn)),
        ("out", Word::Out),
        ("all-clear", Word::Wish(Wish::AllClear(Cause::Rescued))),
    ];

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, word)| *word == self).map_or("out", |(name, _)| name)
    }

    fn label(self, language: Language) -> &'static str {
        let (zh, en) = match self {
            Word::Wish(Wish::Going) => ("我去", "I'm going"),
            Word::Wish(Wish::There) => ("我到了", "I'm there"),
            Word::Wish(Wish::HandOn) => ("去不了", "I can't"),
            Word::Wish(Wish::AllClear(_)) => ("确定，都出来了", "Yes, everybody is out"),
            Word::Out => ("人都出来了", "Everybody is out"),
        };
        match language {
            Language::Zh => zh,
            Language::En => en,
        }
    }
}

/// The way back in.
pub(super) struct Replies {
    secret: Secret,
    topic: String,
    sent: Mutex<VecDeque<(MessageId, String, Language)>>,
}

/// A line of ntfy's stream.
#[derive(Deserialize)]
struct Line {
    #[serde(default)]
    id: String,
    event: String,
    #[serde(default)]
    message: String,
}

impl Replies {
    pub fn new(secret: Secret) -> Self {
        let mut replies = Self { secret, topic: String::new(), sent: Mutex::default() };
        let name: String = replies.sign("topic").iter().map(|b| format!("{b:02x}")).collect();
        replies.topic = format!("gengfu-{name}");
        replies
    }

    fn sign(&self, text: &str) -> Vec<u8> {
        // A key of any length is taken.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.secret.expose().as_bytes()) else {
            return vec![];
        };
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().into_iter().take(SIGNATURE).collect()
    }

    fn token(&self, message: MessageId, word: Word) -> String {
        let text = format!("{message}.{}", word.name());
        let signature = BASE64.encode(self.sign(&text));
        format!("{text}.{signature}")
    }

    fn read(&self, token: &str) -> Option<(MessageId, Word)> {
        let (text, signature) = token.trim().rsplit_once('.')?;
        let signature = BASE64.decode(signature).ok()?;
        let mut mac = Hmac::<Sha256>::new_from_slice(self.secret.expose().as_bytes()).ok()?;
        mac.update(text.as_bytes());
        (signature.len() == SIGNATURE && mac.verify_truncated_left(&signature).is_ok())
            .then_some(())?;
        let (message, word) = text.split_once('.')?;
        let (_, word) = Word::ALL.iter().find(|(name, _)| *name == word)?;
        Some((MessageId(message.parse().ok()?), *word))
    }

    /// The buttons under a message, at most three; remembers whom to tell what became of them.
    pub fn buttons(&self, out: &Outgoing, server: &url::Url) -> Vec<Value> {
        let message = &out.message;
        let words: &[Word] = match message.content.purpose {
            _ if !message.content.purpose.asks() => return vec![],
            Purpose::AskAgain => &[Word::Wish(Wish::There), Word::Wish(Wish::HandOn)],
            Purpose::NotOver { .. } => &[Word::Wish(Wish::There), Word::Out],
            // There must be room for the page and the emergency number: ntfy takes three buttons.
            Purpose::NobodyAnswered { .. } => &[Word::Wish(Wish::Going)],
            _ => &[Word::Wish(Wish::Going), Word::Wish(Wish::HandOn)],
        };
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.retain(|(id, ..)| *id != message.id);
        sent.push_back((message.id, message.method.address.clone(), message.language));
        if sent.len() > REMEMBERED {
            sent.pop_front();
        }
        words.iter().map(|word| self.button(message.id, *word, message.language, server)).collect()
    }

    fn button(&self, id: MessageId, word: Word, language: Language, server: &url::Url) -> Value {
        let url = server.join(&self.topic).map(String::from).unwrap_or_default();
        json!({ "action": "http", "label": word.label(language), "url": url, "method": "POST",
            "body": self.token(id, word), "clear": true })
    }

    /// Listens for as long as the channel is set up.
    pub async fn listen(&self, ntfy: &Ntfy, desk: &Desk) {
        let mut since = jiff::Timestamp::now().as_second().to_string();
        let mut down_since = Some(Instant::now());
        let mut told: Option<bool> = None;
        loop {
            let reason = self.stream(ntfy, desk, &mut since, &mut down_since, &mut told).await;
            let down = *down_since.get_or_insert_with(Instant::now);
            if down.elapsed() >= DOWN && told != Some(false) {
                told = Some(false);
                let fault = Text {
                    zh: format!("收不到 ntfy 的回复：{reason}"),
                    en: format!("Replies by ntfy can't come in: {reason}"),
                };
                let _ = desk.put(Heard::Path { fault: Some(fault) }).await;
            }
            sleep(AGAIN).await;
        }
    }

    /// Until the line breaks; why it did.
    async fn stream(
        &self,
        ntfy: &Ntfy,
        desk: &Desk,
        since: &mut String,
        down_since: &mut Option<Instant>,
        told: &mut Option<bool>,
    ) -> String {
        let Ok(mut url) = ntfy.server.join(&format!("{}/json", self.topic)) else {
            return "the server's address can't be used".into();
        };
        url.query_pairs_mut().append_pair("since", since);
        let answer = match timeout(SILENCE, ntfy.authorized(ntfy.client.get(url)).send()).await {
            Ok(Ok(answer)) if answer.status().is_success() => answer,
            Ok(Ok(answer)) => return format!("the server answered {}", answer.status().as_u16()),
            Ok(Err(_)) => return "the server can't be reached".into(),
            Err(_) => return "the server does not answer".into(),
        };
        let mut answer = answer;
        let mut buffer = Vec::new();
        loop {
            match timeout(SILENCE, answer.chunk()).await {
                Ok(Ok(Some(bytes))) => buffer.extend_from_slice(&bytes),
                Ok(Ok(None)) | Ok(Err(_)) => return "the server hung up".into(),
                Err(_) => return "the server has fallen silent".into(),
            }
            while let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = buffer.drain(..=end).collect();
                let Ok(line) = serde_json::from_slice::<Line>(&line) else {
                    return "the server does not speak as ntfy does: check `server`".into();
                };
                *down_since = None;
                if *told != Some(true) {
                    *told = Some(true);
                    let _ = desk.put(Heard::Path { fault: None }).await;
                }
                if line.event == "message" {
                    self.take(ntfy, desk, &line.message).await;
                    *since = line.id;
                }
            }
            if buffer.len() > LONGEST {
                return "the server sends lines without an end".into();
            }
        }
    }

    async fn take(&self, ntfy: &Ntfy, desk: &Desk, token: &str) {
        let Some((message, word)) = self.read(token) else {
            tracing::warn!("a stranger wrote to the topic of replies by ntfy");
            return;
        };
        let known = {
            let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
            sent.iter().find(|(id, ..)| *id == message).cloned()
        };
        let language = known.as_ref().map_or_else(Language::default, |(.., language)| *language);
        let (words, next) = match word {
            Word::Out => {
                (reply::sure(language).to_owned(), Some(Word::Wish(Wish::AllClear(Cause::Rescued))))
            }
            Word::Wish(wish) => match desk.put(Heard::Reply { message, wish }).await {
                Ok(()) => {
                    let next = match wish {
                        Wish::Going => Some(Word::Wish(Wish::There)),
                        Wish::There => Some(Word::Out),
                        Wish::HandOn | Wish::AllClear(_) => None,
                    };
                    (reply::noted(language, wish).to_owned(), next)
                }
                Err(reason) => (reply::refused(language, &reason), None),
            },
        };
        let Some((_, topic, _)) = known else { return };
        let actions: Vec<Value> = next
            .map(|word| self.button(message, word, language, &ntfy.server))
            .into_iter()
            .collect();
        let answer = json!({ "topic": topic, "message": words, "actions": actions });
        if let Err(SendError { reason, .. }) = ntfy.post(&topic, &answer).await {
            tracing::warn!(%message, reason, "what became of a reply was not told");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_gateways_own_words_are_read() {
        let replies = Replies::new("sixteen letters at the least".into());
        let token = replies.token(MessageId(7), Word::Wish(Wish::Going));
        assert_eq!(replies.read(&token), Some((MessageId(7), Word::Wish(Wish::Going))));
        let other = Replies::new("another secret, also long".into());
        assert_eq!(other.read(&token), None);
        assert_ne!(other.topic, replies.topic);
        assert!(replies.topic.len() <= 64);
        for forged in [
            token.replacen('7', "8", 1),
            token.replace("going", "all-clear"),
            "7.going.".into(),
            "7.going".into(),
            String::new(),
            token[..token.len() - 4].into(),
        ] {
            assert_eq!(replies.read(&forged), None, "{forged}");
        }
    }
}
