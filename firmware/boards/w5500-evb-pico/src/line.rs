//! The RS-485 line: a UART, and the pin that turns its driver round.

use embassy_rp::{
    Peri,
    gpio::Output,
    pac,
    peripherals::{PIN_4, PIN_5, UART1},
    uart::{self, BufferedUart, Config, StopBits},
};
use embassy_time::Timer;
use embedded_io_async::{Read, Write};
use gengfu_board::modbus::{line::Line, rtu::MAX_FRAME};
use gengfu_wire::down::Parity;
use static_cell::StaticCell;

use crate::pins::{self, Irqs};

/// Room for the longest frame, going out and coming in.
const ROOM: usize = MAX_FRAME;
/// Whether the last bit is on the wire is looked at this often, in microseconds: a device that is asked may
/// answer after three and a half characters, 1.75 ms at the least.
const LOOK_US: u64 = 50;

/// The line.
pub struct Rs485 {
    port: Option<BufferedUart>,
    uart: Peri<'static, UART1>,
    sends: Peri<'static, PIN_4>,
    receives: Peri<'static, PIN_5>,
    direction: Output<'static>,
    out: &'static mut [u8; ROOM],
    into: &'static mut [u8; ROOM],
}

impl Rs485 {
    /// Closed as yet: the driver listens, and nobody listens to it. To be called once.
    pub fn new(line: pins::Line) -> Self {
        static OUT: StaticCell<[u8; ROOM]> = StaticCell::new();
        static INTO: StaticCell<[u8; ROOM]> = StaticCell::new();
        let pins::Line { uart, sends, receives, direction } = line;
        let (out, into) = (OUT.init([0; ROOM]), INTO.init([0; ROOM]));
        Self { port: None, uart, sends, receives, direction, out, into }
    }
}

impl Line for Rs485 {
    fn set(&mut self, baud: u32, parity: Parity) {
        // The old one first: the two would share their room.
        self.port = None;
        let mut config = Config::default();
        config.baudrate = baud;
        (config.parity, config.stop_bits) = match parity {
            Parity::None => (uart::Parity::ParityNone, StopBits::STOP2),
            Parity::Even => (uart::Parity::ParityEven, StopBits::STOP1),
            Parity::Odd => (uart::Parity::ParityOdd, StopBits::STOP1),
        };
        let (uart, sends) = (self.uart.reborrow(), self.sends.reborrow());
        let receives = self.receives.reborrow();
        let port = BufferedUart::new(uart, sends, receives, Irqs, self.out, self.into, config);
        // It tells of what came after four characters, or a silence of three: its crate has it wait for 28.
        pac::UART1.uartifls().write(|levels| {
            levels.set_rxiflsel(0);
            levels.set_txiflsel(0);
        });
        self.port = Some(port);
    }

    async fn send(&mut self, frame: &[u8]) {
        let Some(port) = &mut self.port else { return };
        self.direction.set_high();
        // Writing to it can't fail.
        let _ = port.write_all(frame).await;
        let _ = port.flush().await;
        while port.busy() {
            Timer::after_micros(LOOK_US).await;
        }
        self.direction.set_low();
    }

    async fn receive(&mut self, bytes: &mut [u8]) -> usize {
        let Some(port) = &mut self.port else { return core::future::pending().await };
        loop {
            // A character that was damaged ends in a frame with a wrong checksum.
            if let Ok(count) = port.read(bytes).await {
                return count;
            }
        }
    }
}
