//! The desk: what comes back through a channel after a message went out. A key pressed on the phone,
//! a reply by text, the carrier's later word, and whether the way itself is open.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use gengfu_core::{
    advice::Card,
    id::MessageId,
    notification::{outbox::Content, receipt::Receipt, wish::Wish},
    point::Sample,
    text::{Language, Text},
};
use tokio::{
    sync::{Mutex, mpsc, oneshot},
    time::Instant,
};

/// What a channel may put on its desk before it has to wait.
pub const DESK: usize = 64;

/// A line that is down for so long is told of: with the silence before it, of 75 s at most, within the
/// 100 s that a failed way may go unseen.
const DOWN: Duration = Duration::from_secs(20);

/// What a channel hears.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// The carrier knows more of a message than when it took it.
    Receipt {
        /// Which message.
        message: MessageId,
        /// What is known of it now.
        receipt: Receipt,
    },
    /// A person answered a message: a key, a button.
    Reply {
        /// Which message.
        message: MessageId,
        /// What they want.
        wish: Wish,
    },
    /// A person wrote without naming a message, as in a text that says "1". Meant is the newest
    /// thing that this address was asked through this channel and that is not over.
    Word {
        /// Whose address, written as at the person.
        address: String,
        /// What they want.
        wish: Wish,
    },
    /// A lift's telephone calls, or its call is over.
    Car {
        /// The number that it calls from.
        number: String,
        /// What it does.
        car: Car,
    },
    /// What the channel's own equipment shows of itself.
    Shown {
        /// Of what: `signal`, `network`, `credit`.
        point: &'static str,
        /// What it shows, or why it shows nothing.
        sample: Sample,
    },
    /// The way itself was looked at: a registration, a ping, a modem's signal. Told at first, and
    /// then when it changes.
    Path {
        /// What people should read; none while the way is open.
        fault: Option<Text>,
    },
}

/// What a lift's telephone does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Car {
    /// Somebody in the car calls for help.
    Calls,
    /// The call is over.
    HungUp,
    /// The telephone tries its own way, as it must every 72 h (EN 81-28).
    Tests,
}

/// Something on the desk, and whom to tell what became of it.
#[derive(Debug)]
pub struct Filed {
    /// What was heard.
    pub heard: Heard,
    /// Told once it is decided and kept, or why it was refused.
    pub done: oneshot::Sender<Result<(), String>>,
}

/// What a channel may ask of the gateway.
pub trait House: Send + Sync {
    /// Whether a message is still needed: nobody else is going, and it is not over.
    fn wants(&self, message: MessageId) -> bool;

    /// The number of the telephone in the car of the lift that a message is about.
    fn car_of(&self, message: MessageId) -> Option<String> {
        let _ = message;
        None
    }

    /// What messages may come to say, in which languages, and what to do first then, so that it is ready when
    /// they do.
    fn foreseen(&self) -> Vec<(Language, Content, Card)> {
        vec![]
    }

    /// Whether a message called everybody: its answers are whether somebody is safe.
    fn is_muster(&self, message: MessageId) -> bool {
        let _ = message;
        false
    }

    /// The same of the newest thing that this address was asked through this channel.
    fn is_mustered(&self, address: &str) -> bool {
        let _ = address;
        false
    }

    /// The addresses that people have on this channel.
    fn addresses(&self) -> Vec<String> {
        vec![]
    }

    /// What somebody is told who asks who is on call now, and in which language: by every roster, until
    /// when. None where this telephone number stands at nobody.
    fn duty(&self, number: &str) -> Option<(Language, String)> {
        let _ = number;
        None
    }
}

/// Where one channel puts what it hears.
#[derive(Clone)]
pub struct Desk {
    to: mpsc::Sender<Filed>,
    house: Arc<dyn House>,
    line: Arc<Mutex<Told>>,
}

/// How a channel's line stands.
#[derive(Default)]
struct Told {
    /// The faults of its parts, where it has more than one: the way out, the way back.
    parts: BTreeMap<&'static str, Option<Text>>,
    /// What was told last.
    last: Option<Option<Text>>,
}

impl Desk {
    /// A desk and its far end.
    pub fn new(house: Arc<dyn House>) -> (Self, mpsc::Receiver<Filed>) {
        let (to, from) = mpsc::channel(DESK);
        (Self { to, house, line: Arc::default() }, from)
    }

    /// Whether anybody still needs the person to hear of this: a phone may stop ringing otherwise.
    pub fn wants(&self, message: MessageId) -> bool {
        self.house.wants(message)
    }

    /// The number of the telephone in the car of the lift that a message is about.
    pub fn car_of(&self, message: MessageId) -> Option<String> {
        self.house.car_of(message)
    }

    /// What messages may come to say, in which languages, and what to do first then.
    pub fn foreseen(&self) -> Vec<(Language, Content, Card)> {
        self.house.foreseen()
    }

    /// Whether a message called everybody: its answers are whether somebody is safe.
    pub fn is_muster(&self, message: MessageId) -> bool {
        self.house.is_muster(message)
    }

    /// The same of the newest thing that this address was asked through this channel.
    pub fn is_mustered(&self, address: &str) -> bool {
        self.house.is_mustered(address)
    }

    /// The addresses that people have on this channel.
    pub fn addresses(&self) -> Vec<String> {
        self.house.addresses()
    }

    /// What somebody at this telephone number is told who asks who is on call now; none for a stranger.
    pub fn duty(&self, number: &str) -> Option<(Language, String)> {
        self.house.duty(number)
    }

    /// Tells how the channel's own line stands: at first, and then when that changes. None is open.
    pub async fn line(&self, fault: Option<Text>) {
        self.part("line", fault).await;
    }

    /// The same for one part of it. The line is open while all of them are.
    async fn part(&self, part: &'static str, fault: Option<Text>) {
        // Held until it is told: what two parts find goes out in one order.
        let mut told = self.line.lock().await;
        told.parts.insert(part, fault);
        let fault = told.parts.values().flatten().next().cloned();
        if told.last.as_ref() == Some(&fault) {
            return;
        }
        told.last = Some(fault.clone());
        // Refused only while the gateway stops.
        let _ = self.put(Heard::Path { fault }).await;
    }

    /// Puts something on the desk, and waits until it is decided and kept: from then on the person
    /// may be told "noted".
    ///
    /// # Errors
    /// Why it was refused, in words for the person: the incident is over, nothing was asked.
    pub async fn put(&self, heard: Heard) -> Result<(), String> {
        let (done, answer) = oneshot::channel();
        let stops = || "the gateway is stopping".to_owned();
        self.to.send(Filed { heard, done }).await.map_err(|_| stops())?;
        answer.await.map_err(|_| stops())?
    }
}

/// A channel's line in, which may be down for a moment before anybody is told.
pub(crate) struct Line<'a> {
    desk: &'a Desk,
    part: &'static str,
    down_since: Option<Instant>,
}

impl<'a> Line<'a> {
    /// A line of which nothing is known yet.
    pub fn new(desk: &'a Desk) -> Self {
        Self::part(desk, "line")
    }

    /// The same of one part of a line: the way out, the way back.
    pub fn part(desk: &'a Desk, part: &'static str) -> Self {
        Self { desk, part, down_since: Some(Instant::now()) }
    }

    /// It was open when it was tried last.
    pub fn was_open(&self) -> bool {
        self.down_since.is_none()
    }

    /// Something was heard.
    pub async fn is_open(&mut self) {
        self.down_since = None;
        self.desk.part(self.part, None).await;
    }

    /// It is down; `fault` is told once it has been so for [`DOWN`].
    pub async fn is_down(&mut self, fault: Text) {
        let since = *self.down_since.get_or_insert_with(Instant::now);
        if since.elapsed() >= DOWN {
            self.desk.part(self.part, Some(fault)).await;
        }
    }
}
