//! A part of a flash that answers at once: the chip is shared by who the board is, its events, the slot of
//! another program and what the boot loader is to do, and none of them reaches beyond its own.

use core::cell::RefCell;

use embedded_storage::nor_flash as blocking;
use embedded_storage_async::nor_flash::{
    ErrorType, MultiwriteNorFlash, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
};

/// Pages of a chip, numbered from 0. Nothing of it ever waits.
pub struct Part<F: 'static> {
    chip: &'static RefCell<F>,
    from: u32,
    length: u32,
}

impl<F> Part<F> {
    /// So many bytes of the chip from there on; both in whole pages.
    pub const fn new(chip: &'static RefCell<F>, from: u32, length: u32) -> Self {
        Self { chip, from, length }
    }

    /// Where in the chip these bytes of the part are.
    fn place(&self, from: u32, to: u32) -> Result<(u32, u32), NorFlashErrorKind> {
        let within = from <= to && to <= self.length;
        let place = self.from.checked_add(from).zip(self.from.checked_add(to));
        place.filter(|_| within).ok_or(NorFlashErrorKind::OutOfBounds)
    }

    /// The same for bytes in memory.
    fn place_of(&self, from: u32, bytes: &[u8]) -> Result<u32, NorFlashErrorKind> {
        let to = u32::try_from(bytes.len()).ok().and_then(|length| from.checked_add(length));
        let (from, _) = self.place(from, to.ok_or(NorFlashErrorKind::OutOfBounds)?)?;
        Ok(from)
    }
}

impl<F> ErrorType for Part<F> {
    type Error = NorFlashErrorKind;
}

impl<F: blocking::NorFlash> ReadNorFlash for Part<F> {
    const READ_SIZE: usize = F::READ_SIZE;

    async fn read(&mut self, from: u32, bytes: &mut [u8]) -> Result<(), NorFlashErrorKind> {
        let from = self.place_of(from, bytes)?;
        self.chip.borrow_mut().read(from, bytes).map_err(|error| error.kind())
    }

    fn capacity(&self) -> usize {
        usize::try_from(self.length).unwrap_or(usize::MAX)
    }
}

impl<F: blocking::NorFlash> NorFlash for Part<F> {
    const WRITE_SIZE: usize = F::WRITE_SIZE;
    const ERASE_SIZE: usize = F::ERASE_SIZE;

    async fn write(&mut self, from: u32, bytes: &[u8]) -> Result<(), NorFlashErrorKind> {
        let from = self.place_of(from, bytes)?;
        self.chip.borrow_mut().write(from, bytes).map_err(|error| error.kind())
    }

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), NorFlashErrorKind> {
        let (from, to) = self.place(from, to)?;
        self.chip.borrow_mut().erase(from, to).map_err(|error| error.kind())
    }
}

impl<F: blocking::MultiwriteNorFlash> MultiwriteNorFlash for Part<F> {}
