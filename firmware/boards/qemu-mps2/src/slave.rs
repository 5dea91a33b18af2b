//! What the board shows over Modbus, `docs/board-registers.md`: over TCP, and over the RS-485 line.

use embassy_net::Stack;
use embassy_time::{Duration, with_timeout};
use gengfu_board::{
    modbus::rtu,
    net::{now_ms, slave},
};
use heapless::Vec;
use static_cell::StaticCell;

use crate::{
    tasks::Cell,
    uart::{FROM_LINE, LINE},
};

/// Its address on the RS-485 line.
const ADDRESS: u8 = 1;
/// A frame ends where the line is silent for so long: three and a half characters at 9600 baud.
const SILENCE: Duration = Duration::from_millis(4);

/// Answers over TCP.
#[embassy_executor::task]
pub async fn tcp(stack: Stack<'static>, board: &'static Cell) {
    static ROOM: StaticCell<slave::Room> = StaticCell::new();
    slave::answer(stack, board, ROOM.init_with(slave::Room::new)).await
}

/// Answers on the RS-485 line.
#[embassy_executor::task]
pub async fn rtu(board: &'static Cell) {
    let mut frame: Vec<u8, { rtu::MAX_FRAME }> = Vec::new();
    let mut answer = [0; rtu::MAX_FRAME];
    let mut part = [0; 64];
    loop {
        let count = match frame.is_empty() {
            true => Ok(FROM_LINE.read(&mut part).await),
            false => with_timeout(SILENCE, FROM_LINE.read(&mut part)).await,
        };
        if let Ok(count) = count {
            // One that is too long is nobody's: its checksum will not be right.
            _ = frame.extend_from_slice(part.get(..count).unwrap_or_default());
            continue;
        }
        let shown = board.borrow().registers(now_ms());
        if let Some(answer) = rtu::answer(&frame, ADDRESS, &shown, &mut answer) {
            LINE.send(answer);
        }
        frame.clear();
    }
}
