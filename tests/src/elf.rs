//! A program as a linker gives it: what of it goes into a flash.

/// A part that is loaded, in the table of parts.
const LOAD: u32 = 1;

/// The bytes of a 32-bit ELF file from the first that is loaded to the last; none where it is no such file.
pub fn loaded(file: &[u8]) -> Option<Vec<u8>> {
    let word = |at: usize| Some(u32::from_le_bytes(file.get(at..at + 4)?.try_into().ok()?));
    let half = |at: usize| Some(u16::from_le_bytes(file.get(at..at + 2)?.try_into().ok()?));
    file.starts_with(b"\x7fELF\x01\x01").then_some(())?;
    let (table, size) = (word(28)? as usize, usize::from(half(42)?));
    let mut parts = vec![];
    for number in 0..usize::from(half(44)?) {
        let entry = table + number * size;
        let (begin, at, length) = (word(entry + 4)?, word(entry + 12)?, word(entry + 16)?);
        if word(entry)? == LOAD && length > 0 {
            let begin = begin as usize;
            parts.push((at as usize, file.get(begin..begin + length as usize)?));
        }
    }
    parts.sort();
    let &(first, _) = parts.first()?;
    let mut bytes = vec![];
    for (at, part) in parts {
        bytes.resize(at - first, 0xff);
        bytes.extend_from_slice(part);
    }
    Some(bytes)
}
