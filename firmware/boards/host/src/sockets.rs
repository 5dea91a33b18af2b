//! This computer's network as that of its boards.

use core::net::SocketAddr;
use std::{
    io::{self, Read as _, Write as _},
    net::{Shutdown, TcpStream, ToSocketAddrs},
};

use async_io::Async;
use embassy_time::{Duration, with_timeout};
use embedded_io_async::{ErrorType, Read, Write};
use gengfu_board::net::{
    Lost,
    reach::{Network, Stream},
    settings::Gateway,
};

/// A connection stands within so long, as on a board.
const REACH: Duration = Duration::from_secs(5);

/// This computer's network, which is always there.
pub struct Sockets;

/// A connection of it.
pub struct Connection(Async<TcpStream>);

impl Network for Sockets {
    type Stream<'n> = Connection;

    async fn is_up(&self) {}

    async fn reach(&mut self, gateway: &Gateway<'_>) -> Result<Connection, Lost> {
        // A name holds up all boards while it is looked up; an address does not.
        let mut found = (gateway.host, gateway.port).to_socket_addrs();
        let address = found.as_mut().ok().and_then(Iterator::next).ok_or(Lost::NoSuchName)?;
        match with_timeout(REACH, connect(address)).await {
            Ok(Ok(stream)) => Ok(Connection(stream)),
            _ => Err(Lost::Unreachable),
        }
    }
}

async fn connect(address: SocketAddr) -> io::Result<Async<TcpStream>> {
    let stream = Async::<TcpStream>::connect(address).await?;
    stream.get_ref().set_nodelay(true)?;
    Ok(stream)
}

impl Stream for Connection {
    async fn end(self) {
        // The other side may have ended it before.
        let _ = self.0.get_ref().shutdown(Shutdown::Both);
    }
}

impl ErrorType for Connection {
    type Error = io::Error;
}

impl Read for Connection {
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, io::Error> {
        self.0.read_with(|mut stream| stream.read(buf)).await
    }
}

impl Write for Connection {
    async fn write(&mut self, buf: &[u8]) -> Result<usize, io::Error> {
        self.0.write_with(|mut stream| stream.write(buf)).await
    }

    async fn flush(&mut self) -> Result<(), io::Error> {
        Ok(())
    }
}
