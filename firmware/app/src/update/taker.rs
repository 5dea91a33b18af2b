//! Fetching within a session, for a flash that answers at once: offers and blocks in, wishes and answers
//! out.

use core::cell::{Cell, RefCell};

use embassy_futures::block_on;
use embedded_storage_async::nor_flash::{MultiwriteNorFlash, NorFlash};
use gengfu_wire::{codec::decode, down::Update, topic::Down};

use super::fetch::Fetch;
use crate::{
    board::{Board, Publication},
    flash::store::Store,
    net::beside::Beside,
};

/// Takes what the gateway offers into the second slot.
pub struct Taker<'a, D, F: MultiwriteNorFlash> {
    fetch: RefCell<Fetch<'a>>,
    slot: RefCell<D>,
    store: &'a RefCell<Store<F>>,
    is_whole: Cell<bool>,
}

impl<'a, D: NorFlash, F: MultiwriteNorFlash> Taker<'a, D, F> {
    /// `slot` begins at 0 with the first byte of the second slot.
    pub const fn new(fetch: Fetch<'a>, slot: D, store: &'a RefCell<Store<F>>) -> Self {
        Self {
            fetch: RefCell::new(fetch),
            slot: RefCell::new(slot),
            store,
            is_whole: Cell::new(false),
        }
    }

    /// True once, when all of it is in the slot: the boot loader is to be told, and the board to start anew
    /// a little later, so that the gateway hears of it.
    pub fn became_whole(&self) -> bool {
        self.is_whole.replace(false)
    }

    /// The boot loader could not be told of it: it is to be offered and fetched again.
    pub fn not_noted(&self) {
        self.fetch.borrow_mut().not_noted();
    }

    /// Whether what runs is on trial: nothing is taken then.
    pub fn set_trial(&self, on_trial: bool) {
        self.fetch.borrow_mut().set_trial(on_trial);
    }

    /// What runs has proved itself and stays: to be said, and another may be taken.
    pub fn confirmed(&self) {
        let mut fetch = self.fetch.borrow_mut();
        fetch.set_trial(false);
        fetch.confirmed();
    }
}

impl<D: NorFlash, F: MultiwriteNorFlash, const INPUTS: usize, const QUEUE: usize>
    Beside<INPUTS, QUEUE> for Taker<'_, D, F>
{
    fn hear(&self, now_ms: u64, what: Down, payload: &[u8]) {
        let mut fetch = self.fetch.borrow_mut();
        match what {
            Down::Update => match decode::<Update<'_>>(payload) {
                Ok(update) => fetch.offered(now_ms, &update),
                Err(_) => fetch.garbled(),
            },
            Down::Block => {
                let Ok(block) = decode(payload) else { return };
                let (mut slot, mut store) = (self.slot.borrow_mut(), self.store.borrow_mut());
                // How far it is, is kept for after a power cut alone: without that it begins anew.
                if let Ok(true) = block_on(fetch.block(now_ms, &block, &mut *slot, &mut store)) {
                    self.is_whole.set(true);
                }
            }
            _ => {}
        }
    }

    fn say<'b>(
        &self,
        now_ms: u64,
        board: &Board<'_, INPUTS, QUEUE>,
        buffer: &'b mut [u8],
    ) -> Option<Publication<'b>> {
        self.fetch.borrow_mut().say(now_ms, board, buffer).ok().flatten()
    }
}
