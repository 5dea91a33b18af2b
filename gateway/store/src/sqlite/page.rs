//! The pages of a journal's file, read without SQLite: what SQLite gives up on as a whole may have
//! only one bad page. The form is <https://www.sqlite.org/fileformat2.html>, and the sections named
//! here are its sections. Nothing is believed because it parses: every row proves itself by its
//! checksum.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    path::Path,
};

use super::row::Kept;

/// The size of a page in bytes; every journal is made with it.
pub(super) const SIZE: u32 = 4096;
const PAGE: usize = SIZE as usize;
/// The log's own head, and the head of each page in it (section 4.1).
const LOG_HEAD: usize = 32;
const FRAME_HEAD: usize = 24;
/// A row longer than this spills into overflow pages (section 1.6: X is U-35, M as computed there).
const MOST_LOCAL: usize = PAGE - 35;
const LEAST_LOCAL: usize = (PAGE - 12) * 32 / 255 - 23;
/// No event is as large; a length beyond it is damage.
const LARGEST: usize = 256 * 1024 * 1024;

/// The pages of a file as they stood after the last commit.
pub(super) struct Pages {
    file: File,
    count: u32,
    log: Option<File>,
    /// Where in the log the newest committed copy of a page lies.
    logged: BTreeMap<u32, u64>,
}

impl Pages {
    /// Opens a file and its write-ahead log, if there is one.
    pub fn open(file: &Path, log: &Path) -> io::Result<Self> {
        let file = File::open(file)?;
        let length = file.metadata()?.len().div_ceil(u64::from(SIZE));
        let mut log = match File::open(log) {
            Ok(log) => Some(log),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let logged = log.as_mut().map(committed).transpose()?.unwrap_or_default();
        let last = logged.last_key_value().map_or(0, |(page, _)| *page);
        let count = u32::try_from(length).unwrap_or(u32::MAX).max(last);
        Ok(Self { file, count, log, logged })
    }

    /// How many pages there are; they count from 1.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// A page as it stands; what lies behind the end of a file cut short is zeros.
    fn page(&mut self, number: u32) -> io::Result<Vec<u8>> {
        let mut page = vec![0; PAGE];
        match (self.logged.get(&number), &mut self.log) {
            (Some(at), Some(log)) => {
                log.seek(SeekFrom::Start(*at))?;
                log.read_exact(&mut page)?;
            }
            _ => {
                let at = u64::from(number.saturating_sub(1)) * u64::from(SIZE);
                self.file.seek(SeekFrom::Start(at))?;
                fill(&mut self.file, &mut page)?;
            }
        }
        Ok(page)
    }

    /// Every event that a page holds and that is whole.
    pub fn events(&mut self, number: u32) -> io::Result<Vec<Kept>> {
        let page = self.page(number)?;
        let start = if number == 1 { 100 } else { 0 };
        // 13 is a leaf of a table (section 1.6).
        if page[start] != 13 {
            return Ok(vec![]);
        }
        let cells = usize::from(be16(&page, start + 3).unwrap_or(0));
        let mut found = vec![];
        for cell in 0..cells {
            let Some(at) = be16(&page, start + 8 + 2 * cell) else { break };
            if let Some(kept) = self.cell(&page, usize::from(at))?
                && kept.is_whole()
            {
                found.push(kept);
            }
        }
        Ok(found)
    }

    /// One cell: the row's length, its number, its content, and where that goes on.
    fn cell(&mut self, page: &[u8], at: usize) -> io::Result<Option<Kept>> {
        let mut rest = page.get(at..).unwrap_or_default();
        let (Some(length), Some(seq)) = (varint(&mut rest), varint(&mut rest)) else {
            return Ok(None);
        };
        let Ok(length) = usize::try_from(length) else { return Ok(None) };
        if length > LARGEST {
            return Ok(None);
        }
        let local = if length <= MOST_LOCAL {
            length
        } else {
            let even = LEAST_LOCAL + (length - LEAST_LOCAL) % (PAGE - 4);
            if even <= MOST_LOCAL { even } else { LEAST_LOCAL }
        };
        let Some(start) = rest.get(..local) else { return Ok(None) };
        let mut content = start.to_vec();
        let mut next = be32(rest, local).unwrap_or(0);
        while content.len() < length {
            if next == 0 || next > self.count {
                return Ok(None);
            }
            let spill = self.page(next)?;
            let take = (length - content.len()).min(PAGE - 4);
            content.extend_from_slice(&spill[4..4 + take]);
            next = be32(&spill, 0).unwrap_or(0);
        }
        Ok(record(seq, &content))
    }
}

/// The columns of a row of `event` (section 2.1); none where it is another table's row.
fn record(seq: u64, content: &[u8]) -> Option<Kept> {
    let mut head = content;
    let length = usize::try_from(varint(&mut head)?).ok()?;
    let mut types = content.get(content.len() - head.len()..length)?;
    let mut values = content.get(length..)?;
    let [own, site, body, sum] =
        [varint(&mut types)?, varint(&mut types)?, varint(&mut types)?, varint(&mut types)?];
    // The number is the row's key, so its own column is NULL; then a text, a blob, an integer.
    if own != 0 || !types.is_empty() || site < 13 || site % 2 != 1 || body < 12 || body % 2 != 0 {
        return None;
    }
    let site = take(&mut values, usize::try_from((site - 13) / 2).ok()?)?;
    let body = take(&mut values, usize::try_from((body - 12) / 2).ok()?)?;
    let sum = match sum {
        0 | 7 | 10.. => return None,
        8 => 0,
        9 => 1,
        width => {
            let bytes = take(&mut values, [0, 1, 2, 3, 4, 6, 8][usize::try_from(width).ok()?])?;
            bytes.iter().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte))
        }
    };
    Some(Kept {
        seq,
        site: String::from_utf8(site.to_vec()).ok()?,
        body: body.to_vec(),
        sum: u32::try_from(sum).ok()?,
    })
}

/// Where the newest committed copy of each page lies in a log (section 4): copies count as long as
/// the chain of checksums holds, up to the last that ends a commit.
fn committed(log: &mut File) -> io::Result<BTreeMap<u32, u64>> {
    let mut pages = BTreeMap::new();
    let mut head = [0; LOG_HEAD];
    log.seek(SeekFrom::Start(0))?;
    if fill(log, &mut head)? < LOG_HEAD {
        return Ok(pages);
    }
    let big = match be32(&head, 0) {
        Some(0x377f_0682) => false,
        Some(0x377f_0683) => true,
        _ => return Ok(pages),
    };
    let mut sum = chain(big, (0, 0), &head[..24]);
    if be32(&head, 8) != Some(SIZE)
        || (Some(sum.0), Some(sum.1)) != (be32(&head, 24), be32(&head, 28))
    {
        return Ok(pages);
    }
    let mut open: Vec<(u32, u64)> = vec![];
    let mut frame = vec![0; FRAME_HEAD + PAGE];
    let mut at = LOG_HEAD as u64;
    while fill(log, &mut frame)? == frame.len() {
        sum = chain(big, sum, &frame[..8]);
        sum = chain(big, sum, &frame[FRAME_HEAD..]);
        let proven = (Some(sum.0), Some(sum.1)) == (be32(&frame, 16), be32(&frame, 20));
        if !proven || frame[8..16] != head[16..24] {
            break;
        }
        open.push((be32(&frame, 0).unwrap_or(0), at + FRAME_HEAD as u64));
        if be32(&frame, 4).is_some_and(|commit| commit != 0) {
            pages.extend(open.drain(..));
        }
        at += frame.len() as u64;
    }
    Ok(pages)
}

/// The log's checksum, carried on over more bytes (section 4.2).
fn chain(big: bool, (mut a, mut b): (u32, u32), bytes: &[u8]) -> (u32, u32) {
    for pair in bytes.chunks_exact(8) {
        let word = |at: usize| {
            let word = be32(pair, at).unwrap_or(0);
            if big { word } else { word.swap_bytes() }
        };
        a = a.wrapping_add(word(0)).wrapping_add(b);
        b = b.wrapping_add(word(4)).wrapping_add(a);
    }
    (a, b)
}

/// Reads until the buffer is full or the file ends; how much was read.
fn fill(file: &mut File, buffer: &mut [u8]) -> io::Result<usize> {
    let mut got = 0;
    while got < buffer.len() {
        match file.read(&mut buffer[got..])? {
            0 => break,
            more => got += more,
        }
    }
    Ok(got)
}

fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2)?.try_into().ok().map(u16::from_be_bytes)
}
fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes)
}
fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}
/// Seven bits a byte, high ones first; a ninth byte has eight.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let mut value = 0;
    for nth in 0..9 {
        let byte = take(bytes, 1)?[0];
        if nth == 8 {
            return Some(value << 8 | u64::from(byte));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
