//! What people press and write, by long polling. The server drops what it told once the next question
//! names it: so nothing is lost by a stop in between, and what comes twice is the same wish.

use std::time::Duration;

use gengfu_core::text::Text;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::Telegram;
use crate::{
    button::Pressed,
    desk::{Desk, Line},
};

/// The server holds a question so long while nothing happens, in seconds.
const HELD_S: u64 = 25;
/// After this it has fallen silent.
const SILENCE: Duration = Duration::from_secs(40);
/// It is asked again after this, when it could not be.
const AGAIN: Duration = Duration::from_secs(5);
/// No answer is longer, in bytes: a hundred updates of some 4 KiB.
const LONGEST: usize = 1024 * 1024;

/// No longer text is shown over a chat, in characters.
const MAX_SHOWN: usize = 200;

#[derive(Deserialize)]
struct Update {
    update_id: i64,
    callback_query: Option<Query>,
    message: Option<Written>,
}

/// A button was pressed.
#[derive(Deserialize)]
struct Query {
    id: String,
    #[serde(default)]
    data: String,
    message: Option<Written>,
}

/// A message in a chat.
#[derive(Deserialize)]
struct Written {
    message_id: i64,
    chat: Chat,
    #[serde(default)]
    text: String,
}

#[derive(Deserialize)]
struct Chat {
    id: i64,
}

impl Telegram {
    /// Listens for as long as the channel is set up.
    pub(super) async fn follow(&self, desk: &Desk) {
        let mut line = Line::new(desk);
        let mut next = 0;
        loop {
            // At first, and after a fault, it is to be known at once whether the line is open.
            let held_s = if line.was_open() { HELD_S } else { 0 };
            match self.updates(next, held_s).await {
                Ok(updates) => {
                    line.is_open().await;
                    self.learn_name().await;
                    for update in updates {
                        next = update.update_id + 1;
                        self.take(desk, update).await;
                    }
                }
                Err(reason) => {
                    let fault = Text {
                        zh: format!("收不到 Telegram 的回复：{reason}"),
                        en: format!("Replies by Telegram can't come in: {reason}"),
                    };
                    line.is_down(fault).await;
                    sleep(AGAIN).await;
                }
            }
        }
    }

    /// What happened since, once something has or the server has held the question so long.
    async fn updates(&self, next: i64, held_s: u64) -> Result<Vec<Update>, String> {
        let question = json!({ "offset": next, "timeout": held_s,
            "allowed_updates": ["callback_query", "message"] });
        let exchange = async {
            // The error's own words would name the address, and with it the token.
            let cant = |_: reqwest::Error| "the server can't be reached".to_owned();
            let mut answer = self.request("getUpdates", &question).send().await.map_err(cant)?;
            let status = answer.status().as_u16();
            let mut body = Vec::new();
            while let Some(bytes) = answer.chunk().await.map_err(cant)? {
                body.extend_from_slice(&bytes);
                if body.len() > LONGEST {
                    return Err("the server's answer has no end".to_owned());
                }
            }
            Ok((status, body))
        };
        let silent = |_| "the server does not answer".to_owned();
        let (status, body) = timeout(SILENCE, exchange).await.map_err(silent)??;
        let mut said: Value = serde_json::from_slice(&body).unwrap_or_default();
        match status {
            200 if said["ok"] == true => serde_json::from_value(said["result"].take())
                .map_err(|_| "the server does not speak as Telegram does".to_owned()),
            401 | 404 => Err("the server does not know the bot: check its token".to_owned()),
            409 => Err("another program, or a web hook, listens to this bot: a bot is for one gateway alone".to_owned()),
            _ => Err(format!("the server answered {status}")),
        }
    }

    async fn learn_name(&self) {
        if self.name.get().is_none()
            && let Ok(me) = self.ask("getMe", &json!({})).await
            && let Some(name) = me["username"].as_str()
        {
            let _ = self.name.set(name.to_owned());
        }
    }

    async fn take(&self, desk: &Desk, update: Update) {
        if let Some(query) = update.callback_query {
            self.pressed(desk, query).await;
        } else if let Some(Written { chat, text, .. }) = update.message
            && text.trim_start().starts_with("/start")
        {
            let id = chat.id;
            let words = format!(
                "更夫：您在这里的地址是 {id}，请告诉管理员。\nGengfu: your address here is {id}. Tell it to whoever \
                 keeps the list of people."
            );
            self.tell(&id.to_string(), &words, vec![]).await;
        }
    }

    async fn pressed(&self, desk: &Desk, query: Query) {
        let Some(pressed) = self.signer.read(&query.data) else {
            tracing::warn!("a button came back by Telegram that is not one of ours");
            return;
        };
        let (words, next) = pressed.file(desk).await;
        // So that the button stops turning on their screen.
        let shown: String = words.chars().take(MAX_SHOWN).collect();
        let seen = json!({ "callback_query_id": query.id, "text": shown });
        if let Err(error) = self.ask("answerCallbackQuery", &seen).await {
            tracing::debug!(%error, "a press was not confirmed");
        }
        let Some(Written { chat, message_id, .. }) = query.message else { return };
        let chat = chat.id.to_string();
        let rows = next.map(|button| json!([self.button(Pressed { button, ..pressed })]));
        self.tell(&chat, &words, rows.into_iter().collect()).await;
        // What was answered has no more buttons; that it does is no harm.
        let bare = json!({ "chat_id": chat, "message_id": message_id, "reply_markup": { "inline_keyboard": [] } });
        if let Err(error) = self.ask("editMessageReplyMarkup", &bare).await {
            tracing::debug!(%error, "buttons stay under a message");
        }
    }

    async fn tell(&self, chat: &str, words: &str, rows: Vec<Value>) {
        if let Err(error) = self.write(chat, words, rows, true).await {
            tracing::warn!(%error, "what became of a reply by Telegram was not told");
        }
    }
}
