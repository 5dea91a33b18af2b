//! The board's log: a line each, after the microseconds since the start.

use core::fmt::{Arguments, Result, Write};

use embassy_time::Instant;

use crate::uart::{LOG, Uart};

/// Text that goes down a line as it is written.
pub struct Line<'a>(pub &'a Uart);

impl Write for Line<'_> {
    fn write_str(&mut self, text: &str) -> Result {
        self.0.send(text.as_bytes());
        Ok(())
    }
}

/// Writes a line.
pub fn log(what: Arguments<'_>) {
    // The line itself never fails.
    let _ = writeln!(Line(&LOG), "{} {what}", Instant::now().as_micros());
}
