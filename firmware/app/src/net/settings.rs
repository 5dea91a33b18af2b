//! Where the gateway is, and how the board gets its own address.

use embassy_net::{Config, DhcpConfig, Ipv4Address, Ipv4Cidr, StaticConfigV4};
use gengfu_wire::{
    TLS_PORT,
    identity::{Credentials, MAX_GATEWAYS},
};
use heapless::Vec;

/// The port where the setting names none: MQTT without TLS.
pub const PORT: u16 = 1883;

/// Where a gateway listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gateway<'a> {
    /// An IPv4 address, or a name for the DNS.
    pub host: &'a str,
    /// The port of its broker.
    pub port: u16,
}

impl<'a> Gateway<'a> {
    /// Reads `host` or `host:port`, `usual` where it names no port; none where it is neither.
    pub fn parse(text: &'a str, usual: u16) -> Option<Self> {
        let (host, port) = match text.split_once(':') {
            Some((host, port)) => (host, port.parse().ok().filter(|port| *port != 0)?),
            None => (text, usual),
        };
        let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_');
        let is_host = !host.is_empty() && host.len() <= 253 && host.bytes().all(plain);
        is_host.then_some(Self { host, port })
    }
}

impl core::fmt::Display for Gateway<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// How the board gets its own address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Address {
    /// The network's DHCP server gives it.
    Dhcp,
    /// It is fixed.
    Fixed {
        /// Its own, with the length of the network's prefix.
        address: Ipv4Cidr,
        /// The router, where the gateway is in another network.
        router: Option<Ipv4Address>,
        /// Who looks names up, where gateways are named.
        dns: Option<Ipv4Address>,
    },
}

impl Address {
    /// Reads a fixed one: `address/prefix`, then the router, then the name server, with a blank between
    /// each (`192.168.1.20/24 192.168.1.1 192.168.1.1`); none where it is not written like that.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split_ascii_whitespace();
        let (address, prefix) = parts.next()?.split_once('/')?;
        let prefix = prefix.parse().ok().filter(|prefix| *prefix <= 32)?;
        let address = Ipv4Cidr::new(address.parse().ok()?, prefix);
        let mut further = || parts.next().map(str::parse).transpose().ok();
        let (router, dns) = (further()?, further()?);
        parts.next().is_none().then_some(Address::Fixed { address, router, dns })
    }

    /// The same as the network stack wants it.
    pub fn config(&self) -> Config {
        match *self {
            Address::Dhcp => Config::dhcpv4(DhcpConfig::default()),
            Address::Fixed { address, router, dns } => Config::ipv4_static(StaticConfigV4 {
                address,
                gateway: router,
                dns_servers: dns.into_iter().collect(),
            }),
        }
    }
}

/// All that a board needs to reach its gateway. It holds the password, so it can't be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Settings<'a> {
    /// The board's password, as the gateway showed it once.
    pub password: &'a str,
    /// SHA-256 of the gateway's public key: it is spoken to by TLS, and nobody else is. None for no TLS.
    pub gateway_key: Option<[u8; 32]>,
    /// Tried in this order, and from the first again after each session.
    pub gateways: Vec<Gateway<'a>, MAX_GATEWAYS>,
    /// The board's own address.
    pub address: Address,
}

impl<'a> Settings<'a> {
    /// What a board's identity says of the way to its gateway; none where a gateway or the address is
    /// not written as it must be.
    pub fn of(who: &Credentials<'a>) -> Option<Self> {
        let usual = if who.gateway_key.is_some() { TLS_PORT } else { PORT };
        let gateways = who.gateways.iter().flatten().map(|text| Gateway::parse(text, usual));
        let gateways = gateways.collect::<Option<Vec<_, MAX_GATEWAYS>>>()?;
        let address = who.address.map_or(Some(Address::Dhcp), Address::parse)?;
        Some(Self { password: who.password, gateway_key: who.gateway_key, gateways, address })
    }
}
