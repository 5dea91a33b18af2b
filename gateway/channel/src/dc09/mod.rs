//! A professional alarm receiving centre, by SIA DC-09 over TCP: each alarm, and its end, as an event
//! of DC-03; an idle line is polled, so that a line that is down is known (EN 54-21: within 100 s).
//!
//! The address is the account at the centre. A centre takes note and calls whom its contract names; it
//! does not say "I'm going".
//!
//! - `frame`: the frames, their check and their encryption.

mod frame;

use std::{collections::VecDeque, path::PathBuf, sync::Mutex, sync::PoisonError, time::Duration};

use gengfu_core::{
    danger::Danger,
    notification::outbox::{Content, Purpose},
    text::{Language, Text},
    time::Span,
};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};

use crate::{
    channel::{Accepted, BoxFuture, Channel, Outgoing, SendError},
    desk::Desk,
    secret::Secret,
    settings::SetupError,
};
use frame::{Answer, Frame, Key};

/// For one try at one receiver, to its answer: two tries at two receivers fit into a send.
const TRY: Duration = Duration::from_secs(4);
/// After a poll without an answer it is polled again so soon.
const AGAIN: Duration = Duration::from_secs(15);
/// The rarest poll that still finds a dead line within 100 s, with the try after it.
const RAREST: Span = Span::secs(75);
/// Sequence numbers of messages that may be tried again.
const REMEMBERED: usize = 64;
/// No answer is longer, in bytes.
const LONGEST: usize = 1_024;

/// How an operator sets it up.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The centre's receiver, with its port: `alarm.example.org:7700`.
    pub server: String,
    /// Its second receiver, tried when the first is silent.
    pub second: Option<String>,
    /// The account that the idle line is polled with: 3 to 16 hexadecimal digits.
    pub account: String,
    /// The key for AES as the centre gave it: 32, 48 or 64 hexadecimal digits, or 16, 24 or 32 characters.
    /// Frames are sent in plain without it.
    pub secret: Option<Secret>,
    /// The same from a file.
    pub secret_file: Option<PathBuf>,
    /// Time between two polls of an idle line.
    #[serde(default = "minute")]
    pub poll: Span,
}

fn minute() -> Span {
    Span::mins(1)
}

impl Settings {
    pub(crate) fn build(&self) -> Result<Centre, SetupError> {
        let named = [("server", Some(&self.server)), ("second", self.second.as_ref())];
        for (name, server) in named.into_iter().filter_map(|(name, s)| Some((name, s?))) {
            let port = server.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
            if port.is_none() {
                let problem = format!("`{name}` needs the port too, as \"alarm.example.org:7700\"");
                return Err(SetupError::setting(name, problem));
            }
        }
        account(&self.account).map_err(|e| SetupError::setting("account", e))?;
        if self.poll > RAREST || self.poll < Span::secs(1) {
            let problem =
                format!("`poll` must be 1 s to {RAREST}: a dead line is to be known within 100 s");
            return Err(SetupError::setting("poll", problem));
        }
        let secret = Secret::given("secret", self.secret.as_ref(), self.secret_file.as_deref())?;
        let key = secret.map(|secret| {
            let problem =
                "the key must be 32, 48 or 64 hexadecimal digits, or 16, 24 or 32 characters";
            Key::written(secret.expose().trim()).ok_or(SetupError::setting("secret", problem))
        });
        let servers = std::iter::once(self.server.clone()).chain(self.second.clone()).collect();
        Ok(Centre {
            servers,
            account: self.account.clone(),
            key: key.transpose()?,
            poll: self.poll.to_std(),
            numbers: Mutex::default(),
        })
    }
}

/// A receiving centre.
pub struct Centre {
    servers: Vec<String>,
    account: String,
    key: Option<Key>,
    poll: Duration,
    numbers: Mutex<Numbers>,
}

/// Which sequence number each message has: a message that is tried again keeps its own, so that the
/// centre knows it for the same.
#[derive(Default)]
struct Numbers {
    last: u16,
    of: VecDeque<(String, u16)>,
}

impl Numbers {
    fn of(&mut self, key: &str) -> u16 {
        if let Some((_, number)) = self.of.iter().find(|(known, _)| known == key) {
            return *number;
        }
        // 0000 is for answers to what could not be read.
        self.last = self.last % 9_999 + 1;
        self.of.push_back((key.to_owned(), self.last));
        if self.of.len() > REMEMBERED {
            self.of.pop_front();
        }
        self.last
    }
}

impl Centre {
    fn number(&self, key: &str) -> u16 {
        self.numbers.lock().unwrap_or_else(PoisonError::into_inner).of(key)
    }

    async fn report(&self, out: &Outgoing) -> Result<Accepted, SendError> {
        let content = &out.message.content;
        let Some(code) = code(content) else {
            return Err(SendError::declined(
                "a receiving centre is told of alarms and of their end only",
            ));
        };
        let account = &out.message.method.address;
        self.check_address(account).map_err(SendError::gone)?;
        let words =
            format!("{} {}", content.place.get(Language::En), content.what.get(Language::En));
        let sequence = self.number(&out.key);
        self.tell(sequence, account, Some((code, &words))).await?;
        Ok(Accepted::named(Some(format!("{sequence:04}"))))
    }

    /// Tells the first receiver that answers.
    async fn tell(
        &self,
        sequence: u16,
        account: &str,
        event: Option<(&'static str, &str)>,
    ) -> Result<(), SendError> {
        let mut last = SendError::passing("there is no receiving centre");
        for server in &self.servers {
            match timeout(TRY * 2, self.tell_one(server, sequence, account, event)).await {
                Ok(Ok(())) => return Ok(()),
                Ok(Err(error)) => last = error,
                Err(_) => last = SendError::passing("the receiving centre does not answer"),
            }
            // What one receiver does not understand, its twin does not either.
            if !last.retry {
                break;
            }
        }
        Err(last)
    }

    async fn tell_one(
        &self,
        server: &str,
        sequence: u16,
        account: &str,
        event: Option<(&'static str, &str)>,
    ) -> Result<(), SendError> {
        let mut off = SignedDuration::ZERO;
        for _ in 0..2 {
            let at = Timestamp::now() + off;
            let frame = Frame { sequence, account, event, at }.bytes(self.key.as_ref());
            let answer = timeout(TRY, exchange(server, &frame)).await;
            let answer = answer
                .map_err(|_| SendError::passing("the receiving centre does not answer"))?
                .map_err(|e| {
                    SendError::passing(format!("the receiving centre can't be reached: {e}"))
                })?;
            match frame::answer(&answer, sequence, account, self.key.as_ref()) {
                Some(Answer::Taken) => return Ok(()),
                Some(Answer::Unable) => {
                    return Err(SendError::lasting(
                        "the receiving centre does not understand the event: ask it which DC-03 codes it takes",
                    ));
                }
                // It has another time: that frame is said again with its own.
                Some(Answer::NotNow(Some(theirs))) => off = theirs.duration_since(Timestamp::now()),
                Some(Answer::NotNow(None)) => break,
                None => {
                    return Err(SendError::passing(
                        "the receiving centre's answer is damaged, or for another account or key",
                    ));
                }
            }
        }
        Err(SendError::passing(
            "the receiving centre does not take this: check the clock, the account and the key",
        ))
    }

    async fn watch(&self, desk: &Desk) {
        loop {
            let number = self.number(&format!("poll {}", Timestamp::now()));
            let told = self.tell(number, &self.account, None).await;
            let fault = told.as_ref().err().map(|error| Text {
                zh: format!("接警中心线路不通：{error}"),
                en: format!("The line to the receiving centre is down: {error}"),
            });
            desk.line(fault).await;
            sleep(if told.is_ok() { self.poll } else { AGAIN.min(self.poll) }).await;
        }
    }
}

async fn exchange(server: &str, frame: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(frame).await?;
    let mut answer = Vec::new();
    let mut part = [0; 256];
    loop {
        let length = stream.read(&mut part).await?;
        answer.extend_from_slice(&part[..length]);
        if length == 0 || answer.ends_with(b"\r") || answer.len() > LONGEST {
            return Ok(answer);
        }
    }
}

/// The event of DC-03 that a message stands for; none for what only concerns those who were told.
fn code(content: &Content) -> Option<&'static str> {
    if content.test {
        return matches!(content.purpose, Purpose::Alert { .. }).then_some("RP");
    }
    let is_over = match content.purpose {
        Purpose::Alert { .. } | Purpose::HandedOver { .. } | Purpose::NobodyAnswered { .. } => {
            false
        }
        Purpose::Over { .. } => true,
        Purpose::PathTest => return Some("RP"),
        Purpose::AskAgain
        | Purpose::Taken { .. }
        | Purpose::NotOver { .. }
        | Purpose::Muster { .. }
        | Purpose::NeedsHelp { .. }
        | Purpose::MusterOver { .. }
        | Purpose::Duty(_) => return None,
    };
    let (alarm, end) = match content.danger {
        Danger::Fire => ("FA", "FR"),
        Danger::Gas => ("GA", "GR"),
        Danger::Water => ("WA", "WR"),
        // A passenger who calls for help.
        Danger::Trapped => ("QA", "QR"),
        Danger::Lift | Danger::Gate => ("UA", "UR"),
        Danger::Fault => ("UT", "UJ"),
    };
    Some(if is_over { end } else { alarm })
}

fn account(text: &str) -> Result<(), String> {
    let good = (3..=16).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_hexdigit());
    if good { Ok(()) } else { Err("an account has 3 to 16 digits or letters A to F".to_owned()) }
}

impl Channel for Centre {
    fn kind(&self) -> &'static str {
        "dc09"
    }
    fn send<'a>(&'a self, out: &'a Outgoing) -> BoxFuture<'a, Result<Accepted, SendError>> {
        Box::pin(self.report(out))
    }
    fn check_address(&self, address: &str) -> Result<(), String> {
        account(address)
    }
    fn listen<'a>(&'a self, desk: &'a Desk) -> BoxFuture<'a, ()> {
        Box::pin(self.watch(desk))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_keeps_its_number_and_numbers_go_round_without_0() {
        let mut numbers = Numbers::default();
        assert_eq!((numbers.of("a"), numbers.of("b"), numbers.of("a")), (1, 2, 1));
        numbers.last = 9_999;
        assert_eq!(numbers.of("c"), 1);
    }
}
