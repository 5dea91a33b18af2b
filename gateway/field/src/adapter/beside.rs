//! What stands beside a board on its RS-485 line: the board reads it by a list that the gateway makes of
//! the devices' own profiles, and what it read is understood here as if the gateway had read it itself.

use gengfu_core::{
    id::PointId,
    input::Input,
    point::{Kind, NoData, Reading, Sample},
    time::{Span, Timestamp},
};
use gengfu_wire::{MAX_READS, MAX_VALUES, VERSION, down, up::Registers};

use crate::modbus::{
    Unit,
    connection::Values,
    field::Table,
    line::{Parity, UNITS},
    plan::{Block, Limits, plan},
};

/// Bits per second that a board's line can have.
pub const BAUDS: std::ops::RangeInclusive<u32> = 1_200..=115_200;
/// A board says every 30 s what it reads, so that silence shorter than this is none: two times may be
/// late, and one lost.
pub const SILENCE: Span = Span::secs(90);
/// What is older than two polls and this is no news of how things stand: the board says what it remembers,
/// and does not ask any more.
const STALE: Span = Span::secs(60);

/// The devices on a board's line, and the list that it reads them by; as a rule there are none.
#[derive(Debug, Clone, PartialEq)]
pub struct Beside {
    baud: u32,
    parity: Parity,
    units: Vec<Unit>,
    reads: Vec<Entry>,
}

/// One entry of the list.
#[derive(Debug, Clone, PartialEq)]
struct Entry {
    /// Whose it is, in the list of units.
    unit: usize,
    block: Block,
    /// Time from one poll to the next, in whole seconds.
    every_s: u16,
}

/// Why a board can't read a device.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// A coil or a discrete input.
    #[error("a board reads registers, and \"{0}\" is a coil or discrete input")]
    Bit(PointId),
    /// An output.
    #[error("a board only reads, and \"{0}\" is an output")]
    Output(PointId),
    /// A text that is too long.
    #[error("a board reads up to {MAX_VALUES} registers at a time, and \"{0}\" takes more")]
    Wide(PointId),
    /// No number on a serial line.
    #[error("unit {0} is no unit of an RS-485 line")]
    Unit(u8),
    /// Too much in all.
    #[error("a board reads {MAX_READS} ranges of registers, and what is beside this one makes {0}")]
    Many(usize),
}

impl Unfit {
    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Unfit::Bit(_) | Unfit::Output(_) | Unfit::Wide(_) => {
                "leave points out by `without`, or hang the device on a bus of the gateway's own"
            }
            Unfit::Unit(_) => "use 1 to 247, as the device is set",
            Unfit::Many(_) => {
                "leave points out by `without`, or hang a device on another board or on a bus of the gateway's own"
            }
        }
    }
}

impl Default for Beside {
    fn default() -> Self {
        Self { baud: 9_600, parity: Parity::None, units: vec![], reads: vec![] }
    }
}

impl Beside {
    /// These units on a line with these settings.
    ///
    /// # Errors
    /// Where the board can't read one of them, or not so many.
    pub fn new(baud: u32, parity: Parity, units: Vec<Unit>) -> Result<Self, Unfit> {
        let mut reads = vec![];
        for (at, unit) in units.iter().enumerate() {
            if !UNITS.contains(&unit.unit_id) {
                return Err(Unfit::Unit(unit.unit_id));
            }
            for field in &unit.fields {
                let point = || field.point.clone();
                if field.write.is_some() {
                    return Err(Unfit::Output(point()));
                }
                if field.table.is_bits() {
                    return Err(Unfit::Bit(point()));
                }
                if usize::from(field.length) > MAX_VALUES {
                    return Err(Unfit::Wide(point()));
                }
            }
            let most = u16::try_from(MAX_VALUES).unwrap_or(u16::MAX);
            let limits = Limits::from(&unit.knobs);
            let limits = Limits { registers: limits.registers.min(most), ..limits };
            reads.extend(plan(&unit.fields, limits).into_iter().map(|block| {
                let every = block.poll.unwrap_or(unit.knobs.poll);
                let every_s = every.as_millis().div_ceil(1_000).max(1);
                Entry { unit: at, every_s: u16::try_from(every_s).unwrap_or(u16::MAX), block }
            }));
        }
        match reads.len() {
            many if many > MAX_READS => Err(Unfit::Many(many)),
            _ => Ok(Self { baud, parity, units, reads }),
        }
    }

    /// The list for the board; its revision is a digest of the rest.
    pub fn list(&self) -> down::Poll {
        let read = |entry: &Entry| down::Read {
            unit: self.units.get(entry.unit).map_or(1, |unit| unit.unit_id),
            function: if entry.block.table == Table::Input { 4 } else { 3 },
            address: entry.block.start,
            count: entry.block.count,
            every_s: entry.every_s,
        };
        let parity = match self.parity {
            Parity::None => down::Parity::None,
            Parity::Even => down::Parity::Even,
            Parity::Odd => down::Parity::Odd,
        };
        let (baud, reads) = (self.baud, self.reads.iter().map(read).collect());
        let mut list = down::Poll { v: VERSION, revision: 0, baud, parity, reads };
        list.revision = revision(&list);
        list
    }

    /// What the board's word of one entry means; none where it reads by another list, or has no such
    /// entry.
    pub fn read(&self, said: &Registers<'_>, now: Timestamp) -> Option<Vec<Input>> {
        if said.revision != self.list().revision {
            return None;
        }
        let entry = self.reads.get(usize::from(said.read).checked_sub(1)?)?;
        let unit = self.units.get(entry.unit)?;
        let age = Span::millis(said.age_ms.into());
        let stale = Span::secs(2 * u64::from(entry.every_s)).as_millis() + STALE.as_millis();
        let values = Values::Registers(said.values.to_vec());
        let trouble = match said.error {
            Some(error) => Some(reason(error)),
            None if age.as_millis() > stale => Some(NoData::Timeout),
            None if said.values.len() != usize::from(entry.block.count) => Some(NoData::Garbled),
            None => None,
        };
        let sample = |index: usize| -> Option<Input> {
            let field = unit.fields.get(index)?;
            let from = usize::from(field.address.checked_sub(entry.block.start)?);
            let sample = trouble.map_or_else(|| values.sample(field, from), Err);
            Some(reading(&field.point, sample, Some(now - age), now))
        };
        // One that refuses is there, too.
        let is_heard = matches!(trouble, None | Some(NoData::Refused));
        let heard = is_heard.then(|| Input::Heard(unit.device.clone()));
        Some(
            heard.into_iter().chain(entry.block.fields.iter().filter_map(|i| sample(*i))).collect(),
        )
    }

    /// Nothing of it is read: the board refused the list, or does without it.
    pub fn unread(&self, reason: NoData, now: Timestamp) -> impl Iterator<Item = Input> {
        let fields = self.units.iter().flat_map(|unit| &unit.fields);
        fields.map(move |field| reading(&field.point, Err(reason), None, now))
    }

    /// The board is gone, and all that it read with it.
    pub fn gone(&self, reason: NoData) -> impl Iterator<Item = Input> {
        self.units.iter().map(move |unit| Input::Gone { device: unit.device.clone(), reason })
    }
}

fn reading(
    point: &PointId,
    sample: Sample,
    source_at: Option<Timestamp>,
    received_at: Timestamp,
) -> Input {
    let (point, kind) = (point.clone(), Kind::State);
    Input::Reading(Reading { point, sample, source_at, received_at, kind, origin: None })
}

/// What the points of an entry say for which the board has an error instead of values.
fn reason(error: &str) -> NoData {
    match error {
        error if error.starts_with("refused") => NoData::Refused,
        _ => NoData::Timeout,
    }
}

/// FNV-1a over the list; never 0, which stands for "none yet".
fn revision(list: &down::Poll) -> u32 {
    let mut hash: u32 = 0x811c_9dc5;
    let mut add = |bytes: &[u8]| {
        for byte in bytes {
            hash = (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193);
        }
    };
    add(&list.baud.to_le_bytes());
    add(&[list.parity as u8]);
    for read in &list.reads {
        add(&[read.unit, read.function]);
        [read.address, read.count, read.every_s].iter().for_each(|word| add(&word.to_le_bytes()));
    }
    hash.max(1)
}
