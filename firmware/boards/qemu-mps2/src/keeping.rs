//! The board's flash in its parts: who the board is, its events, the slot of another program, and what the boot
//! loader is to do.

use core::cell::RefCell;

use embassy_futures::block_on;
use embedded_storage_async::nor_flash::ReadNorFlash;
use gengfu_board::{
    flash::{
        layout::{EVENTS, Layout},
        part::Part,
        store::{Found, Store},
    },
    update::swap::Slot,
};
use gengfu_wire::identity::MAX_IDENTITY;
use static_cell::StaticCell;

use crate::{
    flash::Flash,
    places::{PAGE, SECOND, SLOT, STATE},
};

/// The chip; it answers at once.
type Whole = Flash;
/// A part of the chip.
pub type Kept = Part<Whole>;

/// The chip, before it is shared out.
pub struct Opened(&'static RefCell<Whole>);

/// Opens the chip. To be called once.
///
/// # Errors
/// Where the host has no such file.
pub fn open() -> Result<Opened, &'static str> {
    static CHIP: StaticCell<RefCell<Whole>> = StaticCell::new();
    let chip = Flash::open().map_err(|_| "there is no flash.bin, or no semihosting")?;
    Ok(Opened(CHIP.init(RefCell::new(chip))))
}

impl Opened {
    fn part(&self, from: u32, length: u32) -> Kept {
        Part::new(self.0, from, length)
    }

    /// The page that says who the board is.
    ///
    /// # Errors
    /// Where the flash can't be read.
    pub fn page(&self) -> Result<&'static [u8], &'static str> {
        static WHO_IT_IS: StaticCell<[u8; MAX_IDENTITY]> = StaticCell::new();
        let page = WHO_IT_IS.init([0; MAX_IDENTITY]);
        block_on(self.part(0, PAGE).read(0, page)).map_err(|_| "its flash can't be read")?;
        Ok(page)
    }

    /// The events in it; `by_chance` are random bits, for a flash that refuses.
    pub fn store(&self, by_chance: u32) -> (Store<Kept>, Found) {
        let events = || self.part(PAGE, STATE - PAGE);
        block_on(Store::open_anyhow(events, &Layout::new::<Kept>(0, EVENTS), by_chance))
    }

    /// The slot of the next program.
    pub fn second(&self) -> Slot<Kept> {
        Slot { flash: self.part(SECOND, SLOT + PAGE), room: SLOT }
    }

    /// What the boot loader is to do.
    pub fn state(&self) -> Kept {
        self.part(STATE, PAGE)
    }
}
