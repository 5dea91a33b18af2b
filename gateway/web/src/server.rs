//! The server: the ports, their certificates, and an orderly end.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use axum_server::{Handle, tls_rustls::RustlsConfig};
use tokio::{sync::watch, task::JoinHandle};

use crate::{
    answer_key::AnswerKey,
    app::{self, App},
    authority::Root,
    authority_page,
    gateway::Gateway,
    public_url::PublicUrl,
    tls::{Identity, Tls, TlsError},
};

/// Open requests have this long to end at a shutdown.
const GRACE: Duration = Duration::from_secs(3);
/// A connection that has not sent its first request by then is closed.
const FIRST_REQUEST: Duration = Duration::from_secs(15);
/// And one that is quiet for so long between two requests, or dribbles a request's head.
const NEXT_REQUEST: Duration = Duration::from_secs(60);
/// How often certificates are looked at.
const RENEW_EVERY: Duration = Duration::from_secs(3600);

/// How to serve.
pub struct WebSettings {
    /// The port of the pages and the API.
    pub listen: SocketAddr,
    /// How they are protected on their way.
    pub tls: Tls,
    /// Where people reach them from; links are made of it.
    pub public_url: Option<PublicUrl>,
    /// A plain HTTP port beside HTTPS, which only serves the page about the local authority and
    /// leads to HTTPS.
    pub plain_listen: Option<SocketAddr>,
    /// The operator accepts plain HTTP from other machines, as behind a proxy.
    pub allow_plain: bool,
    /// The key of the links in messages.
    pub answer_key: AnswerKey,
}

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Plain HTTP would be open to other machines.
    #[error(
        "plain HTTP on {0} would send passwords in the clear: switch TLS on, listen on 127.0.0.1 behind a proxy, or allow it outright"
    )]
    PlainNotLoopback(SocketAddr),
    /// A port can't be opened.
    #[error("can't listen on {address}: {error}{}", hint(error))]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        error: io::Error,
    },
    /// There is no certificate.
    #[error(transparent)]
    Tls(#[from] TlsError),
}

fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::AddrInUse => {
            " (another program, perhaps another gateway, has this port: stop it or choose another)"
        }
        io::ErrorKind::PermissionDenied => {
            " (ports below 1024 take CAP_NET_BIND_SERVICE: choose a higher one, or use the systemd unit)"
        }
        io::ErrorKind::AddrNotAvailable => " (this machine does not have that address)",
        _ => "",
    }
}

/// A running server.
pub struct Server {
    /// The address of the pages and the API.
    pub local_addr: SocketAddr,
    /// The address of the plain port beside HTTPS, where there is one.
    pub plain_addr: Option<SocketAddr>,
    /// The local authority's root, where there is one.
    pub root: Option<Arc<Root>>,
    stop: watch::Sender<bool>,
    handles: Vec<Handle<SocketAddr>>,
    tasks: Vec<JoinHandle<()>>,
}

impl Server {
    /// Opens the ports and serves. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// [`StartError`]: each says what to do.
    pub async fn start(
        settings: WebSettings,
        gateway: Arc<dyn Gateway>,
    ) -> Result<Self, StartError> {
        let WebSettings { listen, tls, public_url, plain_listen, allow_plain, answer_key } =
            settings;
        let public_host = public_url.as_ref().map(|url| url.host().to_owned());
        let now = gateway.now();
        let opened = tokio::task::spawn_blocking(move || {
            Identity::open(&tls, public_host.as_deref(), listen, now)
        });
        let identity =
            opened.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))?;
        if identity.is_none() && !allow_plain && !listen.ip().is_loopback() {
            return Err(StartError::PlainNotLoopback(listen));
        }
        let root = identity.as_ref().and_then(|(identity, _)| identity.root());
        // Both ports before either is served: what fails leaves nothing running.
        let (listener, local_addr) = bind(listen)?;
        let plain = plain_listen.filter(|_| identity.is_some()).map(bind).transpose()?;
        let (stop, stopping) = watch::channel(false);
        let app = App::new(
            gateway.clone(),
            answer_key,
            public_url,
            identity.is_some(),
            root.clone(),
            stopping.clone(),
        );
        let mut server = Self {
            local_addr,
            plain_addr: plain.as_ref().map(|(_, address)| *address),
            root,
            stop,
            handles: Vec::new(),
            tasks: Vec::new(),
        };
        let router = app::router(app.clone());
        server.serve(listener, local_addr, router, identity, &gateway, stopping.clone())?;
        if let Some((listener, address)) = plain {
            let router = authority_page::plain_router(app, local_addr.port());
            server.serve(listener, address, router, None, &gateway, stopping)?;
        }
        Ok(server)
    }

    fn serve(
        &mut self,
        listener: TcpListener,
        address: SocketAddr,
        router: axum::Router,
        identity: Option<(Identity, Arc<rustls::ServerConfig>)>,
        gateway: &Arc<dyn Gateway>,
        stopping: watch::Receiver<bool>,
    ) -> Result<(), StartError> {
        let failed = |error| StartError::Listen { address, error };
        let handle = Handle::new();
        self.handles.push(handle.clone());
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        let task = match identity {
            Some((identity, config)) => {
                let config = RustlsConfig::from_config(config);
                let server =
                    axum_server::from_tcp_rustls(listener, config.clone()).map_err(failed)?;
                let mut server = server.handle(handle).first_request_timeout(FIRST_REQUEST);
                server.http_builder().http1().header_read_timeout(NEXT_REQUEST);
                self.tasks.push(tokio::spawn(renew(identity, config, gateway.clone(), stopping)));
                tokio::spawn(async move { ended(address, server.serve(service).await) })
            }
            None => {
                let server = axum_server::from_tcp(listener).map_err(failed)?;
                let mut server = server.handle(handle).first_request_timeout(FIRST_REQUEST);
                server.http_builder().http1().header_read_timeout(NEXT_REQUEST);
                tokio::spawn(async move { ended(address, server.serve(service).await) })
            }
        };
        self.tasks.push(task);
        Ok(())
    }

    /// Stops taking requests, lets open ones end for up to 3 s, and closes the ports.
    pub async fn shutdown(self) {
        self.stop.send_replace(true);
        for handle in &self.handles {
            handle.graceful_shutdown(Some(GRACE));
        }
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(%error, "a web task ended badly");
            }
        }
    }
}

fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let failed = |error| StartError::Listen { address, error };
    let listener = TcpListener::bind(address).map_err(failed)?;
    let local = listener.local_addr().map_err(failed)?;
    Ok((listener, local))
}

fn ended(address: SocketAddr, result: io::Result<()>) {
    if let Err(error) = result {
        tracing::error!(%address, %error, "the web server stopped");
    }
}

/// Looks at the certificates from time to time. One that can't be renewed is kept.
async fn renew(
    mut identity: Identity,
    config: RustlsConfig,
    gateway: Arc<dyn Gateway>,
    mut stopping: watch::Receiver<bool>,
) {
    loop {
        tokio::select! {
            _ = stopping.wait_for(|stop| *stop) => return,
            () = tokio::time::sleep(RENEW_EVERY) => {}
        }
        let now = gateway.now();
        let looked = tokio::task::spawn_blocking(move || {
            let renewed = identity.renewed(now);
            (identity, renewed)
        });
        let Ok((back, renewed)) = looked.await else { return };
        identity = back;
        match renewed {
            Ok(Some(new)) => {
                config.reload_from_config(new);
                tracing::info!("the certificate was renewed");
            }
            Ok(None) => {}
            Err(error) => {
                tracing::error!(%error, "the certificate was not renewed; the old one stays")
            }
        }
    }
}
