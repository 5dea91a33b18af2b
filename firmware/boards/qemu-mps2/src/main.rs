//! The board's application on ARM's MPS2 with the AN385 image (Cortex-M3), as QEMU emulates it: so
//! that the very program of a board meets the very program of the gateway, with a network between
//! them that can be cut, and without a soldering iron.
//!
//! - [`clock`]: a time driver over two timers. [`executor`]: tasks, and sleep between them.
//! - [`lan9118`]: Ethernet. [`uart`]: three lines: the log, a spare one (RS-485), the bench.
//! - [`bench`]: contacts, since the machine has no pins, and orders, over the third line.
//! - [`passport`]: who this board is. [`flash`]: a file of the host in the part of a flash chip.
//! - [`watchdog`]: a reset when the inputs are no longer looked at, and why the board started.

#![no_std]
#![no_main]

mod bench;
mod clock;
mod executor;
mod flash;
mod lan9118;
mod log;
mod passport;
mod register;
mod tasks;
mod uart;
mod watchdog;

use core::{cell::RefCell, panic::PanicInfo};

use cortex_m_rt::{entry, exception};
use embassy_executor::Spawner;
use embassy_net::StackResources;
use gengfu_board::{board::Board, debounce::Wiring, identity::Identity, net::News};
use static_cell::StaticCell;

use crate::{log::log, tasks::Cell};

/// Contacts of this board.
pub const INPUTS: usize = 8;
/// Events that it keeps: `docs/wire.md`.
pub const QUEUE: usize = 500;
/// Sockets: DHCP, DNS, and the session's.
const SOCKETS: usize = 3;

#[entry]
fn main() -> ! {
    uart::start();
    clock::start();
    let reset = watchdog::reason();
    executor::run(|spawner| start(spawner, reset))
}

fn start(spawner: Spawner, reset: &'static str) {
    let Some(passport) = passport::read() else {
        log(format_args!("no passport at {:#x}: nobody to be", passport::AT));
        return;
    };
    let boot = match flash::next_boot() {
        Ok(boot) => boot,
        Err(error) => return log(format_args!("flash: {error:?}")),
    };
    log(format_args!("{} starts, boot {boot}, after {reset}", passport.board));
    static WHO: StaticCell<Identity<'static>> = StaticCell::new();
    let who = WHO.init(Identity {
        site: passport.site,
        board: passport.board,
        firmware: env!("CARGO_PKG_VERSION"),
        hardware: "qemu-mps2",
        reset,
        boot,
        wiring: Wiring::PullDown,
    });
    static BOARD: StaticCell<Cell> = StaticCell::new();
    let board = match Board::new(gengfu_board::net::now_ms(), *who, None) {
        Ok(board) => &*BOARD.init(RefCell::new(board)),
        Err(error) => return log(format_args!("passport: {error}")),
    };
    static NEWS: StaticCell<News> = StaticCell::new();
    let news = &*NEWS.init(News::new());

    let seed = clock::seed(passport.board);
    let (device, runner) = lan9118::start();
    static RESOURCES: StaticCell<StackResources<SOCKETS>> = StaticCell::new();
    let resources = RESOURCES.init(StackResources::new());
    let config = passport.settings.address.config();
    let (stack, network) = embassy_net::new(device, config, resources, seed);
    watchdog::start();
    // Each runs once, so there is room for each.
    let run = |task| match task {
        Ok(()) => {}
        Err(error) => log(format_args!("a task has no room: {error:?}")),
    };
    run(lan9118::run(runner).map(|task| spawner.spawn(task)));
    run(tasks::network(network).map(|task| spawner.spawn(task)));
    run(tasks::inputs(board, news).map(|task| spawner.spawn(task)));
    run(tasks::session(stack, passport, who, board, news, seed).map(|task| spawner.spawn(task)));
    run(bench::task(board).map(|task| spawner.spawn(task)));
}

/// Every interrupt of the machine; the numbers are AN385's.
#[exception]
unsafe fn DefaultHandler(irq: i16) {
    match irq {
        uart::BENCH_RX => uart::on_bench(),
        clock::WRAP_IRQ => clock::on_wrap(),
        clock::ALARM_IRQ => clock::on_alarm(),
        lan9118::IRQ => lan9118::on_interrupt(),
        _ => {}
    }
}

#[exception]
unsafe fn NonMaskableInt() -> ! {
    watchdog::on_expiry()
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    log(format_args!("{info}"));
    watchdog::reset_for(watchdog::Reason::Panic)
}
