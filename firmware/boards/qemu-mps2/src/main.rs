//! The board's application on ARM's MPS2 with the AN385 image (Cortex-M3), as QEMU emulates it: so
//! that the very program of a board meets the very program of the gateway, with a network between
//! them that can be cut, and without a soldering iron.
//!
//! - [`clock`]: a time driver over two timers. [`executor`]: tasks, and sleep between them.
//! - [`lan9118`]: Ethernet. [`uart`]: three lines: the log, RS-485, the bench.
//! - [`bench`]: contacts, since the machine has no pins, and orders, over the third line.
//! - [`flash`]: a file of the host in the part of a flash chip. [`places`]: what is where in it, and
//!   [`keeping`]: who this board is, its events, and other programs, which `qemu-mps2-boot` starts.
//! - [`guard`]: the end of the stack. [`watchdog`]: a reset when a task stands still, and why the board started.
//! - [`tasks`]: what the board does all the time. [`slave`]: the same over Modbus, and the RS-485 line.

#![no_std]
#![no_main]

mod bench;
mod clock;
mod executor;
mod flash;
mod guard;
mod keeping;
mod lan9118;
mod log;
mod places;
mod register;
mod slave;
mod tasks;
mod uart;
mod watchdog;

use core::{cell::RefCell, panic::PanicInfo};

use cortex_m_rt::{entry, exception};
use embassy_executor::Spawner;
use embassy_futures::block_on;
use embassy_net::StackResources;
use gengfu_board::{
    board::Board,
    debounce::Wiring,
    flash::store::{Found, Store},
    health::{LastWords, Part, Reset, Watch},
    identity::Identity,
    modbus::reader::Reader,
    net::{News, now_ms, settings::Settings},
    update::swap::{Loader, Updates},
};
use gengfu_wire::identity;
use static_cell::StaticCell;

use crate::{
    keeping::Kept,
    log::log,
    tasks::{ALLOWED_MS, Cell, Watched},
};

/// Contacts of this board.
pub const INPUTS: usize = 8;
/// Events that it has in memory; the others wait in flash.
pub const QUEUE: usize = 32;
/// Sockets: DHCP, DNS, the session's, and two of Modbus.
const SOCKETS: usize = 5;

#[entry]
fn main() -> ! {
    guard::start();
    uart::start();
    clock::start();
    let (reset, words) = watchdog::came_up();
    executor::run(|spawner| {
        if let Err(why) = start(spawner, reset, words) {
            log(format_args!("this board can't start: {why}"));
        }
    })
}

/// Starts all tasks. What it needs for that is off the stack again before the first of them runs: it must never become
/// a part of `main`, which never ends.
#[inline(never)]
fn start(spawner: Spawner, reset: Reset, mut words: LastWords) -> Result<(), &'static str> {
    // The flash answers at once: nothing waits in it, here and in every round of the loop.
    let chip = keeping::open()?;
    let credentials = identity::read(chip.page()?).map_err(|_| "its flash has no identity")?;
    let settings = Settings::of(&credentials).ok_or("its identity names no way to a gateway")?;
    let (mut store, found) = chip.store(clock::seed(credentials.board) as u32 >> 1);
    static WORD: StaticCell<[u8; 1]> = StaticCell::new();
    let mut loader = Loader::new(chip.state(), WORD.init([0]));
    let reset = match reset {
        Reset::Power | Reset::Request if loader.is_on_trial() => Reset::Update,
        _ => reset,
    };
    // What the flash refuses does not keep the board from its work; the gateway is told of it.
    let crashes = block_on(store.came_up(reset)).ok();
    let (boot, reset) = (found.boot, reset.name());
    log(format_args!("{} starts, boot {boot}, after {reset}", credentials.board));

    static WHO: StaticCell<Identity<'static>> = StaticCell::new();
    let who = WHO.init(Identity {
        site: credentials.site,
        board: credentials.board,
        firmware: env!("CARGO_PKG_VERSION"),
        hardware: "qemu-mps2",
        reset,
        boot,
        wiring: Wiring::PullDown,
    });
    let board = board(who, &found, crashes, &mut words)?;
    let mode = board.borrow().mode();
    static STORE: StaticCell<RefCell<Store<Kept>>> = StaticCell::new();
    let store = put(&STORE, || RefCell::new(store));
    static UPDATES: StaticCell<Updates<Kept>> = StaticCell::new();
    let key = credentials.update_key;
    let (now, second) = (now_ms(), chip.second());
    let updates = put(&UPDATES, || Updates::new(now, who, key, second, loader, store));
    static READER: StaticCell<Reader<'static, Kept>> = StaticCell::new();
    let reader = put(&READER, || Reader::new(now_ms(), mode, store));
    static WATCH: StaticCell<Watched> = StaticCell::new();
    let watch = put(&WATCH, || RefCell::new(Watch::new(now_ms(), ALLOWED_MS)));
    static NEWS: StaticCell<News> = StaticCell::new();
    let news = put(&NEWS, News::new);

    let seed = clock::seed(credentials.board);
    let (device, runner) = lan9118::start();
    static RESOURCES: StaticCell<StackResources<SOCKETS>> = StaticCell::new();
    let resources = RESOURCES.init_with(StackResources::new);
    let config = settings.address.config();
    let (stack, network) = embassy_net::new(device, config, resources, seed);
    watchdog::start();
    // Each runs once, so there is room for each.
    let full = |_| "a task has no room";
    spawner.spawn(lan9118::run(runner, watch).map_err(full)?);
    spawner.spawn(tasks::network(network).map_err(full)?);
    spawner.spawn(tasks::inputs(board, store, updates, news, watch).map_err(full)?);
    let speaks_too = (updates, reader);
    spawner.spawn(
        tasks::session(stack, settings, who, board, news, speaks_too, (watch, seed))
            .map_err(full)?,
    );
    spawner.spawn(bench::task(board).map_err(full)?);
    spawner.spawn(slave::rtu(board, reader, watch).map_err(full)?);
    if mode.runs(Part::Slave) {
        spawner.spawn(slave::tcp(stack, board).map_err(full)?);
    }
    Ok(())
}

/// The board, with what its flash has; without `crashes` that refuses to count them.
#[inline(never)]
fn board(
    who: &'static Identity<'static>,
    found: &Found,
    crashes: Option<u8>,
    words: &mut LastWords,
) -> Result<&'static Cell, &'static str> {
    let board = Board::with_flash(now_ms(), *who, found).map_err(|_| "nobody is called so")?;
    static BOARD: StaticCell<Cell> = StaticCell::new();
    let cell = BOARD.init(RefCell::new(board));
    let board = cell.get_mut();
    board.came_up(crashes.unwrap_or(0), words.take());
    if crashes.is_none() {
        board.flash_refuses();
    }
    Ok(cell)
}

/// Every interrupt of the machine; the numbers are AN385's.
#[exception]
unsafe fn DefaultHandler(irq: i16) {
    match irq {
        uart::BENCH_RX => uart::on_bench(),
        uart::LINE_RX => uart::on_line(),
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

/// Makes something that stays, at its place. Each in a call of its own: what stands on the stack on the way is off it
/// again before the next is made.
#[inline(never)]
fn put<T>(place: &'static StaticCell<T>, make: impl FnOnce() -> T) -> &'static T {
    place.init_with(make)
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    log(format_args!("{info}"));
    watchdog::on_panic(format_args!("{}", info.message()))
}
