//! The boards.

use core::cell::{Cell, RefCell};
use std::path::Path;

use embassy_futures::block_on;
use gengfu_board::{
    board::Board,
    debounce::Wiring,
    flash::{
        layout::{EVENTS, Layout},
        store::Store,
    },
    health::Reset,
    identity::Identity,
    net::{News, now_ms, settings::Settings},
};
use gengfu_wire::identity::{Credentials, MAX_GATEWAYS};

use crate::{
    contact::Contact,
    flash::Flash,
    tally::{Tally, count},
    wish::Wish,
};

/// Contacts of each board.
pub const INPUTS: usize = 8;
/// Events that it has in memory; the others wait in its flash.
const QUEUE: usize = 32;
/// A contact stays closed for so long, in milliseconds.
const PRESS_MS: u64 = 500;

/// A board.
pub struct Member {
    /// Who it is.
    pub who: Identity<'static>,
    /// How it reaches its gateway.
    pub settings: Settings<'static>,
    /// The application.
    pub board: RefCell<Board<'static, INPUTS, QUEUE>>,
    /// Tells its session that there is something to say.
    pub news: News,
    store: RefCell<Store<Flash>>,
    /// The first contact is closed until then.
    closed_until_ms: Cell<Option<u64>>,
    /// When the contact moved last, as long as not all of that has its receipt.
    moved_ms: Cell<Option<u64>>,
    waited: Cell<usize>,
}

/// All of them.
pub struct Crew {
    /// Each of them.
    pub members: Vec<Member>,
    /// What was seen of them.
    pub tally: Tally,
    /// The first contact of each is closed so often, in milliseconds.
    pub press_every_ms: Option<u64>,
}

impl Crew {
    /// Puts the boards of a wish together. What it is made of stays for ever.
    ///
    /// # Errors
    /// Where one of them can't be called that, or not reach that gateway, in words.
    pub fn of(wish: &Wish) -> Result<Self, String> {
        let (site, gateway) = (kept(&wish.site), kept(&wish.gateway));
        let member = |(name, password): &(String, String)| {
            Member::new(site, gateway, kept(name), kept(password), wish.flash.as_deref())
                .map_err(|why| format!("{name}: {why}"))
        };
        let members = wish.boards.iter().map(member).collect::<Result<_, _>>()?;
        Ok(Self { members, tally: Tally::default(), press_every_ms: wish.press_every_ms })
    }
}

impl Member {
    fn new(
        site: &'static str,
        gateway: &'static str,
        board: &'static str,
        password: &'static str,
        folder: Option<&Path>,
    ) -> Result<Self, String> {
        let mut gateways = [None; MAX_GATEWAYS];
        if let Some(first) = gateways.first_mut() {
            *first = Some(gateway);
        }
        let (gateway_key, update_key, address) = (None, None, None);
        let credentials =
            Credentials { site, board, password, gateways, gateway_key, update_key, address };
        let settings = Settings::of(&credentials).ok_or("the gateway is written as host:port")?;
        let layout = Layout::new::<Flash>(0, EVENTS);
        let file = folder.map(|folder| folder.join(board));
        let flash = Flash::open(layout.end(), file.as_deref()).map_err(|why| why.to_string())?;
        let opened = block_on(Store::open(flash, layout));
        let (mut store, found) = opened.map_err(|_| "its flash can't keep events")?;
        let reset = Reset::Power;
        block_on(store.came_up(reset)).map_err(|_| "its flash can't keep events")?;
        let who = Identity {
            site,
            board,
            firmware: env!("CARGO_PKG_VERSION"),
            hardware: "host",
            reset: reset.name(),
            boot: found.boot,
            wiring: Wiring::PullDown,
        };
        let board = Board::with_flash(now_ms(), who, &found).map_err(|_| "nobody is called so")?;
        Ok(Self {
            who,
            settings,
            board: RefCell::new(board),
            news: News::new(),
            store: RefCell::new(store),
            closed_until_ms: Cell::new(None),
            moved_ms: Cell::new(None),
            waited: Cell::new(0),
        })
    }
}

impl Member {
    /// Looks at its inputs, and keeps what happened: what the task of a board does in its loop.
    pub fn look(&self, now_ms: u64, tally: &Tally) {
        if self.closed_until_ms.get().is_some_and(|until| until <= now_ms) {
            self.closed_until_ms.set(None);
            self.moves(now_ms);
        }
        let is_closed = self.closed_until_ms.get().is_some();
        let mut contacts: [_; INPUTS] = core::array::from_fn(|at| Contact(at == 0 && is_closed));
        let mut board = self.board.borrow_mut();
        board.poll(now_ms, &mut contacts);
        if block_on(board.keep(&mut self.store.borrow_mut())).is_err() {
            count(&tally.refused);
        }
        if board.waiting() > self.waited.replace(board.waiting()) {
            self.news.signal(());
        }
    }

    /// Closes its first contact for a while.
    pub fn press(&self, now_ms: u64) {
        if self.closed_until_ms.replace(Some(now_ms.saturating_add(PRESS_MS))).is_none() {
            self.moves(now_ms);
        }
    }

    /// A receipt came: the time since the contact moved, once all that it led to has one.
    pub fn received(&self, now_ms: u64) -> Option<u64> {
        let all = self.board.borrow().waiting() == 0;
        let moved_ms = if all { self.moved_ms.take() } else { None };
        Some(now_ms.saturating_sub(moved_ms?))
    }

    fn moves(&self, now_ms: u64) {
        self.moved_ms.set(Some(self.moved_ms.get().unwrap_or(now_ms)));
    }
}

/// A text that stays for ever.
fn kept(text: &str) -> &'static str {
    Box::leak(Box::from(text))
}
