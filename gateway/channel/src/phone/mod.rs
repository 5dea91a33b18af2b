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
//! - [`line`]: our side of SIP. [`stream`], [`sdp`], [`rtp`], [`g711`]: what carries the speech.
//! - [`call`]: one call. [`conversation`]: what is said, and what a key means; [`spoken`]: its words;
//!   [`speech`]: the words as sound; [`player`]: the sound as packets.
//! - [`car`]: the call from or to a lift's car; [`patch`]: two calls that hear one another; [`recording`].

mod call;
mod car;
mod conversation;
mod g711;
mod line;
mod patch;
mod player;
mod recording;
mod rtp;
mod sdp;
mod speech;
mod spoken;
mod stream;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use gengfu_core::{text::Text, time::Span};
use serde::Deserialize;
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{sleep, timeout},
};

use crate::{
    channel::{Accepted, BoxFuture, Channel, Outgoing, SEND_LIMIT, SendError},
    desk::Desk,
    number,
    secret::Secret,
    settings::SetupError,
};
use call::Call;
use car::Cars;
use line::{Account, Line};
use recording::Recordings;
use speech::Speech;

pub use line::Via;
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
    speech: Arc<Speech>,
    exchange: watch::Sender<Option<Arc<Exchange>>>,
    tests: Vec<String>,
    recordings: Option<Recordings>,
}

/// A line that is open, and the calls over it.
struct Exchange {
    line: Arc<Line>,
    desk: Desk,
    speech: Arc<Speech>,
    calls: Mutex<BTreeMap<String, mpsc::Sender<Outgoing>>>,
    cars: Cars,
    /// The numbers of the line at which lifts' telephones hold their test calls.
    tests: Vec<String>,
    recordings: Option<Recordings>,
}

/// How an operator sets it up.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Settings {
    /// The telephone server: `sip.example.org`, or with a port behind it.
    pub server: String,
    /// How it is spoken to.
    #[serde(default)]
    pub transport: Via,
    /// Our name or number there.
    pub user: String,
    /// Password of the line.
    pub password: Option<Secret>,
    /// The same from a file.
    pub password_file: Option<PathBuf>,
    /// Whether the server wants us to register; a trunk that knows us by our address does not.
    #[serde(default = "yes")]
    pub register: bool,
    /// The port at which calls come in, where a trunk or a lift's telephone must know it; any free one
    /// otherwise, which the server learns when we register.
    pub local_port: Option<u16>,
    /// Addresses besides the server's own that calls may come from: lifts' telephones in the house's
    /// own network that call the gateway without a server between.
    #[serde(default)]
    pub calls_from: Vec<IpAddr>,
    /// Numbers of the line at which lifts' telephones hold their test calls (EN 81-28: every 72 h).
    #[serde(default)]
    pub test_calls_to: Vec<String>,
    /// Calls with a car are recorded and kept so long; they are not recorded without it.
    pub record_for: Option<Span>,
    /// The programs that speak.
    #[serde(default)]
    pub voices: Voices,
}

fn yes() -> bool {
    true
}

impl Settings {
    pub(crate) fn build(&self, data_dir: &Path) -> Result<Phone, SetupError> {
        let password =
            Secret::given("password", self.password.as_ref(), self.password_file.as_deref())?;
        let remedy = "write the server alone, as \"sip.example.org\" or \"192.168.1.9:5060\"";
        let (host, port) = match self.server.rsplit_once(':') {
            None => (self.server.as_str(), None),
            Some((host, port)) => {
                let port = port.parse().map_err(|_| SetupError::setting("server", remedy))?;
                (host, Some(port))
            }
        };
        let allowed = |c: char| c.is_ascii_alphanumeric() || ".-[]:".contains(c);
        if host.is_empty() || !host.chars().all(allowed) {
            return Err(SetupError::setting("server", remedy));
        }
        if self.user.is_empty() || !self.user.chars().all(is_of_a_user) {
            let problem = "`user` is the name or number of the line alone, without the server";
            return Err(SetupError::setting("user", problem));
        }
        if self.voices.zh.is_empty() || self.voices.en.is_empty() {
            let problem = "a voice needs a program: leave it out, or name one";
            return Err(SetupError::setting("voices", problem));
        }
        let account = Account {
            host: host.to_owned(),
            port,
            via: self.transport,
            user: self.user.clone(),
            password: password.map(|secret| secret.expose().to_owned()),
            local_port: self.local_port.unwrap_or(0),
            calls_from: self.calls_from.clone(),
        };
        for to in &self.test_calls_to {
            number::dialled(to).map_err(|e| SetupError::setting("test_calls_to", e))?;
        }
        let folder = data_dir.join("recordings");
        Ok(Phone {
            tests: self.test_calls_to.clone(),
            recordings: self.record_for.map(|keep| Recordings { folder, keep }),
            account,
            registers: self.register,
            speech: Arc::new(Speech::new(self.voices.clone(), data_dir.join("speech"))),
            exchange: watch::Sender::new(None),
        })
    }
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
    async fn open(&self, desk: &Desk) -> Arc<Line> {
        loop {
            match Line::open(self.account.clone()).await {
                Ok(line) => return Arc::new(line),
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
            let foreseen = desk.foreseen().into_iter();
            let messages = foreseen.map(|(l, content)| (l, spoken::message(&content, l)));
            for (language, text) in spoken::standing().into_iter().chain(messages) {
                if !made.contains(&(language, text.clone())) {
                    self.speech.make(language, &text).await;
                    made.insert((language, text));
                }
            }
            sleep(FORESEE).await;
        }
    }

    async fn attend(&self, desk: &Desk) {
        let line = self.open(desk).await;
        let serving = line.clone();
        let (calls, mut coming) = mpsc::channel(JOINS);
        let serve = tokio::spawn(async move { serving.serve(calls).await });
        let exchange = Arc::new(Exchange {
            line: line.clone(),
            desk: desk.clone(),
            speech: self.speech.clone(),
            calls: Mutex::default(),
            cars: Cars::default(),
            tests: self.tests.clone(),
            recordings: self.recordings.clone(),
        });
        let taking = exchange.clone();
        tokio::spawn(async move {
            while let Some(call) = coming.recv().await {
                tokio::spawn(taking.clone().take(call));
            }
        });
        let _closes = Closes { exchange: exchange.clone(), serve: Some(serve) };
        self.exchange.send_replace(Some(exchange));
        if !self.registers {
            // A trunk that is not asked says nothing of itself: the first call shows how it is.
            return std::future::pending().await;
        }
        let (to, mut stands) = watch::channel(None);
        let keep = line.register(move |outcome| {
            to.send_if_modified(|stands| {
                let changed = stands.as_ref() != Some(&outcome);
                *stands = Some(outcome);
                changed
            });
        });
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

/// Closes the line once the calls over it have ended, those with a car too: a reload with other settings
/// must not hang up on anybody.
struct Closes {
    exchange: Arc<Exchange>,
    serve: Option<tokio::task::JoinHandle<()>>,
}

impl Drop for Closes {
    fn drop(&mut self) {
        let (exchange, serve) = (self.exchange.clone(), self.serve.take());
        tokio::spawn(async move {
            while !exchange.lock().is_empty() || !exchange.cars.is_empty() {
                sleep(Duration::from_millis(200)).await;
            }
            exchange.line.close();
            if let Some(serve) = serve {
                serve.abort();
            }
        });
    }
}

async fn tell(desk: &Desk, outcome: Result<(), String>) {
    if outcome.is_ok() {
        tracing::info!("the telephone line is registered");
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
    fn is_same_address(&self, at_person: &str, heard: &str) -> bool {
        number::is_same(at_person, heard)
    }
    fn listen<'a>(&'a self, desk: &'a Desk) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            tokio::join!(self.attend(desk), self.prepare(desk));
        })
    }
}

/// What stands before the @ of a SIP address.
fn is_of_a_user(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_.+*#".contains(c)
}
