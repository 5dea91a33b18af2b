//! A file of the host in the part of a flash chip: `flash.bin` in the folder where QEMU was started,
//! by semihosting. It keeps the rules of such a chip (a page is erased as a whole, and writing only
//! clears bits), so that what works here works there, and it outlives the emulator.

use cortex_m_semihosting::{nr, syscall};
use embedded_storage::nor_flash::{
    ErrorType, MultiwriteNorFlash, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
};

use crate::places::{PAGE, SIZE};

/// How a chip's erased byte reads.
const ERASED: u8 = 0xFF;
/// Bytes that are written at a time.
const STEP: usize = 256;
const NAME: &core::ffi::CStr = c"flash.bin";

/// Why the flash can't be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlashError {
    /// The host has no such file, or no semihosting.
    Missing,
    /// The host refuses to read or write it there.
    Host,
    /// Outside of the chip, or not at a page's border.
    Place(NorFlashErrorKind),
}

impl NorFlashError for FlashError {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            FlashError::Place(kind) => *kind,
            _ => NorFlashErrorKind::Other,
        }
    }
}

/// The chip.
pub struct Flash {
    file: usize,
}

impl Flash {
    /// Opens the file.
    ///
    /// # Errors
    /// Where it can't be opened for reading and writing.
    pub fn open() -> Result<Self, FlashError> {
        let name = NAME.to_bytes();
        // SAFETY: the name and its length outlive the call.
        let file = unsafe { syscall!(OPEN, name.as_ptr(), nr::open::RW_BINARY, name.len()) };
        if file == usize::MAX { Err(FlashError::Missing) } else { Ok(Self { file }) }
    }

    fn seek(&mut self, offset: u32) -> Result<(), FlashError> {
        // SAFETY: numbers alone.
        match unsafe { syscall!(SEEK, self.file, offset as usize) } {
            0 => Ok(()),
            _ => Err(FlashError::Host),
        }
    }

    fn put(&mut self, offset: u32, bytes: &[u8]) -> Result<(), FlashError> {
        self.seek(offset)?;
        // SAFETY: the bytes outlive the call, which reads no more of them than there are.
        match unsafe { syscall!(WRITE, self.file, bytes.as_ptr(), bytes.len()) } {
            0 => Ok(()),
            _ => Err(FlashError::Host),
        }
    }
}

fn within(offset: u32, length: usize) -> Result<(), FlashError> {
    match (offset as usize).checked_add(length) {
        Some(end) if end <= SIZE as usize => Ok(()),
        _ => Err(FlashError::Place(NorFlashErrorKind::OutOfBounds)),
    }
}

impl ErrorType for Flash {
    type Error = FlashError;
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = 1;

    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), FlashError> {
        within(offset, bytes.len())?;
        self.seek(offset)?;
        // SAFETY: the bytes outlive the call, which writes no more of them than there are.
        match unsafe { syscall!(READ, self.file, bytes.as_mut_ptr(), bytes.len()) } {
            0 => Ok(()),
            _ => Err(FlashError::Host),
        }
    }

    fn capacity(&self) -> usize {
        SIZE as usize
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = 1;
    const ERASE_SIZE: usize = PAGE as usize;

    fn erase(&mut self, from: u32, to: u32) -> Result<(), FlashError> {
        if !from.is_multiple_of(PAGE) || !to.is_multiple_of(PAGE) {
            return Err(FlashError::Place(NorFlashErrorKind::NotAligned));
        }
        within(from, to.saturating_sub(from) as usize)?;
        for offset in (from..to).step_by(STEP) {
            self.put(offset, &[ERASED; STEP])?;
        }
        Ok(())
    }

    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), FlashError> {
        within(offset, bytes.len())?;
        let mut stands = [0; STEP];
        for (part, at) in bytes.chunks(STEP).zip((offset..).step_by(STEP)) {
            let Some(stands) = stands.get_mut(..part.len()) else { return Err(FlashError::Host) };
            self.read(at, stands)?;
            stands.iter_mut().zip(part).for_each(|(stands, new)| *stands &= new);
            self.put(at, stands)?;
        }
        Ok(())
    }
}

impl MultiwriteNorFlash for Flash {}
