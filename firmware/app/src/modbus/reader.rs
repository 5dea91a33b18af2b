//! Reading within a session, for a flash that answers at once: lists in, what was read out.

use core::cell::RefCell;

use embassy_futures::block_on;
use embedded_storage_async::nor_flash::MultiwriteNorFlash;
use gengfu_wire::{codec::decode, down::Poll, topic::Down};

use super::master::Master;
use crate::{
    board::{Board, Publication},
    flash::store::Store,
    health::{Mode, Part},
    net::beside::Beside,
};

/// Reads what stands beside the board by the list that the gateway sends.
pub struct Reader<'a, F: MultiwriteNorFlash> {
    master: RefCell<Master>,
    store: &'a RefCell<Store<F>>,
    mode: Mode,
}

impl<'a, F: MultiwriteNorFlash> Reader<'a, F> {
    /// Reads by the list that was kept; in safe mode by none, whatever the gateway sends.
    pub fn new(now_ms: u64, mode: Mode, store: &'a RefCell<Store<F>>) -> Self {
        // A list that can't be read comes again with the session.
        let kept = match mode.runs(Part::Master) {
            true => block_on(store.borrow_mut().poll()).ok().flatten(),
            false => None,
        };
        Self { master: RefCell::new(Master::new(now_ms, kept.as_ref())), store, mode }
    }

    /// Who asks, for the line.
    pub fn master(&self) -> &RefCell<Master> {
        &self.master
    }
}

impl<F: MultiwriteNorFlash, const INPUTS: usize, const QUEUE: usize> Beside<INPUTS, QUEUE>
    for Reader<'_, F>
{
    fn hear(&self, now_ms: u64, what: Down, payload: &[u8]) {
        if what != Down::Poll || !self.mode.runs(Part::Master) {
            return;
        }
        let Ok(list) = decode::<Poll>(payload) else { return };
        // What the flash refuses is used all the same, and the gateway is told.
        let mut master = self.master.borrow_mut();
        let _ = block_on(master.configured(now_ms, &list, &mut self.store.borrow_mut()));
    }

    fn say<'b>(
        &self,
        now_ms: u64,
        board: &Board<'_, INPUTS, QUEUE>,
        buffer: &'b mut [u8],
    ) -> Option<Publication<'b>> {
        self.master.borrow_mut().say(now_ms, board, buffer).ok().flatten()
    }
}
