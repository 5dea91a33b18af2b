//! TLS in front of the broker: connections are decrypted here and passed on over loopback, so that a
//! renewed certificate counts from the next connection on, and nobody loses the present one. (The
//! library reads its certificate once.) Boards are shown another key than everybody else, which stays.

use std::{
    collections::HashMap,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};

use gengfu_wire::TLS_NAME;
use parking_lot::{Mutex, RwLock};
use rustls::ServerConfig;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::{JoinHandle, JoinSet},
};
use tokio_rustls::LazyConfigAcceptor;

/// Whoever has not shaken hands by then is cut off. A board on a Cortex-M0+ reckons for two seconds, and begins
/// anew where it is cut off: too early keeps it out for good. (nginx waits as long.)
const HANDSHAKE: Duration = Duration::from_secs(60);
/// With no more file descriptors, it is tried again after this.
const EXHAUSTED: Duration = Duration::from_millis(100);

/// From where each connection that is passed on really comes, by the address that the broker sees.
#[derive(Clone, Default)]
pub(super) struct Origins(Arc<Mutex<HashMap<SocketAddr, SocketAddr>>>);

impl Origins {
    /// Who stands behind what the broker sees.
    pub fn of(&self, seen: SocketAddr) -> SocketAddr {
        self.0.lock().get(&seen).copied().unwrap_or(seen)
    }
}

/// One entry, for as long as its connection lasts.
struct Noted(Origins, SocketAddr);

impl Drop for Noted {
    fn drop(&mut self) {
        self.0.0.lock().remove(&self.1);
    }
}

/// The listener with TLS. Dropped, it cuts everybody off.
pub(super) struct Front {
    pub address: SocketAddr,
    shown: Arc<RwLock<Arc<ServerConfig>>>,
    task: JoinHandle<()>,
}

impl Drop for Front {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Front {
    /// Listens there, and passes on to the `broker`, at most so many connections at a time.
    pub async fn start(
        listen: SocketAddr,
        shown: &ServerConfig,
        boards: Option<Arc<ServerConfig>>,
        broker: SocketAddr,
        origins: Origins,
        at_most: usize,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(listen).await?;
        let address = listener.local_addr()?;
        let shown = Arc::new(RwLock::new(for_mqtt(shown)));
        let all = Shown { others: shown.clone(), boards };
        let task = tokio::spawn(accept(listener, all, reachable(broker), origins, at_most));
        Ok(Self { address, shown, task })
    }

    /// What whoever comes from now on is shown.
    pub fn show(&self, certificate: &ServerConfig) {
        *self.shown.write() = for_mqtt(certificate);
    }
}

/// What is shown to whom.
struct Shown {
    others: Arc<RwLock<Arc<ServerConfig>>>,
    boards: Option<Arc<ServerConfig>>,
}

impl Shown {
    /// To whoever asks for this name.
    fn to(&self, name: Option<&str>) -> Arc<ServerConfig> {
        match &self.boards {
            Some(boards) if name == Some(TLS_NAME) => boards.clone(),
            _ => self.others.read().clone(),
        }
    }
}

/// The same certificate, for MQTT and not for the pages.
fn for_mqtt(config: &ServerConfig) -> Arc<ServerConfig> {
    let mut config = config.clone();
    config.alpn_protocols = vec![b"mqtt".to_vec()];
    Arc::new(config)
}

/// Where whoever listens there is reached from this machine.
pub fn reachable(listens: SocketAddr) -> SocketAddr {
    let ip = match listens.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
    };
    SocketAddr::new(ip, listens.port())
}

async fn accept(
    listener: TcpListener,
    shown: Shown,
    broker: SocketAddr,
    origins: Origins,
    at_most: usize,
) {
    let shown = Arc::new(shown);
    let room = Arc::new(Semaphore::new(at_most));
    // Dropped with this task, and all connections with it.
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let (stream, from) = match listener.accept().await {
            Ok(come) => come,
            Err(error) => {
                tracing::warn!(%error, "a connection with TLS could not be taken");
                tokio::time::sleep(EXHAUSTED).await;
                continue;
            }
        };
        let Ok(place) = room.clone().try_acquire_owned() else {
            tracing::warn!(%from, at_most, "a connection with TLS is one too many");
            continue;
        };
        let shown = shown.clone();
        let origins = origins.clone();
        connections.spawn(async move {
            if let Err(error) = pass_on(&shown, stream, from, broker, origins).await {
                tracing::debug!(%from, %error, "a connection with TLS has ended");
            }
            drop(place);
        });
    }
}

async fn pass_on(
    shown: &Shown,
    stream: TcpStream,
    from: SocketAddr,
    broker: SocketAddr,
    origins: Origins,
) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let hello = LazyConfigAcceptor::new(rustls::server::Acceptor::default(), stream);
    let shaken = async {
        let hello = hello.await?;
        let shown = shown.to(hello.client_hello().server_name());
        hello.into_stream(shown).await
    };
    let mut client = tokio::time::timeout(HANDSHAKE, shaken).await??;
    let socket = if broker.is_ipv4() {
        tokio::net::TcpSocket::new_v4()?
    } else {
        tokio::net::TcpSocket::new_v6()?
    };
    // Bound first: the broker must never see an address that is not noted down yet.
    socket.bind(SocketAddr::new(broker.ip(), 0))?;
    socket.set_nodelay(true)?;
    let seen = socket.local_addr()?;
    origins.0.lock().insert(seen, from);
    let _noted = Noted(origins, seen);
    let mut inside = socket.connect(broker).await?;
    tokio::io::copy_bidirectional(&mut client, &mut inside).await.map(drop)
}
