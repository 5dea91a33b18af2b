//! The board's flash. The program has its first part; who the board is stands in the second
//! megabyte's first page, and the events behind it.

use embassy_embedded_hal::adapter::BlockingAsync;
use embassy_futures::block_on;
use embassy_rp::{
    flash::{self, Blocking, ERASE_SIZE},
    peripherals::FLASH,
};
use embedded_storage_async::nor_flash::ReadNorFlash;
use gengfu_board::flash::{
    layout::{EVENTS, Layout},
    store::{Found, Store},
};
use gengfu_wire::identity::MAX_IDENTITY;
use static_cell::StaticCell;

use crate::pins::Chip;

/// Bytes of the board's flash.
const SIZE: usize = 2 * 1024 * 1024;
/// Where who the board is stands.
const WHO: u32 = 1024 * 1024;

/// The chip as the store wants it: it answers at once.
pub type Kept = BlockingAsync<flash::Flash<'static, FLASH, Blocking, SIZE>>;

/// The chip, and a number that no other one has, before it is wrapped.
pub struct Opened {
    chip: Kept,
    number: Option<[u8; 8]>,
}

/// Opens the chip.
pub fn open(chip: Chip) -> Opened {
    let mut chip = flash::Flash::new_blocking(chip);
    let mut number = [0; 8];
    let number = chip.blocking_unique_id(&mut number).is_ok().then_some(number);
    Opened { chip: BlockingAsync::new(chip), number }
}

/// The page that says who the board is, and the board's address on the Ethernet: the flash chip's own
/// number, marked as one that nobody registered.
///
/// # Errors
/// Where the flash can't be read.
pub fn page(opened: &mut Opened) -> Result<(&'static [u8], [u8; 6]), &'static str> {
    static PAGE: StaticCell<[u8; MAX_IDENTITY]> = StaticCell::new();
    let page = PAGE.init([0; MAX_IDENTITY]);
    block_on(opened.chip.read(WHO, page)).map_err(|_| "its flash can't be read")?;
    let [.., a, b, c, d, e] = opened.number.ok_or("its flash chip has no number")?;
    Ok((page, [0x02, a, b, c, d, e]))
}

/// The events in it.
///
/// # Errors
/// Where the flash refuses.
pub fn store(opened: Opened) -> Result<(Store<Kept>, Found), &'static str> {
    let layout = Layout::new::<Kept>(WHO + ERASE_SIZE as u32, EVENTS);
    block_on(Store::open(opened.chip, layout)).map_err(|_| "its flash can't keep events")
}
