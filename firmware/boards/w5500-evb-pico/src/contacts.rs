//! The contacts, looked at by an interrupt: the arithmetic of a TLS handshake holds the tasks up for most of a
//! second, and a press of the button may be shorter. Only what stops the whole chip, as erasing a page of its
//! flash does, stops this.

use core::cell::RefCell;

use cortex_m::peripheral::{SYST, syst::SystClkSource};
use cortex_m_rt::exception;
use embassy_rp::{clocks::clk_sys_freq, gpio::Input};
use embassy_sync::blocking_mutex::{Mutex, raw::CriticalSectionRawMutex};
use gengfu_board::{
    meanwhile::{Meanwhile, Shown},
    net::now_ms,
};

use crate::pins::CONTACTS;

/// They are looked at this often, in milliseconds.
pub const LOOK_MS: u32 = 5;
/// So many changes are kept until the board comes to see them.
const CHANGES: usize = 64;

struct Watched {
    pins: Option<[Input<'static>; CONTACTS]>,
    did: Meanwhile<CHANGES>,
}

impl Watched {
    fn look(&mut self, now_ms: u64) {
        if let Some(pins) = &self.pins {
            let closed = pins.iter().enumerate().filter(|(_, pin)| pin.is_low());
            self.did.note(now_ms, closed.fold(0, |all, (at, _)| all | 1 << at));
        }
    }
}

/// Nothing of it is anything but zero at the start, so that it takes no room in the flash.
static WATCHED: Mutex<CriticalSectionRawMutex, RefCell<Watched>> =
    Mutex::new(RefCell::new(Watched { pins: None, did: Meanwhile::new() }));

/// Looks at them from now on.
pub fn watch(pins: [Input<'static>; CONTACTS], timer: Option<SYST>) {
    WATCHED.lock(|cell| cell.borrow_mut().pins = Some(pins));
    // Without it they are looked at when somebody asks.
    if let Some(mut timer) = timer {
        timer.set_clock_source(SystClkSource::Core);
        timer.set_reload(clk_sys_freq() / 1_000 * LOOK_MS - 1);
        timer.clear_current();
        timer.enable_interrupt();
        timer.enable_counter();
    }
}

/// What is to be seen of them next; the last of it is how they stand now.
pub fn show() -> Shown {
    WATCHED.lock(|cell| {
        let (now_ms, mut watched) = (now_ms(), cell.borrow_mut());
        watched.look(now_ms);
        watched.did.show(now_ms)
    })
}

#[exception]
fn SysTick() {
    WATCHED.lock(|cell| cell.borrow_mut().look(now_ms()));
}
