//! The desk: what comes back through a channel after a message went out. A key pressed on the phone,
//! a reply by text, the carrier's later word, and whether the way itself is open.

use std::sync::Arc;

use gengfu_core::{
    id::MessageId,
    notification::{receipt::Receipt, wish::Wish},
    text::Text,
};
use tokio::sync::{mpsc, oneshot};

/// What a channel may put on its desk before it has to wait.
pub const DESK: usize = 64;

/// What a channel hears.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    /// The way itself was looked at: a registration, a ping, a modem's signal. Told at first, and
    /// then when it changes.
    Path {
        /// What people should read; none while the way is open.
        fault: Option<Text>,
    },
}

/// Something on the desk, and whom to tell what became of it.
#[derive(Debug)]
pub struct Filed {
    /// What was heard.
    pub heard: Heard,
    /// Told once it is decided and kept, or why it was refused.
    pub done: oneshot::Sender<Result<(), String>>,
}

/// Says whether a message is still needed: nobody else is going, and it is not over.
pub type IsWanted = Arc<dyn Fn(MessageId) -> bool + Send + Sync>;

/// Where one channel puts what it hears.
#[derive(Clone)]
pub struct Desk {
    to: mpsc::Sender<Filed>,
    is_wanted: IsWanted,
}

impl Desk {
    /// A desk and its far end.
    pub fn new(is_wanted: IsWanted) -> (Self, mpsc::Receiver<Filed>) {
        let (to, from) = mpsc::channel(DESK);
        (Self { to, is_wanted }, from)
    }

    /// Whether anybody still needs the person to hear of this: a phone may stop ringing otherwise.
    pub fn wants(&self, message: MessageId) -> bool {
        (self.is_wanted)(message)
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
