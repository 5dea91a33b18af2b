//! When a unit is asked next, and for what: each class of points has a clock of its own, and a unit
//! that does not answer is asked more and more rarely.

use std::fmt;

use gengfu_core::{id::DeviceId, time::Span};
use tokio::time::Instant;

use super::{
    field::{Field, Table},
    plan::{Block, Limits, plan},
    unit::Unit,
};

/// A range that the device refused is asked for again after this long: some refuse all while they start.
/// The wait doubles ...
const ASK_REFUSED_AGAIN: Span = Span::secs(10);
/// ... up to this: it may have been given another configuration.
const ASK_REFUSED_AT_LAST: Span = Span::mins(10);
/// A range that is refused is asked for so often as it is before it is cut: the device may be starting.
const WHOLE_TRIES: u32 = 3;
/// The longest wait between these: what is good in it must not be long without a value.
const WHOLE_TRY_AGAIN: Span = Span::secs(1);

/// A block, when it is due, and when it is left out.
#[derive(Debug)]
pub(super) struct Asked {
    pub block: Block,
    /// Refused as a configuration error: left out until the whole is asked for again.
    pub is_left_out: bool,
    /// The device last had something to say of it.
    pub answered: Option<Instant>,
    /// The block of the plan that it is, or was cut out of.
    whole: usize,
    /// In the poll that goes on.
    is_read: bool,
    due: Instant,
    every: Span,
    /// Its next interval is the first since the start, or since the unit was away.
    is_first: bool,
}

/// A block as it was planned. While the device refuses it, its parts are asked for in its place, and now
/// and then it itself again: what is cut for good would be one register at a time, for ever.
#[derive(Debug)]
struct Whole {
    block: Block,
    /// How often it was refused, one after the other, before it was cut.
    tries: u32,
    /// How often it was cut or left out since it last answered.
    cuts: u32,
    /// When it takes the place of its parts again.
    again_at: Option<Instant>,
}

/// What is done about a block that was refused.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is asked for as it is once more, soon.
    Again,
    /// Its halves stand in its place.
    Cut,
    /// It is left out.
    LeftOut,
}

/// The requests of a unit and its clocks.
#[derive(Debug)]
pub(super) struct Schedule {
    pub blocks: Vec<Asked>,
    wholes: Vec<Whole>,
    pub next: Instant,
    pub failures: u32,
    device: DeviceId,
    poll: Span,
    probe_max: Span,
    rest: Span,
}

impl Schedule {
    /// `rest` is how long the unit is left alone at the least when it did not answer.
    pub fn new(unit: &Unit, probe_max: Span, rest: Span, now: Instant) -> Self {
        let limits = Limits::from(&unit.knobs);
        let asked = |(whole, block): (usize, Block)| Asked {
            is_left_out: false,
            answered: None,
            whole,
            is_read: false,
            due: now,
            every: block.poll.unwrap_or(unit.knobs.poll),
            is_first: true,
            block,
        };
        let planned = plan(&unit.fields, limits);
        let whole =
            |block: &Block| Whole { block: block.clone(), tries: 0, cuts: 0, again_at: None };
        let wholes = planned.iter().map(whole).collect();
        let blocks: Vec<Asked> = planned.into_iter().enumerate().map(asked).collect();
        let poll = blocks.iter().map(|asked| asked.every).min().unwrap_or(unit.knobs.poll);
        let device = unit.device.clone();
        Self { blocks, wholes, next: now, failures: 0, device, poll, probe_max, rest }
    }

    /// A poll begins: what was cut takes the place of its parts where it is time to try.
    pub fn begin(&mut self, now: Instant) {
        for (at, whole) in self.wholes.iter_mut().enumerate() {
            if whole.again_at.is_none_or(|again| again > now) {
                continue;
            }
            whole.again_at = None;
            let is_part = |asked: &Asked| asked.whole == at;
            let Some(first) = self.blocks.iter().position(is_part) else { continue };
            let due = self.blocks.iter().filter(|a| is_part(a)).map(|a| a.due).min();
            let mut place = 0..;
            self.blocks.retain(|asked| place.next() == Some(first) || !is_part(asked));
            let asked = &mut self.blocks[first];
            asked.block = whole.block.clone();
            asked.is_left_out = false;
            asked.due = due.unwrap_or(now);
        }
    }

    /// True where a block is to be asked for now.
    pub fn is_due(&self, at: usize, now: Instant) -> bool {
        self.blocks.get(at).is_some_and(|asked| asked.due <= now)
    }

    /// The device gave a block's values.
    pub fn gave(&mut self, at: usize) {
        let Some(asked) = self.blocks.get_mut(at) else { return };
        asked.is_left_out = false;
        let whole = &mut self.wholes[asked.whole];
        if asked.block == whole.block {
            (whole.tries, whole.cuts, whole.again_at) = (0, 0, None);
        }
    }

    /// The ranges that are left out, neighbours as one.
    pub fn left_out(&self) -> Vec<Range> {
        let mut ranges: Vec<Range> = vec![];
        for Asked { block, .. } in self.blocks.iter().filter(|a| a.is_left_out) {
            let end = u32::from(block.start) + u32::from(block.count);
            match ranges.last_mut() {
                Some(last) if last.table == block.table && last.end == u32::from(block.start) => {
                    last.end = end;
                }
                _ => ranges.push(Range { table: block.table, start: block.start, end }),
            }
        }
        ranges
    }

    /// The device said something of a block.
    pub fn answered(&mut self, at: usize, now: Instant) {
        if let Some(asked) = self.blocks.get_mut(at) {
            (asked.answered, asked.is_read) = (Some(now), true);
        }
    }

    /// The unit answered: what was read is due again one interval after it was due, at the soonest now.
    /// That is one moment for all of it, so that blocks of one class stay together however late they
    /// are. The first interval is cut short by what the device's name says, so that units that began
    /// together do not stay in step.
    pub fn succeed(&mut self, now: Instant) {
        self.failures = 0;
        for asked in &mut self.blocks {
            let again = self.wholes[asked.whole].again_at.filter(|_| asked.is_left_out);
            if !std::mem::take(&mut asked.is_read) && again.is_none() {
                continue;
            }
            asked.due = if let Some(again) = again {
                again
            } else if std::mem::take(&mut asked.is_first) {
                now + phase(&self.device, asked.every).to_std()
            } else {
                (asked.due + asked.every.to_std()).max(now)
            };
        }
        let due = self.blocks.iter().map(|asked| asked.due).min();
        self.next = due.unwrap_or(now + self.poll.to_std());
    }

    /// The unit did not answer: each time it is asked more rarely, so that it takes no time from
    /// the others, but never given up.
    pub fn fail(&mut self, now: Instant) {
        let doubled = self.poll.times(1_u64 << self.failures.min(16));
        let wait = doubled.min(self.probe_max.max(self.poll)).max(self.rest);
        self.failures = self.failures.saturating_add(1);
        self.next = now + wait.to_std();
        self.forget(self.next);
    }

    /// Nothing that was read counts any more: all of it is read again from then on.
    pub fn forget(&mut self, from: Instant) {
        for asked in &mut self.blocks {
            asked.is_read = false;
            // What the device refused it still refuses.
            let again = self.wholes[asked.whole].again_at.filter(|_| asked.is_left_out);
            match again.filter(|again| *again > from) {
                Some(again) => asked.due = again,
                None => (asked.due, asked.is_first) = (from, true),
            }
        }
    }

    /// The device has no such registers, it says: they are asked for once more, cut or left out.
    pub fn refuse(&mut self, at: usize, fields: &[Field], now: Instant) -> Refusal {
        let asked = &mut self.blocks[at];
        let whole = &mut self.wholes[asked.whole];
        if asked.block == whole.block {
            if whole.cuts == 0 && whole.tries < WHOLE_TRIES {
                whole.tries += 1;
                asked.due = now + asked.every.min(WHOLE_TRY_AGAIN).to_std();
                return Refusal::Again;
            }
            (whole.tries, whole.cuts) = (0, whole.cuts.saturating_add(1));
        }
        // From the last refusal, and for all of it: to find out what is refused takes its time on a slow line.
        let wait = ASK_REFUSED_AGAIN.times(1 << (whole.cuts.max(1) - 1).min(10));
        whole.again_at = Some(now + wait.min(ASK_REFUSED_AT_LAST).to_std());
        match asked.block.split(fields) {
            Some((left, right)) => {
                asked.block = left;
                asked.is_left_out = false;
                let right = Asked { block: right, ..*asked };
                self.blocks.insert(at + 1, right);
                Refusal::Cut
            }
            None => {
                asked.is_left_out = true;
                Refusal::LeftOut
            }
        }
    }
}

/// Addresses of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Range {
    table: Table,
    start: u16,
    /// Behind the last one.
    end: u32,
}

impl Range {
    /// True where all of another one is in it.
    pub fn holds(&self, other: &Self) -> bool {
        self.table == other.table && self.start <= other.start && self.end >= other.end
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let table = match self.table {
            Table::Coil => "coil",
            Table::Discrete => "discrete",
            Table::Holding => "holding",
            Table::Input => "input",
        };
        match self.end - 1 {
            last if last == u32::from(self.start) => write!(f, "{table} {last}"),
            last => write!(f, "{table} {}-{last}", self.start),
        }
    }
}

/// Between half of an interval and all of it, always the same for a device (FNV-1a of its name).
fn phase(device: &DeviceId, every: Span) -> Span {
    let hash = device.as_str().bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let half = every.as_millis() / 2;
    // The high bits: the low ones of short names are alike.
    Span::millis(every.as_millis() - (hash >> 20) % (half + 1))
}

#[cfg(test)]
mod tests;
