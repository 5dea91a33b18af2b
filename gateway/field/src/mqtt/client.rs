//! The connection to a broker: what comes over it, and what is acknowledged when.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use gengfu_core::{input::Input, time::Timestamp};
use parking_lot::Mutex;
use rumqttc::{
    AckMode, AsyncClient, Event, EventLoop, IncomingPacketSizeLimit, MqttOptions, NetworkOptions,
    PublishOptions, SessionMode, Transport,
    mqttbytes::{
        QoS,
        v5::{DisconnectProperties, DisconnectReasonCode, Packet, Publish},
    },
};
use tokio::{sync::mpsc, task::JoinHandle};

use super::{
    backoff::Backoff, quarantine::Quarantine, routes::Routes, session::NothingUnderWay,
    settings::MqttSettings, subscription::Subscriptions, tls::TlsError, trouble::remedy,
};
use crate::{
    adapter::{Poison, Publication, Understood, recent::Number},
    broker::{IN_FLIGHT, MAX_PACKET},
    lane::{Envelope, IsWatched, Lanes, Outcome},
};

/// Seconds between two signs of life to the broker.
const KEEP_ALIVE_S: u16 = 15;
/// Finished messages that may wait to be acknowledged.
const FINISHED: usize = 4 * IN_FLIGHT as usize;
/// Of these, what was sent at most once leaves so many to what wants an acknowledgement.
const RESERVED: usize = 2 * IN_FLIGHT as usize;

/// Why the client can't be used any more.
#[derive(Debug, thiserror::Error)]
pub enum MqttError {
    /// It was told to stop.
    #[error("the MQTT client has stopped")]
    Stopped,
    /// A certificate or a key can't be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

/// A running client.
pub struct MqttSource {
    /// To publish with.
    pub outbound: Outbound,
    /// What nobody understood.
    pub quarantine: Quarantine,
    connected: Arc<AtomicBool>,
    trouble: Trouble,
    task: JoinHandle<()>,
}

/// Why there was no connection the last time.
type Trouble = Arc<Mutex<Option<String>>>;

/// Publishes to boards.
#[derive(Clone)]
pub struct Outbound {
    client: AsyncClient,
    subscriptions: Subscriptions,
}

impl Outbound {
    /// Hands a publication over to the connection, which keeps it until the broker has it.
    ///
    /// # Errors
    /// Where the client has stopped.
    pub async fn publish(&self, p: Publication) -> Result<(), MqttError> {
        let qos = if p.at_least_once { QoS::AtLeastOnce } else { QoS::AtMostOnce };
        let options = PublishOptions::new(qos).retain(p.retain);
        self.client.publish(p.topic, p.payload, options).await.map_err(|_| MqttError::Stopped)
    }

    /// Subscribes to what was added to the routes. Until the broker has confirmed it, the gateway
    /// does not count as connected.
    ///
    /// # Errors
    /// Where the client has stopped.
    pub async fn subscribe(&self, filter: &str) -> Result<(), MqttError> {
        self.subscriptions.add(filter).await
    }
}

/// A message that is under way to the engine, in as many parts as it has inputs.
struct UnderWay {
    left: AtomicUsize,
    publish: Publish,
    then: Vec<Publication>,
    /// To be remembered once it is on the disk.
    numbers: Vec<Number>,
    /// It is on the disk; otherwise the broker is answered, but no board gets its receipt.
    kept: AtomicBool,
    /// Nobody wants to hear more of it.
    leave: bool,
    /// The connection that it came over: its packet number means nothing on another one.
    connection: u64,
}

impl UnderWay {
    /// Has it acknowledged. Of those that want it, the broker has never more under way than there
    /// is room for; what was sent at most once may be passed over, and its sender asks again.
    fn finish(self: Arc<Self>, done: &mpsc::Sender<Arc<Self>>) {
        if self.kept.load(Ordering::Acquire) {
            self.numbers.iter().for_each(Number::remember);
        }
        let once = self.publish.qos == QoS::AtMostOnce;
        if once && (self.then.is_empty() && !self.leave || done.capacity() <= RESERVED) {
            return;
        }
        if done.try_send(self).is_err() {
            tracing::debug!("no room for an acknowledgement: its sender will ask again");
        }
    }
}

struct Reader {
    /// Its address, for the log.
    broker: String,
    routes: Routes,
    lanes: Lanes,
    is_watched: IsWatched,
    quarantine: Quarantine,
    done: mpsc::Sender<Arc<UnderWay>>,
    /// Number of the connection, counted up when it is lost.
    connection: Arc<AtomicU64>,
}

impl MqttSource {
    /// Connects, and goes on doing so until it is stopped.
    ///
    /// # Errors
    /// Where a certificate or a key can't be used, or this machine has no authorities to trust.
    pub fn start(
        settings: &MqttSettings,
        routes: Routes,
        lanes: Lanes,
        is_watched: IsWatched,
    ) -> Result<Self, MqttError> {
        let mut options =
            MqttOptions::new(settings.client_id.clone(), (settings.host.clone(), settings.port));
        // Without it, the kernel holds a receipt back for 40 ms to send it along with another packet.
        let mut network = NetworkOptions::new();
        network.set_tcp_nodelay(true);
        options
            .set_network_options(network)
            .set_keep_alive(KEEP_ALIVE_S)
            .set_session_mode(SessionMode::Persistent)
            .set_ack_mode(AckMode::Manual)
            .set_receive_maximum(Some(IN_FLIGHT))
            // The client makes room for as many at once; for 65,535, its default, that is 14 MB.
            .set_outgoing_inflight_upper_limit(IN_FLIGHT)
            .set_max_packet_size(u32::try_from(MAX_PACKET).ok())
            .set_incoming_packet_size_limit(IncomingPacketSizeLimit::Bytes(
                u32::try_from(MAX_PACKET).unwrap_or(u32::MAX),
            ));
        // After a restart only the broker remembers the session: that is the one to go on with.
        let session_expiry_s = options.session_expiry_interval();
        options.set_session_store(NothingUnderWay { session_expiry_s, in_flight: IN_FLIGHT });
        if let Some((user, password)) = &settings.login {
            options.set_credentials(user.clone(), password.clone());
        }
        if let Some(tls) = &settings.tls {
            options.set_transport(Transport::tls_with_config(tls.config()?));
        }
        let (client, connection) =
            AsyncClient::builder(options).capacity(usize::from(IN_FLIGHT) * 4).build();
        let (done, finished) = mpsc::channel(FINISHED);
        let quarantine = Quarantine::default();
        let connected = Arc::new(AtomicBool::new(false));
        let number = Arc::new(AtomicU64::new(0));
        let subscriptions = Subscriptions::new(client.clone(), routes.clone(), number.clone());
        let outbound = Outbound { client, subscriptions };
        tokio::spawn(acknowledge(outbound.clone(), finished, number.clone()));
        let reader = Reader {
            broker: format!("{}:{}", settings.host, settings.port),
            routes,
            lanes,
            is_watched,
            quarantine: quarantine.clone(),
            done,
            connection: number,
        };
        let trouble = Trouble::default();
        let told = (connected.clone(), trouble.clone());
        let task = tokio::spawn(run(connection, outbound.clone(), reader, told));
        Ok(Self { outbound, quarantine, connected, trouble, task })
    }

    /// Why there was no connection the last time, with what is to be done about it where that is
    /// known; none before the first time.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().clone()
    }

    /// True while the broker has confirmed the subscriptions.
    pub fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Relaxed) && self.outbound.subscriptions.are_confirmed()
    }

    /// Leaves the broker. The session stays, and keeps what comes meanwhile.
    pub async fn stop(self) {
        self.leave(None).await;
    }

    /// Leaves the broker for good: it is to keep nothing for the gateway any more.
    pub async fn forget(self) {
        let properties = DisconnectProperties {
            session_expiry_interval: Some(0),
            reason_string: None,
            user_properties: vec![],
            server_reference: None,
        };
        self.leave(Some(properties)).await;
    }

    async fn leave(self, properties: Option<DisconnectProperties>) {
        let abort = self.task.abort_handle();
        let client = &self.outbound.client;
        // Of a broker that is away nobody takes leave, and its connection takes no word.
        let left = match properties {
            Some(of) if self.connected.load(Ordering::Relaxed) => {
                let code = DisconnectReasonCode::NormalDisconnection;
                client.disconnect_with_properties(code, of).await
            }
            _ => client.disconnect().await,
        };
        if left.is_ok() {
            drop(tokio::time::timeout(Duration::from_secs(1), self.task).await);
        }
        abort.abort();
    }
}

/// Acknowledges what is durable, and sends boards their receipts. What came over a connection that is
/// gone comes again, and is acknowledged then.
async fn acknowledge(
    outbound: Outbound,
    mut finished: mpsc::Receiver<Arc<UnderWay>>,
    connection: Arc<AtomicU64>,
) {
    while let Some(message) = finished.recv().await {
        let kept = message.kept.load(Ordering::Acquire);
        for publication in message.then.iter().filter(|_| kept) {
            if outbound.publish(publication.clone()).await.is_err() {
                return;
            }
        }
        if message.connection == connection.load(Ordering::Acquire)
            && outbound.client.ack(&message.publish).await.is_err()
        {
            return;
        }
        if message.leave {
            let topic = String::from_utf8_lossy(&message.publish.topic);
            let filter = Routes::subscription(&topic);
            if outbound.subscriptions.leave(&filter).await.is_err() {
                return;
            }
        }
    }
}

async fn run(
    mut connection: EventLoop,
    outbound: Outbound,
    reader: Reader,
    (connected, trouble): (Arc<AtomicBool>, Trouble),
) {
    let broker = reader.broker.as_str();
    let mut backoff = Backoff::new();
    let mut since = Instant::now();
    let mut subscribing: Option<JoinHandle<()>> = None;
    loop {
        match connection.poll().await {
            Ok(Event::Incoming(Packet::ConnAck(ack))) => {
                since = Instant::now();
                tracing::info!(
                    broker,
                    session = ack.session_present,
                    "connected to the MQTT broker"
                );
                // From here on the client knows its session itself.
                connection.options.clear_session_store();
                let (routes, connected) = (reader.routes.clone(), connected.clone());
                let task = tokio::spawn(begin(outbound.clone(), routes, connected));
                if let Some(old) = subscribing.replace(task) {
                    old.abort();
                }
            }
            Ok(Event::Incoming(Packet::Publish(publish))) => reader.take(publish).await,
            Ok(_) => {}
            Err(rumqttc::ConnectionError::RequestsDone) => return,
            Err(error) => {
                reader.connection.fetch_add(1, Ordering::Release);
                if let Some(task) = subscribing.take() {
                    task.abort();
                    drop(task.await);
                }
                connected.store(false, Ordering::Relaxed);
                if reader.done.is_closed() {
                    return;
                }
                let pause = backoff.after(since.elapsed());
                let remedy = remedy(&error).unwrap_or("the gateway tries again");
                tracing::warn!(broker, %error, remedy, pause_ms = pause.as_millis(), "no connection to the MQTT broker");
                *trouble.lock() = Some(format!("{error}: {remedy}"));
                tokio::time::sleep(pause).await;
                since = Instant::now();
            }
        }
    }
}

/// What follows every connect: all subscriptions, the boards' configurations, and the question to edge
/// nodes who they are. Only when the
/// broker has confirmed all of them is the gateway connected.
async fn begin(outbound: Outbound, routes: Routes, connected: Arc<AtomicBool>) {
    let Ok(open) = outbound.subscriptions.ask_for_all().await else { return };
    let greetings = routes.greetings(Timestamp::from(jiff::Timestamp::now()));
    for publication in routes.configs().into_iter().chain(greetings) {
        if outbound.publish(publication).await.is_err() {
            return;
        }
    }
    if outbound.subscriptions.insist_on(open).await.is_ok() {
        connected.store(true, Ordering::Relaxed);
    }
}

impl Reader {
    async fn take(&self, publish: Publish) {
        let now = Timestamp::from(jiff::Timestamp::now());
        let topic = String::from_utf8_lossy(&publish.topic).into_owned();
        let understood = match self.routes.read(&topic, &publish.payload, publish.retain, now) {
            Ok(understood) => understood,
            Err(why) => Understood { set_aside: Some(why), ..Understood::default() },
        };
        let leave = understood.set_aside == Some(Poison::Left);
        if let Some(why) = &understood.set_aside {
            self.quarantine.put(&topic, &publish.payload, why, now);
        }
        let (telemetry, alarms): (Vec<Input>, Vec<Input>) =
            understood.inputs.into_iter().partition(|input| match input {
                Input::Reading(reading) => {
                    reading.origin.is_none() && !(self.is_watched)(&reading.point)
                }
                _ => false,
            });
        for input in telemetry.into_iter().chain(alarms.iter().cloned()) {
            if let Input::Reading(reading) = input {
                self.lanes.telemetry.send(reading);
            }
        }
        let message = Arc::new(UnderWay {
            left: AtomicUsize::new(alarms.len()),
            publish,
            then: understood.then,
            numbers: understood.numbers,
            kept: AtomicBool::new(true),
            leave,
            connection: self.connection.load(Ordering::Acquire),
        });
        if alarms.is_empty() {
            return message.finish(&self.done);
        }
        for input in alarms {
            let (message, done) = (message.clone(), self.done.clone());
            let envelope = Envelope {
                input,
                done: Box::new(move |outcome| {
                    if outcome == Outcome::InMemory {
                        message.kept.store(false, Ordering::Release);
                    }
                    if message.left.fetch_sub(1, Ordering::AcqRel) == 1 {
                        message.finish(&done);
                    }
                }),
            };
            // Closed only when the gateway stops: then nothing is acknowledged, and all comes again.
            if self.lanes.alarm.send(envelope).await.is_err() {
                return;
            }
        }
    }
}
