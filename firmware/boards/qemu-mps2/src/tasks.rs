//! What the board does all the time: it looks at its inputs, and holds its session.

use core::{cell::RefCell, convert::Infallible};

use embassy_futures::block_on;
use embassy_net::Stack;
use embassy_time::Timer;
use embedded_hal::digital::{ErrorType, InputPin};
use gengfu_board::{
    board::Board,
    flash::store::Store,
    health::{PATIENT_MS, QUICK_MS, Watch},
    identity::Identity,
    modbus::reader::Reader,
    net::{
        Moment, News,
        beside::Both,
        now_ms,
        session::{Packets, Speaker},
        settings::Settings,
        way,
        wire::{self, Wire},
    },
    update::swap::Updates,
};
use static_cell::StaticCell;

use crate::{INPUTS, QUEUE, bench, keeping::Kept, lan9118::FRAME, log::log, watchdog};

/// The board, as the tasks share it.
pub type Cell = RefCell<Board<'static, INPUTS, QUEUE>>;
/// The tasks whose standing still starts the board again.
pub type Watched = RefCell<Watch<4>>;
/// The one that looks at the inputs, in the watch.
const LOOKS: usize = 0;
/// The one that moves frames, in the watch.
pub const FRAMES: usize = 1;
/// The one that asks or answers on the RS-485 line, in the watch.
pub const ON_LINE: usize = 2;
/// The one that holds the session, in the watch.
const SESSION: usize = 3;
/// How long each of them may be silent.
pub const ALLOWED_MS: [u64; 4] = [QUICK_MS, QUICK_MS, QUICK_MS, PATIENT_MS];
/// The network stack over this machine's Ethernet.
type Network = embassy_net::Runner<'static, embassy_net_driver_channel::Device<'static, FRAME>>;

/// The inputs are looked at this often, in milliseconds.
const LOOK_MS: u64 = 5;

/// A contact that the bench moves.
struct Contact(u8);

impl ErrorType for Contact {
    type Error = Infallible;
}

impl InputPin for Contact {
    fn is_high(&mut self) -> Result<bool, Infallible> {
        Ok(bench::is_closed(self.0))
    }

    fn is_low(&mut self) -> Result<bool, Infallible> {
        Ok(!bench::is_closed(self.0))
    }
}

/// Looks at the inputs, keeps what happened, shows the outputs, and feeds the watchdog: if this hangs,
/// the board starts again.
#[embassy_executor::task]
pub async fn inputs(
    board: &'static Cell,
    store: &'static RefCell<Store<Kept>>,
    updates: &'static Updates<Kept>,
    news: &'static News,
    watch: &'static Watched,
) {
    let mut pins: [Contact; INPUTS] = core::array::from_fn(|at| Contact(at as u8));
    let (mut waited, mut showed) = (0, None);
    loop {
        bench::obey();
        let (waiting, shown, connected, wants_restart) = {
            let mut board = board.borrow_mut();
            board.poll(now_ms(), &mut pins);
            if let Err(error) = block_on(board.keep(&mut store.borrow_mut())) {
                log(format_args!("flash: {error:?}"));
            }
            let wants_restart = board.wants_restart();
            (board.waiting(), board.outputs(now_ms()), board.is_connected(), wants_restart)
        };
        if waiting > waited {
            log(format_args!("event"));
            news.signal(());
        }
        waited = waiting;
        if showed != Some(shown) {
            showed = Some(shown);
            log(format_args!("lamp {:?}, sounder {}", shown.lamp, shown.sounder));
        }
        // Every task is alive, or the watchdog ends the trial.
        if updates.look(now_ms(), connected) || wants_restart {
            watchdog::restart();
        }
        {
            let mut watch = watch.borrow_mut();
            watch.alive(LOOKS, now_ms());
            if watch.may_feed(now_ms()) {
                watchdog::feed();
            }
        }
        Timer::after_millis(LOOK_MS).await;
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
    watched: (&'static Watched, u64),
) {
    let (watch, seed) = watched;
    static ROOM: StaticCell<wire::Room> = StaticCell::new();
    let wire = Wire { stack, room: ROOM.init_with(wire::Room::new) };
    static PACKETS: StaticCell<Packets> = StaticCell::new();
    let packets = PACKETS.init_with(Packets::new);
    let (updates, reader) = speaks_too;
    let beside = Both(&updates.taker, reader);
    let speaker = Speaker { who, password: settings.password, board, news, beside: &beside };
    let mut state = seed;
    let random = || {
        // Xorshift: spread over time is all that is asked of it.
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u32
    };
    way::keep(wire, &settings, &speaker, packets, random, |moment| match moment {
        Moment::Round => watch.borrow_mut().alive(SESSION, now_ms()),
        Moment::Trying(gateway) => log(format_args!("trying {gateway}")),
        Moment::Connected => log(format_args!("connected")),
        Moment::Said(what) => log(format_args!("said {}", what.name())),
        Moment::Heard(what) => log(format_args!("heard {}", what.name())),
        Moment::Lost(why) => log(format_args!("lost: {why:?}")),
    })
    .await
}

/// Runs the network stack.
#[embassy_executor::task]
pub async fn network(mut network: Network) {
    network.run().await
}
