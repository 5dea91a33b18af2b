//! Text messages by a modem of the house: a stick in a USB port, with a SIM. For when the internet is down.
//! The person answers with a digit or a word.
//!
//! - `alphabet`, `pdu`: texts as they go through the air.
//! - `port`: the line to the modem. `fault`: what its refusals mean.
//! - `gauges`: what the modem shows of itself. `credit`: what the SIM has left.
//! - `modem`: one that is ready. `mailroom`: what goes through it.
//!
//! The address is the number.

mod alphabet;
mod credit;
mod fault;
mod gauges;
mod mailroom;
mod modem;
mod pdu;
mod port;

use std::{path::PathBuf, sync::atomic::AtomicBool, time::Duration};

use gengfu_core::notification::cost::Cost;
use serde::Deserialize;
use tokio::{
    sync::{Mutex, mpsc, oneshot},
    time::timeout,
};

use gauges::Gauges;
use mailroom::{Inbox, Job, Mailroom, Memory, told};
use modem::Modem;
use pdu::Parts;

use crate::{
    channel::{Accepted, BoxFuture, Channel, Outgoing, SEND_LIMIT, SendError},
    desk::{Desk, Line},
    number,
    secret::Secret,
    settings::SetupError,
    words::{self, Answering, Room},
};

/// No text takes more parts: each is paid for, and delays the next.
const MOST_PARTS: usize = 4;
/// Texts that may wait for the modem before their senders have to.
const WAITING: usize = 64;
/// Digits of the shortest number that a person has.
const SHORTEST: usize = 5;

/// How an operator sets it up.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The modem's port for commands, by a name that stays: `/dev/serial/by-id/…`.
    pub device: PathBuf,
    /// Its speed in bits a second; USB modems take any.
    #[serde(default = "usual_speed")]
    pub baud: u32,
    /// A file with the SIM's PIN, where it has one.
    pub pin_file: Option<PathBuf>,
    /// What the carrier is dialled to tell the SIM's credit, as `*100#`: once a day.
    pub credit_ussd: Option<String>,
    /// The words in its answer behind which the credit stands; by default it is the first number there.
    #[serde(default)]
    pub credit_after: String,
    /// What the network takes for each part of a text: `0.1 CNY`.
    pub price: Option<Cost>,
}

fn usual_speed() -> u32 {
    115_200
}

impl Settings {
    pub(crate) fn build(&self) -> Result<Sms, SetupError> {
        let pin = Secret::given("pin", None, self.pin_file.as_deref())?;
        if pin.as_ref().is_some_and(|pin| !is_pin(pin.expose())) {
            let problem = "a SIM's PIN has 4 to 8 digits";
            return Err(SetupError::setting("pin_file", problem));
        }
        if !self.device.is_absolute() {
            let problem = "`device` must be a whole path, as /dev/serial/by-id/usb-…-if02-port0";
            return Err(SetupError::setting("device", problem));
        }
        if let Some(code) = &self.credit_ussd
            && !(code.len() > 1 && code.chars().all(|c| c.is_ascii_digit() || "*#".contains(c)))
        {
            let problem = "`credit_ussd` must be digits, * and #, as \"*100#\"";
            return Err(SetupError::setting("credit_ussd", problem));
        }
        let (urgent, from_urgent) = mpsc::channel(WAITING);
        let (ordinary, from_ordinary) = mpsc::channel(WAITING);
        let inbox = Inbox { urgent: from_urgent, ordinary: from_ordinary };
        Ok(Sms {
            settings: self.clone(),
            pin,
            is_pin_refused: AtomicBool::new(false),
            urgent,
            ordinary,
            inbox: Mutex::new(inbox),
        })
    }
}

fn is_pin(text: &str) -> bool {
    (4..=8).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// Text messages by a modem.
pub struct Sms {
    settings: Settings,
    pin: Option<Secret>,
    is_pin_refused: AtomicBool,
    urgent: mpsc::Sender<Job>,
    ordinary: mpsc::Sender<Job>,
    inbox: Mutex<Inbox>,
}

impl Sms {
    async fn text(&self, out: &Outgoing) -> Result<Accepted, SendError> {
        let message = &out.message;
        let number = dialled(&message.method.address).map_err(SendError::gone)?;
        let words = words::words_answered(out, Answering::ByText, Room::Text);
        let mut text = format!("{}\n{}", words.title, words.body());
        if let Some(link) = out.link.as_ref().filter(|_| message.content.purpose.asks()) {
            let linked = format!("{text}\n{link}");
            // The link is one way more to answer, and not worth a torn text.
            if Parts::of(&linked, MOST_PARTS + 1).count() <= MOST_PARTS {
                text = linked;
            }
        }
        let parts = Parts::of(&text, MOST_PARTS);
        let (done, outcome) = oneshot::channel();
        let job = Job { message: message.id, number, language: message.language, parts, done };
        let is_urgent = message.content.danger.must_pass(message.content.priority);
        let queue = if is_urgent { &self.urgent } else { &self.ordinary };
        let gone = || SendError::passing("the gateway is stopping");
        let exchange = async {
            queue.send(job).await.map_err(|_| gone())?;
            outcome.await.map_err(|_| SendError::passing("the modem went away in the middle"))?
        };
        let limit = SEND_LIMIT.to_std().saturating_sub(Duration::from_secs(1));
        let late = |_| SendError::passing("the modem did not take the text in time");
        let numbers = timeout(limit, exchange).await.map_err(late)??;
        let numbers: Vec<String> = numbers.iter().map(u8::to_string).collect();
        let price = self.settings.price.as_ref();
        let parts = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
        let cost = price.map(|price| price.times(parts));
        Ok(Accepted { carrier_id: Some(numbers.join(",")), cost })
    }

    async fn attend(&self, desk: &Desk) {
        let mut inbox = self.inbox.lock().await;
        let mut room =
            Mailroom { desk, gauges: Gauges::new(desk, &self.settings), memory: Memory::default() };
        let mut line = Line::new(desk);
        loop {
            let (device, baud) = (&self.settings.device, self.settings.baud);
            let modem = Modem::open(device, baud, self.pin.as_ref(), &self.is_pin_refused).await;
            let reason = match modem {
                Ok(mut modem) => room.work(&mut modem, &mut inbox, &mut line).await,
                Err(reason) => reason,
            };
            tracing::warn!(reason, "there is no modem for texts");
            line.is_down(told(&reason)).await;
            room.refuse(&mut inbox, &reason).await;
        }
    }
}

impl Channel for Sms {
    fn kind(&self) -> &'static str {
        "sms"
    }
    fn send<'a>(&'a self, out: &'a Outgoing) -> BoxFuture<'a, Result<Accepted, SendError>> {
        Box::pin(self.text(out))
    }
    fn listen<'a>(&'a self, desk: &'a Desk) -> BoxFuture<'a, ()> {
        Box::pin(self.attend(desk))
    }
    fn check_address(&self, address: &str) -> Result<(), String> {
        dialled(address).map(drop)
    }
    fn is_same_address(&self, at_person: &str, heard: &str) -> bool {
        number::is_same(at_person, heard)
    }
}

/// A number that a text can go to.
fn dialled(address: &str) -> Result<String, String> {
    let number = number::dialled(address)?;
    if number.bytes().filter(u8::is_ascii_digit).count() < SHORTEST {
        return Err(format!("\"{address}\" is too short for a mobile number"));
    }
    Ok(number)
}
