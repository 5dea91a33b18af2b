//! The stack's TCP socket as the MQTT session wants it.

use embassy_net::tcp::{Error, TcpSocket};
use embedded_io_async::{ErrorType, Read, Write};

/// A socket whose flush does not wait for the peer's acknowledgement: the stack sends by itself what
/// it was given, and an event must not wait for a round trip before the next one may follow.
pub(super) struct Transport<'a, 's>(pub(super) &'a mut TcpSocket<'s>);

impl ErrorType for Transport<'_, '_> {
    type Error = Error;
}

impl Read for Transport<'_, '_> {
    async fn read(&mut self, buf: &mut [u8]) -> Result<usize, Error> {
        self.0.read(buf).await
    }
}

impl Write for Transport<'_, '_> {
    async fn write(&mut self, buf: &[u8]) -> Result<usize, Error> {
        self.0.write(buf).await
    }

    async fn flush(&mut self) -> Result<(), Error> {
        Ok(())
    }
}
