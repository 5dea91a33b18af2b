//! AN385's watchdog, and why the board started. What is remembered over a reset stands in RAM beyond
//! what the program uses: it holds zero when the machine is switched on.

use core::fmt::Arguments;

use cortex_m::peripheral::SCB;
use gengfu_board::health::{LastWords, Reset};

use crate::register::Register;

/// The board starts again when it was not fed for so long, in timer counts: 8 s. Its tasks are alive
/// several times in a second; a host that has much else to do may hold them up for a while.
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

/// What the board said last, in the same RAM.
const WORDS: *mut LastWords = 0x2001_8010 as *mut LastWords;

/// What is noted in memory of a board that is switched on, and of each reset that it makes itself.
const RUNS: u32 = 0x6E67_0001;
const WATCHDOG: u32 = 0x6E67_0002;
const PANIC: u32 = 0x6E67_0003;
const REQUEST: u32 = 0x6E67_0004;

/// Why the board started, and its last words. To be asked once.
pub fn came_up() -> (Reset, LastWords) {
    let noted = MEMORY.read();
    MEMORY.write(RUNS);
    let reset = match noted {
        // A start without a word before it, of a board that was on already: the chip's own reset.
        RUNS | WATCHDOG => Reset::Watchdog,
        PANIC => Reset::Panic,
        REQUEST => Reset::Request,
        _ => Reset::Power,
    };
    // SAFETY: there is RAM that the program has no other use for, any bytes are such a value, and no
    // task runs yet.
    let words = unsafe { core::ptr::replace(WORDS, LastWords::none()) };
    (reset, words)
}

/// Starts it.
pub fn start() {
    LOCK.write(KEY);
    LOAD.write(PATIENCE);
    CONTROL.write(INTERRUPT_AND_RESET);
}

/// All tasks were alive.
pub fn feed() {
    CLEAR.write(1);
}

/// It was not fed: what hangs is not asked.
pub fn on_expiry() -> ! {
    crash(WATCHDOG, format_args!("a task stood still"))
}

/// The program found itself in the wrong.
pub fn on_panic(words: Arguments<'_>) -> ! {
    crash(PANIC, words)
}

/// Somebody wants the board to start again.
pub fn restart() -> ! {
    MEMORY.write(REQUEST);
    SCB::sys_reset()
}

fn crash(reason: u32, words: Arguments<'_>) -> ! {
    MEMORY.write(reason);
    // SAFETY: as at the start; this is the last thing that the program does.
    unsafe { (*WORDS).say(words) };
    SCB::sys_reset()
}
