//! Where in the flash things are kept, and how many pages that takes.

use core::ops::Range;

use embedded_storage_async::nor_flash::NorFlash;

use super::record::{Class, RECORD};

/// So many events of each class have room, whatever else happens; see `docs/wire.md`.
pub const EVENTS: usize = 500;

/// Bytes that the flash queue writes before each item.
const ITEM_HEADER: usize = 8;
/// Pages for what is kept by name: two would do, four wear half as fast.
const KEPT_PAGES: usize = 4;
/// Pages for the number of the start a second time.
const AGAIN_PAGES: usize = 2;

/// Offsets in bytes, from the start of the flash device, each at the start of a page. A page has 2 KiB
/// at least: the longest configuration has to fit one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Fire and trapped.
    pub vital: Range<u32>,
    /// All other events.
    pub ordinary: Range<u32>,
    /// What is kept by name: start number, inputs, configuration.
    pub kept: Range<u32>,
    /// The start number a second time, for when the other pages are damaged.
    pub again: Range<u32>,
}

impl Layout {
    /// The pages from `start` on, one part behind the other, with room for `events` events of each
    /// class. A page more than they take, since a full queue gives up its oldest page as a whole.
    pub const fn new<F: NorFlash>(start: u32, events: usize) -> Self {
        let word = if F::WRITE_SIZE > F::READ_SIZE { F::WRITE_SIZE } else { F::READ_SIZE };
        let item = ITEM_HEADER.next_multiple_of(word) + RECORD.next_multiple_of(word);
        // A mark at both ends of each page.
        let per_page = (F::ERASE_SIZE - 2 * word) / item;
        let ring = ((events.div_ceil(per_page) + 1) * F::ERASE_SIZE) as u32;
        let kept = (KEPT_PAGES * F::ERASE_SIZE) as u32;
        let (ordinary, rest) = (start + ring, start + 2 * ring);
        let (again, end) = (rest + kept, rest + kept + (AGAIN_PAGES * F::ERASE_SIZE) as u32);
        Self {
            vital: start..ordinary,
            ordinary: ordinary..rest,
            kept: rest..again,
            again: again..end,
        }
    }

    /// The first byte behind it.
    pub const fn end(&self) -> u32 {
        self.again.end
    }

    /// Where events of a class are.
    pub fn ring(&self, class: Class) -> Range<u32> {
        match class {
            Class::Vital => self.vital.clone(),
            Class::Ordinary => self.ordinary.clone(),
        }
    }
}
