//! The embedded MQTT broker: 3.1.1 and 5 on one port, a credential per user, and nothing on the disk,
//! so that boards are heard while it is full (`docs/decisions/0004-broker-in-memory.md`). All of
//! `mqtt5` that the gateway uses as a broker is in this folder.
//!
//! - `door`: who gets in, what they may say, and the stop that lets no more in.
//! - `front`: TLS, with a certificate that can be renewed.
//! - `guesses`: who tries one password after the other has to wait.
//! - `pace`: how fast each may speak, so that none that has gone mad delays the others.

mod door;
mod front;
mod guesses;
mod pace;

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::{Duration, Instant},
};

use mqtt5::broker::{
    BrokerConfig, BrokerShutdownHandle, MqttBroker,
    config::{AuthConfig, RateLimitConfig, StorageBackend, StorageConfig},
    storage::{DynamicStorage, StorageBackend as _},
};
use rustls::ServerConfig;
use tokio::task::JoinHandle;

use crate::credentials::Credentials;
use door::Door;
use front::Front;
pub use front::reachable;

/// Largest packet that is taken, in bytes: a camera's picture fits.
pub const MAX_PACKET: usize = 1 << 20;
/// Messages that one session may have under way without an acknowledgement: for the gateway's own,
/// less than the alarm lane holds, so that what was read from the socket always finds room.
pub const IN_FLIGHT: u16 = 512;
/// Retained messages at the most: a few for each of ten thousand devices.
const MAX_RETAINED: usize = 50_000;
/// Of each, so many bytes.
const MAX_RETAINED_SIZE: usize = 256 * 1024;
/// Connections at the most.
const MAX_CLIENTS: usize = 10_000;
/// A session that nobody has come back to for so long is forgotten.
const SESSION_LIFE: Duration = Duration::from_secs(7 * 24 * 3600);
/// A stop waits so long for the gateway to decide what the broker has acknowledged.
const DRAIN_LIMIT: Duration = Duration::from_secs(1);
/// It looks this often, and must find nothing left so many times: between two of the library's
/// queues, a message is in neither for a moment.
const DRAIN_LOOK: Duration = Duration::from_millis(10);
const DRAIN_LOOKS: u8 = 3;
/// It then has so long to say goodbye to everybody.
const STOP_LIMIT: Duration = Duration::from_secs(2);

/// How the broker is set up.
#[derive(Debug, Clone)]
pub struct BrokerSettings {
    /// Where it listens without encryption; none for TLS alone.
    pub listen: Option<SocketAddr>,
    /// Where it listens with TLS, and with which certificate.
    pub tls: Option<(SocketAddr, Arc<ServerConfig>)>,
    /// What boards are shown there instead, by the name that they ask for; never renewed.
    pub boards: Option<Arc<ServerConfig>>,
    /// The gateway's own user and client id: what waits for it is decided before a stop.
    pub own: String,
    /// Its client id for telemetry, if it has one: what waits for that is heard before a stop.
    pub telemetry: Option<String>,
}

/// Why the broker can't start.
#[derive(Debug, thiserror::Error)]
#[error("the MQTT broker can't start: {0}. Is the port in use?")]
pub struct BrokerError(String);

/// A running broker.
pub struct Broker {
    address: Option<SocketAddr>,
    front: Option<Front>,
    door: Arc<Door>,
    own: Vec<String>,
    sessions: Option<Arc<DynamicStorage>>,
    stop: BrokerShutdownHandle,
    task: JoinHandle<()>,
}

impl Broker {
    /// Starts it.
    ///
    /// # Errors
    /// Where a port can't be had.
    pub async fn start(settings: BrokerSettings, users: Credentials) -> Result<Self, BrokerError> {
        let refuse = |e: &dyn std::fmt::Display| BrokerError(e.to_string());
        let door = Arc::new(Door::new(users, settings.own.clone()));
        let storage = StorageConfig::default().with_backend(StorageBackend::Memory);
        // With TLS alone, nobody outside reaches what is not encrypted.
        let listen = settings.listen.unwrap_or(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        let config = BrokerConfig {
            bind_addresses: vec![listen],
            max_clients: MAX_CLIENTS,
            max_packet_size: MAX_PACKET,
            // As many as the gateway's own session is ready to have under way.
            max_outbound_inflight: IN_FLIGHT,
            max_retained_messages: MAX_RETAINED,
            max_retained_message_size: MAX_RETAINED_SIZE,
            session_expiry_interval: SESSION_LIFE,
            auth_config: AuthConfig {
                // The library wants files of its own otherwise; it is `Door` that admits nobody
                // without a password.
                allow_anonymous: true,
                // Ten boards behind one router must not be locked out because of an eleventh.
                rate_limit: RateLimitConfig { enabled: false, ..RateLimitConfig::default() },
                ..AuthConfig::default()
            },
            storage_config: storage,
            sys_topics_enabled: false,
            event_handler: Some(door.clone()),
            ..BrokerConfig::default()
        };
        let broker = MqttBroker::with_config(config).await.map_err(|e| refuse(&e))?;
        let mut broker = broker.with_auth_provider(door.clone());
        let sessions = broker.storage();
        let inside = broker.local_addr().ok_or_else(|| BrokerError("it has no address".into()))?;
        let (stop, mut ready) = (broker.shutdown_handle(), broker.ready_receiver());
        let task = tokio::spawn(async move {
            if let Err(error) = broker.run().await {
                tracing::error!(%error, "the MQTT broker stopped");
            }
        });
        ready.wait_for(|ready| *ready).await.map_err(|e| refuse(&e))?;
        let front = match &settings.tls {
            Some((at, certificate)) => {
                let origins = door.origins().clone();
                let front =
                    Front::start(*at, certificate, settings.boards, inside, origins, MAX_CLIENTS);
                Some(front.await.map_err(|e| BrokerError(format!("{at}: {e}")))?)
            }
            None => None,
        };
        let address = settings.listen.map(|_| inside);
        let own = [settings.own].into_iter().chain(settings.telemetry).collect();
        Ok(Self { address, front, door, own, sessions, stop, task })
    }

    /// Where it listens without encryption.
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.address
    }

    /// Where it listens with TLS.
    pub fn tls_addr(&self) -> Option<SocketAddr> {
        self.front.as_ref().map(|front| front.address)
    }

    /// Shows this certificate to whoever connects with TLS from now on; nobody loses a connection.
    pub fn show(&self, certificate: &ServerConfig) {
        if let Some(front) = &self.front {
            front.show(certificate);
        }
    }

    /// Connections, publications and subscriptions that were not that user's to make.
    pub fn refused(&self) -> u64 {
        self.door.refused()
    }

    /// Publications that were held back, and those that were dropped, because their sender had said
    /// more than it may.
    pub fn over_limit(&self) -> (u64, u64) {
        (self.door.pace().held(), self.door.pace().dropped())
    }

    /// Who says far more than it may, now or in the last minute.
    pub fn flooding(&self) -> Vec<String> {
        self.door.pace().flooding(Instant::now())
    }

    /// True until it has stopped.
    pub fn is_running(&self) -> bool {
        !self.task.is_finished()
    }

    /// Stops it. It takes nothing more, and what it has acknowledged is decided before: the gateway's
    /// client must still be connected, and the engine run.
    pub async fn stop(self) {
        self.door.close();
        if tokio::time::timeout(DRAIN_LIMIT, self.drained()).await.is_err() {
            tracing::warn!(
                "the MQTT broker stops with messages that were not decided: boards say theirs again"
            );
        }
        self.stop.shutdown();
        if tokio::time::timeout(STOP_LIMIT, self.task).await.is_err() {
            tracing::warn!("the MQTT broker did not stop in time");
        }
    }

    /// Waits until nothing is queued or under way for the gateway.
    async fn drained(&self) {
        let Some(sessions) = &self.sessions else { return };
        let mut empty = 0;
        while empty < DRAIN_LOOKS {
            let mut none = true;
            for own in &self.own {
                let queued = sessions.get_queued_messages(own).await;
                let under_way = sessions.get_inflight_messages(own).await;
                none &= queued.is_ok_and(|q| q.is_empty()) && under_way.is_ok_and(|u| u.is_empty());
            }
            empty = if none { empty + 1 } else { 0 };
            tokio::time::sleep(DRAIN_LOOK).await;
        }
    }
}
