//! One connection of a Modbus TCP master, over any stream of bytes.

use embedded_io_async::{Read, Write};

use super::{
    registers::Registers,
    tcp::{MAX_FRAME, Step, step},
};

/// Answers requests until the other side closes the connection, or says what is not Modbus. `shown` is
/// asked for each answer: it is never older than the request.
///
/// # Errors
/// The stream's own.
pub async fn serve<S: Read + Write>(
    stream: &mut S,
    mut shown: impl FnMut() -> Registers,
) -> Result<(), S::Error> {
    let (mut bytes, mut used) = ([0; MAX_FRAME], 0);
    let mut answer = [0; MAX_FRAME];
    loop {
        let come = bytes.get(..used).unwrap_or_default();
        match step(come, &shown(), &mut answer) {
            Step::Answer { frame, used: taken } => {
                stream.write_all(frame).await?;
                stream.flush().await?;
                bytes.copy_within(taken.min(used)..used, 0);
                used = used.saturating_sub(taken);
            }
            Step::Close => return Ok(()),
            // No frame is longer than the room for it, so there is room.
            Step::Wait => match stream.read(bytes.get_mut(used..).unwrap_or_default()).await? {
                0 => return Ok(()),
                read => used += read,
            },
        }
    }
}
