//! Answers Modbus masters over TCP, two at a time: the second path to a board. One that connects and says
//! nothing does not take it away from the others.

use core::{cell::RefCell, convert::Infallible};

use embassy_futures::join::join;
use embassy_net::{
    Stack,
    tcp::{Error, TcpSocket},
};
use embassy_time::{Duration, with_timeout};
use embedded_io_async::{ErrorType, Read, Write};

use super::{now_ms, transport::Transport};
use crate::{board::Board, modbus::serve::serve};

/// The port of Modbus over TCP.
pub const PORT: u16 = 502;
/// A master that is no longer there makes room for another after so long, asked this often whether it
/// is.
const GONE: Duration = Duration::from_secs(60);
const ASK: Duration = Duration::from_secs(20);
/// A master that says nothing for so long makes room for another; it may come again.
const IDLE: Duration = Duration::from_secs(30);
/// What the other side is told last leaves within so long.
const FAREWELL: Duration = Duration::from_secs(1);
/// The socket's room in each direction, in bytes: more than a frame.
const SOCKET: usize = 512;

/// Room for a connection.
struct Line {
    heard: [u8; SOCKET],
    said: [u8; SOCKET],
}

impl Line {
    const fn new() -> Self {
        Self { heard: [0; SOCKET], said: [0; SOCKET] }
    }
}

/// Room for two connections.
pub struct Room([Line; 2]);

impl Room {
    /// Room in which nothing stands.
    pub const fn new() -> Self {
        Self([const { Line::new() }; 2])
    }
}

impl Default for Room {
    fn default() -> Self {
        Self::new()
    }
}

/// A connection that ends where nothing comes for [`IDLE`].
struct Impatient<'t, 's>(Transport<'t, 's>);

impl ErrorType for Impatient<'_, '_> {
    type Error = Error;
}

impl Read for Impatient<'_, '_> {
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        with_timeout(IDLE, self.0.read(buf)).await.unwrap_or(Ok(0))
    }
}

impl Write for Impatient<'_, '_> {
    async fn write(&mut self, buf: &[u8]) -> Result<usize, Error> {
        self.0.write(buf).await
    }

    async fn flush(&mut self) -> Result<(), Error> {
        self.0.flush().await
    }
}

/// Answers for ever. It takes two of the stack's sockets.
pub async fn answer<const INPUTS: usize, const QUEUE: usize>(
    stack: Stack<'_>,
    board: &RefCell<Board<'_, INPUTS, QUEUE>>,
    room: &mut Room,
) -> ! {
    let [first, second] = &mut room.0;
    match join(one(stack, board, first), one(stack, board, second)).await.0 {}
}

async fn one<const INPUTS: usize, const QUEUE: usize>(
    stack: Stack<'_>,
    board: &RefCell<Board<'_, INPUTS, QUEUE>>,
    room: &mut Line,
) -> Infallible {
    loop {
        let mut socket = TcpSocket::new(stack, &mut room.heard, &mut room.said);
        socket.set_timeout(Some(GONE));
        socket.set_keep_alive(Some(ASK));
        if socket.accept(PORT).await.is_ok() {
            let mut stream = Impatient(Transport(&mut socket));
            // Either way the connection is over.
            let _ = serve(&mut stream, || board.borrow().registers(now_ms())).await;
        }
        socket.abort();
        // The other side is told, where it can be.
        let _ = with_timeout(FAREWELL, socket.flush()).await;
    }
}
