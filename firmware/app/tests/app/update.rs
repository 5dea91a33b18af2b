//! Another firmware over the network: who may offer it, how it is fetched, and that whatever goes wrong
//! leaves a board that works.

use ed25519_dalek::{Signer, SigningKey};
use embassy_boot::{BootLoader, BootLoaderConfig, FirmwareState, State};
use gengfu_board::{
    flash::{layout::Layout, store::Store},
    update::{
        fetch::{AGAIN_MS, BLOCK, Fetch},
        offer::{Offer, Refusal, Running},
        trial::{PATIENCE_MS, Trial, Verdict, WELL_MS},
    },
};
use gengfu_wire::{
    MAX_PAYLOAD, VERSION,
    codec::decode,
    down::{Block, Update},
    manifest,
    up::{self, UpdateState},
};
use sha2::{Digest, Sha256};

use crate::{
    bench::Bench,
    flash::{Cut, Flash, Part, run},
};

pub type Memory = Flash<4, 1024>;

pub const SLOT: u32 = 4 * 1024;
const ACTIVE: std::ops::Range<u32> = 0..SLOT;
/// The second slot has a page more: the boot loader swaps through it.
pub const SECOND: std::ops::Range<u32> = SLOT..2 * SLOT + 1024;
pub const STATE: std::ops::Range<u32> = SECOND.end..SECOND.end + 1024;

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

fn running() -> Running<'static> {
    let key = Some(key().verifying_key().to_bytes());
    Running { hardware: "bench", version: "1.4.2", key, room: SLOT }
}

/// What the gateway offers, with texts of its own.
#[derive(Clone)]
pub struct Offered {
    version: String,
    hardware: String,
    size: u32,
    sha256: String,
    signature: String,
    forced: bool,
}

impl Offered {
    pub fn new(image: &[u8]) -> Self {
        let mut offered = Self {
            version: "1.5.0".into(),
            hardware: "bench".into(),
            size: image.len() as u32,
            sha256: hex(&Sha256::digest(image)),
            signature: String::new(),
            forced: false,
        };
        offered.sign(&key());
        offered
    }

    pub fn sign(&mut self, key: &SigningKey) {
        let mut buffer = [0; manifest::MAX_MANIFEST];
        let signed = manifest::write(&self.update(), &mut buffer).unwrap();
        self.signature = hex(&key.sign(signed).to_bytes());
    }

    /// The same as another version.
    pub fn called(mut self, version: &str) -> Self {
        self.version = version.into();
        self.sign(&key());
        self
    }

    pub fn update(&self) -> Update<'_> {
        Update {
            v: VERSION,
            version: &self.version,
            hardware: &self.hardware,
            size: self.size,
            sha256: &self.sha256,
            signature: &self.signature,
            forced: self.forced,
        }
    }
}

/// An image that fills its slot but for some bytes.
pub fn image(seed: u8) -> Vec<u8> {
    (0..SLOT - 301).map(|at| (at as u8).wrapping_mul(31) ^ (at >> 8) as u8 ^ seed).collect()
}

pub fn part(memory: &Memory, range: std::ops::Range<u32>) -> Part<4, 1024> {
    Part { flash: memory.clone(), range }
}

/// A board's flash, with a firmware that runs.
pub fn memory() -> Memory {
    let layout = Layout::new::<Memory>(STATE.end, 20);
    let memory = Memory::new(layout.end() as usize / 1024);
    let mut old = image(1);
    old.resize(SLOT as usize, 0xff);
    run(embedded_storage_async::nor_flash::NorFlash::write(&mut part(&memory, ACTIVE), 0, &old))
        .unwrap();
    memory
}

/// What the boot loader does at a start.
pub fn boot(memory: &Memory) -> Result<State, embassy_boot::BootError> {
    let (active, dfu) = (part(memory, ACTIVE), part(memory, SECOND));
    let config = BootLoaderConfig { active, dfu, state: part(memory, STATE) };
    BootLoader::new(config).prepare_boot(&mut [0; 64])
}

fn mark_updated(memory: &Memory) -> Result<(), embassy_boot::FirmwareUpdaterError> {
    let mut word = [0; 4];
    run(FirmwareState::new(part(memory, STATE), &mut word).mark_updated())
}

fn mark_booted(memory: &Memory) {
    let mut word = [0; 4];
    run(FirmwareState::new(part(memory, STATE), &mut word).mark_booted()).unwrap();
}

/// The image that runs at the next start: 1 for the old one, 2 for the new one.
pub fn runs(memory: &Memory) -> u8 {
    let active = part(memory, ACTIVE).bytes();
    let found = (1..=2).find(|seed| active.starts_with(&image(*seed)));
    found.expect("whatever happened, one firmware is there as a whole")
}

/// What the board says of the update.
fn said(fetch: &mut Fetch<'_>, bench: &Bench, now: u64) -> Option<(UpdateState, u32, u16, String)> {
    let mut buffer = [0; MAX_PAYLOAD];
    let said = fetch.say(now, &bench.board, &mut buffer).unwrap()?;
    assert_eq!(said.topic.as_str(), "gengfu/v1/garden-12/lift-1/up/update");
    let update: up::Update<'_> = decode(said.payload).unwrap();
    let error = update.error.unwrap_or_default().to_owned();
    assert!(error.len() <= 64);
    Some((update.state, update.offset, update.length, error))
}

/// A whole start: the board asks until it has all of the image, or the power goes. Returns the first
/// byte that it asked for, and what it said last.
fn fetch(memory: &Memory, offered: &Offered, image: &[u8]) -> Result<(u32, UpdateState), Cut> {
    let bench = Bench::running();
    let layout = Layout::new::<Memory>(STATE.end, 20);
    let (mut store, _) = run(Store::open(memory.clone(), layout)).map_err(|_| Cut)?;
    let kept = run(store.progress()).map_err(|_| Cut)?;
    let mut fetch = Fetch::new(running(), kept);
    let mut slot = part(memory, SECOND);
    fetch.offered(0, &offered.update());
    let mut first = None;
    loop {
        let (state, offset, length, _) = said(&mut fetch, &bench, 0).ok_or(Cut)?;
        if state != UpdateState::Wants {
            return Ok((first.unwrap_or(0), state));
        }
        first.get_or_insert(offset);
        let data = hex(&image[offset as usize..][..usize::from(length)]);
        let block = Block { v: VERSION, offset, data: &data };
        if run(fetch.block(0, &block, &mut slot, &mut store)).map_err(|_| Cut)? {
            mark_updated(memory).map_err(|_| Cut)?;
        }
    }
}

#[test]
fn what_is_not_signed_for_this_board_is_not_fetched() {
    let image = image(2);
    let good = Offered::new(&image);
    let check = |offered: &Offered| Offer::check(&offered.update(), &running()).err();
    assert_eq!(check(&good), None);
    let signed = |change: fn(&mut Offered)| {
        let mut offered = good.clone();
        change(&mut offered);
        offered.sign(&key());
        check(&offered)
    };
    assert_eq!(signed(|o| o.hardware = "other".into()), Some(Refusal::Hardware));
    assert_eq!(signed(|o| o.version = "1.4.2".into()), Some(Refusal::NotNewer));
    assert_eq!(signed(|o| o.version = "1.4.1".into()), Some(Refusal::NotNewer));
    assert_eq!(signed(|o| o.version = "1.10.0".into()), None, "ten is more than four");
    assert_eq!(signed(|o| (o.version, o.forced) = ("1.3.9".into(), true)), None);
    for version in ["", "1.5", "1.5.0.1", "1.+5.0", "1.5.0-rc", "1..0", "1.5.99999999999"] {
        let mut offered = good.clone();
        offered.version = version.into();
        offered.sign(&key());
        assert_eq!(check(&offered), Some(Refusal::Version), "{version}");
    }
    assert_eq!(signed(|o| o.size = SLOT + 1), Some(Refusal::Size));
    assert_eq!(signed(|o| o.size = 0), Some(Refusal::Size));
    let unsigned = |change: fn(&mut Offered)| {
        let mut offered = good.clone();
        change(&mut offered);
        check(&offered)
    };
    assert_eq!(unsigned(|o| o.size -= 1), Some(Refusal::Signature));
    assert_eq!(unsigned(|o| o.version = "1.6.0".into()), Some(Refusal::Signature));
    assert_eq!(unsigned(|o| o.sha256 = hex(&[0; 32])), Some(Refusal::Signature));
    assert_eq!(unsigned(|o| o.forced = true), Some(Refusal::Signature), "an old one, again");
    assert_eq!(unsigned(|o| o.sign(&SigningKey::from_bytes(&[8; 32]))), Some(Refusal::Signature));
    assert_eq!(unsigned(|o| o.signature.truncate(126)), Some(Refusal::Malformed));
    assert_eq!(unsigned(|o| o.sha256 = "x".repeat(64)), Some(Refusal::Malformed));
    let keyless = Running { key: None, ..running() };
    assert_eq!(Offer::check(&good.update(), &keyless).err(), Some(Refusal::NoKey));
}

#[test]
fn it_is_fetched_block_by_block_and_runs_after_the_next_start() {
    let memory = memory();
    let image = image(2);
    assert_eq!(boot(&memory).unwrap(), State::Boot);
    assert_eq!(fetch(&memory, &Offered::new(&image), &image), Ok((0, UpdateState::Ready)));
    assert_eq!(runs(&memory), 1, "nothing that runs was touched");
    boot(&memory).unwrap();
    assert_eq!(runs(&memory), 2);
    mark_booted(&memory);
    boot(&memory).unwrap();
    assert_eq!(runs(&memory), 2, "confirmed, it stays");
}

#[test]
fn one_that_does_not_prove_itself_is_rolled_back() {
    let memory = memory();
    let image = image(2);
    fetch(&memory, &Offered::new(&image), &image).unwrap();
    boot(&memory).unwrap();
    assert_eq!(runs(&memory), 2);
    boot(&memory).unwrap();
    assert_eq!(runs(&memory), 1);
    boot(&memory).unwrap();
    assert_eq!(runs(&memory), 1);
}

#[test]
fn one_that_was_changed_on_the_way_is_not_installed() {
    let (memory, image) = (memory(), image(2));
    let mut changed = image.clone();
    changed[2_000] ^= 1;
    let offered = Offered::new(&image);
    assert_eq!(fetch(&memory, &offered, &changed), Ok((0, UpdateState::Refused)));
    boot(&memory).unwrap();
    assert_eq!(runs(&memory), 1);
    let again = fetch(&memory, &offered, &image);
    assert_eq!(again, Ok((0, UpdateState::Ready)), "the whole of it once more");
}

#[test]
fn blocks_that_are_lost_doubled_or_not_asked_for_do_no_harm() {
    let (memory, image, bench) = (memory(), image(2), Bench::running());
    let (mut store, _) =
        run(Store::open(memory.clone(), Layout::new::<Memory>(STATE.end, 20))).unwrap();
    let mut slot = part(&memory, SECOND);
    let mut fetch = Fetch::new(running(), None);
    let offered = Offered::new(&image);
    let mut now = 0;
    let data = |offset: usize, length: usize| hex(&image[offset..][..length]);
    let first = data(0, BLOCK);
    let block =
        |offset: u32, data: &str, fetch: &mut Fetch<'_>, now: u64, slot: &mut _, store: &mut _| {
            run(fetch.block(now, &Block { v: VERSION, offset, data }, slot, store)).unwrap()
        };
    assert!(!block(0, &first, &mut fetch, now, &mut slot, &mut store), "nothing was offered");
    fetch.offered(now, &offered.update());
    let wants =
        |offset: u32, length: u16| Some((UpdateState::Wants, offset, length, String::new()));
    assert_eq!(said(&mut fetch, &bench, now), wants(0, 512));
    assert_eq!(said(&mut fetch, &bench, now), None, "once");
    fetch.offered(now, &offered.update());
    assert_eq!(said(&mut fetch, &bench, now + AGAIN_MS), wants(0, 512), "it did not come");
    now += AGAIN_MS;
    for (offset, data) in [(512, &first[..]), (0, &first[2..]), (0, "zz"), (0, "")] {
        assert!(!block(offset, data, &mut fetch, now, &mut slot, &mut store));
        assert_eq!(said(&mut fetch, &bench, now), None, "passed over");
    }
    block(0, &first, &mut fetch, now, &mut slot, &mut store);
    assert_eq!(said(&mut fetch, &bench, now), wants(512, 512), "and on it goes");
    block(0, &first, &mut fetch, now, &mut slot, &mut store);
    assert_eq!(said(&mut fetch, &bench, now), None, "the first one twice");
    let mut stranger = offered.clone();
    stranger.version = "9.0.0".into();
    fetch.offered(now, &stranger.update());
    let (state, _, _, why) = said(&mut fetch, &bench, now).unwrap();
    assert_eq!((state, &why[..]), (UpdateState::Refused, Refusal::Signature.words()));
    let mut ready = false;
    for offset in (512..image.len()).step_by(BLOCK) {
        let data = data(offset, BLOCK.min(image.len() - offset));
        ready = block(offset as u32, &data, &mut fetch, now, &mut slot, &mut store);
    }
    assert!(ready && fetch.is_ready(), "a stranger's offer did not stop it");
    assert_eq!(said(&mut fetch, &bench, now).unwrap().0, UpdateState::Ready);
    assert!(part(&memory, SECOND).bytes().starts_with(&image));
    fetch.confirmed();
    assert_eq!(said(&mut fetch, &bench, now).unwrap().0, UpdateState::Confirmed);
}

#[test]
fn the_power_may_go_at_any_word_of_the_download() {
    let (image, whole) = (image(2), memory());
    let offered = Offered::new(&image);
    let before = whole.work();
    fetch(&whole, &offered, &image).unwrap();
    let work = whole.work() - before;
    assert!(work > 900, "{work}");
    let mut resumed = 0;
    for cut in 0..work {
        let memory = memory();
        memory.cut_after(Some(cut));
        let ready = Ok(UpdateState::Ready);
        let fetched = fetch(&memory, &offered, &image).map(|fetched| fetched.1);
        assert_ne!(fetched, ready, "cut after {cut} of {work} words");
        memory.cut_after(None);
        boot(&memory).unwrap();
        if runs(&memory) == 2 {
            continue;
        }
        let (first, state) = fetch(&memory, &offered, &image).unwrap();
        assert_eq!(state, UpdateState::Ready, "cut after {cut} of {work} words");
        resumed += u32::from(first > 0);
        boot(&memory).unwrap();
        assert_eq!(runs(&memory), 2, "cut after {cut} of {work} words");
    }
    assert!(resumed > 600, "it went on where it was: {resumed}");
}

#[test]
fn the_power_may_go_at_any_word_of_the_swap_and_of_the_way_back() {
    let (memory, image) = (memory(), image(2));
    fetch(&memory, &Offered::new(&image), &image).unwrap();
    let swapped = memory.fork();
    boot(&swapped).unwrap();
    for (before, what) in [(memory, "the swap"), (swapped, "the way back")] {
        let whole = before.fork();
        boot(&whole).unwrap();
        for cut in 0..whole.work() {
            let memory = before.fork();
            memory.cut_after(Some(cut));
            assert!(boot(&memory).is_err(), "{what}, cut after {cut} words");
            memory.cut_after(None);
            boot(&memory).unwrap();
            runs(&memory);
        }
    }
}

#[test]
fn a_firmware_stays_once_it_was_well_for_a_minute_without_a_break() {
    let mut trial = Trial::new(0);
    assert_eq!(trial.look(WELL_MS, false), Verdict::Wait, "not connected yet");
    assert_eq!(trial.look(WELL_MS + 1, true), Verdict::Wait);
    assert_eq!(trial.look(2 * WELL_MS, true), Verdict::Wait);
    assert_eq!(trial.look(2 * WELL_MS + 1, true), Verdict::Stays);
    let mut trial = Trial::new(0);
    for now in (0..PATIENCE_MS).step_by(30_000) {
        assert_eq!(trial.look(now, now % 60_000 == 0), Verdict::Wait, "it comes and goes");
    }
    assert_eq!(trial.look(PATIENCE_MS, false), Verdict::GoesBack);
}
