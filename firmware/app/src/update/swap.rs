//! Another program for this board: taken into the second slot, handed to the boot loader (`embassy-boot`), and
//! on trial once it runs.

use core::cell::{Cell, RefCell};

use embassy_boot::{FirmwareState, State};
use embassy_futures::block_on;
use embedded_storage_async::nor_flash::MultiwriteNorFlash;

use super::{
    fetch::Fetch,
    offer::Running,
    taker::Taker,
    trial::{Trial, Verdict},
};
use crate::{flash::store::Store, identity::Identity};

/// Time for the gateway to hear that all of it is there, in milliseconds.
const FAREWELL_MS: u64 = 2_000;

/// What the boot loader is told.
pub struct Loader<F: MultiwriteNorFlash + 'static>(FirmwareState<'static, F>);

impl<F: MultiwriteNorFlash> Loader<F> {
    /// The boot loader that has its state there; `word` has room for a word of that flash.
    pub fn new(state: F, word: &'static mut [u8]) -> Self {
        Self(FirmwareState::new(state, word))
    }

    /// What runs was swapped in, and is on trial.
    pub fn is_on_trial(&mut self) -> bool {
        matches!(block_on(self.0.get_state()), Ok(State::Swap))
    }

    /// What runs stays whatever comes, so that the second slot may be given to another program. Not so where
    /// it can't be told.
    fn is_settled(&mut self) -> bool {
        block_on(self.0.get_state()).is_ok_and(|state| state != State::Swap)
    }

    /// Has what is in the second slot swapped in at the next start. True where that is noted: never for a
    /// program that came while another was on trial, since then what was noted would mean the way back.
    fn mark_updated(&mut self) -> bool {
        self.is_settled() && block_on(self.0.mark_updated()).is_ok()
    }
}

/// Where another program goes: a flash that answers at once, in parts of one kind.
pub struct Slot<F> {
    /// The second slot, from its first byte.
    pub flash: F,
    /// Bytes that a program may have.
    pub room: u32,
}

/// Another program for this board.
pub struct Updates<F: MultiwriteNorFlash + 'static> {
    /// Speaks with the gateway.
    pub taker: Taker<'static, F, F>,
    loader: RefCell<Loader<F>>,
    trial: Cell<Option<Trial>>,
    restart_ms: Cell<Option<u64>>,
}

impl<F: MultiwriteNorFlash> Updates<F> {
    /// Of what runs now; `key` signs what may take its place.
    pub fn new(
        now_ms: u64,
        who: &Identity<'static>,
        key: Option<[u8; 32]>,
        slot: Slot<F>,
        mut loader: Loader<F>,
        store: &'static RefCell<Store<F>>,
    ) -> Self {
        let Slot { flash, room } = slot;
        let running = Running { hardware: who.hardware, version: who.firmware, key, room };
        // Where that can't be read, fetching begins anew.
        let progress = block_on(store.borrow_mut().progress()).ok().flatten();
        let trial = loader.is_on_trial().then(|| Trial::new(now_ms));
        let mut fetch = Fetch::new(running, progress);
        fetch.set_trial(!loader.is_settled());
        Self {
            taker: Taker::new(fetch, flash, store),
            loader: RefCell::new(loader),
            trial: Cell::new(trial),
            restart_ms: Cell::new(None),
        }
    }

    /// True where the board is to start anew, for the boot loader to swap. To be asked in the board's loop;
    /// `well` says that it is connected, and every task alive.
    pub fn look(&self, now_ms: u64, well: bool) -> bool {
        let mut loader = self.loader.borrow_mut();
        if self.taker.became_whole() {
            match loader.mark_updated() {
                true => self.restart_ms.set(Some(now_ms.saturating_add(FAREWELL_MS))),
                false => self.taker.not_noted(),
            }
        }
        if let Some(mut trial) = self.trial.get() {
            let verdict = trial.look(now_ms, well);
            self.trial.set(Some(trial));
            match verdict {
                Verdict::Wait => {}
                Verdict::Stays => {
                    if block_on(loader.0.mark_booted()).is_ok() {
                        self.trial.set(None);
                        self.taker.confirmed();
                    }
                }
                Verdict::GoesBack => return true,
            }
        }
        self.restart_ms.get().is_some_and(|at| at <= now_ms)
    }
}
