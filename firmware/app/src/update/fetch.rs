//! Fetching a firmware block by block into the second slot. It goes on where it was, after a lost block,
//! a lost connection or a power cut.

use embedded_storage_async::nor_flash::{MultiwriteNorFlash, NorFlash};
use gengfu_wire::{
    VERSION,
    codec::WireError,
    down::{Block, Update},
    manifest::from_hex,
    topic::Up,
    up::{self, UpdateState},
};
use heapless::String;
use sha2::{Digest, Sha256};

use super::offer::{Offer, Refusal, Running};
use crate::{
    board::{Board, Publication},
    flash::store::{Store, StoreError},
};

/// Bytes that are asked for at a time.
pub const BLOCK: usize = 512;
/// A block that does not come is asked for again after this long, in milliseconds.
pub const AGAIN_MS: u64 = 5_000;

/// Where the progress is kept.
const PROGRESS: u8 = 5;

/// How far a firmware is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Which: its SHA-256.
    pub digest: [u8; 32],
    /// Whole pages of it are in the slot up to here.
    pub bytes: u32,
}

impl<F: MultiwriteNorFlash> Store<F> {
    /// How far a firmware was fetched before this start.
    ///
    /// # Errors
    /// Where the flash refuses.
    pub async fn progress(&mut self) -> Result<Option<Progress>, StoreError<F::Error>> {
        let kept = self.get(PROGRESS).await?;
        Ok(kept.and_then(|kept| {
            let (digest, bytes) = kept.split_first_chunk::<32>()?;
            let bytes = u32::from_le_bytes(bytes.try_into().ok()?);
            Some(Progress { digest: *digest, bytes })
        }))
    }

    async fn keep_progress(&mut self, progress: &Progress) -> Result<(), StoreError<F::Error>> {
        let mut bytes = [0; 36];
        let all = progress.digest.into_iter().chain(progress.bytes.to_le_bytes());
        for (byte, value) in bytes.iter_mut().zip(all) {
            *byte = value;
        }
        self.put(PROGRESS, &bytes).await
    }
}

/// What is going on.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stage {
    /// Nothing.
    Idle,
    Fetching(Offer),
    /// All of it is in the slot, and it is what was signed.
    Ready,
}

/// Fetches what is offered.
#[derive(Debug)]
pub struct Fetch<'a> {
    running: Running<'a>,
    kept: Option<Progress>,
    stage: Stage,
    /// The next byte.
    next: u32,
    /// When it is to be asked for.
    due_ms: u64,
    /// What is to be said once, of which version.
    answer: Option<(UpdateState, Option<Refusal>)>,
    version: String<64>,
    /// What runs has proved itself in this start: to be said in each session, since when the session was in
    /// which it was said last.
    confirmed: Option<Option<u64>>,
    /// What runs is on trial: the second slot holds the only program to go back to.
    on_trial: bool,
}

impl<'a> Fetch<'a> {
    /// Nothing is offered yet; `kept` is [`Store::progress`].
    pub const fn new(running: Running<'a>, kept: Option<Progress>) -> Self {
        Self {
            running,
            kept,
            stage: Stage::Idle,
            next: 0,
            due_ms: 0,
            answer: None,
            version: String::new(),
            confirmed: None,
            on_trial: false,
        }
    }

    /// Whether what runs is on trial. While it is, nothing is taken: the second slot holds the only program
    /// that the boot loader could put back.
    pub fn set_trial(&mut self, on_trial: bool) {
        self.on_trial = on_trial;
    }

    /// The gateway offers a firmware. The same once more changes nothing; another takes its place. One that
    /// comes while what runs is on trial is passed over: the gateway offers it again.
    pub fn offered(&mut self, now_ms: u64, update: &Update<'_>) {
        if self.on_trial {
            return;
        }
        match Offer::check(update, &self.running) {
            Ok(offer) => {
                if self.stage == Stage::Fetching(offer.clone()) || self.stage == Stage::Ready {
                    return;
                }
                let kept = self.kept.filter(|kept| kept.digest == offer.digest);
                self.next = kept.map_or(0, |kept| kept.bytes.min(offer.size));
                self.due_ms = now_ms;
                self.stage = Stage::Fetching(offer);
            }
            // What is being fetched was signed, and goes on: nobody stops it by an offer that is not.
            Err(refusal) => self.refuse(update.version, refusal),
        }
    }

    /// An offer came that can't be read.
    pub fn garbled(&mut self) {
        self.refuse("", Refusal::Malformed);
    }

    /// A block has come. One that was not asked for is passed over. True where all of it is there and
    /// whole: then the boot loader is to be told (`mark_updated` of `embassy-boot`), [`Self::say`] to be
    /// asked, and the board to start anew.
    ///
    /// `slot` begins at 0 with the first byte of the second slot.
    ///
    /// # Errors
    /// Where the store refuses to keep how far it is. The update goes on.
    pub async fn block<D: NorFlash, F: MultiwriteNorFlash>(
        &mut self,
        now_ms: u64,
        block: &Block<'_>,
        slot: &mut D,
        store: &mut Store<F>,
    ) -> Result<bool, StoreError<F::Error>> {
        const {
            assert!(
                D::ERASE_SIZE.is_multiple_of(BLOCK) && BLOCK.is_multiple_of(D::WRITE_SIZE),
                "blocks fill pages"
            );
        }
        let Stage::Fetching(offer) = &self.stage else { return Ok(false) };
        if self.on_trial {
            return Ok(false);
        }
        let (size, digest) = (offer.size, offer.digest);
        let mut bytes = [0xff; BLOCK];
        let wanted = wanted(size, self.next);
        if block.offset != self.next || from_hex(block.data, &mut bytes) != Some(wanted) {
            return Ok(false);
        }
        if write(slot, self.next, &bytes, wanted).await.is_err() {
            self.give_up(Refusal::Flash);
            return Ok(false);
        }
        self.next = self.next.saturating_add(u32::try_from(wanted).unwrap_or(0));
        self.due_ms = now_ms;
        if self.next < size {
            let page = u32::try_from(D::ERASE_SIZE).unwrap_or(u32::MAX);
            if self.next.is_multiple_of(page) {
                let progress = Progress { digest, bytes: self.next };
                self.kept = Some(progress);
                store.keep_progress(&progress).await?;
            }
            return Ok(false);
        }
        match sha256(slot, size).await {
            Ok(found) if found == digest => {
                self.version.clone_from(&offer.version);
                self.stage = Stage::Ready;
                self.answer = Some((UpdateState::Ready, None));
                Ok(true)
            }
            found => {
                self.give_up(if found.is_ok() { Refusal::Digest } else { Refusal::Flash });
                // From its first byte, if it is offered again.
                store.keep_progress(&Progress { digest, bytes: 0 }).await?;
                Ok(false)
            }
        }
    }

    /// All of it is in the slot, and it is what was signed.
    pub fn is_ready(&self) -> bool {
        self.stage == Stage::Ready
    }

    /// The boot loader could not be told of what is in the slot: it is given up, and fetched again when it is
    /// offered again.
    pub fn not_noted(&mut self) {
        self.give_up(Refusal::Flash);
    }

    /// What runs has proved itself and stays: to be said in each session of this start, since the gateway may
    /// not have heard it in one that was about to be lost.
    pub fn confirmed(&mut self) {
        self.confirmed = Some(None);
    }

    /// What is to be published next, if anything; to be asked after the board's own
    /// [`Board::next_publication`], and only while it is connected: an update never goes before an
    /// event.
    ///
    /// # Errors
    /// Where the buffer is too short.
    pub fn say<'b, const INPUTS: usize, const QUEUE: usize>(
        &mut self,
        now_ms: u64,
        board: &Board<'_, INPUTS, QUEUE>,
        buffer: &'b mut [u8],
    ) -> Result<Option<Publication<'b>>, WireError> {
        let mut payload = up::Update {
            v: VERSION,
            version: &self.version,
            state: UpdateState::Wants,
            offset: self.next,
            length: 0,
            error: None,
        };
        if let Some((state, refusal)) = self.answer.take() {
            (payload.state, payload.error) = (state, refusal.map(Refusal::words));
            return board.say(Up::Update, &payload, buffer).map(Some);
        }
        let session = board.connected_ms();
        if let Some(said) = &mut self.confirmed
            && *said != session
        {
            *said = session;
            (payload.state, payload.version) = (UpdateState::Confirmed, self.running.version);
            return board.say(Up::Update, &payload, buffer).map(Some);
        }
        let Stage::Fetching(offer) = &self.stage else { return Ok(None) };
        if now_ms < self.due_ms {
            return Ok(None);
        }
        self.due_ms = now_ms.saturating_add(AGAIN_MS);
        payload.version = &offer.version;
        payload.length = u16::try_from(wanted(offer.size, self.next)).unwrap_or(0);
        board.say(Up::Update, &payload, buffer).map(Some)
    }

    /// An offer is not taken. What is ready is to be said first: the board starts anew soon.
    fn refuse(&mut self, version: &str, refusal: Refusal) {
        if matches!(self.answer, Some((UpdateState::Ready, _))) {
            return;
        }
        self.version.clear();
        // A longer one is refused by the check, and need not be named.
        _ = self.version.push_str(version);
        self.answer = Some((UpdateState::Refused, Some(refusal)));
    }

    fn give_up(&mut self, refusal: Refusal) {
        if let Stage::Fetching(offer) = &self.stage {
            self.version.clone_from(&offer.version);
        }
        self.stage = Stage::Idle;
        self.kept = None;
        self.answer = Some((UpdateState::Refused, Some(refusal)));
    }
}

/// How long the block is that begins there.
fn wanted(size: u32, next: u32) -> usize {
    usize::try_from(size.saturating_sub(next)).unwrap_or(BLOCK).min(BLOCK)
}

/// Writes a block, and erases its page before the first one in it.
async fn write<D: NorFlash>(
    slot: &mut D,
    at: u32,
    bytes: &[u8; BLOCK],
    length: usize,
) -> Result<(), D::Error> {
    let page = u32::try_from(D::ERASE_SIZE).unwrap_or(u32::MAX);
    if at.is_multiple_of(page) {
        slot.erase(at, at.saturating_add(page)).await?;
    }
    let words = length.next_multiple_of(D::WRITE_SIZE);
    slot.write(at, bytes.get(..words).unwrap_or(bytes)).await
}

/// Of what is in the slot, read back: what counts is what the boot loader will find.
async fn sha256<D: NorFlash>(slot: &mut D, size: u32) -> Result<[u8; 32], D::Error> {
    let mut digest = Sha256::new();
    let mut at = 0;
    while at < size {
        let mut bytes = [0; BLOCK];
        let length = wanted(size, at);
        slot.read(at, &mut bytes).await?;
        digest.update(bytes.get(..length).unwrap_or_default());
        at = at.saturating_add(u32::try_from(length).unwrap_or(u32::MAX));
    }
    Ok(digest.finalize().into())
}
