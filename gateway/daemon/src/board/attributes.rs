//! Which processor an ELF file was built for, by the attributes that ARM's compilers leave in it (ARM IHI 0045,
//! "Addenda to, and Errata in, the ABI for the ARM Architecture").

use super::uf2::{Family, RP2350};

/// A section with attributes.
const ATTRIBUTES: u32 = 0x7000_0003;
/// A section's entry in the table of sections, in bytes.
const ENTRY: usize = 40;
/// The attribute that names the architecture.
const ARCHITECTURE: u64 = 6;
/// ARMv8-M, without and with its main extension: what an RP2350 has, and an RP2040 has not.
const V8_M: [u64; 2] = [16, 17];

/// Whether a chip of this family runs it. One that does not say what it was built for may.
pub fn runs_on(file: &[u8], family: Family) -> bool {
    architecture(file).is_none_or(|found| V8_M.contains(&found) == (family == RP2350))
}

fn architecture(file: &[u8]) -> Option<u64> {
    let word = |at: usize| Some(u32::from_le_bytes(file.get(at..at + 4)?.try_into().ok()?));
    let half = |at: usize| Some(u16::from_le_bytes(file.get(at..at + 2)?.try_into().ok()?));
    let place = |at: usize| usize::try_from(word(at)?).ok();
    let (table, size, count) = (place(32)?, usize::from(half(46)?), usize::from(half(48)?));
    let entries = (0..count).filter_map(|number| number.checked_mul(size)?.checked_add(table));
    let entry = entries
        .filter(|at| *at <= file.len().saturating_sub(ENTRY))
        .find(|at| word(at + 4) == Some(ATTRIBUTES))?;
    let begin = place(entry + 16)?;
    let section = file.get(begin..begin.checked_add(place(entry + 20)?)?)?;
    // The version, a length, whose attributes these are, then those of the whole file and their length.
    let all = section.strip_prefix(b"A")?.get(4..)?.strip_prefix(b"aeabi\0\x01")?.get(4..)?;
    let mut rest = all.iter().copied();
    loop {
        let tag = number(&mut rest)?;
        let is_text = matches!(tag, 4 | 5) || tag > 32 && tag % 2 == 1;
        match is_text {
            true => _ = rest.find(|byte| *byte == 0)?,
            false if tag == ARCHITECTURE => return number(&mut rest),
            false => _ = number(&mut rest)?,
        }
    }
}

/// A number in sevens of bits, the lowest first.
fn number(bytes: &mut impl Iterator<Item = u8>) -> Option<u64> {
    let mut value = 0;
    for shift in (0..63).step_by(7) {
        let byte = bytes.next()?;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{super::uf2::RP2040, *};

    /// An ELF file with one section of attributes, as the compiler leaves them.
    fn file(architecture: u8) -> Vec<u8> {
        let own =
            [67, b'2', b'.', b'0', b'9', 0, 5, b'x', 0, ARCHITECTURE as u8, architecture, 7, 77];
        let mut section = b"A\x20\0\0\0aeabi\0\x01\x10\0\0\0".to_vec();
        section.extend(own);
        let mut file = vec![0; 52];
        file[32..36].copy_from_slice(&52_u32.to_le_bytes());
        file[46..48].copy_from_slice(&40_u16.to_le_bytes());
        file[48..50].copy_from_slice(&2_u16.to_le_bytes());
        for kind in [1, ATTRIBUTES] {
            let begin = 52 + 2 * ENTRY as u32;
            for word in [0, kind, 0, 0, begin, section.len() as u32, 0, 0, 1, 0] {
                file.extend(word.to_le_bytes());
            }
        }
        file.extend(section);
        file
    }

    #[test]
    fn a_file_tells_which_chip_it_is_for() {
        for (architecture, old, new) in [(11, true, false), (12, true, false), (17, false, true)] {
            let file = file(architecture);
            let found = (runs_on(&file, RP2040), runs_on(&file, RP2350));
            assert_eq!(found, (old, new), "{architecture}");
        }
        let whole = file(17);
        for length in 0..whole.len() {
            runs_on(&whole[..length], RP2040);
        }
        assert!(runs_on(&[], RP2040) && runs_on(&[], RP2350), "who says nothing may be for either");
    }
}
