//! The board's log, down a serial line: a line each, after the milliseconds since the start.

use core::{
    cell::RefCell,
    fmt::{Arguments, Result, Write},
};

use embassy_rp::uart::{Blocking, UartTx};
use gengfu_board::net::now_ms;

/// The log.
pub struct Log(RefCell<UartTx<'static, Blocking>>);

struct Text<'a>(&'a mut UartTx<'static, Blocking>);

impl Write for Text<'_> {
    fn write_str(&mut self, text: &str) -> Result {
        self.0.blocking_write(text.as_bytes()).map_err(|_| core::fmt::Error)
    }
}

impl Log {
    /// A log down this line.
    pub fn new(line: UartTx<'static, Blocking>) -> Self {
        Self(RefCell::new(line))
    }

    /// Writes a line.
    pub fn line(&self, what: Arguments<'_>) {
        // Nobody may be at the other end.
        let _ = write!(Text(&mut self.0.borrow_mut()), "{} {what}\r\n", now_ms());
    }
}
