//! Many boards at once, as light as can be: for load. Each has its own connection and credential;
//! every event's way to its receipt is timed.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use gengfu_wire::{
    MAX_PAYLOAD, VERSION,
    codec::{Payload, decode, encode},
    down::Receipt,
    topic::{self, Down, Up},
    up::{Birth, Event, InputState},
};
use rumqttc::{
    AsyncClient, EventLoop, MqttOptions, NetworkOptions, PublishOptions, SessionMode,
    mqttbytes::{QoS, v5::Packet},
};
use tokio::{
    sync::watch,
    task::JoinHandle,
    time::{sleep, timeout},
};

use crate::building::Login;

/// The wait before a member tries its broker again.
const RECONNECT: Duration = Duration::from_millis(200);
/// Longest wait until all members are connected and subscribed.
const CONNECT_LIMIT: Duration = Duration::from_secs(30);
/// Inputs that each member has.
pub const INPUTS: u8 = 8;

/// Which broker, and which boards.
#[derive(Debug, Clone)]
pub struct SwarmSettings {
    /// The broker's host.
    pub broker_host: String,
    /// The broker's port.
    pub broker_port: u16,
    /// The site.
    pub site: String,
    /// The boards' names and credentials.
    pub members: Vec<(String, Option<Login>)>,
    /// The start that all events name.
    pub boot: u32,
}

/// An event's receipt has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answered {
    /// Which member, from 0.
    pub member: usize,
    /// The event's start.
    pub boot: u32,
    /// The event's number.
    pub seq: u32,
    /// From the publish to the receipt.
    pub latency: Duration,
}

/// Called for each receipt; it must be quick, for it holds up the member's connection.
pub type OnReceipt = Arc<dyn Fn(Answered) + Send + Sync>;

/// Why the swarm can't go on.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum SwarmError {
    /// Not everybody was let in by the broker.
    #[error(
        "{0} of the boards could not connect and subscribe; are their credentials known to the broker?"
    )]
    NotConnected(usize),
    /// There is no such member, or it has stopped.
    #[error("board {0} of the swarm is not there")]
    Gone(usize),
}

struct Waiting {
    event: Event,
    published: Instant,
}

struct Member {
    site: String,
    name: String,
    client: AsyncClient,
    boot: u32,
    seq: AtomicU32,
    waiting: Arc<Mutex<HashMap<u32, Waiting>>>,
    ready: watch::Receiver<bool>,
    task: JoinHandle<()>,
}

/// Boards that are connected.
pub struct Swarm {
    members: Vec<Member>,
}

impl Drop for Swarm {
    fn drop(&mut self) {
        self.members.iter().for_each(|member| member.task.abort());
    }
}

impl Swarm {
    /// Connects all of them, and returns once everybody hears its receipts.
    ///
    /// # Errors
    /// Where somebody is not let in.
    pub async fn connect(
        settings: &SwarmSettings,
        on_receipt: &OnReceipt,
    ) -> Result<Self, SwarmError> {
        let join = |(number, (name, login)): (usize, &(String, Option<Login>))| {
            Member::join(number, name, login.as_ref(), settings, on_receipt.clone())
        };
        let mut swarm = Self { members: settings.members.iter().enumerate().map(join).collect() };
        let all = async {
            for member in &mut swarm.members {
                if member.ready.wait_for(|ready| *ready).await.is_err() {
                    return;
                }
            }
        };
        drop(timeout(CONNECT_LIMIT, all).await);
        match swarm.members.iter().filter(|member| !*member.ready.borrow()).count() {
            0 => Ok(swarm),
            missing => Err(SwarmError::NotConnected(missing)),
        }
    }

    /// How many boards there are.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// True for a swarm of nobody.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// A member publishes an event; returns its number. Waits while the connection is full.
    ///
    /// # Errors
    /// Where there is no such member, or it has stopped.
    pub async fn send(
        &self,
        member: usize,
        input: u8,
        state: InputState,
    ) -> Result<u32, SwarmError> {
        let of = self.members.get(member).ok_or(SwarmError::Gone(member))?;
        let seq = of.seq.fetch_add(1, Ordering::Relaxed) + 1;
        let event = Event { v: VERSION, boot: of.boot, seq, input, state, age_ms: 0 };
        of.lock().insert(seq, Waiting { event, published: Instant::now() });
        of.say(Up::Event, &event).await.map_err(|()| SwarmError::Gone(member))?;
        Ok(seq)
    }

    /// Publishes again what has no receipt yet, under the same numbers, as a board does after a
    /// reconnect. Returns how many these were.
    ///
    /// # Errors
    /// Where a member has stopped.
    pub async fn resend(&self) -> Result<usize, SwarmError> {
        let mut count = 0;
        for (number, member) in self.members.iter().enumerate() {
            let mut events: Vec<Event> = member.lock().values().map(|w| w.event).collect();
            events.sort_by_key(|e| e.seq);
            count += events.len();
            for event in events {
                member.say(Up::Event, &event).await.map_err(|()| SwarmError::Gone(number))?;
            }
        }
        Ok(count)
    }

    /// Events that have no receipt yet.
    pub fn waiting(&self) -> usize {
        self.members.iter().map(|member| member.lock().len()).sum()
    }

    /// Waits until every event has its receipt, or the limit is over; returns how many have none.
    pub async fn settle(&self, limit: Duration) -> usize {
        let all = async {
            while self.waiting() > 0 {
                sleep(Duration::from_millis(5)).await;
            }
        };
        drop(timeout(limit, all).await);
        self.waiting()
    }

    /// Leaves the broker.
    pub async fn stop(self) {
        for member in &self.members {
            drop(timeout(Duration::from_millis(500), member.client.disconnect()).await);
        }
    }
}

impl Member {
    fn join(
        number: usize,
        name: &str,
        login: Option<&Login>,
        settings: &SwarmSettings,
        on_receipt: OnReceipt,
    ) -> Self {
        let broker = (settings.broker_host.clone(), settings.broker_port);
        let mut options = MqttOptions::new(name.to_owned(), broker);
        let mut network = NetworkOptions::new();
        network.set_tcp_nodelay(true);
        // The client makes room for as many messages under way; with its default, 14 MB a member.
        options.set_keep_alive(30).set_session_mode(SessionMode::Clean);
        options.set_outgoing_inflight_upper_limit(64);
        options.set_network_options(network);
        if let Some(login) = login {
            options.set_credentials(login.user.clone(), login.password.clone());
        }
        let (client, connection) = AsyncClient::builder(options).capacity(1024).build();
        let (ready_to, ready) = watch::channel(false);
        let waiting: Arc<Mutex<HashMap<u32, Waiting>>> = Arc::default();
        let listening = Listening {
            number,
            boot: settings.boot,
            site: settings.site.clone(),
            name: name.to_owned(),
            client: client.clone(),
            waiting: waiting.clone(),
            on_receipt,
            ready: ready_to,
        };
        Self {
            site: settings.site.clone(),
            name: name.to_owned(),
            client,
            boot: settings.boot,
            seq: AtomicU32::new(0),
            waiting,
            ready,
            task: tokio::spawn(listening.run(connection)),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u32, Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn say<P: Payload>(&self, what: Up, message: &P) -> Result<(), ()> {
        say(&self.client, &self.site, &self.name, what, message).await
    }
}

async fn say<P: Payload>(
    client: &AsyncClient,
    site: &str,
    name: &str,
    what: Up,
    message: &P,
) -> Result<(), ()> {
    let topic = topic::up(site, name, what).ok_or(())?;
    let mut buffer = [0; MAX_PAYLOAD];
    let bytes = encode(message, &mut buffer).map_err(|_| ())?.to_vec();
    let options = PublishOptions::new(QoS::AtLeastOnce);
    client.publish(topic.as_str(), bytes, options).await.map_err(|_| ())
}

/// The receiving side of a member.
struct Listening {
    number: usize,
    boot: u32,
    site: String,
    name: String,
    client: AsyncClient,
    waiting: Arc<Mutex<HashMap<u32, Waiting>>>,
    on_receipt: OnReceipt,
    ready: watch::Sender<bool>,
}

impl Listening {
    async fn run(self, mut connection: EventLoop) {
        loop {
            match connection.poll().await {
                Ok(rumqttc::Event::Incoming(Packet::ConnAck(_))) => self.subscribe(),
                Ok(rumqttc::Event::Incoming(Packet::SubAck(ack))) => {
                    let granted = ack.return_codes.iter().all(|code| {
                        matches!(code, rumqttc::mqttbytes::v5::SubscribeReasonCode::Success(_))
                    });
                    self.ready.send_replace(granted);
                }
                Ok(rumqttc::Event::Incoming(Packet::Publish(publish))) => {
                    let topic = String::from_utf8_lossy(&publish.topic);
                    if topic::parse_down(&self.site, &self.name, &topic) == Some(Down::Receipt)
                        && let Ok(receipt) = decode::<Receipt>(&publish.payload)
                    {
                        self.receipt(receipt);
                    }
                }
                Ok(_) => {}
                Err(rumqttc::ConnectionError::RequestsDone) => return,
                Err(error) => {
                    tracing::debug!(board = self.name, %error, "a board of the swarm has no connection");
                    self.ready.send_replace(false);
                    sleep(RECONNECT).await;
                }
            }
        }
    }

    fn subscribe(&self) {
        let (client, site, name) = (self.client.clone(), self.site.clone(), self.name.clone());
        let boot = self.boot;
        // Apart from the connection's own task, which must go on to send these.
        tokio::spawn(async move {
            let Some(filter) = topic::down(&site, &name, Down::Receipt) else { return };
            let birth = Birth {
                v: VERSION,
                boot,
                firmware: "swarm",
                hardware: "software",
                reset: "power",
                config: 0,
                inputs: std::iter::repeat_n(InputState::Idle, usize::from(INPUTS)).collect(),
            };
            if say(&client, &site, &name, Up::Birth, &birth).await.is_err()
                || client.subscribe(filter.as_str().to_owned(), QoS::AtLeastOnce).await.is_err()
            {
                tracing::debug!(board = name, "a board of the swarm has stopped");
            }
        });
    }

    fn receipt(&self, receipt: Receipt) {
        if receipt.boot != self.boot {
            return;
        }
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(done) = waiting.remove(&receipt.seq) else { return };
        drop(waiting);
        (self.on_receipt)(Answered {
            member: self.number,
            boot: receipt.boot,
            seq: receipt.seq,
            latency: done.published.elapsed(),
        });
    }
}
