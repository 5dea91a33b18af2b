//! Answers Modbus masters over TCP, one after the other: the second path to a board.

use core::cell::RefCell;

use embassy_net::{Stack, tcp::TcpSocket};
use embassy_time::{Duration, with_timeout};
use embedded_io_async::Write;
use heapless::Vec;

use super::now_ms;
use crate::{
    board::Board,
    modbus::tcp::{MAX_FRAME, Step, step},
};

/// The port of Modbus over TCP.
pub const PORT: u16 = 502;
/// A master that asks nothing for so long makes room for another.
const IDLE: Duration = Duration::from_secs(60);
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
        socket.set_timeout(Some(IDLE));
        if socket.accept(PORT).await.is_ok() {
            converse(&mut socket, board).await;
        }
        socket.abort();
        // The other side is told, where it can be.
        let _ = with_timeout(FAREWELL, socket.flush()).await;
    }
}

/// Answers until the master goes, or says what is not Modbus.
async fn converse<const INPUTS: usize, const QUEUE: usize>(
    socket: &mut TcpSocket<'_>,
    board: &RefCell<Board<'_, INPUTS, QUEUE>>,
) {
    let mut bytes: Vec<u8, { MAX_FRAME }> = Vec::new();
    let mut part = [0; MAX_FRAME];
    let mut answer = [0; MAX_FRAME];
    loop {
        let shown = board.borrow().registers(now_ms());
        match step(&bytes, &shown, &mut answer) {
            Step::Close => return,
            Step::Answer { frame, used } => {
                let sent = with_timeout(IDLE, socket.write_all(frame)).await;
                if !matches!(sent, Ok(Ok(()))) {
                    return;
                }
                let (used, came) = (used.min(bytes.len()), bytes.len());
                bytes.rotate_left(used);
                bytes.truncate(came - used);
            }
            Step::Wait => {
                let room = bytes.capacity() - bytes.len();
                let Some(part) = part.get_mut(..room) else { return };
                let Ok(Ok(count)) = with_timeout(IDLE, socket.read(part)).await else { return };
                let came = part.get(..count).unwrap_or_default();
                if came.is_empty() || bytes.extend_from_slice(came).is_err() {
                    return;
                }
            }
        }
    }
}
