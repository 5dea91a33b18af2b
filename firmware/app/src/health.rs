//! Whether a board is well: the watchdog's food, why it started, its last words, and what it still
//! does when it keeps crashing.

use core::fmt::{self, Write};

use gengfu_wire::identity::crc32;
use heapless::String;

/// So many crashes in a row, and the next start is in safe mode.
pub const SAFE_AFTER: u8 = 3;
/// A board that runs for so long, in milliseconds, is well: earlier crashes no longer count.
pub const WELL_AFTER_MS: u64 = 10 * 60_000;
/// The longest last words, in bytes; as any text in a payload.
pub const MAX_WORDS: usize = 64;

/// Why a board starts, in the words of `docs/wire.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reset {
    /// It was without power.
    Power,
    /// A task stood still.
    Watchdog,
    /// The firmware found itself in the wrong.
    Panic,
    /// The supply fell too low for the chip.
    BrownOut,
    /// A new firmware was put in.
    Update,
    /// Somebody asked for it.
    Request,
}

impl Reset {
    /// What the birth says.
    pub const fn name(self) -> &'static str {
        match self {
            Reset::Power => "power",
            Reset::Watchdog => "watchdog",
            Reset::Panic => "panic",
            Reset::BrownOut => "brown-out",
            Reset::Update => "update",
            Reset::Request => "request",
        }
    }

    /// How many crashes in a row there were, this one included, after so many before. A low supply is
    /// no fault of the firmware, and its return no proof of health; neither is a start that was asked for.
    pub const fn crashes(self, before: u8) -> u8 {
        match self {
            Reset::Watchdog | Reset::Panic => before.saturating_add(1),
            Reset::BrownOut | Reset::Request => before,
            Reset::Power | Reset::Update => 0,
        }
    }
}

/// What a board does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The contacts and loops, and telling of them.
    Inputs,
    /// The network and the session with the gateway.
    Network,
    /// Taking a new firmware.
    Update,
    /// Lamp, sounder, relay: in safe mode they stay in their safe state.
    Outputs,
    /// Answering over Modbus: a second path on which danger is told, so in safe mode too.
    Slave,
    /// Asking others over RS-485.
    Master,
    /// Supply, battery, temperature.
    Measuring,
}

/// How a board runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// All of it.
    Whole,
    /// It crashed again and again: only what tells of danger, and what lets a better firmware in.
    Safe,
}

impl Mode {
    /// After so many crashes in a row.
    pub const fn after(crashes: u8) -> Self {
        if crashes >= SAFE_AFTER { Mode::Safe } else { Mode::Whole }
    }

    /// Whether this part runs.
    pub const fn runs(self, part: Part) -> bool {
        match self {
            Mode::Whole => true,
            Mode::Safe => matches!(part, Part::Inputs | Part::Network | Part::Slave | Part::Update),
        }
    }
}

/// A task that goes round many times a second stands still when it has not for so long, in milliseconds: the
/// arithmetic of a TLS handshake holds it up for two seconds, and an erase of the flash for half of one.
pub const QUICK_MS: u64 = 5_000;
/// The same for the one that holds the session, which waits up to 45 s before it tries again, and for each
/// answer up to 20 s.
pub const PATIENT_MS: u64 = 180_000;

/// Feeds the watchdog only while each of so many tasks was alive within the time that it is allowed: one that
/// stands still is enough for the board to start anew.
#[derive(Debug, Clone, Copy)]
pub struct Watch<const TASKS: usize> {
    allowed_ms: [u64; TASKS],
    alive_ms: [u64; TASKS],
}

impl<const TASKS: usize> Watch<TASKS> {
    /// Each has its time, in milliseconds, from now on.
    pub const fn new(now_ms: u64, allowed_ms: [u64; TASKS]) -> Self {
        Self { allowed_ms, alive_ms: [now_ms; TASKS] }
    }

    /// This task has gone round its loop.
    pub fn alive(&mut self, task: usize, now_ms: u64) {
        if let Some(alive_ms) = self.alive_ms.get_mut(task) {
            *alive_ms = now_ms;
        }
    }

    /// Whether the watchdog is to be fed now.
    pub fn may_feed(&self, now_ms: u64) -> bool {
        let all = self.alive_ms.iter().zip(&self.allowed_ms);
        all.into_iter().all(|(alive_ms, allowed_ms)| now_ms.saturating_sub(*alive_ms) < *allowed_ms)
    }
}

/// Checksum, length and text.
const AREA: usize = 4 + 1 + MAX_WORDS;

/// What a board said before it crashed, in memory that a reset leaves alone. After a power cut it holds
/// whatever it holds: a checksum tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct LastWords(pub [u8; AREA]);

impl LastWords {
    /// None.
    pub const fn none() -> Self {
        Self([0; AREA])
    }

    /// Writes them, cut to what has room; what no payload may hold becomes a blank. For the panic
    /// handler: it needs no memory and can't fail.
    pub fn say(&mut self, words: fmt::Arguments<'_>) {
        *self = Self::none();
        // What has no room is left out.
        _ = self.write_fmt(words);
        let expected = self.expected();
        if let Some(checksum) = self.0.first_chunk_mut() {
            *checksum = expected;
        }
    }

    /// Reads them and wipes them, so that they are told once.
    pub fn take(&mut self) -> Option<String<MAX_WORDS>> {
        let said = core::mem::replace(self, Self::none());
        let (checksum, [length, text @ ..]) = said.0.split_first_chunk()? else { return None };
        let text = text.get(..usize::from(*length)).filter(|text| !text.is_empty())?;
        if *checksum != said.expected() {
            return None;
        }
        let mut words = String::new();
        words.push_str(core::str::from_utf8(text).ok()?).ok()?;
        Some(words)
    }

    /// Never what wiped memory holds.
    fn expected(&self) -> [u8; 4] {
        let behind = self.0.get(4..).unwrap_or_default();
        (crc32(behind) ^ 0x5EED_1E55).to_le_bytes()
    }
}

impl Write for LastWords {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let [_, _, _, _, length, room @ ..] = &mut self.0;
        for byte in text.bytes() {
            let place = room.get_mut(usize::from(*length)).ok_or(fmt::Error)?;
            let plain = matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
            *place = if plain { byte } else { b' ' };
            *length += 1;
        }
        Ok(())
    }
}
