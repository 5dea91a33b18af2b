//! AN385's three serial lines (APB UART of ARM's Cortex-M System Design Kit): the log, the RS-485
//! line, and the bench, from which contacts are moved.

use embassy_sync::{blocking_mutex::raw::CriticalSectionRawMutex, pipe::Pipe};

use crate::register::{Register, unmask};

/// The interrupt for a byte from the RS-485 line.
pub const LINE_RX: i16 = 2;
/// The interrupt for a byte from the bench.
pub const BENCH_RX: i16 = 4;

/// The divider of the baud rate; QEMU passes bytes on at once, whatever it is.
const DIVIDER: u32 = 16;
const SEND: u32 = 1;
const RECEIVE: u32 = 1 << 1;
const RECEIVE_INTERRUPT: u32 = 1 << 3;
const SENDER_FULL: u32 = 1;
const RECEIVED: u32 = 1 << 1;

/// A serial line.
pub struct Uart {
    data: Register,
    state: Register,
    control: Register,
    interrupt: Register,
    divider: Register,
}

impl Uart {
    /// # Safety
    /// There must be such a UART at `base`.
    const unsafe fn at(base: usize) -> Self {
        // SAFETY: the caller's; reading and writing them changes the line alone.
        unsafe {
            Self {
                data: Register::at(base),
                state: Register::at(base + 4),
                control: Register::at(base + 8),
                interrupt: Register::at(base + 12),
                divider: Register::at(base + 16),
            }
        }
    }

    /// Sends bytes, and waits where the line is slow.
    pub fn send(&self, bytes: &[u8]) {
        for byte in bytes {
            while self.state.read() & SENDER_FULL != 0 {}
            self.data.write((*byte).into());
        }
    }
}

// SAFETY: AN385 has its UARTs there.
/// Where the log goes.
pub const LOG: Uart = unsafe { Uart::at(0x4000_4000) };
// SAFETY: as above.
/// The RS-485 line.
pub const LINE: Uart = unsafe { Uart::at(0x4000_5000) };
// SAFETY: as above.
/// From where contacts are moved.
pub const BENCH: Uart = unsafe { Uart::at(0x4000_6000) };

/// Bytes that came down a line.
pub type Bytes = Pipe<CriticalSectionRawMutex, 256>;
/// Bytes that came from the bench.
pub static FROM_BENCH: Bytes = Pipe::new();
/// Bytes that came from the RS-485 line.
pub static FROM_LINE: Bytes = Pipe::new();

/// Opens the lines.
pub fn start() {
    let both = SEND | RECEIVE | RECEIVE_INTERRUPT;
    for (line, control) in [(LOG, SEND), (LINE, both), (BENCH, both)] {
        line.divider.write(DIVIDER);
        line.control.write(control);
    }
    unmask(LINE_RX);
    unmask(BENCH_RX);
}

/// Bytes came from the bench. There is room: the bench waits for the answer to each line.
pub fn on_bench() {
    take(&BENCH, &FROM_BENCH);
}

/// Bytes came from the RS-485 line. There is room for the longest frame.
pub fn on_line() {
    take(&LINE, &FROM_LINE);
}

fn take(line: &Uart, bytes: &Bytes) {
    // First, so that a byte that comes after the last look interrupts again.
    line.interrupt.write(RECEIVED);
    while line.state.read() & RECEIVED != 0 {
        let [byte, ..] = line.data.read().to_le_bytes();
        let _ = bytes.try_write(&[byte]);
    }
}
