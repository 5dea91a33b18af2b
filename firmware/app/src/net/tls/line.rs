//! What a session is held over, with TLS or without: one kind, so that the program has one session.

use embedded_io_async::{ErrorType, Read, Write};

use super::{records::Gone, stream::Secure};

/// One of the two.
#[allow(clippy::large_enum_variant, reason = "there is one at a time, and no allocator")]
pub enum Line<'r, 'b, IO> {
    /// As it comes.
    Plain(IO),
    /// With TLS around it.
    Secure(Secure<'r, 'b, IO>),
}

impl<IO> ErrorType for Line<'_, '_, IO> {
    type Error = Gone;
}

impl<IO: Read + Write> Read for Line<'_, '_, IO> {
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, Gone> {
        match self {
            Line::Plain(stream) => stream.read(buf).await.map_err(|_| Gone),
            Line::Secure(stream) => stream.read(buf).await,
        }
    }
}

impl<IO: Read + Write> Write for Line<'_, '_, IO> {
    async fn write(&mut self, buf: &[u8]) -> Result<usize, Gone> {
        match self {
            Line::Plain(stream) => stream.write(buf).await.map_err(|_| Gone),
            Line::Secure(stream) => stream.write(buf).await,
        }
    }

    async fn flush(&mut self) -> Result<(), Gone> {
        match self {
            Line::Plain(stream) => stream.flush().await.map_err(|_| Gone),
            Line::Secure(stream) => stream.flush().await,
        }
    }
}
