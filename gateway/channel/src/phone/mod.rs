//! The telephone, by SIP: it rings, speaks, and a key is the answer.
//!
//! The address is the number. A call tells what happened twice, in the person's language, and then
//! which key does what: 1 I'm going, 2 I can't, 3 again, 5 everybody is out (asked once more). Picking
//! up is no answer: mailboxes pick up too. One call a person at a time; whatever else is to be told
//! meanwhile is told in the same call.
//!
//! A call from a lift's car is answered, opens its alarm by the desk, and 4 on a volunteer's call puts
//! the two through to one another; so does "I'm going", where the car is on the line.
//!
//! Whoever is known and calls the line hears who is on call now.
//!
//! - [`line`]: our side of SIP; [`account`]: whose; [`wire`]: the socket below it; [`incoming`]: what comes in;
//!   [`trunk`]: whether the server is there. [`stream`], [`sdp`], [`rtp`], [`g711`]: what carries the speech;
//!   [`srtp`], [`sdes`], [`manner`]: what encrypts it.
//! - [`call`]: one call until somebody picks up, [`talk`] after that. [`conversation`]: what is said, and what a key means; [`spoken`]: its words;
//!   [`speech`]: the words as sound; [`player`]: the sound as packets.
//! - [`car`]: the call from or to a lift's car; [`patch`]: two calls that hear one another; [`recording`].
//!   [`asked`]: the call of somebody who wants to know who is on call.

mod account;
mod asked;
mod call;
mod car;
mod conversation;
mod g711;
mod incoming;
mod line;
mod manner;
mod patch;
mod player;
mod recording;
mod rtp;
mod sdes;
mod sdp;
mod settings;
mod speech;
mod spoken;
mod srtp;
mod stream;
mod talk;
mod trunk;
mod wire;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use gengfu_core::text::Text;
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{sleep, timeout},
};

use crate::{
    channel::{Accepted, BoxFuture, Channel, Outgoing, SEND_LIMIT, SendError},
    desk::Desk,
    number,
};
use account::Account;
use call::Call;
use incoming::Coming;
use line::Line;
use recording::Recordings;
use speech::Speech;

pub use account::Via;
pub use sdes::Srtp;
pub use settings::Settings;
pub use speech::Voices;

/// Messages that may wait to be told in one call.
const JOINS: usize = 32;
/// What calls may have to say is looked at again after this: places and people come and go.
const FORESEE: Duration = Duration::from_secs(10);
/// A line that can't be opened is tried again after this.
const AGAIN: Duration = Duration::from_secs(10);

/// The telephone.
pub struct Phone {
    account: Account,
    registers: bool,
    watches: bool,
    calls_at_once: usize,
    speech: Arc<Speech>,
    exchange: watch::Sender<Option<Arc<Exchange>>>,
    tests: Vec<String>,
    recordings: Option<Recordings>,
}

/// A line that is open, and the calls over it.
struct Exchange {
    line: Line,
    desk: Desk,
    speech: Arc<Speech>,
    calls: Mutex<BTreeMap<String, mpsc::Sender<Outgoing>>>,
    /// The numbers of the line at which lifts' telephones hold their test calls.
    tests: Vec<String>,
    recordings: Option<Recordings>,
}

impl Phone {
    async fn ring(&self, out: &Outgoing) -> Result<Accepted, SendError> {
        if !spoken::is_worth_a_call(&out.message.content.purpose) {
            return Err(SendError::declined("the phone does not ring for news that ask nothing"));
        }
        let number = number::dialled(&out.message.method.address).map_err(SendError::gone)?;
        let mut open = self.exchange.subscribe();
        let open = timeout(SEND_LIMIT.to_std() / 4, open.wait_for(Option::is_some)).await;
        let exchange = open.ok().and_then(Result::ok).and_then(|exchange| exchange.clone());
        let exchange =
            exchange.ok_or_else(|| SendError::passing("the telephone line is not open"))?;
        exchange.ring(number, out).await
    }

    /// Opens the line, again and again until there is one.
    async fn open(&self, desk: &Desk, calls: &mpsc::Sender<Coming>) -> Line {
        loop {
            match Line::open(self.account.clone(), calls.clone()).await {
                Ok(line) => return line,
                Err(reason) => {
                    tell(desk, Err(reason)).await;
                    sleep(AGAIN).await;
                }
            }
        }
    }

    /// Makes ahead of time what calls may have to say, one sentence after the other.
    async fn prepare(&self, desk: &Desk) {
        let mut made = BTreeSet::new();
        loop {
            let foreseen = desk.foreseen();
            let calls = foreseen.iter().map(|(l, content, _)| (*l, spoken::message(content, *l)));
            // Last: nobody hears these before the others.
            let firsts =
                foreseen.iter().map(|(l, content, card)| (*l, spoken::first(content, card, *l)));
            for (language, text) in spoken::standing().into_iter().chain(calls).chain(firsts) {
                if !text.is_empty() && !made.contains(&(language, text.clone())) {
                    self.speech.make(language, &text).await;
                    made.insert((language, text));
                }
            }
            sleep(FORESEE).await;
        }
    }

    async fn attend(&self, desk: &Desk) {
        let (calls, mut coming) = mpsc::channel(JOINS);
        let line = self.open(desk, &calls).await;
        // The line alone has it, so that no call comes in once it is closed.
        drop(calls);
        let exchange = Arc::new(Exchange {
            line,
            desk: desk.clone(),
            speech: self.speech.clone(),
            calls: Mutex::default(),
            tests: self.tests.clone(),
            recordings: self.recordings.clone(),
        });
        // Ends with the exchange, which lasts as long as the line and the calls over it.
        let taking = Arc::downgrade(&exchange);
        tokio::spawn(async move {
            while let Some(call) = coming.recv().await {
                let Some(exchange) = taking.upgrade() else { break };
                tokio::spawn(exchange.take(call));
            }
        });
        let closes = Closes { exchange: exchange.clone() };
        self.exchange.send_replace(Some(exchange));
        let (to, mut stands) = watch::channel(None);
        let looked = move |outcome| {
            to.send_if_modified(|stands| {
                let changed = stands.as_ref() != Some(&outcome);
                *stands = Some(outcome);
                changed
            });
        };
        let line = &closes.exchange.line;
        let keep = async {
            if self.registers {
                line.register(looked).await;
            } else if self.watches {
                line.watch(looked).await;
            } else {
                // The calls alone show how it is.
                std::future::pending().await
            }
        };
        let follow = async {
            while stands.changed().await.is_ok() {
                let stands = stands.borrow_and_update().clone();
                if let Some(outcome) = stands {
                    tell(desk, outcome).await;
                }
            }
        };
        tokio::join!(keep, follow);
    }
}

/// Closes the line for calls that come in. Those that last, with a car too, keep it until they have
/// ended: a reload with other settings must not hang up on anybody.
struct Closes {
    exchange: Arc<Exchange>,
}

impl Drop for Closes {
    fn drop(&mut self) {
        self.exchange.line.close();
    }
}

async fn tell(desk: &Desk, outcome: Result<(), String>) {
    if outcome.is_ok() {
        tracing::info!("the telephone line is up");
    }
    let fault = outcome.err().map(|reason| {
        tracing::warn!(reason, "the telephone line is down");
        Text {
            zh: format!("电话线路不通：{reason}"),
            en: format!("The telephone line is down: {reason}"),
        }
    });
    desk.line(fault).await;
}

impl Exchange {
    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, mpsc::Sender<Outgoing>>> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rings, or has it told in the call that there is.
    async fn ring(self: &Arc<Self>, number: String, out: &Outgoing) -> Result<Accepted, SendError> {
        let (rings, rang) = oneshot::channel();
        {
            let mut calls = self.lock();
            if let Some(call) = calls.get(&number)
                && call.try_send(out.clone()).is_ok()
            {
                return Ok(Accepted::named(None));
            }
            let (to, joins) = mpsc::channel(JOINS);
            calls.insert(number.clone(), to);
            let call = Call {
                exchange: self.clone(),
                number: number.clone(),
                first: out.clone(),
                joins,
                rings: Some(rings),
            };
            let exchange = self.clone();
            tokio::spawn(async move {
                call.run().await;
                let mut calls = exchange.lock();
                // A call that could take no more was followed by another to the same number.
                if calls.get(&number).is_some_and(mpsc::Sender::is_closed) {
                    calls.remove(&number);
                }
            });
        }
        let lost = || SendError::passing("the call ended before it rang");
        rang.await.map_err(|_| lost())?
    }
}

impl Channel for Phone {
    fn kind(&self) -> &'static str {
        "phone"
    }
    fn send<'a>(&'a self, out: &'a Outgoing) -> BoxFuture<'a, Result<Accepted, SendError>> {
        Box::pin(self.ring(out))
    }
    fn check_address(&self, address: &str) -> Result<(), String> {
        number::dialled(address).map(drop)
    }
    fn has_room(&self) -> bool {
        let open = self.exchange.borrow();
        let calls = open.as_ref().map_or(0, |exchange| exchange.lock().len());
        calls < self.calls_at_once
    }
    fn is_same_address(&self, at_person: &str, heard: &str) -> bool {
        number::is_same(at_person, heard)
    }
    fn listen<'a>(&'a self, desk: &'a Desk) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            tokio::join!(self.attend(desk), self.prepare(desk));
        })
    }
}
