//! Looking at a way while nothing goes through it: whether the far end is there, every so often, at no
//! cost and to nobody's notice. One that fails is told of within 100 s (EN 54-21), and so is its return.
//!
//! What a look is differs: a mail server is signed in to; of a server that speaks HTTP it is seen that it
//! takes a connection and proves who it is, with no request made, since a request may cost or disturb.

use std::{future::Future, sync::Arc, time::Duration};

use gengfu_core::text::Text;
use rustls::{ClientConfig, pki_types::ServerName};
use tokio::{
    net::{TcpStream, lookup_host},
    time::{Instant, sleep, timeout},
};
use tokio_rustls::TlsConnector;
use url::Url;

use crate::{
    address,
    desk::{Desk, Line},
    settings::SetupError,
    tls::{self, Authorities},
};

/// A way is looked at this often. With a look's own time, another one, and the line's patience a dead way
/// is told of within 100 s.
const EVERY: Duration = Duration::from_secs(45);
/// After a look that failed it is looked at again so soon.
const AGAIN: Duration = Duration::from_secs(10);
/// For one look.
const LIMIT: Duration = Duration::from_secs(10);
/// For each of several servers that one look is at.
const KNOCK: Duration = Duration::from_secs(8);
/// Places of one channel that are looked at: a webhook leads to as many as there are people.
const MOST: usize = 32;

/// Looks for as long as the channel is set up. `way` is what is looked at, in both languages; with nothing
/// to look by, its line counts as open.
pub(crate) async fn watch<F: Future<Output = Result<(), String>>>(
    desk: &Desk,
    way: Text,
    look: Option<impl Fn() -> F>,
) {
    let mut line = Line::part(desk, "look");
    let Some(look) = look else {
        // What was found before it was told not to look must not stand for ever.
        line.is_open().await;
        return std::future::pending().await;
    };
    loop {
        let begun = Instant::now();
        let seen = match timeout(LIMIT, look()).await {
            Ok(seen) => seen,
            Err(_) => Err(format!("no answer within {} s", LIMIT.as_secs())),
        };
        let Err(reason) = seen else {
            line.is_open().await;
            sleep(EVERY.saturating_sub(begun.elapsed())).await;
            continue;
        };
        let Text { zh, en } = &way;
        let fault =
            Text { zh: format!("{zh}不通：{reason}"), en: format!("{en} is down: {reason}") };
        line.is_down(fault).await;
        sleep(AGAIN).await;
    }
}

/// Who knocks at servers of HTTP: seen is that one takes a connection, and proves who it is.
pub(crate) struct Knocker {
    config: Arc<ClientConfig>,
    /// What a private address must be named by, where addresses come from people.
    hosts: Option<Vec<String>>,
}

impl Knocker {
    /// For servers that the operator names.
    pub fn new(authorities: &Authorities) -> Result<Self, SetupError> {
        Ok(Self { config: Arc::new(authorities.client_config()?), hosts: None })
    }

    /// For servers that people name: out in the public, or among `hosts`.
    pub fn to_public(authorities: &Authorities, hosts: &[String]) -> Result<Self, SetupError> {
        Ok(Self { hosts: Some(hosts.to_vec()), ..Self::new(authorities)? })
    }

    /// Whether the server of `url` is there; why it is not, without its name.
    pub async fn knock(&self, url: &Url) -> Result<(), String> {
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
        let port = url.port_or_known_default().unwrap_or(443);
        let found = lookup_host((host, port)).await;
        let unknown = |_| "its name can't be looked up: is there a way to the internet?".to_owned();
        let allowed = |at: &std::net::SocketAddr| {
            self.hosts.as_ref().is_none_or(|hosts| address::may_lead(host, at.ip(), hosts))
        };
        let places: Vec<_> = found.map_err(unknown)?.filter(allowed).collect();
        let stream = TcpStream::connect(places.as_slice()).await.map_err(|e| match e.kind() {
            std::io::ErrorKind::ConnectionRefused => "it refuses the connection".to_owned(),
            _ => "it can't be reached".to_owned(),
        })?;
        if url.scheme() != "https" {
            return Ok(());
        }
        let name = ServerName::try_from(host.to_owned()).map_err(|_| "its name is none")?;
        let shaken = TlsConnector::from(self.config.clone()).connect(name, stream).await;
        shaken.map(drop).map_err(|e| match tls::inside(&e) {
            Some(cause) => tls::explain(cause).0,
            None => "it breaks off".to_owned(),
        })
    }

    /// Whether the servers of all these are there, each of them asked once.
    pub async fn knock_at_all(&self, urls: impl Iterator<Item = Url>) -> Result<(), String> {
        let mut doors: Vec<Url> = urls.collect();
        doors.sort_by_key(|url| url.origin().ascii_serialization());
        doors.dedup_by_key(|url| url.origin());
        doors.truncate(MOST);
        let count = doors.len();
        let knocks = doors.iter().map(|url| async { timeout(KNOCK, self.knock(url)).await });
        let seen = futures::future::join_all(knocks).await;
        let failed: Vec<String> = seen
            .into_iter()
            .filter_map(|seen| match seen {
                Ok(seen) => seen.err(),
                Err(_) => Some("it does not answer".to_owned()),
            })
            .collect();
        match failed.first() {
            None => Ok(()),
            Some(reason) if count == 1 => Err(reason.clone()),
            Some(reason) => Err(format!("{} of {count} servers: {reason}", failed.len())),
        }
    }
}
