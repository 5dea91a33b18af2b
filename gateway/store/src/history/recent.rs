//! What was written as arrivals and is in no chunk yet, kept in memory too: queries look here, and
//! chunks are made of it.

use std::collections::BTreeMap;

use gengfu_core::{
    id::PointId,
    point::{Reading, Sample},
    time::Timestamp,
};

use super::codec::{Chunk, get, get_sample, get_signed, put, put_sample, put_signed};

/// A chunk spans at most so much time, in milliseconds, so that a query knows how far back a chunk
/// can begin that reaches into its range.
pub(super) const SPAN_MS: i64 = 3_600_000;

/// The newest readings, by point.
#[derive(Clone, Default)]
pub(super) struct Recent {
    /// The number of each point's name.
    pub ids: BTreeMap<PointId, u32>,
    /// A chunk that still grows, by point.
    pub open: BTreeMap<u32, Chunk>,
    /// Chunks that reached their span.
    pub closed: Vec<(u32, Chunk)>,
    /// How many readings there are in all of them.
    pub readings: usize,
}

impl Recent {
    /// Adds a reading of a point.
    pub fn push(&mut self, id: u32, at: Timestamp, sample: &Sample) {
        let chunk = self.open.entry(id).or_default();
        let ms = at.as_millis();
        if !chunk.bytes.is_empty()
            && chunk.until.max(ms).saturating_sub(chunk.from.min(ms)) > SPAN_MS
        {
            self.closed.push((id, std::mem::take(chunk)));
        }
        chunk.push(at, sample);
        self.readings += 1;
    }

    /// Adds a block of arrivals; ends early where its bytes are damaged.
    pub fn push_block(&mut self, mut bytes: &[u8]) {
        let mut at = 0_i64;
        let mut one = || -> Option<(u32, i64, Sample)> {
            let id = u32::try_from(get(&mut bytes)?).ok()?;
            at = at.wrapping_add(get_signed(&mut bytes)?);
            Some((id, at, get_sample(&mut bytes)?))
        };
        while let Some((id, at, sample)) = one() {
            self.push(id, Timestamp::from_millis(at), &sample);
        }
    }

    /// The number of a point's name; a new one, and true, where it had none.
    pub fn id_of(&mut self, point: &PointId) -> (u32, bool) {
        if let Some(id) = self.ids.get(point) {
            return (*id, false);
        }
        // Names are never removed, so that their count is the last number.
        let id = u32::try_from(self.ids.len() + 1).unwrap_or(u32::MAX);
        self.ids.insert(point.clone(), id);
        (id, true)
    }

    /// The chunks of a point, older ones first.
    pub fn of(&self, id: u32) -> impl Iterator<Item = &Chunk> {
        let closed = self.closed.iter().filter(move |(of, _)| *of == id).map(|(_, chunk)| chunk);
        closed.chain(self.open.get(&id))
    }

    /// Every chunk with its point.
    pub fn chunks(&self) -> impl Iterator<Item = (u32, &Chunk)> {
        let closed = self.closed.iter().map(|(id, chunk)| (*id, chunk));
        closed.chain(self.open.iter().map(|(id, chunk)| (*id, chunk)))
    }

    /// All of it is in chunks on the disk now.
    pub fn clear(&mut self) {
        self.open.clear();
        self.closed.clear();
        self.readings = 0;
    }
}

/// Writes readings as a block of arrivals.
pub(super) fn put_block(readings: &[(u32, Reading)], out: &mut Vec<u8>) {
    let mut newest = 0;
    for (id, reading) in readings {
        let at = reading.received_at.as_millis();
        put(u64::from(*id), out);
        put_signed(at.wrapping_sub(newest), out);
        put_sample(&reading.sample, out);
        newest = at;
    }
}
