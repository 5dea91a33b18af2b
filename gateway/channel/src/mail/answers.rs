//! Answers by mail, with outgoing connections alone: the gateway reads a mailbox, and a reply to one of
//! its mails whose first own line is "1" or "我去" is as good as a button.
//!
//! What a mail answers is known by the signed id of ours that it names. Everything else in the mailbox is
//! left as it is, and nobody but those who answer is ever written back to.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc, time::Duration};

use gengfu_core::{id::MessageId, notification::wish::Wish, text::Text};
use lettre::message::Mailbox;
use serde::Deserialize;
use tokio::time::{Instant, sleep, timeout};

use super::{
    LIMIT, MailTls, Transport,
    letter::{About, Reply},
    postbox::{Mark, Postbox, Server},
    reading::{self, Meant, Read},
};
use crate::{
    button::Signer,
    desk::{Desk, Heard, Line},
    reply,
    secret::Secret,
    settings::SetupError,
    spelled,
    tls::Authorities,
};

/// The mailbox is opened again after this, and each time twice as late ...
const AGAIN: Duration = Duration::from_secs(2);
/// ... but not later.
const AGAIN_AT_MOST: Duration = Duration::from_secs(15);
/// "Everybody is out" is to be said a second time within this; and nobody is told more often what can be
/// answered.
const A_WHILE: Duration = Duration::from_secs(600);

/// How an operator sets it up: the mailbox that answers to `from` arrive in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The server that keeps the mailbox, by IMAP.
    pub host: String,
    /// Its port; by default 993 for `tls`, 143 otherwise.
    pub port: Option<u16>,
    /// How the connection is protected.
    #[serde(default = "wrapped")]
    pub tls: MailTls,
    /// Name to sign in with; by default the one for sending.
    pub user: Option<String>,
    /// Password to sign in with; by default the one for sending.
    pub password: Option<Secret>,
    /// The same from a file.
    pub password_file: Option<PathBuf>,
    /// The folder that answers arrive in.
    #[serde(default = "inbox")]
    pub folder: String,
    /// At least 16 characters that only the gateway knows: it signs what an answer must name.
    pub secret: Option<Secret>,
    /// The same from a file.
    pub secret_file: Option<PathBuf>,
    /// Authorities to trust besides the system's.
    pub ca: Option<PathBuf>,
}

fn wrapped() -> MailTls {
    MailTls::Tls
}

fn inbox() -> String {
    "INBOX".to_owned()
}

impl Settings {
    /// `sending` is the name and password that mail is sent with.
    pub(super) fn build(&self, sending: Option<(&str, &Secret)>) -> Result<Answers, SetupError> {
        let wrong = |problem: &str| SetupError::setting("answers", format!("`answers`: {problem}"));
        let of = |e: SetupError| match e {
            SetupError::Setting { problem, .. } => wrong(&problem),
            other => other,
        };
        if !super::is_host(&self.host) {
            return Err(wrong("`host` must be the mail server's name, like \"imap.example.org\""));
        }
        if self.tls == MailTls::None && !super::is_here(&self.host) {
            return Err(wrong("`tls = \"none\"` is only for a mail server on this machine"));
        }
        let password =
            Secret::given("password", self.password.as_ref(), self.password_file.as_deref());
        let (user, password) = match (self.user.as_deref(), password.map_err(of)?, sending) {
            (Some(user), Some(password), _) => (user, password),
            (None, None, Some((user, password))) => (user, password.clone()),
            (None, Some(password), Some((user, _))) => (user, password),
            _ => return Err(wrong("set `user` and `password_file`: whose mailbox it is")),
        };
        let secret = Secret::given("secret", self.secret.as_ref(), self.secret_file.as_deref());
        let secret = secret.map_err(of)?.ok_or_else(|| {
            wrong("set `secret_file`: 32 random characters, which sign what an answer must name")
        })?;
        let mut config = Authorities::load(self.ca.as_deref())?.client_config()?;
        // Those are names of HTTP.
        config.alpn_protocols.clear();
        let usual_port = if self.tls == MailTls::Tls { 993 } else { 143 };
        Ok(Answers {
            signer: Signer::new(secret.key().map_err(of)?),
            server: Server {
                host: self.host.clone(),
                port: self.port.unwrap_or(usual_port),
                tls: self.tls,
                authorities: Arc::new(config),
                user: user.to_owned(),
                password,
                folder: self.folder.clone(),
            },
        })
    }
}

/// The way back in.
pub(super) struct Answers {
    pub signer: Signer,
    server: Server,
}

impl Answers {
    /// Reads the mailbox for as long as the channel is set up.
    pub async fn listen(&self, desk: &Desk, transport: &Transport, from: &Mailbox) {
        let line = Line::part(desk, "answers");
        let mut clerk = Clerk {
            answers: self,
            desk,
            transport,
            from,
            line,
            mark: Mark::default(),
            memory: Memory::default(),
        };
        let mut again = AGAIN;
        loop {
            let reason = match self.server.open(&mut clerk.mark).await {
                Ok(postbox) => {
                    again = AGAIN;
                    clerk.work(postbox).await
                }
                Err(reason) => reason,
            };
            tracing::debug!(reason, "the mailbox for answers is closed");
            let fault = Text {
                zh: format!("收不到邮件的回复：{reason}"),
                en: format!("Replies by mail can't come in: {reason}"),
            };
            clerk.line.is_down(fault).await;
            sleep(again).await;
            again = (again * 2).min(AGAIN_AT_MOST);
        }
    }
}

/// What is remembered from one mail to the next; lost when the gateway stops.
#[derive(Default)]
struct Memory {
    /// Where somebody said that everybody is out, and when; where they were told what can be answered.
    said_out: BTreeMap<MessageId, Instant>,
    told: BTreeMap<MessageId, Instant>,
}

/// Who reads the mailbox.
struct Clerk<'a> {
    answers: &'a Answers,
    desk: &'a Desk,
    transport: &'a Transport,
    from: &'a Mailbox,
    line: Line<'a>,
    mark: Mark,
    memory: Memory,
}

impl Clerk<'_> {
    /// Until the connection breaks; why it did.
    async fn work(&mut self, mut postbox: Postbox) -> String {
        loop {
            if let Err(reason) = self.turn(&mut postbox).await {
                return reason;
            }
        }
    }

    async fn turn(&mut self, postbox: &mut Postbox) -> Result<(), String> {
        let news = postbox.news(self.mark, jiff::Timestamp::now().into()).await?;
        self.line.is_open().await;
        for uid in news {
            let letter = postbox.letter(uid).await?;
            let read = letter.and_then(|bytes| reading::read(&bytes, &self.answers.signer));
            if let Some(read) = read {
                self.take(read).await;
                // Only once it was dealt with: a stop in between must not lose it.
                postbox.is_read(uid).await?;
            }
            self.mark.pass(uid);
        }
        postbox.wait().await
    }

    async fn take(&mut self, read: Read) {
        let About { message, language } = read.about;
        self.memory.said_out.retain(|_, at| at.elapsed() < A_WHILE);
        self.memory.told.retain(|_, at| at.elapsed() < A_WHILE);
        let meant = match read.meant {
            Meant::Digit(digit) => Wish::of_digit(digit, self.desk.is_muster(message))
                .map_or(Meant::Unclear, Meant::Wish),
            meant => meant,
        };
        let wish = match meant {
            Meant::Wish(wish) => wish,
            Meant::Out if self.memory.said_out.remove(&message).is_some() => spelled::SURE,
            Meant::Out => {
                self.memory.said_out.insert(message, Instant::now());
                return self.tell(read, reply::sure_by_text(language));
            }
            Meant::Unclear | Meant::Digit(_) => {
                // Never a word for each of theirs: it may be a machine that does not say so.
                if read.from.is_some() && self.memory.told.insert(message, Instant::now()).is_none()
                {
                    self.tell(read, reply::not_understood(language));
                }
                return;
            }
        };
        match self.desk.put(Heard::Reply { message, wish }).await {
            Ok(()) => self.tell(read, reply::noted_by_text(language, wish)),
            Err(reason) => self.tell(read, &reply::refused(language, &reason)),
        }
    }

    /// Writes back. That it does not go is no harm to what was noted, and holds up no other answer.
    fn tell(&self, read: Read, words: &str) {
        let Read { about, from, id, subject, .. } = read;
        let Some(to) = from else { return };
        let reply = Reply { about, to, id: &id, subject: &subject, words };
        let letter = reply.letter(self.from, &self.answers.signer);
        let transport = self.transport.clone();
        tokio::spawn(async move {
            use lettre::AsyncTransport as _;
            let sent = match letter {
                Ok(letter) => timeout(LIMIT, transport.send(letter)).await.is_ok_and(|s| s.is_ok()),
                Err(_) => false,
            };
            if !sent {
                tracing::warn!(message = %about.message, "what became of an answer by mail was not told");
            }
        });
    }
}
