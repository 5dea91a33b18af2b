//! AN385's watchdog, and why the board started. What is remembered over a reset stands in RAM beyond
//! what the program uses: it holds zero when the machine is switched on.

use cortex_m::peripheral::SCB;

use crate::register::Register;

/// The board starts again when it was not fed for so long, in timer counts: 8 s. The board looks at
/// its inputs every few milliseconds; a host that has much else to do may hold it up for a while.
const PATIENCE: u32 = 8 * 25_000_000;
const INTERRUPT_AND_RESET: u32 = 0b11;
const KEY: u32 = 0x1ACC_E551;

// SAFETY: AN385 has its watchdog there.
const LOAD: Register = unsafe { Register::at(0x4000_8000) };
// SAFETY: as above.
const CONTROL: Register = unsafe { Register::at(0x4000_8008) };
// SAFETY: as above.
const CLEAR: Register = unsafe { Register::at(0x4000_800C) };
// SAFETY: as above.
const LOCK: Register = unsafe { Register::at(0x4000_8C00) };
// SAFETY: AN385 has RAM there, and `memory.x` gives the program none of it.
const MEMORY: Register = unsafe { Register::at(0x2001_8000) };

/// Why a board that ran starts again.
#[derive(Clone, Copy)]
pub enum Reason {
    /// It was not fed.
    Watchdog = 0x6E67_0001,
    /// The program found itself in a place that it must not be in.
    Panic,
    /// Somebody asked for it.
    Request,
}

/// Why the board started, in the words of `docs/wire.md`. To be asked once.
pub fn reason() -> &'static str {
    let noted = MEMORY.read();
    // A start without a word before it, of a board that was on already: the chip's own reset.
    MEMORY.write(Reason::Watchdog as u32);
    match noted {
        n if n == Reason::Watchdog as u32 => "watchdog",
        n if n == Reason::Panic as u32 => "panic",
        n if n == Reason::Request as u32 => "request",
        _ => "power",
    }
}

/// Starts it.
pub fn start() {
    LOCK.write(KEY);
    LOAD.write(PATIENCE);
    CONTROL.write(INTERRUPT_AND_RESET);
}

/// The inputs were looked at.
pub fn feed() {
    CLEAR.write(1);
}

/// It was not fed: what hangs is not asked.
pub fn on_expiry() -> ! {
    reset_for(Reason::Watchdog)
}

/// Starts the board again.
pub fn reset_for(reason: Reason) -> ! {
    MEMORY.write(reason as u32);
    SCB::sys_reset()
}
