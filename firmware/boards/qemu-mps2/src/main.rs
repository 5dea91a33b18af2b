//! The board's application on ARM's MPS2 with the AN385 image (Cortex-M3), as QEMU emulates it: so
//! that the very program of a board meets the very program of the gateway, with a network between
//! them that can be cut, and without a soldering iron.
//!
//! - [`clock`]: a time driver over two timers. [`executor`]: tasks, and sleep between them.
//! - [`lan9118`]: Ethernet. [`uart`]: three lines: the log, RS-485, the bench.
//! - [`bench`]: contacts, since the machine has no pins, and orders, over the third line.
//! - [`flash`]: a file of the host in the part of a flash chip: who this board is, and its events.
//! - [`watchdog`]: a reset when a task stands still, and why the board started.
//! - [`tasks`]: what the board does all the time. [`slave`]: the same over Modbus, and the RS-485 line.

#![no_std]
#![no_main]

mod bench;
mod clock;
mod executor;
mod flash;
mod lan9118;
mod log;
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
use embedded_storage_async::nor_flash::ReadNorFlash;
use gengfu_board::{
    board::Board,
    debounce::Wiring,
    flash::{
        layout::{EVENTS, Layout},
        store::Store,
    },
    health::{LastWords, Part, Reset, Watch},
    identity::Identity,
    modbus::reader::Reader,
    net::{News, now_ms, settings::Settings},
};
use gengfu_wire::identity::{self, MAX_IDENTITY};
use static_cell::StaticCell;

use crate::{
    flash::{Flash, PAGE},
    log::log,
    tasks::{Cell, Watched},
};

/// Contacts of this board.
pub const INPUTS: usize = 8;
/// Events that it has in memory; the others wait in flash.
pub const QUEUE: usize = 32;
/// Sockets: DHCP, DNS, the session's, and two of Modbus.
const SOCKETS: usize = 5;

#[entry]
fn main() -> ! {
    uart::start();
    clock::start();
    let (reset, words) = watchdog::came_up();
    executor::run(|spawner| {
        if let Err(why) = start(spawner, reset, words) {
            log(format_args!("this board can't start: {why}"));
        }
    })
}

fn start(spawner: Spawner, reset: Reset, mut words: LastWords) -> Result<(), &'static str> {
    // The flash answers at once: nothing waits in it, here and in every round of the loop.
    let mut flash = Flash::open().map_err(|_| "there is no flash.bin, or no semihosting")?;
    static PAGE_OF_WHO: StaticCell<[u8; MAX_IDENTITY]> = StaticCell::new();
    let page = PAGE_OF_WHO.init([0; MAX_IDENTITY]);
    block_on(flash.read(0, page)).map_err(|_| "its flash can't be read")?;
    let credentials = identity::read(page).map_err(|_| "its flash has no identity")?;
    let settings = Settings::of(&credentials).ok_or("its identity names no way to a gateway")?;
    let layout = Layout::new::<Flash>(PAGE as u32, EVENTS);
    let (mut store, found) =
        block_on(Store::open(flash, layout)).map_err(|_| "its flash can't keep events")?;
    let crashes = block_on(store.came_up(reset)).map_err(|_| "its flash can't keep events")?;
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
    let mut board = Board::with_flash(now_ms(), *who, &found).map_err(|_| "nobody is called so")?;
    board.came_up(crashes, words.take());
    let mode = board.mode();
    static BOARD: StaticCell<Cell> = StaticCell::new();
    let board = &*BOARD.init(RefCell::new(board));
    static STORE: StaticCell<RefCell<Store<Flash>>> = StaticCell::new();
    let store = &*STORE.init(RefCell::new(store));
    static READER: StaticCell<Reader<'static, Flash>> = StaticCell::new();
    let reader = &*READER.init(Reader::new(now_ms(), mode, store));
    static WATCH: StaticCell<Watched> = StaticCell::new();
    let watch = &*WATCH.init(RefCell::new(Watch::new()));
    static NEWS: StaticCell<News> = StaticCell::new();
    let news = &*NEWS.init(News::new());

    let seed = clock::seed(credentials.board);
    let (device, runner) = lan9118::start();
    static RESOURCES: StaticCell<StackResources<SOCKETS>> = StaticCell::new();
    let resources = RESOURCES.init(StackResources::new());
    let config = settings.address.config();
    let (stack, network) = embassy_net::new(device, config, resources, seed);
    watchdog::start();
    // Each runs once, so there is room for each.
    let full = |_| "a task has no room";
    spawner.spawn(lan9118::run(runner, watch).map_err(full)?);
    spawner.spawn(tasks::network(network).map_err(full)?);
    spawner.spawn(tasks::inputs(board, store, news, watch).map_err(full)?);
    spawner.spawn(tasks::session(stack, settings, who, board, news, reader, seed).map_err(full)?);
    spawner.spawn(bench::task(board).map_err(full)?);
    spawner.spawn(slave::rtu(board, reader, watch).map_err(full)?);
    if mode.runs(Part::Slave) {
        spawner.spawn(slave::tcp(stack, board).map_err(full)?);
    }
    Ok(())
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

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    log(format_args!("{info}"));
    watchdog::on_panic(format_args!("{}", info.message()))
}
