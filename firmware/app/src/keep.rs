//! What a board does with its flash: write what happened before it is said, remove what the gateway
//! has, and fetch what is to be said next.

use embedded_storage_async::nor_flash::MultiwriteNorFlash;
use gengfu_wire::up::InputState;
use heapless::String;

use crate::{
    board::Board,
    flash::{
        record::Class,
        store::{Found, Store, StoreError},
    },
    health::WELL_AFTER_MS,
    identity::{Identity, IdentityError},
    queue::Queue,
};

/// The answer to a configuration that is used but could not be written.
const NOT_KEPT: &str = "used, but the flash refuses to keep it over a restart";

impl<'a, const INPUTS: usize, const QUEUE: usize> Board<'a, INPUTS, QUEUE> {
    /// A board that keeps its events in flash, with what was found there. `QUEUE` events at the most
    /// are under way at a time, half of them vital; 32 are plenty. [`Self::keep`] is then to be called
    /// after each [`Self::poll`] and [`Self::receive`]: before it, nothing that happened is said.
    ///
    /// # Errors
    /// Where the gateway could not be told who it is.
    pub fn with_flash(
        now_ms: u64,
        identity: Identity<'a>,
        found: &Found,
    ) -> Result<Self, IdentityError> {
        let identity = Identity { boot: found.boot, ..identity };
        let mut board = Self::new(now_ms, identity, None)?;
        board.queue = Queue::kept(found.boot, found.waiting, found.inputs);
        board.condition.flash_refuses = found.refuses;
        if found.lost {
            board.came_up(0, String::try_from(LOST).ok());
        }
        board.flash = Some(Kept { inputs: found.inputs, config: true, again_ms: 0 });
        board.run_by_kept(now_ms, found.config.clone());
        Ok(board)
    }

    /// Brings the flash up to date. To be called in each round of the loop: where there is nothing to
    /// do, it does not touch the flash.
    ///
    /// # Errors
    /// Where the flash refuses; the board works on, what can't be written is said all the same, and the
    /// gateway is told that the flash refuses. All but events is tried again a second later.
    pub async fn keep<F: MultiwriteNorFlash>(
        &mut self,
        store: &mut Store<F>,
    ) -> Result<(), StoreError<F::Error>> {
        let written = self.write_events(store).await;
        // A flash that refuses takes its time for it, and the inputs are to be looked at.
        let now_ms = self.looked_ms;
        let rest = match self.flash.as_ref().is_some_and(|kept| now_ms < kept.again_ms) {
            true => Ok(()),
            false => self.keep_rest(store).await,
        };
        if let (Err(_), Some(kept)) = (&rest, &mut self.flash) {
            kept.again_ms = now_ms.saturating_add(AGAIN_MS);
        }
        let all = written.and(rest);
        self.condition.flash_refuses |= all.is_err();
        all
    }

    async fn keep_rest<F: MultiwriteNorFlash>(
        &mut self,
        store: &mut Store<F>,
    ) -> Result<(), StoreError<F::Error>> {
        let removed = self.remove_events(store).await;
        let inputs = self.keep_inputs(store).await;
        let config = self.keep_config(store).await;
        let well = self.keep_well(store).await;
        let loaded = self.load_events(store).await;
        removed.and(inputs).and(config).and(well).and(loaded)
    }

    async fn write_events<F: MultiwriteNorFlash>(
        &mut self,
        store: &mut Store<F>,
    ) -> Result<(), StoreError<F::Error>> {
        let mut all = Ok(());
        while let Some(event) = self.queue.next_fresh() {
            match store.push(&event, |name| self.queue.gave_up(event.class, name)).await {
                Ok(()) => self.queue.written(),
                Err(error) => {
                    self.queue.not_written();
                    all = Err(error);
                }
            }
        }
        all
    }

    async fn remove_events<F: MultiwriteNorFlash>(
        &mut self,
        store: &mut Store<F>,
    ) -> Result<(), StoreError<F::Error>> {
        while let Some((class, name)) = self.queue.next_received() {
            store.remove(class, name).await?;
            self.queue.removed(class, name);
        }
        Ok(())
    }

    async fn keep_inputs<F: MultiwriteNorFlash>(
        &mut self,
        store: &mut Store<F>,
    ) -> Result<(), StoreError<F::Error>> {
        let (inputs, last) = self.queue.inputs();
        let Some(kept) = self.flash.as_mut().filter(|kept| kept.inputs != *inputs) else {
            return Ok(());
        };
        store.keep_inputs(inputs, last).await?;
        kept.inputs = *inputs;
        Ok(())
    }

    async fn keep_config<F: MultiwriteNorFlash>(
        &mut self,
        store: &mut Store<F>,
    ) -> Result<(), StoreError<F::Error>> {
        let (Some(kept), Some(config)) = (&mut self.flash, &self.config) else { return Ok(()) };
        if kept.config {
            return Ok(());
        }
        // Tried once: the gateway says its configuration again at each connect.
        kept.config = true;
        let written = store.keep_config(config).await;
        if written.is_err() {
            self.answer = Some((config.revision, Some(NOT_KEPT)));
        }
        written
    }

    async fn keep_well<F: MultiwriteNorFlash>(
        &mut self,
        store: &mut Store<F>,
    ) -> Result<(), StoreError<F::Error>> {
        let runs_ms = self.looked_ms.saturating_sub(self.started_ms);
        if self.condition.crashes == 0 || runs_ms < WELL_AFTER_MS {
            return Ok(());
        }
        match self.condition.safe {
            // What crashed may have been in what does not run now: it is tried again, by another start.
            true => {
                store.may_try_again().await?;
                self.wants_restart = true;
            }
            false => store.is_well().await?,
        }
        self.condition.crashes = 0;
        Ok(())
    }

    async fn load_events<F: MultiwriteNorFlash>(
        &mut self,
        store: &mut Store<F>,
    ) -> Result<(), StoreError<F::Error>> {
        for class in Class::ALL {
            let Some((wanted, last)) = self.queue.wanted(class) else { continue };
            let mut missing = wanted;
            store
                .after(class, last, |event| {
                    self.queue.load(event);
                    missing -= 1;
                    missing > 0
                })
                .await?;
            if missing > 0 {
                self.queue.no_more(class);
            }
        }
        Ok(())
    }
}

/// What the flash refused is tried again after so long, in milliseconds.
const AGAIN_MS: u64 = 1_000;

/// What the first health says where a part of the flash could not be read.
const LOST: &str = "a part of the flash could not be read and was erased";

/// What is known to be in the flash.
#[derive(Debug)]
pub(crate) struct Kept {
    inputs: [InputState; gengfu_wire::MAX_INPUTS],
    /// The configuration that the board runs by is there, or can't be.
    pub(crate) config: bool,
    /// Before that, nothing but events is given to the flash.
    again_ms: u64,
}
