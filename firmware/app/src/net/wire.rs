//! The stack of `embassy-net` as the way to a gateway.

use embassy_net::{
    IpAddress, Stack,
    dns::DnsQueryType,
    tcp::{Error, TcpSocket},
};
use embassy_time::{Duration, with_timeout};
use embedded_io_async::{ErrorType, Read, Write};

use super::{
    Lost,
    reach::{Network, Stream},
    settings::Gateway,
    transport::Transport,
};

/// A name is looked up, and a connection stands, within so long.
const REACH: Duration = Duration::from_secs(5);
/// What was sent is acknowledged by the peer's TCP within so long.
const SENT: Duration = Duration::from_secs(20);
/// What the other side is told last leaves within so long.
const FAREWELL: Duration = Duration::from_secs(1);
/// The socket's room in each direction, in bytes: a whole message.
const SOCKET: usize = 2048;

/// Room for a connection.
pub struct Room {
    heard: [u8; SOCKET],
    said: [u8; SOCKET],
}

impl Room {
    /// Room in which nothing stands.
    pub const fn new() -> Self {
        Self { heard: [0; SOCKET], said: [0; SOCKET] }
    }
}

impl Default for Room {
    fn default() -> Self {
        Self::new()
    }
}

/// The stack, with room for one connection.
pub struct Wire<'a> {
    /// It needs one socket, and one for the name server.
    pub stack: Stack<'a>,
    /// Where a connection stands.
    pub room: &'a mut Room,
}

/// A connection of the stack.
pub struct Connection<'n>(TcpSocket<'n>);

impl Network for Wire<'_> {
    type Stream<'n>
        = Connection<'n>
    where
        Self: 'n;

    async fn is_up(&self) {
        self.stack.wait_config_up().await;
    }

    async fn reach<'n>(&'n mut self, gateway: &Gateway<'_>) -> Result<Connection<'n>, Lost> {
        let address = address(self.stack, gateway.host).await.ok_or(Lost::NoSuchName)?;
        let Room { heard, said } = &mut *self.room;
        let mut socket = TcpSocket::new(self.stack, heard, said);
        socket.set_timeout(Some(SENT));
        socket.set_nagle_enabled(false);
        match with_timeout(REACH, socket.connect((address, gateway.port))).await {
            Ok(Ok(())) => Ok(Connection(socket)),
            _ => {
                Connection(socket).end().await;
                Err(Lost::Unreachable)
            }
        }
    }
}

async fn address(stack: Stack<'_>, host: &str) -> Option<IpAddress> {
    if let Ok(address) = host.parse() {
        return Some(IpAddress::Ipv4(address));
    }
    let found = with_timeout(REACH, stack.dns_query(host, DnsQueryType::A)).await.ok()?.ok()?;
    found.first().copied()
}

impl Stream for Connection<'_> {
    async fn end(mut self) {
        self.0.abort();
        let _ = with_timeout(FAREWELL, self.0.flush()).await;
    }
}

impl ErrorType for Connection<'_> {
    type Error = Error;
}

impl Read for Connection<'_> {
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        Transport(&mut self.0).read(buf).await
    }
}

impl Write for Connection<'_> {
    async fn write(&mut self, buf: &[u8]) -> Result<usize, Error> {
        Transport(&mut self.0).write(buf).await
    }

    async fn flush(&mut self) -> Result<(), Error> {
        Transport(&mut self.0).flush().await
    }
}
