//! The embedded MQTT broker: 3.1.1 and 5 on one port, a credential per user, retained and queued
//! messages kept through a crash. All of `mqtt5` that the gateway uses as a broker is in this file.

use std::{
    future::Future,
    net::SocketAddr,
    path::PathBuf,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use mqtt5::broker::{
    AuthProvider, AuthResult, BrokerConfig, BrokerShutdownHandle, MqttBroker,
    config::{AuthConfig, RateLimitConfig, StorageBackend, StorageConfig, TlsConfig},
};
use mqtt5_protocol::{
    error::Result as MqttResult, packet::connect::ConnectPacket,
    protocol::v5::reason_codes::ReasonCode,
};
use tokio::task::JoinHandle;

use crate::credentials::Credentials;

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

/// How the broker is set up.
#[derive(Debug, Clone)]
pub struct BrokerSettings {
    /// Where it listens without encryption; none for TLS alone.
    pub listen: Option<SocketAddr>,
    /// Where it listens with TLS, and the certificate's and key's PEM files.
    pub tls: Option<(SocketAddr, PathBuf, PathBuf)>,
    /// Where it keeps retained and queued messages.
    pub data_dir: PathBuf,
}

/// Why the broker can't start.
#[derive(Debug, thiserror::Error)]
#[error("the MQTT broker can't start: {0}. Is the port in use, is the data folder writable?")]
pub struct BrokerError(String);

/// A running broker.
pub struct Broker {
    address: Option<SocketAddr>,
    tls_address: Option<SocketAddr>,
    refused: Arc<AtomicU64>,
    stop: BrokerShutdownHandle,
    task: JoinHandle<()>,
}

impl Broker {
    /// Starts it.
    ///
    /// # Errors
    /// Where a port can't be had, or the folder or a file can't be used.
    pub async fn start(settings: BrokerSettings, users: Credentials) -> Result<Self, BrokerError> {
        let refuse = |e: &dyn std::fmt::Display| BrokerError(e.to_string());
        std::fs::create_dir_all(&settings.data_dir).map_err(|e| refuse(&e))?;
        let storage = StorageConfig {
            backend: StorageBackend::File,
            base_dir: settings.data_dir,
            ..StorageConfig::default()
        };
        let tls = settings.tls.map(|(listen, cert, key)| {
            let mut tls = TlsConfig::new(cert, key);
            tls.bind_addresses = vec![listen];
            tls
        });
        let config = BrokerConfig {
            bind_addresses: settings.listen.into_iter().collect(),
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
            tls_config: tls,
            storage_config: storage,
            sys_topics_enabled: false,
            ..BrokerConfig::default()
        };
        let broker = MqttBroker::with_config(config).await.map_err(|e| refuse(&e))?;
        let refused = Arc::<AtomicU64>::default();
        let door = Door { users, refused: refused.clone() };
        let mut broker = broker.with_auth_provider(Arc::new(door));
        let (address, tls_address) = (broker.local_addr(), broker.tls_local_addr());
        let (stop, mut ready) = (broker.shutdown_handle(), broker.ready_receiver());
        let task = tokio::spawn(async move {
            if let Err(error) = broker.run().await {
                tracing::error!(%error, "the MQTT broker stopped");
            }
        });
        ready.wait_for(|ready| *ready).await.map_err(|e| refuse(&e))?;
        Ok(Self { address, tls_address, refused, stop, task })
    }

    /// Where it listens without encryption.
    pub fn local_addr(&self) -> Option<SocketAddr> {
        self.address
    }

    /// Where it listens with TLS.
    pub fn tls_addr(&self) -> Option<SocketAddr> {
        self.tls_address
    }

    /// Connections, publications and subscriptions that were not that user's to make.
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// True until it has stopped.
    pub fn is_running(&self) -> bool {
        !self.task.is_finished()
    }

    /// Stops it; what is retained and queued is on the disk afterwards.
    pub async fn stop(self) {
        self.stop.shutdown();
        if tokio::time::timeout(Duration::from_secs(2), self.task).await.is_err() {
            tracing::warn!("the MQTT broker did not stop in time");
        }
    }
}

/// Who gets in, and what they may say and hear.
struct Door {
    users: Credentials,
    refused: Arc<AtomicU64>,
}

impl Door {
    /// Counts a refusal.
    fn counted(&self, may: bool) -> bool {
        if !may {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        may
    }
}

type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

impl AuthProvider for Door {
    fn authenticate<'a>(
        &'a self,
        connect: &'a ConnectPacket,
        from: SocketAddr,
    ) -> Answer<'a, MqttResult<AuthResult>> {
        Box::pin(async move {
            let name = connect.username.as_deref().unwrap_or_default();
            let password = connect.password.as_deref().unwrap_or_default();
            let why = if !self.users.admits(name, password, &connect.client_id) {
                ReasonCode::BadUsernameOrPassword
            } else if connect.will.as_ref().is_some_and(|w| !self.users.may_publish(name, &w.topic))
            {
                ReasonCode::NotAuthorized
            } else {
                return Ok(AuthResult::success_with_user(name));
            };
            self.counted(false);
            tracing::warn!(user = name, client = connect.client_id, %from, ?why,
                "the broker refused a connection: its password, client id or last will is not that user's");
            Ok(AuthResult::fail(why))
        })
    }

    fn authorize_publish<'a>(
        &'a self,
        _client: &str,
        user: Option<&'a str>,
        topic: &'a str,
    ) -> Answer<'a, bool> {
        let may = self.counted(self.users.may_publish(user.unwrap_or_default(), topic));
        Box::pin(std::future::ready(may))
    }

    fn authorize_subscribe<'a>(
        &'a self,
        _client: &str,
        user: Option<&'a str>,
        filter: &'a str,
    ) -> Answer<'a, bool> {
        let may = self.counted(self.users.may_subscribe(user.unwrap_or_default(), filter));
        Box::pin(std::future::ready(may))
    }
}
