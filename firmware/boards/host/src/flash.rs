//! A flash with the rules of a chip: a page is erased as a whole, and writing only clears bits. It is in memory,
//! and in a file too where it is to outlast the process.

use std::{
    fs::{self, File},
    io,
    os::unix::fs::FileExt,
    path::Path,
};

use embedded_storage_async::nor_flash::{
    ErrorType, MultiwriteNorFlash, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
};

/// Bytes of a page.
const PAGE: usize = 4096;
/// How an erased byte reads.
const ERASED: u8 = 0xff;

/// The chip.
pub struct Flash {
    bytes: Vec<u8>,
    file: Option<File>,
}

/// Why it refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refused {
    /// Outside of the chip, or not at a page's border.
    Place,
    /// The file can't be written.
    File,
}

impl NorFlashError for Refused {
    fn kind(&self) -> NorFlashErrorKind {
        match self {
            Refused::Place => NorFlashErrorKind::OutOfBounds,
            Refused::File => NorFlashErrorKind::Other,
        }
    }
}

impl Flash {
    /// One of so many bytes, whole pages: what the file holds, erased where there is none yet.
    ///
    /// # Errors
    /// Where the file can't be had, or is of another size.
    pub fn open(bytes: u32, file: Option<&Path>) -> io::Result<Self> {
        let erased = vec![ERASED; bytes as usize];
        let Some(path) = file else { return Ok(Self { bytes: erased, file: None }) };
        if !path.exists() {
            fs::write(path, &erased)?;
        }
        let bytes = fs::read(path)?;
        if bytes.len() != erased.len() {
            return Err(io::Error::other(format!("{} is no such flash", path.display())));
        }
        let file = File::options().write(true).open(path)?;
        Ok(Self { bytes, file: Some(file) })
    }

    fn part(&mut self, from: u32, length: usize) -> Result<&mut [u8], Refused> {
        let from = from as usize;
        self.bytes.get_mut(from..from.saturating_add(length)).ok_or(Refused::Place)
    }

    /// What stands there now goes to the file too.
    fn keep(&mut self, from: u32, length: usize) -> Result<(), Refused> {
        let Some(file) = self.file.take() else { return Ok(()) };
        let written = file.write_all_at(self.part(from, length)?, from.into());
        self.file = Some(file);
        written.map_err(|_| Refused::File)
    }
}

impl ErrorType for Flash {
    type Error = Refused;
}

impl ReadNorFlash for Flash {
    const READ_SIZE: usize = 1;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Refused> {
        bytes.copy_from_slice(self.part(offset, bytes.len())?);
        Ok(())
    }

    fn capacity(&self) -> usize {
        self.bytes.len()
    }
}

impl NorFlash for Flash {
    const WRITE_SIZE: usize = 1;
    const ERASE_SIZE: usize = PAGE;

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), Refused> {
        let length = to.checked_sub(from).ok_or(Refused::Place)? as usize;
        if !(from as usize).is_multiple_of(PAGE) || !length.is_multiple_of(PAGE) {
            return Err(Refused::Place);
        }
        self.part(from, length)?.fill(ERASED);
        self.keep(from, length)
    }

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Refused> {
        let stands = self.part(offset, bytes.len())?;
        stands.iter_mut().zip(bytes).for_each(|(stands, new)| *stands &= new);
        self.keep(offset, bytes.len())
    }
}

impl MultiwriteNorFlash for Flash {}
