//! How telemetry lies in bytes: each reading as the time since the one before it, and its sample;
//! a value that repeats takes two bytes. Written and read forwards only, so that a chunk can grow.

use gengfu_core::{
    point::{NoData, Sample, Value},
    time::Timestamp,
};

const SAME: u8 = 0;
const FALSE: u8 = 1;
const TRUE: u8 = 2;
const INT: u8 = 3;
const FLOAT: u8 = 4;
const TEXT: u8 = 5;
/// The reasons for no data follow from here on, in the order of [`REASONS`].
const NO_DATA: u8 = 16;
const REASONS: [NoData; 7] = [
    NoData::NotYet,
    NoData::Silent,
    NoData::Offline,
    NoData::Timeout,
    NoData::Refused,
    NoData::Garbled,
    NoData::Faulty,
];

/// Readings of one point, in the order in which they came.
#[derive(Debug, Clone, Default)]
pub(super) struct Chunk {
    /// The earliest, in milliseconds; meaningless while empty.
    pub from: i64,
    /// The latest.
    pub until: i64,
    /// The readings.
    pub bytes: Vec<u8>,
    newest: i64,
    last: Option<Sample>,
}

impl Chunk {
    /// Adds a reading.
    pub fn push(&mut self, at: Timestamp, sample: &Sample) {
        let at = at.as_millis();
        if self.bytes.is_empty() {
            (self.from, self.until) = (at, at);
        }
        self.from = self.from.min(at);
        self.until = self.until.max(at);
        put_signed(at.wrapping_sub(self.newest), &mut self.bytes);
        self.newest = at;
        if self.last.as_ref() == Some(sample) {
            self.bytes.push(SAME);
        } else {
            put_sample(sample, &mut self.bytes);
            self.last = Some(sample.clone());
        }
    }
}

/// The readings of a chunk; ends early where the bytes are damaged.
pub(super) struct Readings<'a> {
    bytes: &'a [u8],
    newest: i64,
    last: Option<Sample>,
}

impl<'a> Readings<'a> {
    /// From a chunk's bytes.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, newest: 0, last: None }
    }
}

impl Iterator for Readings<'_> {
    type Item = (Timestamp, Sample);

    fn next(&mut self) -> Option<Self::Item> {
        let at = self.newest.wrapping_add(get_signed(&mut self.bytes)?);
        let sample = if *self.bytes.first()? == SAME {
            self.bytes = &self.bytes[1..];
            self.last.clone()?
        } else {
            get_sample(&mut self.bytes)?
        };
        self.newest = at;
        self.last = Some(sample.clone());
        Some((Timestamp::from_millis(at), sample))
    }
}

/// Writes a sample.
pub(super) fn put_sample(sample: &Sample, out: &mut Vec<u8>) {
    match sample {
        Ok(Value::Bool(on)) => out.push(if *on { TRUE } else { FALSE }),
        Ok(Value::Int(n)) => {
            out.push(INT);
            put_signed(*n, out);
        }
        Ok(Value::Float(x)) => {
            out.push(FLOAT);
            out.extend_from_slice(&x.to_le_bytes());
        }
        Ok(Value::Text(text)) => {
            out.push(TEXT);
            put(text.len() as u64, out);
            out.extend_from_slice(text.as_bytes());
        }
        Err(reason) => {
            let nth = REASONS.iter().position(|known| known == reason).unwrap_or_default();
            out.push(NO_DATA + u8::try_from(nth).unwrap_or_default());
        }
    }
}

/// Reads a sample.
pub(super) fn get_sample(bytes: &mut &[u8]) -> Option<Sample> {
    Some(match take(bytes, 1)?[0] {
        FALSE => Ok(Value::Bool(false)),
        TRUE => Ok(Value::Bool(true)),
        INT => Ok(Value::Int(get_signed(bytes)?)),
        FLOAT => Ok(Value::Float(f64::from_le_bytes(take(bytes, 8)?.try_into().ok()?))),
        TEXT => {
            let length = usize::try_from(get(bytes)?).ok()?;
            Ok(Value::Text(String::from_utf8(take(bytes, length)?.to_vec()).ok()?))
        }
        tag => Err(*REASONS.get(usize::from(tag.checked_sub(NO_DATA)?))?),
    })
}

/// Writes a number, seven bits a byte, low ones first.
pub(super) fn put(mut n: u64, out: &mut Vec<u8>) {
    while n >= 0x80 {
        out.push((n & 0x7f) as u8 | 0x80);
        n >>= 7;
    }
    out.push(n as u8);
}

/// Reads a number.
pub(super) fn get(bytes: &mut &[u8]) -> Option<u64> {
    let mut n = 0_u64;
    for shift in (0..64).step_by(7) {
        let byte = take(bytes, 1)?[0];
        n |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(n);
        }
    }
    None
}

/// Writes a number that may be negative, so that small ones are short.
pub(super) fn put_signed(n: i64, out: &mut Vec<u8>) {
    put(((n << 1) ^ (n >> 63)) as u64, out);
}

/// Reads a number that may be negative.
pub(super) fn get_signed(bytes: &mut &[u8]) -> Option<i64> {
    let n = get(bytes)?;
    Some((n >> 1) as i64 ^ -((n & 1) as i64))
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(readings: &[(i64, Sample)]) -> Chunk {
        let mut chunk = Chunk::default();
        for (at, sample) in readings {
            chunk.push(Timestamp::from_millis(*at), sample);
        }
        let back: Vec<(i64, Sample)> =
            Readings::new(&chunk.bytes).map(|(at, sample)| (at.as_millis(), sample)).collect();
        assert_eq!(back, readings);
        chunk
    }

    #[test]
    fn every_kind_of_sample_comes_back_as_it_was() {
        let mut readings = vec![
            (1_795_000_000_000, Ok(Value::Bool(true))),
            (1_795_000_000_001, Ok(Value::Bool(true))),
            (1_794_999_999_000, Ok(Value::Bool(false))),
            (1_795_000_060_000, Ok(Value::Int(i64::MIN))),
            (1_795_000_060_000, Ok(Value::Int(i64::MAX))),
            (1_795_000_060_001, Ok(Value::Float(f64::INFINITY))),
            (1_795_000_060_002, Ok(Value::Float(-0.1))),
            (1_795_000_060_003, Ok(Value::Text("检修".into()))),
            (-5, Ok(Value::Text(String::new()))),
        ];
        readings.extend(REASONS.map(|reason| (9, Err(reason))));
        let chunk = round(&readings);
        assert_eq!((chunk.from, chunk.until), (-5, 1_795_000_060_003));
    }

    #[test]
    fn a_steady_value_costs_three_bytes_a_second() {
        let steady: Vec<(i64, Sample)> =
            (0..1_000).map(|n| (n * 1_000, Ok(Value::Float(21.5)))).collect();
        assert!(round(&steady).bytes.len() <= 3_010);
    }

    #[test]
    fn damaged_bytes_end_the_chunk_and_nothing_else() {
        let chunk =
            round(&[(1_000, Ok(Value::Text("automatic".into()))), (2_000, Ok(Value::Int(7)))]);
        for cut in 0..chunk.bytes.len() {
            assert!(Readings::new(&chunk.bytes[..cut]).count() < 2);
        }
        for at in 0..chunk.bytes.len() {
            for garbage in [0, 0x7f, 0x80, 0xff] {
                let mut bytes = chunk.bytes.clone();
                bytes[at] = garbage;
                assert!(Readings::new(&bytes).count() <= 16);
            }
        }
    }
}
