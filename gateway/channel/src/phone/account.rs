//! Whose line it is: the server, how it is spoken to, and who we are there.

use std::net::{IpAddr, SocketAddr};

use rsipstack::{
    dialog::authenticate::Credential,
    sip::{Auth, Param, Transport, Uri},
};
use serde::Deserialize;

use super::sdes::Srtp;

/// How the server is spoken to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Via {
    /// Packets; what every server takes.
    #[default]
    Udp,
    /// A connection, for long ways through firewalls.
    Tcp,
    /// The same, encrypted, to a server that proves who it is.
    Tls,
}

impl Via {
    /// Its name in addresses; packets have none there.
    pub fn transport(self) -> Option<Transport> {
        match self {
            Via::Udp => None,
            Via::Tcp => Some(Transport::Tcp),
            Via::Tls => Some(Transport::Tls),
        }
    }

    /// The port where the settings name none (RFC 3261, 19.1.2).
    fn port(self) -> u16 {
        match self {
            Via::Udp | Via::Tcp => 5060,
            Via::Tls => 5061,
        }
    }
}

/// Whose line it is.
#[derive(Clone)]
pub(super) struct Account {
    /// The server's name or address.
    pub host: String,
    /// Its port.
    pub port: Option<u16>,
    /// How it is spoken to.
    pub via: Via,
    /// Those who may say who the server is, as certificates in PEM; only by TLS.
    pub authorities: Vec<u8>,
    /// Whether its speech is encrypted.
    pub srtp: Srtp,
    /// Our name or number there.
    pub user: String,
    /// The password, where one is wanted.
    pub password: Option<String>,
    /// The port that we listen at; 0 for any.
    pub local_port: u16,
    /// Addresses besides the server's that calls may come from.
    pub calls_from: Vec<IpAddr>,
}

impl Account {
    fn port(&self) -> u16 {
        self.port.unwrap_or_else(|| self.via.port())
    }

    /// The address of somebody at the server, or of the server itself.
    ///
    /// # Errors
    /// Where the server's name is none.
    pub fn uri(&self, user: Option<&str>) -> Result<Uri, String> {
        let mut uri = Uri::try_from(format!("sip:{}:{}", self.host, self.port()).as_str())
            .map_err(|e| format!("`server` is no host: {e}"))?;
        uri.auth = user.map(|user| Auth { user: user.to_owned(), password: None });
        uri.params.extend(self.via.transport().map(Param::Transport));
        Ok(uri)
    }

    /// What proves who we are.
    pub fn credential(&self) -> Option<Credential> {
        let password = self.password.clone()?;
        Some(Credential { username: self.user.clone(), password, realm: None, auth_username: None })
    }

    /// The server's addresses, at least one.
    ///
    /// # Errors
    /// Where its name is not known.
    pub async fn addresses(&self) -> Result<Vec<SocketAddr>, String> {
        let found = tokio::net::lookup_host((self.host.as_str(), self.port()))
            .await
            .map_err(|e| format!("the telephone server \"{}\" is not known: {e}", self.host))?;
        let found: Vec<SocketAddr> = found.collect();
        if found.is_empty() {
            return Err("the telephone server has no address".to_owned());
        }
        Ok(found)
    }
}
