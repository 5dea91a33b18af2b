//! The board's application on WIZnet's W5500-EVB-Pico, and on the W5500-EVB-Pico2, which differs in its chip.
//!
//! - [`pins`]: which pin is what. [`contacts`]: those that are looked at whatever else goes on.
//! - [`keeping`]: its flash: who this board is, and its events.
//! - [`line`]: the RS-485 line. [`measure`]: what the converter says.
//! - [`reset`]: why it started, and its last words.
//! - [`tasks`]: what it does all the time.

#![no_std]
#![no_main]

mod contacts;
mod keeping;
mod line;
mod log;
mod measure;
mod pins;
mod reset;
mod tasks;

use core::{cell::RefCell, panic::PanicInfo};

use embassy_executor::Spawner;
use embassy_futures::block_on;
use embassy_net::StackResources;
use embassy_rp::{clocks::RoscRng, watchdog::Watchdog};
use embassy_time::Duration;
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
    line::Rs485,
    log::Log,
    measure::Converter,
    pins::Parts,
    tasks::{ALLOWED_MS, Cell, Watched},
};

/// Contacts of this board, and loops.
const INPUTS: usize = pins::CONTACTS + pins::LOOPS;
/// Events that it has in memory; the others wait in flash.
const QUEUE: usize = 32;
/// Sockets: DHCP, DNS, the session's, and two of Modbus.
const SOCKETS: usize = 5;
/// The board starts again when it was not fed for so long; the chip can wait 8.3 s.
const PATIENCE: Duration = Duration::from_secs(8);

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    // First, since whoever guards the stack takes the processor's parts too.
    let timer = cortex_m::Peripherals::take().map(|core| core.SYST);
    // An RP2350 guards the end of the stack itself, an RP2040 its last bytes; nobody else sets that up.
    let _ = embassy_rp::install_core0_stack_guard();
    let Parts { pins, ethernet, line, analog, log, flash, watchdog } =
        pins::assign(embassy_rp::init(Default::default()));
    static LOG: StaticCell<Log> = StaticCell::new();
    let log = &*LOG.init(Log::new(log));
    // Whatever goes wrong before there is a task that could say so, the board tries again.
    let mut watchdog = Watchdog::new(watchdog);
    let timed_out = watchdog.reset_reason().is_some();
    watchdog.start(PATIENCE);
    let looks = (pins, Converter::new(analog).await, timer);
    if let Err(why) = start(spawner, looks, ethernet, line, log, flash, (watchdog, timed_out)) {
        log.line(format_args!("this board can't start: {why}"));
    }
}

/// Starts all tasks. Nothing waits in it: what it needs is then neither in the task's memory nor on the stack when the
/// first of them runs.
#[inline(never)]
fn start(
    spawner: Spawner,
    looks: tasks::Looks,
    ethernet: pins::Ethernet,
    line: pins::Line,
    log: &'static Log,
    flash: pins::Chip,
    (watchdog, timed_out): (Watchdog, bool),
) -> Result<(), &'static str> {
    let (reset, mut words) = reset::came_up(timed_out);
    // The flash answers at once: nothing waits in it, here and in every round of the loop.
    let chip = keeping::open(flash);
    let (page, address) = chip.page()?;
    let credentials = identity::read(page).map_err(|_| "its flash has no identity")?;
    let settings = Settings::of(&credentials).ok_or("its identity names no way to a gateway")?;
    let (mut store, found) = chip.store(RoscRng.next_u32());
    static WORD: StaticCell<[u8; 1]> = StaticCell::new();
    let mut loader = Loader::new(chip.state(), WORD.init([0]));
    let reset = match reset {
        Reset::Power | Reset::Request if loader.is_on_trial() => Reset::Update,
        _ => reset,
    };
    // What the flash refuses does not keep the board from its work; the gateway is told of it.
    let crashes = block_on(store.came_up(reset)).ok();
    let (boot, reset) = (found.boot, reset.name());
    log.line(format_args!("{} starts, boot {boot}, after {reset}", credentials.board));

    static WHO: StaticCell<Identity<'static>> = StaticCell::new();
    let who = WHO.init(Identity {
        site: credentials.site,
        board: credentials.board,
        firmware: env!("CARGO_PKG_VERSION"),
        // The kind of board, as `gengfu board new` names it.
        hardware: env!("CARGO_BIN_NAME"),
        reset,
        boot,
        wiring: Wiring::PullUp,
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
    // The contacts are looked at before anything else, and whatever the network does.
    let full = |_| "a task has no room";
    spawner
        .spawn(tasks::inputs(board, store, updates, news, watch, looks, watchdog).map_err(full)?);
    spawner.spawn(tasks::rtu(Rs485::new(line), board, reader, watch).map_err(full)?);

    let (device, network_chip, frames) = tasks::ethernet(ethernet, address)?;
    static RESOURCES: StaticCell<StackResources<SOCKETS>> = StaticCell::new();
    let resources = RESOURCES.init_with(StackResources::new);
    let config = settings.address.config();
    let (stack, network) = embassy_net::new(device, config, resources, RoscRng.next_u64());
    spawner.spawn(tasks::frames(network_chip, frames, watch, log).map_err(full)?);
    spawner.spawn(tasks::network(network).map_err(full)?);
    spawner.spawn(
        tasks::session(stack, settings, who, board, news, (updates, reader), (watch, log))
            .map_err(full)?,
    );
    spawner.spawn(tasks::alive(watch).map_err(full)?);
    if mode.runs(Part::Slave) {
        spawner.spawn(tasks::slave(stack, board).map_err(full)?);
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
    board.watch_supply(measure::LIMITS);
    Ok(cell)
}

/// Makes something that stays, at its place. Each in a call of its own: what stands on the stack on the way is off it
/// again before the next is made.
#[inline(never)]
fn put<T>(place: &'static StaticCell<T>, make: impl FnOnce() -> T) -> &'static T {
    place.init_with(make)
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    reset::on_panic(format_args!("{}", info.message()))
}
