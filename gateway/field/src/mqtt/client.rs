//! The connection to a broker: how it is made, kept and left, and what is acknowledged when.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use parking_lot::Mutex;
use rumqttc::{
    AckMode, AsyncClient, Event, EventLoop, IncomingPacketSizeLimit, MqttOptions, NetworkOptions,
    PublishOptions, SessionMode, Transport,
    mqttbytes::v5::{DisconnectProperties, DisconnectReasonCode, LastWill, Packet},
};
use tokio::{sync::mpsc, task::JoinHandle};

use super::{
    backoff::Backoff,
    reader::{Reader, UnderWay},
    routes::Routes,
    session::NothingUnderWay,
    settings::MqttSettings,
    share::Share,
    source::Hearing,
    subscription::Subscriptions,
    tls::TlsError,
    trouble::remedy,
};
use crate::{
    adapter::Publication,
    broker::{IN_FLIGHT, MAX_PACKET},
};

/// Seconds between two signs of life to the broker.
const KEEP_ALIVE_S: u16 = 15;
/// Finished messages that may wait to be acknowledged.
const FINISHED: usize = 4 * IN_FLIGHT as usize;

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

/// A running session.
pub(super) struct Client {
    /// To speak with.
    pub voice: Voice,
    trouble: Trouble,
    task: JoinHandle<()>,
}

/// Why there was no connection the last time.
type Trouble = Arc<Mutex<Option<String>>>;

/// What a session says to the broker.
#[derive(Clone)]
pub(super) struct Voice {
    client: AsyncClient,
    subscriptions: Subscriptions,
    connected: Arc<AtomicBool>,
}

impl Voice {
    /// Hands a publication over to the connection.
    pub async fn publish(&self, p: Publication) -> Result<(), MqttError> {
        let options = PublishOptions::new(p.qos()).retain(p.retain);
        self.client.publish(p.topic, p.payload, options).await.map_err(|_| MqttError::Stopped)
    }

    /// Hands a publication over if there is room for it at once; true if it was taken.
    pub fn try_publish(&self, p: Publication) -> bool {
        let options = PublishOptions::new(p.qos()).retain(p.retain);
        self.client.try_publish(p.topic, p.payload, options).is_ok()
    }

    /// True while the broker has confirmed the subscriptions.
    pub fn is_connected(&self) -> bool {
        self.connected.load(Ordering::Relaxed) && self.subscriptions.are_confirmed()
    }

    /// Subscribes to what was added to the routes; the other session leaves it then.
    pub async fn subscribe(&self, filter: &str, other: Option<&Self>) -> Result<(), MqttError> {
        self.subscriptions.add(filter, other.map(|other| &other.subscriptions)).await
    }

    /// Ends a subscription that the routes do not want any more.
    pub async fn leave(&self, filter: &str) -> Result<(), MqttError> {
        self.subscriptions.leave(filter).await
    }
}

impl Client {
    /// Connects, and goes on doing so until it is stopped.
    ///
    /// # Errors
    /// Where a certificate or a key can't be used, or this machine has no authorities to trust.
    pub fn start(
        settings: &MqttSettings,
        share: Share,
        hearing: Hearing,
    ) -> Result<Self, MqttError> {
        let Hearing { routes, lanes, is_watched, quarantine, signs } = hearing;
        let (client_id, login) = settings.named(share);
        let mut options =
            MqttOptions::new(client_id.to_owned(), (settings.host.clone(), settings.port));
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
        if let Some((user, password)) = login {
            options.set_credentials(user.clone(), password.clone());
        }
        if let Some(will) = settings.will.clone().filter(|_| share.takes(true)) {
            let qos = will.qos();
            options.set_last_will(LastWill::new(will.topic, will.payload, qos, will.retain, None));
        }
        if let Some(tls) = &settings.tls {
            options.set_transport(Transport::tls_with_config(tls.config()?));
        }
        let (client, connection) =
            AsyncClient::builder(options).capacity(usize::from(IN_FLIGHT) * 4).build();
        let (done, finished) = mpsc::channel(FINISHED);
        let connected = Arc::new(AtomicBool::new(false));
        let number = Arc::new(AtomicU64::new(0));
        let subscriptions =
            Subscriptions::new(client.clone(), routes.clone(), share, number.clone());
        let voice = Voice { client, subscriptions, connected: connected.clone() };
        tokio::spawn(acknowledge(voice.clone(), finished, number.clone()));
        let reader = Reader {
            broker: format!("{}:{}", settings.host, settings.port),
            share,
            routes,
            lanes,
            is_watched,
            quarantine,
            signs,
            done,
            connection: number,
        };
        let trouble = Trouble::default();
        let told = (connected.clone(), trouble.clone());
        let task = tokio::spawn(run(connection, voice.clone(), reader, told));
        Ok(Self { voice, trouble, task })
    }

    /// Why there was no connection the last time.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().clone()
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
        let client = &self.voice.client;
        // Of a broker that is away nobody takes leave, and its connection takes no word.
        let left = match properties {
            Some(of) if self.voice.connected.load(Ordering::Relaxed) => {
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
    voice: Voice,
    mut finished: mpsc::Receiver<Arc<UnderWay>>,
    connection: Arc<AtomicU64>,
) {
    while let Some(message) = finished.recv().await {
        let kept = message.kept.load(Ordering::Acquire);
        for publication in message.then.iter().filter(|_| kept) {
            if voice.publish(publication.clone()).await.is_err() {
                return;
            }
        }
        if message.connection == connection.load(Ordering::Acquire)
            && voice.client.ack(&message.publish).await.is_err()
        {
            return;
        }
        if message.leave {
            let topic = String::from_utf8_lossy(&message.publish.topic);
            let filter = Routes::subscription(&topic);
            if voice.subscriptions.leave(&filter).await.is_err() {
                return;
            }
        }
    }
}

async fn run(
    mut connection: EventLoop,
    voice: Voice,
    reader: Reader,
    (connected, trouble): (Arc<AtomicBool>, Trouble),
) {
    let (broker, share) = (reader.broker.as_str(), reader.share);
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
                let task = tokio::spawn(begin(voice.clone(), share, routes, connected));
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
async fn begin(voice: Voice, share: Share, routes: Routes, connected: Arc<AtomicBool>) {
    let Ok(open) = voice.subscriptions.ask_for_all().await else { return };
    if share.takes(true) {
        let now = gengfu_core::time::Timestamp::from(jiff::Timestamp::now());
        for publication in routes.configs().into_iter().chain(routes.greetings(now)) {
            if voice.publish(publication).await.is_err() {
                return;
            }
        }
    }
    if voice.subscriptions.insist_on(open).await.is_ok() {
        connected.store(true, Ordering::Relaxed);
        // A broker that was away may have forgotten what others are shown.
        if share.takes(true) {
            routes.found().note_birth();
        }
    }
}
