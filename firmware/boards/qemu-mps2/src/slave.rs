//! What the board shows over Modbus, `docs/board-registers.md`, over TCP; and the RS-485 line, on which it
//! shows the same or asks others.

use embassy_net::Stack;
use gengfu_board::{
    modbus::{
        line::{self, Line},
        reader::Reader,
    },
    net::{now_ms, slave},
};
use gengfu_wire::down::Parity;
use static_cell::StaticCell;

use crate::{
    keeping::Kept,
    tasks::{Cell, ON_LINE, Watched},
    uart::{FROM_LINE, LINE},
};

/// Answers over TCP.
#[embassy_executor::task]
pub async fn tcp(stack: Stack<'static>, board: &'static Cell) {
    static ROOM: StaticCell<slave::Room> = StaticCell::new();
    slave::answer(stack, board, ROOM.init_with(slave::Room::new)).await
}

/// The line as this machine has it: no driver whose direction is to be turned, and QEMU passes bytes on
/// at once, however it is set.
struct Wire;

impl Line for Wire {
    fn set(&mut self, _: u32, _: Parity) {}

    async fn send(&mut self, frame: &[u8]) {
        LINE.send(frame);
    }

    async fn receive(&mut self, bytes: &mut [u8]) -> usize {
        FROM_LINE.read(bytes).await
    }
}

/// Asks or answers on the RS-485 line.
#[embassy_executor::task]
pub async fn rtu(
    board: &'static Cell,
    reader: &'static Reader<'static, Kept>,
    watch: &'static Watched,
) {
    let turn = || watch.borrow_mut().alive(ON_LINE, now_ms());
    line::keep(Wire, board, reader.master(), turn).await
}
