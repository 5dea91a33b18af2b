//! Answers Modbus masters over TCP, one after the other: the second path to a board.

use core::cell::RefCell;

use embassy_net::{Stack, tcp::TcpSocket};
use embassy_time::{Duration, with_timeout};

use super::{now_ms, transport::Transport};
use crate::{board::Board, modbus::serve::serve};

/// The port of Modbus over TCP.
pub const PORT: u16 = 502;
/// A master that is no longer there makes room for another after so long, asked this often whether it
/// is.
const GONE: Duration = Duration::from_secs(60);
const ASK: Duration = Duration::from_secs(20);
/// What the other side is told last leaves within so long.
const FAREWELL: Duration = Duration::from_secs(1);
/// The socket's room in each direction, in bytes: more than a frame.
const SOCKET: usize = 512;

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

/// Answers for ever.
pub async fn answer<const INPUTS: usize, const QUEUE: usize>(
    stack: Stack<'_>,
    board: &RefCell<Board<'_, INPUTS, QUEUE>>,
    room: &mut Room,
) -> ! {
    loop {
        let mut socket = TcpSocket::new(stack, &mut room.heard, &mut room.said);
        socket.set_timeout(Some(GONE));
        socket.set_keep_alive(Some(ASK));
        if socket.accept(PORT).await.is_ok() {
            // Either way the connection is over.
            let _ = serve(&mut Transport(&mut socket), || board.borrow().registers(now_ms())).await;
        }
        socket.abort();
        // The other side is told, where it can be.
        let _ = with_timeout(FAREWELL, socket.flush()).await;
    }
}
