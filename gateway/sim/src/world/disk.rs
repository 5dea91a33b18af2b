//! The gateway's disk: bytes, of which a part has been brought to safety. Events lie on it as the
//! journal's own rows, states as its own snapshots.

use gengfu_core::{engine::evolve, event::Event, id::SiteId, state::State};
use gengfu_store::{
    snapshot,
    sqlite::row::{self, Kept},
};

/// The first byte of a row, and that of the end of a batch.
const ROW: u8 = b'r';
const COMMIT: u8 = b'c';

/// What the disk does with the next writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is no room.
    Full,
    /// It wrote a part and then failed.
    HalfDone,
}

/// A disk.
#[derive(Debug, Default)]
pub struct Disk {
    bytes: Vec<u8>,
    /// So many of them survive a loss of power.
    synced: usize,
    /// The last event's number.
    last: u64,
    /// Snapshots by the number of their last event, oldest first.
    snapshots: Vec<(u64, Vec<u8>)>,
    /// It refuses to write.
    pub full: bool,
    /// So many writes fail half done, leaving so many bytes for a while.
    pub fails: (u32, u64),
}

/// What was read back.
#[derive(Debug)]
pub struct Recovered {
    /// From the newest snapshot that can be read, and what came after it.
    pub state: State,
    /// From all events alone.
    pub replayed: State,
    /// The last event's number.
    pub last: u64,
    /// Rows within what had been brought to safety that can't be read: there must be none.
    pub damage: Option<String>,
}

impl Disk {
    /// Writes a batch, all or nothing; it is safe only after [`Disk::sync`].
    pub fn write(&mut self, site: &str, events: &[Event]) -> Result<(), Refusal> {
        let mut batch = vec![];
        let mut seq = self.last;
        for event in events.iter().filter(|event| event.is_durable()) {
            seq += 1;
            let mut body = vec![];
            // What can't be kept is a fault of the core, and loud: see the promise "replay".
            if row::encode(event, &mut body).is_err() {
                return Err(Refusal::HalfDone);
            }
            batch.push(ROW);
            batch.extend((body.len() as u32).to_le_bytes());
            batch.extend(seq.to_le_bytes());
            batch.extend(row::checksum(seq, site, &body).to_le_bytes());
            batch.extend(body);
        }
        if seq == self.last {
            return if self.full { Err(Refusal::Full) } else { Ok(()) };
        }
        batch.push(COMMIT);
        batch.extend(seq.to_le_bytes());
        if self.full {
            return Err(Refusal::Full);
        }
        if self.fails.0 > 0 {
            self.fails.0 -= 1;
            return Err(Refusal::HalfDone);
        }
        self.bytes.extend(batch);
        self.last = seq;
        Ok(())
    }

    /// Brings what was written to safety.
    pub fn sync(&mut self) {
        self.synced = self.bytes.len();
    }

    /// The number of the last event written.
    pub fn last(&self) -> u64 {
        self.last
    }

    /// The journal's size in bytes.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Keeps a snapshot of the state after the last event, whole or up to a byte.
    ///
    /// # Errors
    /// Where the state does not come back as it was written.
    pub fn snapshot(&mut self, state: &State, torn: Option<u64>) -> Result<(), String> {
        let mut bytes = snapshot::encode(state, self.last).map_err(|error| error.to_string())?;
        if let Some(torn) = torn {
            let keep = torn.checked_rem(bytes.len() as u64).unwrap_or(0);
            bytes.truncate(usize::try_from(keep).unwrap_or(0));
        }
        self.snapshots.push((self.last, bytes));
        if self.snapshots.len() > 2 {
            self.snapshots.remove(0);
        }
        Ok(())
    }

    /// The power goes: of what was not brought to safety, so many bytes survive, the last of them
    /// perhaps wrong.
    pub fn lose_power(&mut self, torn: u64) {
        let loose = (self.bytes.len() - self.synced) as u64;
        let survive = torn.checked_rem(loose + 1).unwrap_or(0);
        self.bytes.truncate(self.synced + usize::try_from(survive).unwrap_or(0));
        if torn.is_multiple_of(3)
            && survive > 0
            && survive < loose
            && let Some(last) = self.bytes.last_mut()
        {
            *last ^= 0x55;
        }
    }

    /// Reads everything back, and cuts off what was not finished.
    pub fn recover(&mut self, site: &SiteId) -> Recovered {
        let mut replayed = State::new(site.clone());
        let mut from_snapshot = None;
        let mut batch: Vec<(u64, Event)> = vec![];
        let (mut at, mut whole, mut last) = (0, 0, 0);
        let mut damage = None;
        let newest = self.snapshots.iter().rev().find_map(|(seq, bytes)| {
            snapshot::decode(bytes, *seq, site).ok().map(|state| (*seq, state))
        });
        if let Some((0, state)) = &newest {
            from_snapshot = Some(state.clone());
        }
        loop {
            match self.frame(at, site) {
                Ok(Some(Frame::Row(next, seq, event))) => {
                    batch.push((seq, *event));
                    at = next;
                }
                Ok(Some(Frame::Commit(next, seq))) => {
                    for (number, event) in batch.drain(..) {
                        evolve(&mut replayed, &event);
                        if let Some(state) = &mut from_snapshot {
                            evolve(state, &event);
                        }
                        if newest.as_ref().is_some_and(|(seq, _)| *seq == number) {
                            from_snapshot = newest.as_ref().map(|(_, state)| state.clone());
                        }
                    }
                    (at, whole, last) = (next, next, seq);
                }
                Ok(None) => break,
                Err(what) => {
                    damage = (at < self.synced).then_some(what);
                    break;
                }
            }
        }
        if whole < self.synced && damage.is_none() {
            damage = Some(format!("the journal ends at byte {whole} of {} safe ones", self.synced));
        }
        self.bytes.truncate(whole);
        (self.synced, self.last) = (whole, last);
        self.snapshots.retain(|(seq, _)| *seq <= last);
        let state = from_snapshot.unwrap_or_else(|| replayed.clone());
        Recovered { state, replayed, last, damage }
    }

    /// Every event, in order, with its number.
    pub fn events(&self, site: &SiteId, mut each: impl FnMut(u64, &Event)) {
        let mut at = 0;
        while let Ok(Some(frame)) = self.frame(at, site) {
            at = match frame {
                Frame::Row(next, seq, event) => {
                    each(seq, &event);
                    next
                }
                Frame::Commit(next, _) => next,
            };
        }
    }

    /// The frame at a byte; none at the end or where it is not finished.
    fn frame(&self, at: usize, site: &SiteId) -> Result<Option<Frame>, String> {
        let Some(rest) = self.bytes.get(at..) else { return Ok(None) };
        match rest.first() {
            Some(&ROW) if rest.len() >= 17 => {
                let length = number(&rest[1..5]) as usize;
                let (seq, sum) = (number(&rest[5..13]), number(&rest[13..17]) as u32);
                let Some(body) = rest.get(17..17 + length) else { return Ok(None) };
                let kept = Kept { seq, site: site.as_str().to_owned(), body: body.to_vec(), sum };
                let stored = kept.decode(site)?;
                Ok(Some(Frame::Row(at + 17 + length, seq, Box::new(stored.event))))
            }
            Some(&COMMIT) if rest.len() >= 9 => {
                Ok(Some(Frame::Commit(at + 9, number(&rest[1..9]))))
            }
            Some(&ROW | &COMMIT) | None => Ok(None),
            Some(_) => Err(format!("byte {at} is neither a row nor the end of a batch")),
        }
    }
}

enum Frame {
    Row(usize, u64, Box<Event>),
    Commit(usize, u64),
}

fn number(little_endian: &[u8]) -> u64 {
    little_endian.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}
