//! The board as a Modbus RTU master: reads a lift controller or a panel beside it, by a list that the
//! gateway sends. It never writes.

use embedded_storage_async::nor_flash::MultiwriteNorFlash;
use gengfu_wire::{
    MAX_PAYLOAD, MAX_READS, MAX_VALUES, VERSION,
    codec::{WireError, decode, encode},
    down::{Parity, Poll, Read},
    topic::Up,
    up::{ConfigAck, Registers},
};
use heapless::Vec;

use super::rtu::crc16;
use crate::{
    board::{Board, Publication},
    flash::store::{Store, StoreError},
};

/// An answer that has not come so long after it could be here, in milliseconds, does not come.
pub const TIMEOUT_MS: u64 = 500;
/// After that the line rests for so long, in milliseconds: an answer that is late all the same must not
/// be taken for the next one, since an answer does not say which registers it has.
pub const REST_MS: u64 = 500;
/// A unit that does not answer is asked again after this long at the least, in milliseconds: it must
/// not take the line from the others.
pub const SILENT_MS: u64 = 10_000;
/// What has not changed is said again after this long, in milliseconds.
pub const SAY_MS: u64 = 30_000;

/// Bytes of a request.
pub const REQUEST: usize = 8;
/// Bytes of an answer around its values, and of a refusal.
const AROUND: u64 = 5;
/// Bits of a character at the most: start, eight, parity, two to stop.
const CHARACTER: u64 = 12;

/// Where the list is kept.
const LIST: u8 = 6;

/// Why there are no values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trouble {
    NoAnswer,
    Refused(u8),
}

impl Trouble {
    const fn words(self) -> &'static str {
        match self {
            Trouble::NoAnswer => "no answer",
            Trouble::Refused(1) => "refused: no such function",
            Trouble::Refused(2) => "refused: no such register",
            Trouble::Refused(3) => "refused: not so many registers",
            Trouble::Refused(_) => "refused: the device is busy or broken",
        }
    }
}

type Values = Vec<u16, MAX_VALUES>;

#[derive(Debug, Clone)]
struct Entry {
    read: Read,
    due_ms: u64,
    found: Option<Result<Values, Trouble>>,
    /// When it was found.
    found_ms: u64,
    /// It did not answer the last time; once alone is a disturbance of the line.
    missed: bool,
    /// When it was said, and in the session of which moment; none where it has changed since.
    said_ms: Option<(u64, u64)>,
}

/// Reads by a list, one request at a time.
#[derive(Debug)]
pub struct Master {
    revision: u32,
    line: (u32, Parity),
    entries: Vec<Entry, MAX_READS>,
    /// Which entry was asked for, and when.
    asked: Option<(usize, u64)>,
    rests_until_ms: u64,
    answer: Option<ConfigAck<'static>>,
}

impl<F: MultiwriteNorFlash> Store<F> {
    /// The list that was kept.
    ///
    /// # Errors
    /// Where the flash refuses.
    pub async fn poll(&mut self) -> Result<Option<Poll>, StoreError<F::Error>> {
        Ok(self.get(LIST).await?.and_then(|bytes| decode(bytes).ok()))
    }

    async fn keep_poll(&mut self, poll: &Poll) -> Result<(), StoreError<F::Error>> {
        let mut bytes = [0; MAX_PAYLOAD];
        let bytes = encode(poll, &mut bytes).map_err(|_| StoreError::Layout)?;
        self.put(LIST, bytes).await
    }
}

impl Master {
    /// Reads by the list that was kept ([`Store::poll`]), or nothing.
    pub fn new(now_ms: u64, kept: Option<&Poll>) -> Self {
        let mut master = Self {
            revision: 0,
            line: (9_600, Parity::None),
            entries: Vec::new(),
            asked: None,
            rests_until_ms: 0,
            answer: None,
        };
        if let Some(poll) = kept.filter(|poll| check(poll).is_ok()) {
            master.run_by(now_ms, poll);
        }
        master
    }

    /// The gateway sends a list: it is kept, used and acknowledged, or refused as a whole.
    ///
    /// # Errors
    /// Where the flash refuses; it is used all the same, and the gateway is told.
    pub async fn configured<F: MultiwriteNorFlash>(
        &mut self,
        now_ms: u64,
        poll: &Poll,
        store: &mut Store<F>,
    ) -> Result<(), StoreError<F::Error>> {
        let mut kept = Ok(());
        let mut error = check(poll).err();
        // The broker says the retained one again at each connect.
        if error.is_none() && poll.revision != self.revision {
            kept = store.keep_poll(poll).await;
            if kept.is_err() {
                error = Some("used, but the flash refuses to keep it over a restart");
            }
            self.run_by(now_ms, poll);
        }
        self.answer = Some(ConfigAck { v: VERSION, revision: poll.revision, error });
        kept
    }

    /// It has something to read: the line is its own. Without a list the board answers another master.
    pub fn has_list(&self) -> bool {
        !self.entries.is_empty()
    }

    /// Bits per second and parity that the line is to have.
    pub fn line(&self) -> (u32, Parity) {
        self.line
    }

    /// The request to be sent now; none while an answer is awaited, or where nothing is due. To be
    /// asked in each round of the loop.
    pub fn next_request(&mut self, now_ms: u64) -> Option<[u8; REQUEST]> {
        if let Some((at, asked_ms)) = self.asked {
            let count = self.entries.get(at).map_or(0, |entry| entry.read.count);
            if now_ms.saturating_sub(asked_ms) < TIMEOUT_MS + self.on_the_wire_ms(count) {
                return None;
            }
            self.missed(now_ms, at);
            self.rests_until_ms = now_ms.saturating_add(REST_MS);
        }
        if now_ms < self.rests_until_ms {
            return None;
        }
        let due = |entry: &&Entry| entry.due_ms <= now_ms;
        let longest = self.entries.iter().filter(due).min_by_key(|entry| entry.due_ms)?.due_ms;
        let at = self.entries.iter().position(|entry| entry.due_ms == longest)?;
        self.asked = Some((at, now_ms));
        let Read { unit, function, address, count, .. } = self.entries.get(at)?.read;
        let ([a0, a1], [c0, c1]) = (address.to_be_bytes(), count.to_be_bytes());
        let [k0, k1] = crc16(&[unit, function, a0, a1, c0, c1]).to_le_bytes();
        Some([unit, function, a0, a1, c0, c1, k0, k1])
    }

    /// What has come, ended by silence. What is not the answer that is awaited is passed over, before it and
    /// behind it too: noise while the line is turned round, an echo, or another's.
    pub fn frame(&mut self, now_ms: u64, frame: &[u8]) {
        let Some((at, _)) = self.asked else { return };
        let Some(read) = self.entries.get(at).map(|entry| entry.read) else { return };
        let answer = 2 * usize::from(read.count) + AROUND as usize;
        let found = [answer, AROUND as usize]
            .into_iter()
            .find_map(|length| frame.windows(length).find_map(|frame| understand(&read, frame)));
        if let Some(found) = found {
            self.found(now_ms, at, found);
        }
    }

    /// What is to be published next, if anything; to be asked after the board's own
    /// [`Board::next_publication`], and only while it is connected: no reading goes before an event.
    ///
    /// # Errors
    /// Where the buffer is too short.
    pub fn say<'b, const INPUTS: usize, const QUEUE: usize>(
        &mut self,
        now_ms: u64,
        board: &Board<'_, INPUTS, QUEUE>,
        buffer: &'b mut [u8],
    ) -> Result<Option<Publication<'b>>, WireError> {
        if let Some(answer) = self.answer.take() {
            return board.say(Up::ConfigAck, &answer, buffer).map(Some);
        }
        // What was said in a session that is gone was perhaps not heard.
        let Some(since_ms) = board.connected_ms() else { return Ok(None) };
        let is_due = |entry: &Entry| {
            entry.said_ms.is_none_or(|(said_ms, session)| {
                session != since_ms || now_ms.saturating_sub(said_ms) >= SAY_MS
            })
        };
        for (number, entry) in (1..).zip(&mut self.entries) {
            let Some(found) = entry.found.as_ref().filter(|_| is_due(entry)) else { continue };
            let age_ms = now_ms.saturating_sub(entry.found_ms);
            let registers = Registers {
                v: VERSION,
                revision: self.revision,
                read: number,
                values: found.clone().unwrap_or_default(),
                error: found.as_ref().err().map(|trouble| trouble.words()),
                age_ms: u32::try_from(age_ms).unwrap_or(u32::MAX),
            };
            entry.said_ms = Some((now_ms, since_ms));
            return board.say(Up::Registers, &registers, buffer).map(Some);
        }
        Ok(None)
    }

    /// How long a request and the answer with so many registers take, in milliseconds.
    fn on_the_wire_ms(&self, count: u16) -> u64 {
        let (request, (baud, _)) = (REQUEST as u64, self.line);
        let bits = (request + AROUND + 2 * u64::from(count)) * CHARACTER;
        (bits * 1_000).div_ceil(u64::from(baud.max(1)))
    }

    fn run_by(&mut self, now_ms: u64, poll: &Poll) {
        self.revision = poll.revision;
        self.line = (poll.baud, poll.parity);
        self.asked = None;
        let entry = |read| Entry {
            read,
            due_ms: now_ms,
            found: None,
            found_ms: now_ms,
            missed: false,
            said_ms: None,
        };
        self.entries = poll.reads.iter().copied().map(entry).collect();
    }

    /// No answer has come: it is asked once more before it counts as silent.
    fn missed(&mut self, now_ms: u64, at: usize) {
        let Some(entry) = self.entries.get_mut(at) else { return };
        let silent = Some(Err(Trouble::NoAnswer));
        if !core::mem::replace(&mut entry.missed, true) && entry.found != silent {
            (entry.due_ms, self.asked) = (now_ms, None);
        } else {
            self.found(now_ms, at, Err(Trouble::NoAnswer));
        }
    }

    fn found(&mut self, now_ms: u64, at: usize, found: Result<Values, Trouble>) {
        self.asked = None;
        let Some(entry) = self.entries.get_mut(at) else { return };
        entry.missed = false;
        let pause_ms = u64::from(entry.read.every_s) * 1_000;
        let silent = found == Err(Trouble::NoAnswer);
        entry.due_ms =
            now_ms.saturating_add(if silent { pause_ms.max(SILENT_MS) } else { pause_ms });
        if entry.found.as_ref() != Some(&found) {
            entry.said_ms = None;
        }
        (entry.found, entry.found_ms) = (Some(found), now_ms);
    }
}

/// What a frame answers to a read; none where it is no answer to it.
fn understand(read: &Read, frame: &[u8]) -> Option<Result<Values, Trouble>> {
    let (body, checksum) = frame.split_last_chunk::<2>()?;
    let [unit, function, rest @ ..] = body else { return None };
    let is_refusal = *function == read.function | 0x80;
    if *unit != read.unit || (!is_refusal && *function != read.function) {
        return None;
    }
    if crc16(body) != u16::from_le_bytes(*checksum) {
        return None;
    }
    if let ([code], true) = (rest, is_refusal) {
        return Some(Err(Trouble::Refused(*code)));
    }
    let (length, data) = rest.split_first()?;
    let expected = 2 * usize::from(read.count);
    if is_refusal || usize::from(*length) != expected || data.len() != expected {
        return None;
    }
    let value = |pair: &[u8]| Some(u16::from_be_bytes(pair.try_into().ok()?));
    Some(Ok(data.chunks_exact(2).filter_map(value).collect()))
}

/// Checks all of a list.
fn check(poll: &Poll) -> Result<(), &'static str> {
    if poll.revision == 0 {
        return Err("revision 0 stands for none yet");
    }
    if !(1_200..=115_200).contains(&poll.baud) {
        return Err("baud: 1200 to 115200");
    }
    for read in &poll.reads {
        if !(1..=247).contains(&read.unit) {
            return Err("unit: 1 to 247");
        }
        if !matches!(read.function, 3 | 4) {
            return Err("function: 3 or 4");
        }
        if !(1..=MAX_VALUES).contains(&usize::from(read.count))
            || read.address.checked_add(read.count - 1).is_none()
        {
            return Err("count: 1 to 32, and no register beyond 65535");
        }
        if read.every_s == 0 {
            return Err("every_s: at least 1");
        }
    }
    Ok(())
}
