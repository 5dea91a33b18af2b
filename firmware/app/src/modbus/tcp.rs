//! Modbus over TCP: a header with the length before each request.

use super::{
    pdu::{self, MAX_PDU},
    registers::Registers,
};

/// A frame is never longer, in bytes.
pub const MAX_FRAME: usize = HEADER + MAX_PDU;

/// Transaction, protocol, length, unit.
const HEADER: usize = 7;

/// What is to be done with the bytes that have come.
#[derive(Debug, PartialEq, Eq)]
pub enum Step<'b> {
    /// Half a request: wait for more.
    Wait,
    /// Send this, and forget so many of the bytes.
    Answer {
        /// To be sent.
        frame: &'b [u8],
        /// Bytes of the request.
        used: usize,
    },
    /// Not Modbus: close the connection.
    Close,
}

/// Looks at the bytes that have come, and answers the first request in them. Every unit is this board:
/// there is no other behind it.
pub fn step<'b>(bytes: &[u8], shown: &Registers, buffer: &'b mut [u8; MAX_FRAME]) -> Step<'b> {
    let Some((header, rest)) = bytes.split_first_chunk::<HEADER>() else { return Step::Wait };
    let &[t0, t1, p0, p1, l0, l1, unit] = header;
    // The length counts the unit and the request.
    let length = usize::from(u16::from_be_bytes([l0, l1]));
    if (p0, p1) != (0, 0) || !(2..=MAX_PDU + 1).contains(&length) {
        return Step::Close;
    }
    let Some(request) = rest.get(..length - 1) else { return Step::Wait };
    let (head, body) = buffer.split_at_mut(HEADER);
    let Some(answer) = pdu::answer(request, shown, body).map(<[u8]>::len) else {
        return Step::Close;
    };
    let [l0, l1] = u16::try_from(answer + 1).unwrap_or(0).to_be_bytes();
    for (byte, value) in head.iter_mut().zip([t0, t1, 0, 0, l0, l1, unit]) {
        *byte = value;
    }
    match buffer.get(..HEADER + answer) {
        Some(frame) => Step::Answer { frame, used: HEADER + length - 1 },
        None => Step::Close,
    }
}
