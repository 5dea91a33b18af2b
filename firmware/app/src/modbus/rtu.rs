//! Modbus over a serial line: an address before each request and a checksum behind it. A frame ends
//! where the line is silent, for as long as [`super::line`] waits.

use super::{
    pdu::{self, MAX_PDU},
    registers::Registers,
};

/// A frame is never longer, in bytes.
pub const MAX_FRAME: usize = 1 + MAX_PDU + CHECKSUM;

const CHECKSUM: usize = 2;

/// Answers a frame; none where it is not for this address, damaged, or for all: others share the line,
/// and a slave that can't answer says nothing.
pub fn answer<'b>(
    frame: &[u8],
    address: u8,
    shown: &Registers,
    buffer: &'b mut [u8; MAX_FRAME],
) -> Option<&'b [u8]> {
    let (body, checksum) = frame.split_last_chunk::<CHECKSUM>()?;
    let (to, request) = body.split_first()?;
    if *to != address || *to == 0 || crc16(body) != u16::from_le_bytes(*checksum) {
        return None;
    }
    let (first, rest) = buffer.split_first_mut()?;
    *first = address;
    let end = 1 + pdu::answer(request, shown, rest)?.len();
    let (said, room) = buffer.split_at_mut_checked(end)?;
    *room.first_chunk_mut::<CHECKSUM>()? = crc16(said).to_le_bytes();
    buffer.get(..end + CHECKSUM)
}

/// The checksum of Modbus; "123456789" gives 4B37.
pub fn crc16(bytes: &[u8]) -> u16 {
    let mut crc = u16::MAX;
    for byte in bytes {
        crc ^= u16::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xA001 & 0u16.wrapping_sub(crc & 1));
        }
    }
    crc
}
