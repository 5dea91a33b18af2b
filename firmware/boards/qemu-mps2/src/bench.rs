//! The bench: whoever holds the other end of the third line moves the contacts, and asks how the
//! board stands. One order a line, one line as its answer.
//!
//! - `contacts 01000000`: the second is closed, the others are open.
//! - `state`: how the board stands.
//! - `hang`, `panic`, `overflow`, `reset`: what goes wrong on a board; `overflow` is its stack that is full.

use core::{
    fmt::Write,
    hint::black_box,
    sync::atomic::{AtomicU8, AtomicU32, Ordering::Relaxed},
};

use embassy_time::Instant;
use gengfu_board::net::now_ms;
use heapless::Vec;

use crate::{
    guard,
    log::{Line, log},
    tasks::Cell,
    uart::{BENCH, FROM_BENCH},
    watchdog,
};

/// The longest order, in bytes.
const ORDER: usize = 64;

static CONTACTS: AtomicU32 = AtomicU32::new(0);
static ORDERED: AtomicU8 = AtomicU8::new(0);
const HANG: u8 = 1;
const PANIC: u8 = 2;
const OVERFLOW: u8 = 3;

/// Whether a contact is closed, from 0.
pub fn is_closed(contact: u8) -> bool {
    CONTACTS.load(Relaxed) >> contact & 1 == 1
}

/// What the task that looks at the inputs was ordered to do wrong.
pub fn obey() {
    match ORDERED.load(Relaxed) {
        HANG => {
            log(format_args!("hangs"));
            loop {
                cortex_m::asm::wfi();
            }
        }
        #[expect(clippy::panic, reason = "the bench asked for it")]
        PANIC => panic!("the bench asked for it"),
        OVERFLOW => _ = deeper(0),
        _ => {}
    }
}

/// Takes more of the stack than there is.
fn deeper(calls: u32) -> u32 {
    let taken = black_box([calls; 64]);
    if calls == u32::MAX { calls } else { deeper(calls + 1) ^ black_box(taken).len() as u32 }
}

/// Listens to the bench.
#[embassy_executor::task]
pub async fn task(board: &'static Cell) {
    let mut order: Vec<u8, ORDER> = Vec::new();
    loop {
        let mut byte = [0];
        FROM_BENCH.read(&mut byte).await;
        match byte {
            [b'\n'] => {
                answer(&order, board);
                order.clear();
            }
            [byte] => _ = order.push(byte),
        }
    }
}

fn answer(order: &[u8], board: &Cell) {
    let mut line = Line(&BENCH);
    // The line itself never fails.
    let _ = match order {
        b"state" => {
            let board = board.borrow();
            let shown = board.outputs(now_ms());
            writeln!(
                line,
                "us={} connected={} waiting={} config={} lamp={:?} sounder={} boot={} mode={:?} stack={}",
                Instant::now().as_micros(),
                board.is_connected(),
                board.waiting(),
                board.config().map_or(0, |config| config.revision),
                shown.lamp,
                shown.sounder,
                board.boot(),
                board.mode(),
                guard::used(),
            )
        }
        b"hang" => {
            ORDERED.store(HANG, Relaxed);
            writeln!(line, "ok")
        }
        b"panic" => {
            ORDERED.store(PANIC, Relaxed);
            writeln!(line, "ok")
        }
        b"overflow" => {
            ORDERED.store(OVERFLOW, Relaxed);
            writeln!(line, "ok")
        }
        b"reset" => {
            let _ = writeln!(line, "ok");
            watchdog::restart()
        }
        _ => match order.strip_prefix(b"contacts ") {
            Some(contacts) => {
                let closed = contacts.iter().rev();
                let closed = closed.fold(0, |all, sign| all << 1 | u32::from(*sign == b'1'));
                CONTACTS.store(closed, Relaxed);
                log(format_args!("contacts {closed:#b}"));
                writeln!(line, "us={}", Instant::now().as_micros())
            }
            None => writeln!(line, "no such order"),
        },
    };
}
