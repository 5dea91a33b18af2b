//! Why the board started, and its last words: in RAM that a reset leaves alone.

use core::{
    fmt::Arguments,
    mem::MaybeUninit,
    ptr::{addr_of, addr_of_mut},
};

use cortex_m::peripheral::SCB;
use gengfu_board::health::{LastWords, Reset};

/// What is noted in the memory of a board that panicked.
const PANIC: u32 = 0x6E67_0003;
/// And of one that starts anew by itself.
const REQUEST: u32 = 0x6E67_0004;

#[unsafe(link_section = ".uninit.note")]
static mut NOTE: MaybeUninit<u32> = MaybeUninit::uninit();
#[unsafe(link_section = ".uninit.words")]
static mut WORDS: MaybeUninit<LastWords> = MaybeUninit::uninit();

/// Whether the supply had fallen too low for the chip: an RP2350 notes it in `CHIP_RESET` of its power
/// manager. An RP2040 has one bit for that and for power that comes (`HAD_POR`), and takes it for the latter.
#[cfg(feature = "rp2350")]
fn browned_out() -> bool {
    embassy_rp::pac::POWMAN.chip_reset().read().had_bor()
}
#[cfg(not(feature = "rp2350"))]
fn browned_out() -> bool {
    false
}

/// Why the board started, and its last words. To be asked once; `timed_out` is the watchdog's own
/// word.
pub fn came_up(timed_out: bool) -> (Reset, LastWords) {
    // SAFETY: no task runs yet, and any bytes are such a number.
    let noted = unsafe {
        let noted = addr_of!(NOTE).cast::<u32>().read_volatile();
        addr_of_mut!(NOTE).cast::<u32>().write_volatile(0);
        noted
    };
    // SAFETY: as above; a checksum tells whether they are words.
    let words = unsafe { addr_of_mut!(WORDS).cast::<LastWords>().replace(LastWords::none()) };
    let reset = match (noted, timed_out) {
        (PANIC, _) => Reset::Panic,
        (REQUEST, _) => Reset::Request,
        (_, true) => Reset::Watchdog,
        // Resets of the board's own making leave that bit as it was.
        (_, false) if browned_out() => Reset::BrownOut,
        (_, false) => Reset::Power,
    };
    (reset, words)
}

/// The board starts anew: the boot loader has something to do.
pub fn restart() -> ! {
    cortex_m::interrupt::disable();
    // SAFETY: this is the last thing that the program does.
    unsafe { addr_of_mut!(NOTE).cast::<u32>().write_volatile(REQUEST) };
    SCB::sys_reset()
}

/// The program found itself in the wrong.
pub fn on_panic(words: Arguments<'_>) -> ! {
    cortex_m::interrupt::disable();
    // SAFETY: this is the last thing that the program does.
    unsafe {
        addr_of_mut!(NOTE).cast::<u32>().write_volatile(PANIC);
        let mut last = LastWords::none();
        last.say(words);
        addr_of_mut!(WORDS).cast::<LastWords>().write_volatile(last);
    }
    SCB::sys_reset()
}
