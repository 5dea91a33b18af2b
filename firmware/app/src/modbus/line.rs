//! The RS-485 line of a board: its own to ask where the gateway has sent a list of what to read, and
//! otherwise another master's, who is answered.

use core::cell::RefCell;

use embassy_time::{Duration, with_timeout};
use gengfu_wire::down::Parity;
use heapless::Vec;

use super::{master::Master, rtu};
use crate::{board::Board, net::now_ms};

/// The board's address where another master asks.
pub const ADDRESS: u8 = 1;
/// While nobody says anything it is looked so often whether something is to be asked.
const LOOK: Duration = Duration::from_millis(20);
/// A frame ends where the line is silent for so many characters. The standard has three and a half; a
/// UART that collects bytes before it tells of them leaves gaps of four and more.
const SILENCE: u64 = 8;
/// Bits of a character at the most.
const CHARACTER: u64 = 12;
/// The shortest silence: clocks have a grain of a millisecond.
const SHORTEST: Duration = Duration::from_millis(4);

/// A UART with a driver for RS-485 behind it.
pub trait Line {
    /// Sets bits per second and parity; one stop bit with a parity bit, and two without, which those who
    /// expect one take for a pause.
    fn set(&mut self, baud: u32, parity: Parity);

    /// Sends a frame, and comes back when its last bit is on the wire and the line is free for the answer.
    #[expect(async_fn_in_trait, reason = "one executor, one thread")]
    async fn send(&mut self, frame: &[u8]);

    /// Waits for bytes, at least one. What came may not be lost where nobody waits any more.
    #[expect(async_fn_in_trait, reason = "one executor, one thread")]
    async fn receive(&mut self, bytes: &mut [u8]) -> usize;
}

/// Asks, or answers, for ever. `turn` is called in each round, many times a second.
pub async fn keep<const INPUTS: usize, const QUEUE: usize>(
    mut line: impl Line,
    board: &RefCell<Board<'_, INPUTS, QUEUE>>,
    master: &RefCell<Master>,
    mut turn: impl FnMut(),
) -> ! {
    let mut frame: Vec<u8, { rtu::MAX_FRAME }> = Vec::new();
    let mut answer = [0; rtu::MAX_FRAME];
    let mut part = [0; 64];
    let mut set = None;
    loop {
        turn();
        let wanted = master.borrow().line();
        if set.replace(wanted) != Some(wanted) {
            line.set(wanted.0, wanted.1);
            frame.clear();
        }
        let request = master.borrow_mut().next_request(now_ms());
        if let Some(request) = request {
            frame.clear();
            line.send(&request).await;
        }
        let wait = if frame.is_empty() { LOOK } else { silence(wanted.0) };
        if let Ok(count) = with_timeout(wait, line.receive(&mut part)).await {
            // One that is too long is nobody's: its checksum will not be right.
            _ = frame.extend_from_slice(part.get(..count).unwrap_or_default());
            continue;
        }
        if frame.is_empty() {
            continue;
        }
        if master.borrow().has_list() {
            master.borrow_mut().frame(now_ms(), &frame);
        } else {
            let shown = board.borrow().registers(now_ms());
            if let Some(answer) = rtu::answer(&frame, ADDRESS, &shown, &mut answer) {
                line.send(answer).await;
            }
        }
        frame.clear();
    }
}

/// The silence that ends a frame.
fn silence(baud: u32) -> Duration {
    let micros = SILENCE * CHARACTER * 1_000_000 / u64::from(baud.max(1));
    Duration::from_micros(micros).max(SHORTEST)
}
