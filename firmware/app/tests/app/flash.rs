//! A flash whose power can be cut in the middle of anything.

use std::{cell::RefCell, pin::pin, rc::Rc};

use embedded_storage_async::nor_flash::{
    ErrorType, MultiwriteNorFlash, NorFlash, NorFlashError, NorFlashErrorKind, ReadNorFlash,
};

/// The power is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cut;

impl NorFlashError for Cut {
    fn kind(&self) -> NorFlashErrorKind {
        NorFlashErrorKind::Other
    }
}

/// NOR flash: erased to ones by the page, bits go to zero only, written by words of `W` bytes. A clone
/// is another hand on the same flash.
#[derive(Debug, Clone)]
pub struct Flash<const W: usize, const PAGE: usize>(Rc<RefCell<Cells>>);

#[derive(Debug)]
struct Cells {
    bytes: Vec<u8>,
    /// Steps until the power is gone. A word that is written is one; an erase takes two of them, and
    /// half a page is erased after the first.
    until_cut: Option<usize>,
    erased: Vec<u32>,
    work: usize,
}

impl<const W: usize, const PAGE: usize> Flash<W, PAGE> {
    pub fn new(pages: usize) -> Self {
        let (bytes, erased) = (vec![0xff; pages * PAGE], vec![0; pages]);
        Self(Rc::new(RefCell::new(Cells { bytes, until_cut: None, erased, work: 0 })))
    }

    /// The power goes after so many steps; it stays on for none.
    pub fn cut_after(&self, steps: Option<usize>) {
        self.0.borrow_mut().until_cut = steps;
    }

    /// Another flash with the same in it.
    pub fn fork(&self) -> Self {
        let cells = self.0.borrow();
        let (bytes, erased) = (cells.bytes.clone(), cells.erased.clone());
        Self(Rc::new(RefCell::new(Cells { bytes, until_cut: None, erased, work: 0 })))
    }

    /// How often each page was erased.
    pub fn erased(&self) -> Vec<u32> {
        self.0.borrow().erased.clone()
    }

    /// Steps that were made.
    pub fn work(&self) -> usize {
        self.0.borrow().work
    }
}

impl Cells {
    /// Whether there is power for one step more.
    fn powered(&mut self) -> Result<(), Cut> {
        if let Some(left) = &mut self.until_cut {
            *left = left.checked_sub(1).ok_or(Cut)?;
        }
        self.work += 1;
        Ok(())
    }
}

impl<const W: usize, const PAGE: usize> ErrorType for Flash<W, PAGE> {
    type Error = Cut;
}

impl<const W: usize, const PAGE: usize> ReadNorFlash for Flash<W, PAGE> {
    const READ_SIZE: usize = 1;

    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Cut> {
        let cells = self.0.borrow();
        let at = offset as usize;
        bytes.copy_from_slice(&cells.bytes[at..at + bytes.len()]);
        if cells.until_cut == Some(0) { Err(Cut) } else { Ok(()) }
    }

    fn capacity(&self) -> usize {
        self.0.borrow().bytes.len()
    }
}

impl<const W: usize, const PAGE: usize> NorFlash for Flash<W, PAGE> {
    const WRITE_SIZE: usize = W;
    const ERASE_SIZE: usize = PAGE;

    async fn erase(&mut self, from: u32, to: u32) -> Result<(), Cut> {
        assert!((from as usize).is_multiple_of(PAGE) && (to as usize).is_multiple_of(PAGE));
        let mut cells = self.0.borrow_mut();
        for page in from as usize / PAGE..to as usize / PAGE {
            for half in 0..2 {
                cells.powered()?;
                let at = page * PAGE + half * PAGE / 2;
                cells.bytes[at..at + PAGE / 2].fill(0xff);
            }
            cells.erased[page] += 1;
        }
        Ok(())
    }

    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Cut> {
        assert!((offset as usize).is_multiple_of(W) && bytes.len().is_multiple_of(W));
        let mut cells = self.0.borrow_mut();
        for (word, at) in bytes.chunks(W).zip((offset as usize..).step_by(W)) {
            cells.powered()?;
            for (new, old) in word.iter().zip(&mut cells.bytes[at..]) {
                *old &= new;
            }
        }
        Ok(())
    }
}

impl<const W: usize, const PAGE: usize> MultiwriteNorFlash for Flash<W, PAGE> {}

/// Nothing here ever waits, so there is nothing to wait for.
pub fn run<F: Future>(work: F) -> F::Output {
    let mut work = pin!(work);
    let mut nobody = std::task::Context::from_waker(std::task::Waker::noop());
    match work.as_mut().poll(&mut nobody) {
        std::task::Poll::Ready(output) => output,
        std::task::Poll::Pending => panic!("this flash answers at once"),
    }
}

/// A part of a flash, as boot loaders see it: for those who wait and those who don't.
#[derive(Debug, Clone)]
pub struct Part<const W: usize, const PAGE: usize> {
    pub flash: Flash<W, PAGE>,
    pub range: std::ops::Range<u32>,
}

impl<const W: usize, const PAGE: usize> Part<W, PAGE> {
    /// All that is in it.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![0; self.range.len()];
        run(self.flash.clone().read(self.range.start, &mut bytes)).unwrap();
        bytes
    }

    fn at(&self, offset: u32, length: usize) -> u32 {
        let at = self.range.start + offset;
        assert!(at + length as u32 <= self.range.end, "outside of its part");
        at
    }
}

impl<const W: usize, const PAGE: usize> ErrorType for Part<W, PAGE> {
    type Error = Cut;
}

impl<const W: usize, const PAGE: usize> ReadNorFlash for Part<W, PAGE> {
    const READ_SIZE: usize = 1;
    async fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Cut> {
        let at = self.at(offset, bytes.len());
        self.flash.read(at, bytes).await
    }
    fn capacity(&self) -> usize {
        self.range.len()
    }
}

impl<const W: usize, const PAGE: usize> NorFlash for Part<W, PAGE> {
    const WRITE_SIZE: usize = W;
    const ERASE_SIZE: usize = PAGE;
    async fn erase(&mut self, from: u32, to: u32) -> Result<(), Cut> {
        let at = self.at(from, (to - from) as usize);
        self.flash.erase(at, at + to - from).await
    }
    async fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Cut> {
        let at = self.at(offset, bytes.len());
        self.flash.write(at, bytes).await
    }
}

impl<const W: usize, const PAGE: usize> MultiwriteNorFlash for Part<W, PAGE> {}

impl<const W: usize, const PAGE: usize> embedded_storage::nor_flash::ReadNorFlash
    for Part<W, PAGE>
{
    const READ_SIZE: usize = 1;
    fn read(&mut self, offset: u32, bytes: &mut [u8]) -> Result<(), Cut> {
        run(ReadNorFlash::read(self, offset, bytes))
    }
    fn capacity(&self) -> usize {
        self.range.len()
    }
}

impl<const W: usize, const PAGE: usize> embedded_storage::nor_flash::NorFlash for Part<W, PAGE> {
    const WRITE_SIZE: usize = W;
    const ERASE_SIZE: usize = PAGE;
    fn erase(&mut self, from: u32, to: u32) -> Result<(), Cut> {
        run(NorFlash::erase(self, from, to))
    }
    fn write(&mut self, offset: u32, bytes: &[u8]) -> Result<(), Cut> {
        run(NorFlash::write(self, offset, bytes))
    }
}
