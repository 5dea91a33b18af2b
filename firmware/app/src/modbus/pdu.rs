//! A request and its answer, without the frame around it. Own code and no crate: four functions over an
//! array, where a crate keeps a memory of all registers.

use super::registers::Registers;

/// An answer is never longer, in bytes.
pub const MAX_PDU: usize = 253;

const READ_BITS: [u8; 2] = [1, 2];
const READ_WORDS: [u8; 2] = [3, 4];
/// More registers than this fit no frame.
const MOST_WORDS: u16 = 125;
/// More bits than this fit no frame.
const MOST_BITS: u16 = 2_000;
/// How many bits there are.
const BITS: u16 = 16;

const ILLEGAL_FUNCTION: u8 = 1;
const ILLEGAL_ADDRESS: u8 = 2;
const ILLEGAL_VALUE: u8 = 3;

/// Answers a request; none where it is empty or the buffer is shorter than [`MAX_PDU`]. Coils and
/// discrete inputs show the same, and so do input and holding registers: masters differ in what they
/// like to ask for.
pub fn answer<'b>(request: &[u8], shown: &Registers, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
    let (function, arguments) = request.split_first()?;
    let buffer = buffer.get_mut(..MAX_PDU)?;
    let used = match read(*function, arguments, shown, buffer) {
        Ok(used) => used,
        Err(exception) => {
            let [first, second, ..] = buffer else { return None };
            (*first, *second) = (function | 0x80, exception);
            2
        }
    };
    buffer.get(..used)
}

fn read(function: u8, arguments: &[u8], shown: &Registers, buffer: &mut [u8]) -> Result<usize, u8> {
    let is_bits = READ_BITS.contains(&function);
    if !is_bits && !READ_WORDS.contains(&function) {
        return Err(ILLEGAL_FUNCTION);
    }
    let &[a0, a1, c0, c1] = arguments else { return Err(ILLEGAL_VALUE) };
    let (first, count) = (u16::from_be_bytes([a0, a1]), u16::from_be_bytes([c0, c1]));
    let most = if is_bits { MOST_BITS } else { MOST_WORDS };
    if !(1..=most).contains(&count) {
        return Err(ILLEGAL_VALUE);
    }
    let end = first.checked_add(count).ok_or(ILLEGAL_ADDRESS)?;
    let (head, data) = buffer.split_at_mut_checked(2).ok_or(ILLEGAL_VALUE)?;
    let length = if is_bits {
        if end > BITS {
            return Err(ILLEGAL_ADDRESS);
        }
        let wanted = shown.active >> first & (u16::MAX >> (BITS - count));
        let length = usize::from(count.div_ceil(8));
        for (byte, value) in data.iter_mut().zip(wanted.to_le_bytes()).take(length) {
            *byte = value;
        }
        length
    } else {
        let range = usize::from(first)..usize::from(end);
        let wanted = shown.values.get(range).ok_or(ILLEGAL_ADDRESS)?;
        let bytes = wanted.iter().flat_map(|value| value.to_be_bytes());
        for (byte, value) in data.iter_mut().zip(bytes) {
            *byte = value;
        }
        2 * usize::from(count)
    };
    let length_byte = u8::try_from(length).map_err(|_| ILLEGAL_VALUE)?;
    for (byte, value) in head.iter_mut().zip([function, length_byte]) {
        *byte = value;
    }
    Ok(2 + length)
}
