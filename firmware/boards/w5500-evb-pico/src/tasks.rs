//! What the board does all the time.

use core::cell::RefCell;

use cortex_m::peripheral::SYST;
use embassy_futures::block_on;
use embassy_net::{Stack, driver::HardwareAddress};
use embassy_net_driver_channel::{self as channel, Device, State};
use embassy_rp::{
    clocks::RoscRng,
    gpio::{Input, Output},
    peripherals::SPI0,
    spi::{Async, Spi},
    watchdog::Watchdog,
};
use embassy_time::{Delay, Timer};
use embedded_hal_bus::spi::ExclusiveDevice;
use gengfu_board::{
    board::Board,
    debounce::Seen,
    flash::store::Store,
    health::{PATIENT_MS, Part, QUICK_MS, Watch},
    identity::Identity,
    lamp,
    meanwhile::Shown,
    modbus::{line, reader::Reader},
    net::{
        Moment, News,
        beside::Both,
        now_ms,
        session::{Packets, Speaker},
        settings::Settings,
        slave,
        w5500::{FRAME, W5500},
        way,
        wire::{self, Wire},
    },
    update::swap::Updates,
};
use static_cell::{ConstStaticCell, StaticCell};

use crate::{
    INPUTS, PATIENCE, QUEUE,
    contacts::{self, LOOK_MS},
    keeping::Kept,
    line::Rs485,
    log::Log,
    measure::Converter,
    pins::{CONTACTS, Ethernet, Pins},
    reset,
};

/// The board, as the tasks share it.
pub type Cell = RefCell<Board<'static, INPUTS, QUEUE>>;
/// The tasks whose standing still starts the board again.
pub type Watched = RefCell<Watch<5>>;
/// What the inputs are looked at by: pins, converter, and the timer of the looks in between.
pub type Looks = (Pins, Converter, Option<SYST>);
type Bus = ExclusiveDevice<Spi<'static, SPI0, Async>, Output<'static>, Delay>;
type Chip = W5500<Bus, Input<'static>, Output<'static>>;
type Frames = channel::Runner<'static, FRAME>;

/// In the watch: the task that looks at the inputs.
const LOOKS: usize = 0;
/// In the watch: that others get their turn.
const OTHERS: usize = 1;
/// In the watch: the task that asks or answers on the RS-485 line.
const ON_LINE: usize = 2;
/// In the watch: the one that moves frames between the network chip and the stack.
const FRAMES: usize = 3;
/// In the watch: the one that holds the session. The stack and who answers over Modbus are not in it: they wait
/// for nothing but frames, and for those without end where none comes.
const SESSION: usize = 4;
/// How long each of them may be silent.
pub const ALLOWED_MS: [u64; 5] = [QUICK_MS, QUICK_MS, QUICK_MS, QUICK_MS, PATIENT_MS];
/// Supply, battery and temperature are measured at every so many looks.
const MEASURE_LOOKS: u32 = 20;
/// The board's light blinks so fast when it is looked for, in milliseconds.
const BLINK_MS: u64 = 250;

/// Looks at the inputs, keeps what happened, shows the outputs, and feeds the watchdog: if this hangs,
/// the board starts again.
#[embassy_executor::task]
pub async fn inputs(
    board: &'static Cell,
    store: &'static RefCell<Store<Kept>>,
    updates: &'static Updates<Kept>,
    news: &'static News,
    watch: &'static Watched,
    looks_at: Looks,
    mut watchdog: Watchdog,
) {
    let (mut pins, mut converter, timer) = looks_at;
    contacts::watch(pins.contacts, timer);
    let (mut waited, mut looks) = (0, 0_u32);
    loop {
        let (waiting, shown, connected, wants_restart) = {
            let mut board = board.borrow_mut();
            // The loop is looked at now, and the contacts were, all the time: of the loop's past nothing is
            // known, and one reading is not to stand for all of it.
            let of_loop = converter.look();
            loop {
                let Shown { at_ms, closed, is_last } = contacts::show();
                let is_closed = |at: usize| closed.is_some_and(|closed| closed >> at & 1 != 0);
                let seen = |at: usize| match at {
                    CONTACTS.. if is_last => of_loop,
                    CONTACTS.. => Seen::Nothing,
                    _ if is_closed(at) => Seen::Closed,
                    _ => Seen::Open,
                };
                board.poll_seen(at_ms, core::array::from_fn(seen));
                if is_last {
                    break;
                }
            }
            if looks.is_multiple_of(MEASURE_LOOKS) && board.mode().runs(Part::Measuring) {
                board.measured(now_ms(), converter.measure());
            }
            looks = looks.wrapping_add(1);
            // What the flash refuses is said all the same, and the gateway is told of it.
            let _ = block_on(board.keep(&mut store.borrow_mut()));
            let wants_restart = board.wants_restart();
            (board.waiting(), board.outputs(now_ms()), board.is_connected(), wants_restart)
        };
        if waiting > waited {
            news.signal(());
        }
        waited = waiting;
        // The pins of this chip can't fail.
        let _ = lamp::show(shown.lamp, &mut pins.yellow, &mut pins.green);
        pins.sounder.set_level(shown.sounder.into());
        pins.relay.set_level(shown.relay.into());
        pins.light.set_level((shown.blinking && (now_ms() / BLINK_MS).is_multiple_of(2)).into());
        // Every task is alive, or the watchdog ends the trial.
        if updates.look(now_ms(), connected) || wants_restart {
            reset::restart();
        }
        {
            let mut watch = watch.borrow_mut();
            watch.alive(LOOKS, now_ms());
            if watch.may_feed(now_ms()) {
                watchdog.feed(PATIENCE);
            }
        }
        Timer::after_millis(LOOK_MS.into()).await;
    }
}

/// The W5500 as this address on the Ethernet, and the network stack's end of it.
///
/// # Errors
/// Where its pins can't be driven.
pub fn ethernet(
    parts: Ethernet,
    address: [u8; 6],
) -> Result<(Device<'static, FRAME>, Chip, Frames), &'static str> {
    // In its place from the first, since the stack has no room to make it on.
    static STATE: ConstStaticCell<State<FRAME, 4, 4>> = ConstStaticCell::new(State::new());
    let Ethernet { spi, select, reset, interrupt } = parts;
    let bus = ExclusiveDevice::new(spi, select, Delay).map_err(|_| "its pins can't be driven")?;
    let (frames, device) = channel::new(STATE.take(), HardwareAddress::Ethernet(address));
    Ok((device, W5500::new(bus, interrupt, reset, address), frames))
}

/// Moves frames, and resets the chip where it no longer answers.
#[embassy_executor::task]
pub async fn frames(chip: Chip, frames: Frames, watch: &'static Watched, log: &'static Log) {
    let turn = || watch.borrow_mut().alive(FRAMES, now_ms());
    chip.run(frames, turn, || log.line(format_args!("the network chip is reset"))).await
}

/// Runs the network stack.
#[embassy_executor::task]
pub async fn network(mut network: embassy_net::Runner<'static, Device<'static, FRAME>>) {
    network.run().await
}

/// That this comes about means that no task keeps the others from their turn, and that the start went
/// well to its end.
#[embassy_executor::task]
pub async fn alive(watch: &'static Watched) {
    loop {
        watch.borrow_mut().alive(OTHERS, now_ms());
        Timer::after_millis(500).await;
    }
}

/// Holds the session.
#[embassy_executor::task]
pub async fn session(
    stack: Stack<'static>,
    settings: Settings<'static>,
    who: &'static Identity<'static>,
    board: &'static Cell,
    news: &'static News,
    speaks_too: (&'static Updates<Kept>, &'static Reader<'static, Kept>),
    watched: (&'static Watched, &'static Log),
) {
    let (watch, log) = watched;
    static ROOM: StaticCell<wire::Room> = StaticCell::new();
    let wire = Wire { stack, room: ROOM.init_with(wire::Room::new) };
    static PACKETS: StaticCell<Packets> = StaticCell::new();
    let packets = PACKETS.init_with(Packets::new);
    let (updates, reader) = speaks_too;
    let beside = Both(&updates.taker, reader);
    let speaker = Speaker { who, password: settings.password, board, news, beside: &beside };
    let random = || RoscRng.next_u32();
    way::keep(wire, &settings, &speaker, packets, random, |moment| match moment {
        Moment::Round => watch.borrow_mut().alive(SESSION, now_ms()),
        Moment::Trying(gateway) => log.line(format_args!("trying {gateway}")),
        Moment::Connected => log.line(format_args!("connected")),
        Moment::Lost(why) => log.line(format_args!("lost: {why:?}")),
        // The line is slow, and an event must not wait for it.
        Moment::Said(_) | Moment::Heard(_) => {}
    })
    .await
}

/// Asks or answers on the RS-485 line.
#[embassy_executor::task]
pub async fn rtu(
    line: Rs485,
    board: &'static Cell,
    reader: &'static Reader<'static, Kept>,
    watch: &'static Watched,
) {
    line::keep(line, board, reader.master(), || watch.borrow_mut().alive(ON_LINE, now_ms())).await
}

/// Answers over Modbus.
#[embassy_executor::task]
pub async fn slave(stack: Stack<'static>, board: &'static Cell) {
    static ROOM: StaticCell<slave::Room> = StaticCell::new();
    slave::answer(stack, board, ROOM.init_with(slave::Room::new)).await
}
