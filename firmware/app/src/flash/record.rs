//! One event as bytes.

use gengfu_wire::up::InputState;

/// Bytes that an event takes, without what the flash queue adds.
pub const RECORD: usize = 16;

/// The layout that is written here, in the upper half of the first byte.
const LAYOUT: u8 = 0x10;
const VITAL: u8 = 0x08;
const STATE: u8 = 0x07;

/// What an event is called: it never changes, and no other event of this board has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name {
    /// The start in which it happened.
    pub boot: u32,
    /// Its number in that start, from 1.
    pub seq: u32,
}

/// Bytes that a name takes.
pub(crate) const NAME: usize = 8;

impl Name {
    pub(crate) fn to_bytes(self) -> [u8; NAME] {
        (u64::from(self.boot) << 32 | u64::from(self.seq)).to_be_bytes()
    }

    pub(crate) fn from_bytes(bytes: [u8; NAME]) -> Self {
        let [b0, b1, b2, b3, s0, s1, s2, s3] = bytes;
        let (boot, seq) = ([b0, b1, b2, b3], [s0, s1, s2, s3]);
        Self { boot: u32::from_be_bytes(boot), seq: u32::from_be_bytes(seq) }
    }
}

/// The last to be dropped, or any other. Each has pages of its own, so that no flood of the one
/// takes the room of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Fire and trapped.
    Vital,
    /// All else.
    Ordinary,
}

impl Class {
    /// Both.
    pub const ALL: [Class; 2] = [Class::Vital, Class::Ordinary];
}

/// An event as it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Record {
    /// What it is called.
    pub name: Name,
    /// Which input, from 1.
    pub input: u8,
    /// How it stands since then.
    pub state: InputState,
    /// Which pages it is kept in.
    pub class: Class,
    /// When, in milliseconds after that start; kept in 48 bits, which last for 8,900 years.
    pub happened_ms: u64,
}

impl Record {
    /// As bytes.
    pub fn to_bytes(&self) -> [u8; RECORD] {
        let vital = if self.class == Class::Vital { VITAL } else { 0 };
        let [b0, b1, b2, b3] = self.name.boot.to_le_bytes();
        let [s0, s1, s2, s3] = self.name.seq.to_le_bytes();
        let [t0, t1, t2, t3, t4, t5, ..] = self.happened_ms.to_le_bytes();
        let first = LAYOUT | vital | state_to_bits(self.state);
        [first, self.input, b0, b1, b2, b3, s0, s1, s2, s3, t0, t1, t2, t3, t4, t5]
    }

    /// Back from bytes; none where they are of another firmware's layout.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let &[first, input, b0, b1, b2, b3, s0, s1, s2, s3, t0, t1, t2, t3, t4, t5] = bytes else {
            return None;
        };
        if first & !(VITAL | STATE) != LAYOUT {
            return None;
        }
        Some(Self {
            name: Name {
                boot: u32::from_le_bytes([b0, b1, b2, b3]),
                seq: u32::from_le_bytes([s0, s1, s2, s3]),
            },
            input,
            state: state_from_bits(first & STATE)?,
            class: if first & VITAL != 0 { Class::Vital } else { Class::Ordinary },
            happened_ms: u64::from_le_bytes([t0, t1, t2, t3, t4, t5, 0, 0]),
        })
    }
}

/// A state as three bits.
pub const fn state_to_bits(state: InputState) -> u8 {
    match state {
        InputState::Idle => 0,
        InputState::Active => 1,
        InputState::Open => 2,
        InputState::Short => 3,
        InputState::Drift => 4,
    }
}

/// A state from three bits; none where they mean nothing.
pub const fn state_from_bits(bits: u8) -> Option<InputState> {
    Some(match bits {
        0 => InputState::Idle,
        1 => InputState::Active,
        2 => InputState::Open,
        3 => InputState::Short,
        4 => InputState::Drift,
        _ => return None,
    })
}
