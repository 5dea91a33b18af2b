//! What is signed of an update: which firmware it is, and for which boards. Signed is this, and not the
//! image, so that a board refuses a stranger's before it has fetched a byte.
//!
//! ```text
//! "GFUP"  1 byte layout  1 byte length and text: hardware  1 byte length and text: version
//! 4 bytes size, little-endian  32 bytes SHA-256 of the image  1 byte: 1 where it is forced, else 0
//! ```

use crate::down::Update;

/// The longest of them, in bytes.
pub const MAX_MANIFEST: usize = 4 + 1 + 2 * (1 + MAX_TEXT) + 4 + DIGEST + 1;

const MAGIC: [u8; 4] = *b"GFUP";
/// 1 had no byte for `forced`, and is taken no more.
const LAYOUT: u8 = 2;
const MAX_TEXT: usize = 64;
const DIGEST: usize = 32;

/// Writes what is signed into `buffer` and returns the part that was used; none where a text is too
/// long or the digest is none.
pub fn write<'b>(update: &Update<'_>, buffer: &'b mut [u8; MAX_MANIFEST]) -> Option<&'b [u8]> {
    let mut digest = [0; DIGEST];
    from_hex(update.sha256, &mut digest).filter(|length| *length == DIGEST)?;
    let mut used = 0;
    let mut put = |bytes: &[u8]| {
        buffer.get_mut(used..used + bytes.len())?.copy_from_slice(bytes);
        used += bytes.len();
        Some(())
    };
    put(&MAGIC)?;
    put(&[LAYOUT])?;
    for text in [update.hardware, update.version] {
        let length = u8::try_from(text.len()).ok().filter(|l| usize::from(*l) <= MAX_TEXT)?;
        put(&[length])?;
        put(text.as_bytes())?;
    }
    put(&update.size.to_le_bytes())?;
    put(&digest)?;
    put(&[u8::from(update.forced)])?;
    Some(&buffer[..used])
}

/// Reads hexadecimal digits, and returns how many bytes they are; none where they are no such digits
/// or too many.
pub fn from_hex(text: &str, bytes: &mut [u8]) -> Option<usize> {
    let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|d| u8::try_from(d).ok());
    if !text.len().is_multiple_of(2) || text.len() / 2 > bytes.len() {
        return None;
    }
    for (pair, byte) in text.as_bytes().chunks_exact(2).zip(bytes.iter_mut()) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(text.len() / 2)
}

/// `1.4.2` as numbers, which say what is newer; none where it is not three of them.
pub fn numbers(version: &str) -> Option<[u32; 3]> {
    let mut parts = version.split('.').map(|part| {
        // No sign, which the reader of numbers would take.
        part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok()).flatten()
    });
    let numbers = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(numbers)
}
