//! What came from the socket and what is to go to it, in memory: the engine reads whole records or nothing,
//! so that whoever drops it while it has nothing takes nothing with it.

use core::{cell::RefCell, future::poll_fn, task::Poll};

use embedded_io_async::{Error, ErrorKind, ErrorType, Read, Write};
use gengfu_wire::TLS_RECORD;

/// The longest record that is taken, in bytes: the gateway keeps to 2 KiB, and a broker that knows
/// `max_fragment_length` (RFC 6066) to 2 KiB and 256 bytes around them.
pub const RECORD: usize = HEADER + TLS_RECORD + 256;
/// The longest record that is sent, in bytes. A longer message goes in several.
pub const SAID: usize = 1024 + embedded_tls::TLS_RECORD_OVERHEAD;

const HEADER: usize = 5;
/// Kinds of records.
const CHANGE: u8 = 20;
const ENCRYPTED: u8 = 23;
/// An encrypted record is never shorter: its kind and a seal. The engine would stumble over one.
const SHORTEST: usize = 17;

/// The stream is of no use any more: it ended, or what came is nothing that may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gone;

impl core::fmt::Display for Gone {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("the connection is over")
    }
}

impl core::error::Error for Gone {}

impl Error for Gone {
    fn kind(&self) -> ErrorKind {
        ErrorKind::ConnectionAborted
    }
}

/// A queue of bytes.
struct Queue<'b> {
    bytes: &'b mut [u8],
    from: usize,
    to: usize,
}

impl<'b> Queue<'b> {
    fn new(bytes: &'b mut [u8]) -> Self {
        Self { bytes, from: 0, to: 0 }
    }

    fn waiting(&self) -> &[u8] {
        self.bytes.get(self.from..self.to).unwrap_or_default()
    }

    fn passed(&mut self, count: usize) {
        self.from = (self.from + count).min(self.to);
        if self.from == self.to {
            (self.from, self.to) = (0, 0);
        }
    }

    fn room(&mut self) -> usize {
        if self.from > 0 {
            self.bytes.copy_within(self.from..self.to, 0);
            (self.from, self.to) = (0, self.to - self.from);
        }
        self.bytes.len() - self.to
    }

    /// As many of these as there is room for.
    fn put(&mut self, bytes: &[u8]) -> usize {
        let count = self.room().min(bytes.len());
        let place = self.bytes.get_mut(self.to..self.to + count);
        if let (Some(place), Some(bytes)) = (place, bytes.get(..count)) {
            place.copy_from_slice(bytes);
            self.to += count;
        }
        count
    }
}

/// Both ways.
pub struct Records<'b> {
    came: Queue<'b>,
    goes: Queue<'b>,
    /// Of the record that the engine reads, so many bytes are still to be read.
    rest: usize,
    /// The handshake is over: all is encrypted from here.
    is_open: bool,
}

impl<'b> Records<'b> {
    /// In this memory, [`RECORD`] and [`SAID`] long.
    pub fn new(came: &'b mut [u8], goes: &'b mut [u8]) -> Self {
        Self { came: Queue::new(came), goes: Queue::new(goes), rest: 0, is_open: false }
    }

    /// From here on, nothing is taken that is not encrypted.
    pub fn open(&mut self) {
        self.is_open = true;
    }

    /// Room for what comes, in bytes.
    pub fn room(&mut self) -> usize {
        self.came.room()
    }

    /// This came.
    pub fn put(&mut self, bytes: &[u8]) {
        self.came.put(bytes);
    }

    /// What is to go first, as much as there is room for; how much that is.
    pub fn leaving(&self, to: &mut [u8]) -> usize {
        let waiting = self.goes.waiting();
        to.iter_mut().zip(waiting).for_each(|(to, from)| *to = *from);
        to.len().min(waiting.len())
    }

    /// So much of it has left.
    pub fn left(&mut self, count: usize) {
        self.goes.passed(count);
    }

    /// For the engine: the next bytes of a record that is there as a whole, or none yet.
    fn take(&mut self, to: &mut [u8]) -> Result<Option<usize>, Gone> {
        if self.rest == 0 {
            let Some(&[kind, _, _, high, low]) = self.came.waiting().first_chunk::<HEADER>() else {
                return Ok(None);
            };
            let length = usize::from(u16::from_be_bytes([high, low]));
            // What is not encrypted anybody may have sent: the engine is not made for it once it is open.
            let may_come = match kind {
                ENCRYPTED => length >= SHORTEST,
                CHANGE..ENCRYPTED => !self.is_open,
                _ => false,
            };
            if !may_come || HEADER + length > RECORD {
                return Err(Gone);
            }
            if self.came.waiting().len() < HEADER + length {
                return Ok(None);
            }
            self.rest = HEADER + length;
        }
        let count = self.rest.min(to.len());
        to.iter_mut().zip(self.came.waiting()).take(count).for_each(|(to, from)| *to = *from);
        self.came.passed(count);
        self.rest -= count;
        Ok(Some(count))
    }
}

/// The engine's end of them.
#[derive(Clone, Copy)]
pub struct End<'r, 'b>(pub &'r RefCell<Records<'b>>);

impl ErrorType for End<'_, '_> {
    type Error = Gone;
}

impl Read for End<'_, '_> {
    /// Never wakes anybody: whoever puts a record there asks again.
    async fn read(&mut self, to: &mut [u8]) -> Result<usize, Gone> {
        poll_fn(|_| match self.0.borrow_mut().take(to) {
            Ok(Some(count)) => Poll::Ready(Ok(count)),
            Ok(None) => Poll::Pending,
            Err(gone) => Poll::Ready(Err(gone)),
        })
        .await
    }
}

impl Write for End<'_, '_> {
    /// Never waits: before anything is written, what was written before has left.
    async fn write(&mut self, bytes: &[u8]) -> Result<usize, Gone> {
        match self.0.borrow_mut().goes.put(bytes) {
            0 => Err(Gone),
            count => Ok(count),
        }
    }

    async fn flush(&mut self) -> Result<(), Gone> {
        Ok(())
    }
}
