//! A firmware image as a compiler gives it: an ELF file, a UF2 file, or the plain bytes.

use std::path::Path;

use anyhow::{Context, bail, ensure};
use crc::{CRC_32_MPEG_2, Crc};

use super::{
    attributes,
    kind::{FLASH, Kind},
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

/// The second stage of an RP2040's start, its checksum included, in bytes.
const SECOND_STAGE: usize = 256;
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
        let pieces = elf(&name, &bytes)?;
        ensure!(
            attributes::runs_on(&bytes, family),
            "{name} is for another chip than this kind of board has"
        );
        Ok(pieces)
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

/// Whether the chip finds what it is to start, and that what is to be started by it: an RP2350 looks for a block,
/// in the flash's first 4 KiB, that says what the image is; an RP2040 for a second stage with its checksum in the
/// first 256 bytes. Each stays dark with what is for the other, and with a boot loader or a program alone.
///
/// # Errors
/// Where it would stay dark: why.
pub fn check(pieces: &[Piece], kind: Kind) -> anyhow::Result<()> {
    let first = pieces.iter().find(|piece| piece.at == FLASH).context(
        "nothing goes to the flash's first byte, where the chip starts: name the boot loader too, as \
         --image …-boot.elf",
    )?;
    let mut words = first.bytes.chunks(BLOCK_BEGINS.len()).take(BLOCK_WORDS);
    let has_block = words.any(|word| word == BLOCK_BEGINS);
    let is_found = match kind {
        Kind::W5500EvbPico => !has_block && has_second_stage(&first.bytes),
        Kind::W5500EvbPico2 => has_block,
    };
    ensure!(
        is_found,
        "what is to start first is no boot loader, or for another chip than this kind of board has: is its boot \
         loader named, and is it for this kind?"
    );
    let begins = u64::from(kind.program().start);
    let has_program = pieces.iter().any(|piece| {
        let from = u64::from(piece.at);
        (from..from + piece.bytes.len() as u64).contains(&begins)
    });
    ensure!(
        has_program,
        "nothing goes to {begins:#010x}, where the boot loader starts the program: name the program too"
    );
    Ok(())
}

/// The checksum that an RP2040 believes its second stage by (RP2040 datasheet, 2.8.1.3.1).
fn has_second_stage(bytes: &[u8]) -> bool {
    let Some((stage, checksum)) = bytes.get(..SECOND_STAGE).and_then(<[u8]>::split_last_chunk)
    else {
        return false;
    };
    Crc::<u32>::new(&CRC_32_MPEG_2).checksum(stage) == u32::from_le_bytes(*checksum)
}

/// Whether a program may be put where the boot loader starts it: it was linked to that place.
///
/// # Errors
/// Where it was not, or is a boot loader.
pub fn check_program(pieces: &[Piece], kind: Kind) -> anyhow::Result<()> {
    let first = pieces.iter().min_by_key(|piece| piece.at).context("there is no image")?;
    let place = kind.program();
    // Where plain bytes go nobody has said; a program says it by where it begins to run.
    let begins = first.bytes.get(4..8).and_then(|word| word.try_into().ok());
    let begins = begins.map(u32::from_le_bytes).filter(|begins| place.contains(begins));
    ensure!(
        begins.is_some() && (first.at == place.start || first.at == 0),
        "{} is no program for {:#010x}, where the boot loader of this kind of board starts it: name the program \
         alone, without a boot loader",
        first.name,
        place.start
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
pub(super) mod tests {
    use super::*;

    #[test]
    fn an_image_for_an_rp2350_is_told_by_its_block() {
        let pieces = |at: u32, offset: usize| {
            let mut bytes = second_stage();
            bytes.resize(8192, 0);
            bytes[offset..offset + 4].copy_from_slice(&BLOCK_BEGINS);
            vec![Piece { name: "image".into(), at, bytes }, program()]
        };
        let is_rp2350 = |pieces: &[Piece]| check(pieces, Kind::W5500EvbPico2).is_ok();
        let is_rp2040 = |pieces: &[Piece]| check(pieces, Kind::W5500EvbPico).is_ok();
        assert!(is_rp2350(&pieces(FLASH, 276)) && is_rp2350(&pieces(FLASH, 4092)));
        assert!(!is_rp2040(&pieces(FLASH, 276)));
        for offset in [4096, 278] {
            let other = pieces(FLASH, offset);
            assert!(!is_rp2350(&other) && is_rp2040(&other), "{offset}");
        }
        assert!(!is_rp2350(&pieces(FLASH + 0x1000, 276)));
    }

    /// 256 bytes that an RP2040 believes.
    pub fn second_stage() -> Vec<u8> {
        let mut stage = vec![0x4b; SECOND_STAGE - 4];
        let checksum = Crc::<u32>::new(&CRC_32_MPEG_2).checksum(&stage);
        stage.extend(checksum.to_le_bytes());
        stage
    }

    /// A program where it is started.
    fn program() -> Piece {
        let (at, mut bytes) = (Kind::W5500EvbPico.program().start, vec![0; 64]);
        bytes[4..8].copy_from_slice(&(at + 0x101).to_le_bytes());
        Piece { name: "program".into(), at, bytes }
    }

    #[test]
    fn a_boot_loader_or_a_program_alone_would_leave_the_board_dark() {
        let kind = Kind::W5500EvbPico;
        let boot = Piece { name: "boot".into(), at: FLASH, bytes: second_stage() };
        assert!(check(&[boot.clone(), program()], kind).is_ok());
        let fails = |pieces: &[Piece]| check(pieces, kind).unwrap_err().to_string();
        assert!(fails(&[program()]).contains("name the boot loader too"));
        assert!(fails(std::slice::from_ref(&boot)).contains("name the program too"));
        for at in [0, 100, 251, 252, 255] {
            let mut spoilt = boot.clone();
            spoilt.bytes[at] ^= 1;
            assert!(fails(&[spoilt, program()]).contains("no boot loader"), "{at}");
        }
        let short = Piece { bytes: boot.bytes[..255].to_vec(), ..boot };
        assert!(fails(&[short, program()]).contains("no boot loader"));
    }

    #[test]
    fn an_update_is_a_program_that_was_linked_to_its_place() {
        let kind = Kind::W5500EvbPico;
        let good = program();
        let plain = Piece { at: 0, ..good.clone() };
        assert!(check_program(std::slice::from_ref(&good), kind).is_ok());
        assert!(check_program(&[plain], kind).is_ok());
        let elsewhere = Piece { at: FLASH, ..good.clone() };
        let boot = Piece { name: "boot".into(), at: FLASH, bytes: second_stage() };
        let mut other = good.clone();
        other.bytes[4..8].copy_from_slice(&0x0010_0101_u32.to_le_bytes());
        for wrong in [vec![elsewhere], vec![good.clone(), boot], vec![other], vec![]] {
            assert!(check_program(&wrong, kind).is_err(), "{wrong:?}");
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
