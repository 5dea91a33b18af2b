//! A stream with TLS around it. Reading and writing may be dropped at any time: nothing is lost, and nothing
//! is encrypted twice.

use core::{cell::RefCell, pin::pin, task::Poll};

use embassy_futures::poll_once;
use embedded_io_async::{ErrorType, Read, Write};
use embedded_tls::{
    Aes128GcmSha256, FlushPolicy, MaxFragmentLength, TlsConfig, TlsConnection, TlsContext, TlsError,
};
use gengfu_wire::TLS_NAME;

use super::{
    key::{Known, Provider},
    random::Random,
    records::{End, Gone, RECORD, Records, SAID},
};
use crate::net::Lost;

/// So many bytes move at a time.
const PART: usize = 512;

/// Memory for one connection.
pub struct Memory {
    came: [u8; RECORD],
    goes: [u8; SAID],
    read: [u8; RECORD],
    written: [u8; SAID],
}

impl Memory {
    /// Memory in which nothing stands.
    pub const fn new() -> Self {
        Self { came: [0; RECORD], goes: [0; SAID], read: [0; RECORD], written: [0; SAID] }
    }

    /// For what comes and goes, and for the engine.
    pub fn parts(&mut self) -> (Records<'_>, Engine<'_>) {
        let Self { came, goes, read, written } = self;
        (Records::new(came, goes), Engine { read, written })
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

/// The engine's own memory.
pub struct Engine<'r> {
    read: &'r mut [u8],
    written: &'r mut [u8],
}

/// An established stream with TLS around it.
pub struct Secure<'r, 'b, IO> {
    io: IO,
    records: &'r RefCell<Records<'b>>,
    engine: TlsConnection<'r, End<'r, 'b>, Aes128GcmSha256>,
}

impl<'r, 'b, IO: Read + Write> Secure<'r, 'b, IO> {
    /// Shakes hands with the gateway that has this key.
    ///
    /// # Errors
    /// [`Lost::Stranger`] where it is another; it has been told nothing then. Other reasons where there is
    /// no TLS, or the stream ends.
    pub async fn open(
        io: IO,
        records: &'r RefCell<Records<'b>>,
        engine: Engine<'r>,
        key: &[u8; 32],
        random: &mut Random,
    ) -> Result<Self, Lost> {
        let mut known = Known::new(key);
        let mut engine = TlsConnection::new(End(records), engine.read, engine.written);
        // What is written is handed over in any case, and nobody is waited for.
        engine.set_flush_policy(FlushPolicy::Relaxed);
        let mut secure = Self { io, records, engine };
        let config = TlsConfig::new()
            .with_server_name(TLS_NAME)
            .with_max_fragment_length(MaxFragmentLength::Bits11);
        let provider = Provider { known: &mut known, random };
        let shaken = secure.shake(TlsContext::new(&config, provider)).await;
        if known.is_stranger() {
            return Err(Lost::Stranger);
        }
        shaken?;
        if !known.is_proven() {
            return Err(Lost::Stranger);
        }
        records.borrow_mut().open();
        Ok(secure)
    }

    async fn shake(&mut self, context: TlsContext<'_, Provider<'_, '_>>) -> Result<(), Lost> {
        let Self { io, records, engine } = self;
        let mut shaking = pin!(engine.open(context));
        loop {
            let state = poll_once(shaking.as_mut());
            drain(io, records).await.map_err(|Gone| Lost::Ended)?;
            match state {
                Poll::Ready(Ok(())) => return Ok(()),
                Poll::Ready(Err(_)) => return Err(Lost::NoTls),
                Poll::Pending => {}
            }
            if !fill(io, records).await.map_err(|Gone| Lost::Ended)? {
                return Err(Lost::Ended);
            }
        }
    }
}

/// Moves what is to go into the stream.
async fn drain(io: &mut impl Write, records: &RefCell<Records<'_>>) -> Result<(), Gone> {
    loop {
        let mut part = [0; PART];
        let count = records.borrow().leaving(&mut part);
        let Some(part) = part.get(..count).filter(|part| !part.is_empty()) else { return Ok(()) };
        match io.write(part).await {
            Ok(0) | Err(_) => return Err(Gone),
            Ok(count) => records.borrow_mut().left(count),
        }
    }
}

/// Takes what has come out of the stream; false where it has ended.
async fn fill(io: &mut impl Read, records: &RefCell<Records<'_>>) -> Result<bool, Gone> {
    let mut part = [0; PART];
    let room = records.borrow_mut().room().min(PART);
    let place = part.get_mut(..room).filter(|place| !place.is_empty()).ok_or(Gone)?;
    let count = io.read(place).await.map_err(|_| Gone)?;
    records.borrow_mut().put(part.get(..count).unwrap_or_default());
    Ok(count > 0)
}

/// The engine has all that it needs.
fn at_once<T>(state: Poll<Result<T, TlsError>>) -> Result<T, Gone> {
    match state {
        Poll::Ready(done) => done.map_err(|_| Gone),
        Poll::Pending => Err(Gone),
    }
}

impl<IO> ErrorType for Secure<'_, '_, IO> {
    type Error = Gone;
}

impl<IO: Read + Write> Read for Secure<'_, '_, IO> {
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, Gone> {
        loop {
            match poll_once(self.engine.read(buf)) {
                Poll::Ready(Err(TlsError::ConnectionClosed)) => return Ok(0),
                Poll::Ready(read) => return read.map_err(|_| Gone),
                Poll::Pending => {}
            }
            if !fill(&mut self.io, self.records).await? {
                return Ok(0);
            }
        }
    }
}

impl<IO: Read + Write> Write for Secure<'_, '_, IO> {
    async fn write(&mut self, buf: &[u8]) -> Result<usize, Gone> {
        drain(&mut self.io, self.records).await?;
        at_once(poll_once(self.engine.write(buf)))
    }

    async fn flush(&mut self) -> Result<(), Gone> {
        drain(&mut self.io, self.records).await?;
        at_once(poll_once(self.engine.flush()))?;
        drain(&mut self.io, self.records).await
    }
}
