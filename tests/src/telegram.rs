//! Telegram's server, as far as the documentation of its Bot API tells: a stand-in, since there is no way to
//! the real one. Sending with buttons, long polling, confirmation by the next question, a token.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    routing::post,
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::watch, time::timeout};

/// The only bot that it knows.
pub const TOKEN: &str = "123456:ABC-DEF1234ghIkl-zyx57W2v";

/// The server.
#[derive(Clone)]
pub struct Telegram {
    /// Where it listens.
    pub address: SocketAddr,
    kept: Arc<Mutex<Kept>>,
    news: watch::Sender<u64>,
}

#[derive(Default)]
struct Kept {
    messages: Vec<Value>,
    updates: Vec<Value>,
    made: i64,
    confirmed: Vec<String>,
    is_down: bool,
}

impl Telegram {
    /// Starts it.
    ///
    /// # Errors
    /// Where no port can be had.
    pub async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let telegram = Self {
            address: listener.local_addr()?,
            kept: Arc::default(),
            news: watch::Sender::new(0),
        };
        let app = Router::new().route("/{bot}/{method}", post(ask)).with_state(telegram.clone());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(telegram)
    }

    /// The messages of a chat, as they stand now.
    pub fn of(&self, chat: &str) -> Vec<Value> {
        self.kept().messages.iter().filter(|m| m["chat_id"] == chat).cloned().collect()
    }

    /// What was shown over the chat when a button was pressed.
    pub fn confirmed(&self) -> Vec<String> {
        self.kept().confirmed.clone()
    }

    /// Updates that the bot has not confirmed.
    pub fn waiting(&self) -> usize {
        self.kept().updates.len()
    }

    /// Presses the button with this label under the newest message of a chat that has it.
    ///
    /// # Errors
    /// Where there is none.
    pub fn press(&self, chat: &str, label: &str) -> anyhow::Result<()> {
        let messages = self.of(chat);
        let found = messages.iter().rev().find_map(|message| {
            let rows = message["reply_markup"]["inline_keyboard"].as_array()?;
            let button = rows.iter().filter_map(Value::as_array).flatten();
            let button = button.into_iter().find(|button| button["text"] == label)?;
            Some((message["message_id"].clone(), button["callback_data"].clone()))
        });
        let (id, data) =
            found.ok_or_else(|| anyhow::anyhow!("no button \"{label}\": {messages:?}"))?;
        self.happens(json!({ "callback_query": { "id": "q1", "from": { "id": 5 }, "data": data,
            "message": { "message_id": id, "chat": { "id": chat.parse::<i64>()? } } } }));
        Ok(())
    }

    /// Somebody writes in a chat.
    pub fn write(&self, chat: i64, text: &str) {
        self.happens(
            json!({ "message": { "message_id": 1, "chat": { "id": chat }, "text": text } }),
        );
    }

    /// Nobody can ask it anything any more, or again.
    pub fn set_down(&self, is_down: bool) {
        self.kept().is_down = is_down;
        self.news.send_modify(|n| *n += 1);
    }

    fn happens(&self, mut update: Value) {
        let mut kept = self.kept();
        kept.made += 1;
        update["update_id"] = json!(kept.made);
        kept.updates.push(update);
        drop(kept);
        self.news.send_modify(|n| *n += 1);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn updates(&self, asked: &Value) -> Value {
        let offset = asked["offset"].as_i64().unwrap_or_default();
        let mut news = self.news.subscribe();
        let wait = async {
            loop {
                let found = {
                    let mut kept = self.kept();
                    kept.updates.retain(|u| u["update_id"].as_i64() >= Some(offset));
                    (!kept.updates.is_empty() || kept.is_down).then(|| kept.updates.clone())
                };
                if let Some(found) = found {
                    return found;
                }
                if news.changed().await.is_err() {
                    return vec![];
                }
            }
        };
        let held = Duration::from_secs(asked["timeout"].as_u64().unwrap_or_default());
        json!(timeout(held, wait).await.unwrap_or_default())
    }
}

type Answer = (StatusCode, Json<Value>);

fn no(status: StatusCode, words: &str) -> Answer {
    (status, Json(json!({ "ok": false, "error_code": status.as_u16(), "description": words })))
}

async fn ask(
    State(telegram): State<Telegram>,
    Path((bot, method)): Path<(String, String)>,
    Json(asked): Json<Value>,
) -> Answer {
    if bot != format!("bot{TOKEN}") {
        return no(StatusCode::UNAUTHORIZED, "Unauthorized");
    }
    let result = match method.as_str() {
        "getUpdates" => telegram.updates(&asked).await,
        "getMe" => json!({ "id": 123_456, "is_bot": true, "username": "gengfu_bot" }),
        "sendMessage" if asked["chat_id"] == "13" => {
            return no(StatusCode::FORBIDDEN, "Forbidden: bot was blocked by the user");
        }
        "sendMessage" => {
            let mut kept = telegram.kept();
            let mut message = asked;
            message["message_id"] = json!(kept.messages.len() + 100);
            kept.messages.push(message.clone());
            message
        }
        "answerCallbackQuery" => {
            let words = asked["text"].as_str().unwrap_or_default().to_owned();
            // As documented: 0 to 200 characters.
            if words.chars().count() > 200 {
                return no(StatusCode::BAD_REQUEST, "Bad Request: MESSAGE_TOO_LONG");
            }
            telegram.kept().confirmed.push(words);
            json!(true)
        }
        "editMessageReplyMarkup" => {
            let mut kept = telegram.kept();
            let id = &asked["message_id"];
            match kept.messages.iter_mut().find(|m| &m["message_id"] == id) {
                Some(message) => message["reply_markup"] = asked["reply_markup"].clone(),
                None => return no(StatusCode::BAD_REQUEST, "Bad Request: message not found"),
            }
            json!(true)
        }
        _ => return no(StatusCode::NOT_FOUND, "Not Found"),
    };
    if telegram.kept().is_down {
        return no(StatusCode::BAD_GATEWAY, "Bad Gateway");
    }
    (StatusCode::OK, Json(json!({ "ok": true, "result": result })))
}
