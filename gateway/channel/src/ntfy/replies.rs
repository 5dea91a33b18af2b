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
use hmac::{Hmac, Mac as _};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::time::{Instant, sleep, timeout};

use super::Ntfy;
use crate::{
    channel::{Outgoing, SendError},
    desk::{Desk, Heard},
    reply,
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
    const ALL: [Word; 5] = [
        Word::Wish(Wish::Going),
        Word::Wish(Wish::There),
        Word::Wish(Wish::HandOn),
        Word::Out,
        Word::SURE,
    ];
    /// "Everybody is out", for good.
    const SURE: Word = Word::Wish(Wish::AllClear(Cause::Rescued));

    fn name(self) -> &'static str {
        match self {
            Word::Wish(Wish::Going) => "going",
            Word::Wish(Wish::There) => "there",
            Word::Wish(Wish::HandOn) => "hand-on",
            Word::Wish(Wish::AllClear(_)) => "all-clear",
            Word::Out => "out",
        }
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
    key: Hmac<Sha256>,
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
    pub fn new(key: Hmac<Sha256>) -> Self {
        let name: String = sign(&key, "topic").iter().map(|b| format!("{b:02x}")).collect();
        Self { key, topic: format!("gengfu-{name}"), sent: Mutex::default() }
    }

    fn token(&self, message: MessageId, word: Word) -> String {
        let text = format!("{message}.{}", word.name());
        let signature = BASE64.encode(sign(&self.key, &text));
        format!("{text}.{signature}")
    }

    fn read(&self, token: &str) -> Option<(MessageId, Word)> {
        let (text, signature) = token.trim().rsplit_once('.')?;
        let signature = BASE64.decode(signature).ok()?;
        let mac = self.key.clone().chain_update(text);
        if signature.len() != SIGNATURE || mac.verify_truncated_left(&signature).is_err() {
            return None;
        }
        let (message, name) = text.split_once('.')?;
        let word = Word::ALL.into_iter().find(|word| word.name() == name)?;
        Some((MessageId(message.parse().ok()?), word))
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
        let since = jiff::Timestamp::now().as_second().to_string();
        let mut ear = Ear { replies: self, ntfy, desk, since, down_since: Some(Instant::now()) };
        loop {
            let reason = ear.stream().await;
            let down = *ear.down_since.get_or_insert_with(Instant::now);
            if down.elapsed() >= DOWN {
                let fault = Text {
                    zh: format!("收不到 ntfy 的回复：{reason}"),
                    en: format!("Replies by ntfy can't come in: {reason}"),
                };
                desk.line(Some(fault)).await;
            }
            sleep(AGAIN).await;
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
            Word::Out => (reply::sure(language).to_owned(), Some(Word::SURE)),
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

fn sign(key: &Hmac<Sha256>, text: &str) -> Vec<u8> {
    let mac = key.clone().chain_update(text).finalize().into_bytes();
    mac.into_iter().take(SIGNATURE).collect()
}

/// Somebody who listens to the topic, from one call of the server to the next.
struct Ear<'a> {
    replies: &'a Replies,
    ntfy: &'a Ntfy,
    desk: &'a Desk,
    /// The last word that was heard; before there is one, a time in seconds.
    since: String,
    down_since: Option<Instant>,
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
                let Ok(line) = serde_json::from_slice::<Line>(&line) else {
                    return "the server does not speak as ntfy does: check `server`".into();
                };
                self.down_since = None;
                self.desk.line(None).await;
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    #[test]
    fn only_the_gateways_own_words_are_read() {
        let replies = |secret: &str| Replies::new(Secret::from(secret).key().unwrap());
        let other = replies("another secret, also long");
        let replies = replies("sixteen letters at the least");
        let token = replies.token(MessageId(7), Word::Wish(Wish::Going));
        assert_eq!(replies.read(&token), Some((MessageId(7), Word::Wish(Wish::Going))));
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
