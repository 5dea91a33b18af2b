//! The board's flash: the slot of another program, what the boot loader is to do, who the board is, and its
//! events. What is where is said in `w5500-evb-pico-boot`.

use core::cell::RefCell;

use embassy_futures::block_on;
use embassy_rp::{
    flash::{self, Blocking, ERASE_SIZE},
    peripherals::FLASH,
};
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

use crate::pins::Chip;

/// Bytes of the board's flash.
const SIZE: usize = 2 * 1024 * 1024;
const PAGE: u32 = ERASE_SIZE as u32;
/// What the boot loader is to do.
const STATE: u32 = 0x6000;
/// Bytes that a program may have.
const SLOT: u32 = 384 * 1024;
/// Where the next program goes.
const SECOND: u32 = 0x8000 + SLOT;
/// Where who the board is stands.
const WHO: u32 = 1024 * 1024;

/// The chip; it answers at once.
type Whole = flash::Flash<'static, FLASH, Blocking, SIZE>;
/// A part of the chip.
pub type Kept = Part<Whole>;

/// The chip, and a number that no other one has, before it is shared out.
pub struct Opened {
    chip: &'static RefCell<Whole>,
    number: Option<[u8; 8]>,
}

/// Opens the chip. To be called once.
pub fn open(chip: Chip) -> Opened {
    static CHIP: StaticCell<RefCell<Whole>> = StaticCell::new();
    #[cfg_attr(feature = "rp2350", expect(unused_mut, reason = "its number is elsewhere"))]
    let mut chip = flash::Flash::new_blocking(chip);
    // An RP2040 has no number of its own, and on an RP2350 the flash chip can't be asked for one.
    #[cfg(feature = "rp2350")]
    let number = embassy_rp::otp::get_chipid().ok().map(u64::to_be_bytes);
    #[cfg(not(feature = "rp2350"))]
    let number = {
        let mut number = [0; 8];
        chip.blocking_unique_id(&mut number).is_ok().then_some(number)
    };
    Opened { chip: CHIP.init(RefCell::new(chip)), number }
}

impl Opened {
    fn part(&self, from: u32, length: u32) -> Kept {
        Part::new(self.chip, from, length)
    }

    /// The page that says who the board is, and the board's address on the Ethernet: the chip's own
    /// number, marked as one that nobody registered.
    ///
    /// # Errors
    /// Where the flash can't be read.
    pub fn page(&self) -> Result<(&'static [u8], [u8; 6]), &'static str> {
        static WHO_IT_IS: StaticCell<[u8; MAX_IDENTITY]> = StaticCell::new();
        let page = WHO_IT_IS.init([0; MAX_IDENTITY]);
        block_on(self.part(WHO, PAGE).read(0, page)).map_err(|_| "its flash can't be read")?;
        let [.., a, b, c, d, e] = self.number.ok_or("its chip has no number")?;
        Ok((page, [0x02, a, b, c, d, e]))
    }

    /// The events in it; `by_chance` are random bits, for a flash that refuses.
    pub fn store(&self, by_chance: u32) -> (Store<Kept>, Found) {
        let events = || self.part(WHO + PAGE, SIZE as u32 - WHO - PAGE);
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
