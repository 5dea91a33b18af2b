//! Events and what else outlasts a power cut, over `sequential-storage`: written in turn to all pages,
//! each item with its checksum, and whole or not there at all after a power cut.

use core::ops::Range;

use embedded_storage_async::nor_flash::MultiwriteNorFlash;
use gengfu_wire::{
    MAX_INPUTS, MAX_PAYLOAD,
    codec::{decode, encode},
    down::Config,
    up::InputState,
};
use sequential_storage::{
    Error,
    cache::{Cache, Uncached},
    map::{MapConfig, MapStorage},
    queue::{QueueConfig, QueueStorage},
};

use super::{
    layout::Layout,
    record::{Class, NAME, Name, RECORD, Record, state_from_bits, state_to_bits},
};

/// What is kept by name.
const BOOT: u8 = 1;
const INPUTS: u8 = 2;
const CONFIG: u8 = 3;

/// Where the number of the start could be read in neither place, it goes on from here: far beyond what a
/// board reaches in its life, since the gateway takes an event with a number that it knows for a copy.
const AFTER_A_LOSS: u32 = 1_000_000;

/// The longest thing that is kept by name, with its key, in whole words of any flash.
const BUFFER: usize = MAX_PAYLOAD + 64;

/// Why something could not be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreError<E> {
    /// The flash itself refuses.
    Flash(E),
    /// What is in the flash can't be understood, and could not be repaired.
    Damaged,
    /// The pages are too few or too small, or not where pages begin.
    Layout,
}

impl<E: core::fmt::Debug> core::fmt::Display for StoreError<E> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            StoreError::Flash(error) => write!(f, "the flash refuses: {error:?}"),
            StoreError::Damaged => f.write_str("the flash holds what nobody has written"),
            StoreError::Layout => f.write_str("too few or too small pages for what is kept"),
        }
    }
}
impl<E: core::fmt::Debug> core::error::Error for StoreError<E> {}

impl<E> From<Error<E>> for StoreError<E> {
    fn from(error: Error<E>) -> Self {
        match error {
            Error::Storage { value, .. } => StoreError::Flash(value),
            Error::Corrupted { .. } | Error::LogicBug { .. } => StoreError::Damaged,
            _ => StoreError::Layout,
        }
    }
}

/// What a board finds of its life before this start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The number of this start, already written.
    pub boot: u32,
    /// How each input stood by its last event, first to last.
    pub inputs: [InputState; MAX_INPUTS],
    /// The newest event that `inputs` knows of.
    last: Name,
    /// The configuration.
    pub config: Option<Config>,
    /// Events that wait for their receipt, by class.
    pub waiting: [u16; 2],
    /// A part of the flash could not be understood and was erased: events may be lost.
    pub lost: bool,
    /// The flash refuses, and nothing is kept over a restart.
    pub refuses: bool,
}

/// What to do with an event that was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Then {
    Next,
    Remove,
    Stop,
}

/// The flash of a board. Events are found by reading along, so that no memory is needed for them.
#[derive(Debug)]
pub struct Store<F> {
    flash: F,
    layout: Layout,
    buffer: [u8; BUFFER],
}

impl<F: MultiwriteNorFlash> Store<F> {
    /// Opens it and counts this start: its number is in the flash when this returns.
    ///
    /// # Errors
    /// Where the flash refuses, or the layout does not fit it.
    pub async fn open(flash: F, layout: Layout) -> Result<(Self, Found), StoreError<F::Error>> {
        let mut store = Self::closed(flash, layout);
        let mut found = Found::nothing(0);
        let again = match store.boot_again().await {
            Err(StoreError::Damaged) => {
                store.erase(store.layout.again.clone()).await?;
                None
            }
            read => read?,
        };
        match store.read_kept(&mut found).await {
            Err(StoreError::Damaged) => {
                found.lost = true;
                found.boot = again.unwrap_or(AFTER_A_LOSS);
                store.erase(store.layout.kept.clone()).await?;
            }
            read => read?,
        }
        found.boot = found.boot.max(again.unwrap_or(0));
        for (class, at) in Class::ALL.into_iter().zip(0..) {
            let read = store
                .each(class, |event| {
                    found.boot = found.boot.max(event.name.boot);
                    found.saw(&event, at);
                    Then::Next
                })
                .await;
            match read {
                Err(StoreError::Damaged) => {
                    found.lost = true;
                    if let Some(waiting) = found.waiting.get_mut(at) {
                        *waiting = 0;
                    }
                    store.erase(store.layout.ring(class)).await?;
                }
                read => read?,
            }
        }
        // Four thousand million starts: 136 years of one each second.
        found.boot = found.boot.saturating_add(1);
        let boot = found.boot.to_le_bytes();
        store.put(BOOT, &boot).await?;
        // Nothing was said under this number before both places know it.
        store.put_in(store.layout.again.clone(), BOOT, &boot).await?;
        Ok((store, found))
    }

    /// Nothing was read of it yet.
    pub(super) const fn closed(flash: F, layout: Layout) -> Self {
        Self { flash, layout, buffer: [0; BUFFER] }
    }

    /// Erases all of it but the number of the last start, where that can be read.
    pub(super) async fn begin_anew(&mut self) -> Result<(), StoreError<F::Error>> {
        let mut found = Found::nothing(0);
        // What can't be read of it is not known.
        _ = self.read_kept(&mut found).await;
        let again = self.boot_again().await.ok().flatten();
        let boot = again.map_or(found.boot, |again| again.max(found.boot));
        let boot = if boot == 0 { AFTER_A_LOSS } else { boot };
        self.erase(self.layout.vital.start..self.layout.end()).await?;
        self.put_in(self.layout.again.clone(), BOOT, &boot.to_le_bytes()).await
    }

    /// Writes an event. Where its pages are full, the oldest of its class are given up for it, a page
    /// of them, each told to `dropped`.
    ///
    /// # Errors
    /// Where the flash refuses: the event is not kept then.
    pub async fn push(
        &mut self,
        event: &Record,
        mut dropped: impl FnMut(Name),
    ) -> Result<(), StoreError<F::Error>> {
        let mut ring = ring(&mut self.flash, self.layout.ring(event.class))?;
        let mut buffer = [0; 2 * RECORD];
        loop {
            match ring.push(&event.to_bytes(), false).await {
                Err(Error::FullStorage) => {}
                pushed => return Ok(pushed?),
            }
            // A queue that is full and has nothing in it is one that was made too small.
            let oldest = ring.pop(&mut buffer).await?.ok_or(StoreError::Layout)?;
            if let Some(oldest) = Record::from_bytes(oldest) {
                dropped(oldest.name);
            }
        }
    }

    /// Removes an event; nothing happens where it is not there.
    ///
    /// # Errors
    /// Where the flash refuses.
    pub async fn remove(&mut self, class: Class, name: Name) -> Result<(), StoreError<F::Error>> {
        self.each(class, |event| match event.name == name {
            true => Then::Remove,
            false => Then::Next,
        })
        .await
    }

    /// Tells the events of a class that come after one, oldest first, until `see` has enough.
    ///
    /// # Errors
    /// Where the flash refuses.
    pub async fn after(
        &mut self,
        class: Class,
        name: Option<Name>,
        mut see: impl FnMut(Record) -> bool,
    ) -> Result<(), StoreError<F::Error>> {
        self.each(class, |event| match Some(event.name) <= name || see(event) {
            true => Then::Next,
            false => Then::Stop,
        })
        .await
    }

    /// Keeps how each input stood by its last event, of which `last` was the newest.
    ///
    /// # Errors
    /// Where the flash refuses.
    pub async fn keep_inputs(
        &mut self,
        inputs: &[InputState; MAX_INPUTS],
        last: Name,
    ) -> Result<(), StoreError<F::Error>> {
        let mut bytes = [0; NAME + MAX_INPUTS];
        let all = last.to_bytes().into_iter().chain(inputs.map(state_to_bits));
        for (byte, value) in bytes.iter_mut().zip(all) {
            *byte = value;
        }
        self.put(INPUTS, &bytes).await
    }

    /// Keeps a configuration.
    ///
    /// # Errors
    /// Where the flash refuses.
    pub async fn keep_config(&mut self, config: &Config) -> Result<(), StoreError<F::Error>> {
        let mut bytes = [0; MAX_PAYLOAD];
        let bytes = encode(config, &mut bytes).map_err(|_| StoreError::Layout)?;
        self.put(CONFIG, bytes).await
    }

    /// Gives the flash back.
    pub fn into_flash(self) -> F {
        self.flash
    }

    async fn read_kept(&mut self, found: &mut Found) -> Result<(), StoreError<F::Error>> {
        if let Some(Ok(boot)) = self.get(BOOT).await?.map(<[u8; 4]>::try_from) {
            found.boot = u32::from_le_bytes(boot);
        }
        if let Some((last, states)) = self.get(INPUTS).await?.and_then(<[u8]>::split_first_chunk) {
            found.last = Name::from_bytes(*last);
            for (input, bits) in found.inputs.iter_mut().zip(states) {
                *input = state_from_bits(*bits).unwrap_or(InputState::Idle);
            }
        }
        found.config = self.get(CONFIG).await?.and_then(|bytes| decode(bytes).ok());
        Ok(())
    }

    /// The number of the last start, from its second place.
    async fn boot_again(&mut self) -> Result<Option<u32>, StoreError<F::Error>> {
        let kept = self.get_in(self.layout.again.clone(), BOOT).await?;
        Ok(kept.and_then(|boot| <[u8; 4]>::try_from(boot).ok()).map(u32::from_le_bytes))
    }

    /// What is kept under a key.
    pub(crate) async fn get(&mut self, key: u8) -> Result<Option<&[u8]>, StoreError<F::Error>> {
        self.get_in(self.layout.kept.clone(), key).await
    }

    async fn get_in(
        &mut self,
        pages: Range<u32>,
        key: u8,
    ) -> Result<Option<&[u8]>, StoreError<F::Error>> {
        let mut map = map(&mut self.flash, pages)?;
        Ok(map.fetch_item(&mut self.buffer, &key).await?)
    }

    /// Keeps something under a key, in the place of what was kept there.
    pub(crate) async fn put(&mut self, key: u8, value: &[u8]) -> Result<(), StoreError<F::Error>> {
        self.put_in(self.layout.kept.clone(), key, value).await
    }

    async fn put_in(
        &mut self,
        pages: Range<u32>,
        key: u8,
        value: &[u8],
    ) -> Result<(), StoreError<F::Error>> {
        let mut map = map(&mut self.flash, pages)?;
        Ok(map.store_item(&mut self.buffer, &key, &value).await?)
    }

    /// Looks at the events of a class, oldest first. One of another firmware's layout is passed over;
    /// it goes when its page is needed.
    async fn each(
        &mut self,
        class: Class,
        mut see: impl FnMut(Record) -> Then,
    ) -> Result<(), StoreError<F::Error>> {
        let mut ring = ring(&mut self.flash, self.layout.ring(class))?;
        let mut buffer = [0; 2 * RECORD];
        let mut events = ring.iter().await?;
        while let Some(entry) = events.next(&mut buffer).await? {
            match Record::from_bytes(&entry).map_or(Then::Next, &mut see) {
                Then::Next => {}
                Then::Stop => break,
                Then::Remove => {
                    entry.pop().await?;
                    break;
                }
            }
        }
        Ok(())
    }

    async fn erase(&mut self, range: Range<u32>) -> Result<(), StoreError<F::Error>> {
        self.flash.erase(range.start, range.end).await.map_err(StoreError::Flash)
    }
}

impl Found {
    /// Nothing, in this start.
    pub(super) const fn nothing(boot: u32) -> Self {
        Self {
            boot,
            inputs: [InputState::Idle; MAX_INPUTS],
            last: Name { boot: 0, seq: 0 },
            config: None,
            waiting: [0; 2],
            lost: false,
            refuses: false,
        }
    }

    /// An event that waits. The last one may have been written when the power went, just before how
    /// its input stands.
    fn saw(&mut self, event: &Record, class: usize) {
        if let Some(waiting) = self.waiting.get_mut(class) {
            *waiting = waiting.saturating_add(1);
        }
        if event.name > self.last
            && let Some(stood) = self.inputs.get_mut(usize::from(event.input).wrapping_sub(1))
        {
            *stood = event.state;
        }
    }
}

type Ring<'f, F> = QueueStorage<&'f mut F, Cache<Uncached, Uncached, Uncached>>;
type Map<'f, F> = MapStorage<u8, &'f mut F, Cache<Uncached, Uncached, Uncached, u8>>;

fn ring<F: MultiwriteNorFlash>(
    flash: &mut F,
    range: Range<u32>,
) -> Result<Ring<'_, F>, StoreError<F::Error>> {
    let config = QueueConfig::try_new(range).map_err(|_| StoreError::Layout)?;
    Ok(QueueStorage::new(flash, config, Cache::new_uncached()))
}

fn map<F: MultiwriteNorFlash>(
    flash: &mut F,
    range: Range<u32>,
) -> Result<Map<'_, F>, StoreError<F::Error>> {
    let config = MapConfig::try_new(range).map_err(|_| StoreError::Layout)?;
    Ok(MapStorage::new(flash, config, Cache::new_uncached()))
}
