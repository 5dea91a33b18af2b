//! UF2, the format that a board takes by drag and drop: blocks of 512 bytes, each with 256 bytes of flash
//! and where they go (<https://github.com/microsoft/uf2>).

use std::ops::Range;

use anyhow::{bail, ensure};

/// A block, in bytes.
pub const BLOCK: usize = 512;
/// What of the flash one block holds, in bytes: a page of it, which the boot loader asks for.
pub const PAYLOAD: usize = 256;
/// What is erased at once, in bytes. Where a part of one is written, the rest of it is written too: the
/// RP2040's boot loader may else leave what was there before (erratum E14).
pub const SECTOR: u32 = 4096;

const START: [u32; 2] = [0x0A32_4655, 0x9E5D_5157];
const END: u32 = 0x0AB1_6F30;
/// A flag: the last word of the header names the chip.
const HAS_FAMILY: u32 = 0x2000;
/// A flag: the block is not for the flash.
const NOT_FLASH: u32 = 0x1;
const HEADER: usize = 32;

/// Which chip a file is for: the number that its boot loader looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Family(pub u32);

/// The RP2040.
pub const RP2040: Family = Family(0xe48b_ff56);
/// The RP2350's ARM cores, in the secure state.
pub const RP2350: Family = Family(0xe48b_ff59);

/// Bytes of the flash, and where they go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// What it is, for people.
    pub name: String,
    /// The address of its first byte, as the chip sees it.
    pub at: u32,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Piece {
    /// The sectors that it takes.
    pub fn sectors(&self) -> Range<u64> {
        let (at, sector) = (u64::from(self.at), u64::from(SECTOR));
        let end = at + self.bytes.len() as u64;
        at / sector * sector..end.div_ceil(sector) * sector
    }
}

/// All pieces as one file; what they leave free of a sector is as if it were erased.
///
/// # Errors
/// Where two pieces share a sector, one is empty, or one lies outside of `flash`.
pub fn write(family: Family, flash: &Range<u64>, pieces: &[Piece]) -> anyhow::Result<Vec<u8>> {
    let mut pieces: Vec<&Piece> = pieces.iter().collect();
    pieces.sort_by_key(|piece| piece.at);
    for piece in &pieces {
        let sectors = piece.sectors();
        ensure!(!piece.bytes.is_empty(), "{} is empty", piece.name);
        if sectors.start < flash.start || sectors.end > flash.end {
            bail!(
                "{} goes to {:#010x} to {:#010x}, and the flash is {:#010x} to {:#010x}: is it for \
                 this kind of board?",
                piece.name,
                piece.at,
                u64::from(piece.at) + piece.bytes.len() as u64,
                flash.start,
                flash.end
            );
        }
    }
    for pair in pieces.windows(2) {
        let [first, second] = pair else { continue };
        if first.sectors().end > second.sectors().start {
            bail!(
                "{} and {} overlap in the flash, at {:#010x}: one would erase the other",
                first.name,
                second.name,
                second.sectors().start
            );
        }
    }
    let pages: Vec<(u32, [u8; PAYLOAD])> = pieces.into_iter().flat_map(pages).collect();
    let count = u32::try_from(pages.len())?;
    let mut file = Vec::with_capacity(pages.len() * BLOCK);
    for (number, (at, bytes)) in (0..).zip(pages) {
        let begun = file.len();
        for word in [START[0], START[1], HAS_FAMILY, at, PAYLOAD as u32, number, count, family.0] {
            file.extend(word.to_le_bytes());
        }
        file.extend(bytes);
        file.resize(begun + BLOCK - END.to_le_bytes().len(), 0);
        file.extend(END.to_le_bytes());
    }
    Ok(file)
}

/// A piece, page by page, over all of its sectors.
fn pages(piece: &Piece) -> Vec<(u32, [u8; PAYLOAD])> {
    let sectors = piece.sectors();
    let page = |at: u64| {
        let mut bytes = [0xff; PAYLOAD];
        for (offset, byte) in (at..).zip(&mut bytes) {
            let index = offset.checked_sub(piece.at.into()).and_then(|i| usize::try_from(i).ok());
            if let Some(found) = index.and_then(|index| piece.bytes.get(index)) {
                *byte = *found;
            }
        }
        Some((u32::try_from(at).ok()?, bytes))
    };
    sectors.step_by(PAYLOAD).filter_map(page).collect()
}

/// True if a file looks like UF2.
pub fn is_uf2(file: &[u8]) -> bool {
    file.starts_with(&START[0].to_le_bytes())
}

/// The pieces of a file, each as long as its blocks follow one another. Blocks for other chips, and those
/// that are not for the flash, are passed over.
///
/// # Errors
/// Where a block is damaged, or none is for this chip.
pub fn read(name: &str, family: Family, file: &[u8]) -> anyhow::Result<Vec<Piece>> {
    ensure!(
        file.len().is_multiple_of(BLOCK),
        "{name} is cut short: UF2 is blocks of {BLOCK} bytes"
    );
    let mut pieces: Vec<Piece> = vec![];
    let mut others = None;
    for (number, block) in file.chunks_exact(BLOCK).enumerate() {
        let word = |at: usize| {
            let bytes = block.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
            bytes.map_or(0, u32::from_le_bytes)
        };
        let size = usize::try_from(word(16))?;
        let data = (size <= BLOCK - HEADER - 4).then(|| block.get(HEADER..HEADER + size)).flatten();
        let is_whole = [word(0), word(4)] == START && word(BLOCK - 4) == END;
        let Some(data) = data.filter(|_| is_whole) else {
            bail!("{name} is damaged: block {number} is none of UF2");
        };
        if word(8) & NOT_FLASH != 0 {
            continue;
        }
        if word(8) & HAS_FAMILY == 0 || word(28) != family.0 {
            others = Some(word(28));
            continue;
        }
        let at = word(12);
        match pieces.last_mut() {
            Some(last) if u64::from(last.at) + last.bytes.len() as u64 == u64::from(at) => {
                last.bytes.extend(data);
            }
            _ => pieces.push(Piece { name: name.to_owned(), at, bytes: data.to_owned() }),
        }
    }
    match (pieces.is_empty(), others) {
        (false, _) => Ok(pieces),
        (true, Some(other)) => bail!(
            "{name} is for another chip: its family is {other:#010x}, and this kind of board has \
             {:#010x}",
            family.0
        ),
        (true, None) => bail!("{name} holds nothing for the flash"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FLASH: Range<u64> = 0x1000_0000..0x1020_0000;

    fn piece(name: &str, at: u32, length: usize) -> Piece {
        let bytes = (0..length).map(|i| (i % 251) as u8).collect();
        Piece { name: name.into(), at, bytes }
    }

    #[test]
    fn every_block_is_as_the_boot_loader_wants_it_and_sectors_are_whole() {
        let image = piece("image", 0x1000_0000, 5_000);
        let page = piece("page", 0x1010_0000, 100);
        let file = write(RP2040, &FLASH, &[page.clone(), image.clone()]).unwrap();
        assert_eq!(file.len(), (2 + 1) * 16 * BLOCK, "three sectors of 16 pages");
        let mut addresses = vec![];
        for (number, block) in file.chunks(BLOCK).enumerate() {
            let word = |at: usize| u32::from_le_bytes(block[at..at + 4].try_into().unwrap());
            assert_eq!((word(0), word(4), word(508)), (0x0A32_4655, 0x9E5D_5157, 0x0AB1_6F30));
            assert_eq!((word(8), word(16)), (0x2000, 256));
            assert_eq!((word(20) as usize, word(24), word(28)), (number, 48, 0xe48b_ff56));
            assert!(block[288..508].iter().all(|byte| *byte == 0));
            addresses.push(word(12));
        }
        let wanted = (0..32).map(|i| 0x1000_0000 + i * 256);
        let wanted: Vec<u32> = wanted.chain((0..16).map(|i| 0x1010_0000 + i * 256)).collect();
        assert_eq!(addresses, wanted);
        let found = read("file", RP2040, &file).unwrap();
        assert_eq!(found.len(), 2);
        for (found, piece) in found.iter().zip([image, page]) {
            let (bytes, rest) = found.bytes.split_at(piece.bytes.len());
            assert_eq!((found.at, bytes), (piece.at, piece.bytes.as_slice()));
            assert!(rest.iter().all(|byte| *byte == 0xff), "as if erased");
        }
    }

    #[test]
    fn what_can_not_be_is_refused_in_words() {
        let fails = |pieces: &[Piece]| write(RP2040, &FLASH, pieces).unwrap_err().to_string();
        let error = fails(&[piece("image", 0x1000_0000, 4_097), piece("page", 0x1000_1000, 10)]);
        assert!(error.contains("image and page overlap"), "{error}");
        assert!(fails(&[piece("image", 0x2000_0000, 10)]).contains("this kind of board"));
        assert!(fails(&[piece("image", 0x101f_f000, 4_097)]).contains("the flash is"));
        assert!(fails(&[piece("image", 0x1000_0000, 0)]).contains("empty"));
        let mut file = write(RP2350, &FLASH, &[piece("image", 0x1000_0000, 10)]).unwrap();
        let error = read("file", RP2040, &file).unwrap_err().to_string();
        assert!(error.contains("another chip") && error.contains("0xe48bff59"), "{error}");
        file[600] ^= 1;
        assert_eq!(read("file", RP2350, &file).unwrap().len(), 1, "data has no checksum");
        file[512] ^= 1;
        assert!(read("file", RP2350, &file).unwrap_err().to_string().contains("block 1"));
        assert!(read("file", RP2350, &file[..600]).is_err());
        file[16..20].fill(0xff);
        assert!(read("file", RP2350, &file).is_err(), "a length beyond the block");
    }
}
