//! A firmware image as a compiler gives it: an ELF file, a UF2 file, or the plain bytes.

use std::path::Path;

use anyhow::{Context, bail, ensure};

use super::{
    kind::FLASH,
    uf2::{self, Family, Piece},
};

/// What an ELF file begins with: 32 bits, little-endian.
const ELF: [u8; 6] = [0x7f, b'E', b'L', b'F', 1, 1];
/// ARM, in an ELF file's header.
const ARM: u16 = 40;
/// A part that is loaded.
const LOAD: u32 = 1;
/// A part's entry in the table of parts, in bytes.
const ENTRY: usize = 32;

/// How such a block begins, at a whole word (RP2350 datasheet, chapter 5).
const BLOCK_BEGINS: [u8; 4] = 0xffff_ded3_u32.to_le_bytes();
/// It is looked for in so many words.
const BLOCK_WORDS: usize = 1024;

/// Reads an image. Plain bytes go to `begins`.
///
/// # Errors
/// Where the file can't be read, is damaged, or is for another chip.
pub fn read(file: &Path, family: Family, begins: u32) -> anyhow::Result<Vec<Piece>> {
    let bytes = std::fs::read(file)
        .with_context(|| format!("the image {} can't be read", file.display()))?;
    let name =
        file.file_name().map_or_else(|| "image".into(), |n| n.to_string_lossy().into_owned());
    ensure!(!bytes.is_empty(), "the image {} is empty", file.display());
    if bytes.starts_with(&ELF[..4]) {
        elf(&name, &bytes)
    } else if uf2::is_uf2(&bytes) {
        uf2::read(&name, family, &bytes)
    } else {
        Ok(vec![Piece { name, at: begins, bytes }])
    }
}

/// The image as one row of bytes from its first to its last, as an update carries it.
///
/// # Errors
/// Where its pieces leave more than a sector between them, so that it is more than one image.
pub fn whole(mut pieces: Vec<Piece>) -> anyhow::Result<Vec<u8>> {
    pieces.sort_by_key(|piece| piece.at);
    let mut pieces = pieces.into_iter();
    let Some(Piece { name, at, mut bytes }) = pieces.next() else { bail!("there is no image") };
    for next in pieces {
        let gap = (u64::from(next.at))
            .checked_sub(u64::from(at) + bytes.len() as u64)
            .filter(|gap| *gap < u64::from(uf2::SECTOR));
        let Some(gap) = gap else {
            bail!("{name} is in several places of the flash: an update is one image");
        };
        bytes.resize(bytes.len() + usize::try_from(gap)?, 0xff);
        bytes.extend(next.bytes);
    }
    Ok(bytes)
}

/// Whether the chip finds what it is to start: an RP2350 looks for a block, in the flash's first 4 KiB, that says
/// what the image is. An RP2040 knows no such thing, and each stays dark with what is for the other.
///
/// # Errors
/// Where it is for the other chip.
pub fn check(pieces: &[Piece], is_rp2350: bool) -> anyhow::Result<()> {
    let first = pieces.iter().filter(|piece| piece.at == FLASH);
    let mut words =
        first.flat_map(|piece| piece.bytes.chunks(BLOCK_BEGINS.len()).take(BLOCK_WORDS));
    ensure!(
        words.any(|word| word == BLOCK_BEGINS) == is_rp2350,
        "what is to start first is for another chip than this kind of board has: is its boot loader named, \
         and is it for this kind?"
    );
    Ok(())
}

/// What of an ELF file goes into the flash: where it is loaded, not where it is used.
fn elf(name: &str, file: &[u8]) -> anyhow::Result<Vec<Piece>> {
    let damaged = || format!("{name} is a damaged ELF file");
    ensure!(file.starts_with(&ELF), "{name} is an ELF file of a computer, not of a board");
    let half = |at: usize| {
        let bytes = file.get(at..at + 2).and_then(|bytes| bytes.try_into().ok());
        bytes.map(u16::from_le_bytes).with_context(damaged)
    };
    let word = |at: usize| {
        let bytes = file.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
        bytes.map(u32::from_le_bytes).with_context(damaged)
    };
    ensure!(half(18)? == ARM, "{name} is for another processor than the boards have");
    let (table, size, count) =
        (usize::try_from(word(28)?)?, usize::from(half(42)?), usize::from(half(44)?));
    ensure!(size >= ENTRY, damaged());
    let mut parts: Vec<Piece> = vec![];
    for number in 0..count {
        let entry = number.checked_mul(size).and_then(|at| at.checked_add(table));
        let entry = entry.filter(|at| *at <= file.len()).with_context(damaged)?;
        let (begin, at, length) = (word(entry + 4)?, word(entry + 12)?, word(entry + 16)?);
        if word(entry)? != LOAD || length == 0 {
            continue;
        }
        let begin = usize::try_from(begin)?;
        let end = begin.checked_add(usize::try_from(length)?).with_context(damaged)?;
        let bytes = file.get(begin..end).with_context(damaged)?.to_owned();
        parts.push(Piece { name: name.to_owned(), at, bytes });
    }
    ensure!(!parts.is_empty(), "{name} holds nothing for the flash");
    join(parts)
}

/// Parts that share a sector, as code and what stands behind it, become one piece.
fn join(mut parts: Vec<Piece>) -> anyhow::Result<Vec<Piece>> {
    parts.sort_by_key(|part| part.at);
    let mut joined: Vec<Piece> = vec![];
    for part in parts {
        match joined.last_mut() {
            Some(last) if last.sectors().end > part.sectors().start => {
                let offset = usize::try_from(part.at - last.at)?;
                ensure!(offset >= last.bytes.len(), "{}: two parts overlap", part.name);
                last.bytes.resize(offset, 0xff);
                last.bytes.extend(part.bytes);
            }
            _ => joined.push(part),
        }
    }
    Ok(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_for_an_rp2350_is_told_by_its_block() {
        let piece = |at: u32, offset: usize| {
            let mut bytes = vec![0; 8192];
            bytes[offset..offset + 4].copy_from_slice(&BLOCK_BEGINS);
            [Piece { name: "image".into(), at, bytes }]
        };
        let is_rp2350 = |pieces: &[Piece]| check(pieces, true).is_ok();
        assert!(is_rp2350(&piece(FLASH, 276)) && is_rp2350(&piece(FLASH, 4092)));
        assert!(check(&piece(FLASH, 276), false).is_err());
        for (at, offset) in [(FLASH, 4096), (FLASH, 278), (FLASH + 0x8000, 276)] {
            let other = piece(at, offset);
            assert!(!is_rp2350(&other) && check(&other, false).is_ok(), "{at:#x} {offset}");
        }
    }

    /// An ELF file with these parts: (kind, address where it is used, where it is loaded, bytes).
    pub fn elf_file(parts: &[(u32, u32, u32, &[u8])]) -> Vec<u8> {
        let mut file = vec![0; 52];
        file[..6].copy_from_slice(&ELF);
        file[18..20].copy_from_slice(&ARM.to_le_bytes());
        file[28..32].copy_from_slice(&52_u32.to_le_bytes());
        file[42..44].copy_from_slice(&32_u16.to_le_bytes());
        file[44..46].copy_from_slice(&(parts.len() as u16).to_le_bytes());
        let mut begin = (52 + 32 * parts.len()) as u32;
        for (kind, used, loaded, bytes) in parts {
            let length = bytes.len() as u32;
            for word in [*kind, begin, *used, *loaded, length, length, 5, 4] {
                file.extend(word.to_le_bytes());
            }
            begin += length;
        }
        parts.iter().for_each(|(_, _, _, bytes)| file.extend(*bytes));
        file
    }

    #[test]
    fn an_elf_file_gives_what_is_loaded_where_it_is_loaded() {
        let file = elf_file(&[
            (LOAD, 0x1000_0000, 0x1000_0000, &[1; 256]),
            (LOAD, 0x1000_0100, 0x1000_0100, &[2; 100]),
            // Variables: used in memory, loaded behind the code.
            (LOAD, 0x2000_0000, 0x1000_0168, &[3; 8]),
            (LOAD, 0x2000_0008, 0x1000_0170, &[]),
            (0x7000_0001, 0x1000_0164, 0x1000_0164, &[9; 8]),
        ]);
        let pieces = elf("board", &file).unwrap();
        assert_eq!(pieces.len(), 1);
        assert_eq!((pieces[0].at, pieces[0].bytes.len()), (0x1000_0000, 0x170));
        assert_eq!(pieces[0].bytes[0x164..0x16a], [0xff, 0xff, 0xff, 0xff, 3, 3]);
        let whole = whole(pieces).unwrap();
        assert_eq!(whole.len(), 0x170);
    }

    #[test]
    fn what_is_no_image_of_a_board_is_refused_in_words() {
        let good = elf_file(&[(LOAD, 0, 0x1000_0000, &[1; 64])]);
        for length in 0..good.len() {
            let cut = &good[..length];
            assert!(!cut.starts_with(&ELF) || elf("board", cut).is_err(), "{length}");
        }
        let mut other = good.clone();
        other[18] = 62;
        assert!(elf("board", &other).unwrap_err().to_string().contains("another processor"));
        let mut computer = good;
        computer[4] = 2;
        assert!(elf("board", &computer).unwrap_err().to_string().contains("of a computer"));
        let far = elf_file(&[(LOAD, 0, 0x1000_0000, &[1]), (LOAD, 0, 0x1008_0000, &[1])]);
        assert!(whole(elf("board", &far).unwrap()).is_err());
    }
}
