//! Another firmware with the boot loader: told within a session, swapped in at the next start, on trial.

use std::cell::RefCell;

use ed25519_dalek::SigningKey;
use embassy_boot::State;
use gengfu_board::{
    flash::{layout::Layout, store::Store},
    net::beside::Beside,
    update::{
        fetch::BLOCK,
        swap::{Loader, Slot, Updates},
        trial::{PATIENCE_MS, WELL_MS},
    },
};
use gengfu_wire::{
    MAX_PAYLOAD, VERSION,
    codec::{Payload, decode, encode},
    down::Block,
    topic::Down,
    up::{self, UpdateState},
};

use crate::{
    bench::{Bench, WHO},
    flash::{Part, run},
    update::{Memory, Offered, SECOND, SLOT, STATE, boot, hex, image, key, memory, part, runs},
};

type Kept = Part<4, 1024>;

/// The board starts: what it knows of updates.
fn start(memory: &Memory, now_ms: u64) -> Updates<Kept> {
    let events = part(memory, STATE.end..STATE.end + Layout::new::<Kept>(0, 20).end());
    let (store, _) = run(Store::open(events, Layout::new::<Kept>(0, 20))).unwrap();
    let store = Box::leak(Box::new(RefCell::new(store)));
    let loader = Loader::new(part(memory, STATE), Box::leak(Box::new([0; 4])));
    let slot = Slot { flash: part(memory, SECOND), room: SLOT };
    let key = Some(key().verifying_key().to_bytes());
    Updates::new(now_ms, &WHO, key, slot, loader, store)
}

/// The gateway says something.
fn tell<P: Payload>(updates: &Updates<Kept>, what: Down, payload: &P) {
    let mut buffer = [0; MAX_PAYLOAD];
    let payload = encode(payload, &mut buffer).unwrap();
    Beside::<4, 6>::hear(&updates.taker, 0, what, payload);
}

/// What the board says of it.
fn said(updates: &Updates<Kept>, bench: &Bench) -> Option<(UpdateState, u32)> {
    said_of(updates, bench).map(|(state, offset, _)| (state, offset))
}

/// The same, and of which version.
fn said_of(updates: &Updates<Kept>, bench: &Bench) -> Option<(UpdateState, u32, String)> {
    let mut buffer = [0; MAX_PAYLOAD];
    let said = updates.taker.say(0, &bench.board, &mut buffer)?;
    let said: up::Update<'_> = decode(said.payload).unwrap();
    Some((said.state, said.offset, said.version.to_owned()))
}

/// The board asks for blocks until it has all of them, if it asks for any.
fn fetch(updates: &Updates<Kept>, bench: &Bench, image: &[u8]) {
    while let Some((UpdateState::Wants, offset)) = said(updates, bench) {
        assert!(!updates.look(0, true), "not all of it is there");
        let rest = &image[offset as usize..];
        let data = hex(&rest[..rest.len().min(BLOCK)]);
        tell(updates, Down::Block, &Block { v: VERSION, offset, data: &data });
    }
}

/// A board that has fetched another firmware, and started with it.
fn swapped() -> Memory {
    let (memory, image, bench) = (memory(), image(2), Bench::running());
    let updates = start(&memory, 0);
    tell(&updates, Down::Update, &Offered::new(&image).update());
    fetch(&updates, &bench, &image);
    // The gateway is to hear that it is ready before the board starts anew.
    assert!(!updates.look(0, true) && !updates.look(1_999, true));
    assert!(updates.look(2_000, true));
    assert_eq!(boot(&memory).unwrap(), State::Swap);
    assert_eq!(runs(&memory), 2);
    memory
}

#[test]
fn one_that_is_well_for_a_minute_stays() {
    let memory = swapped();
    let (updates, bench) = (start(&memory, 0), Bench::running());
    assert!(!updates.look(0, true));
    assert_eq!(said(&updates, &bench), None);
    assert!(!updates.look(WELL_MS, true));
    assert_eq!(said(&updates, &bench), Some((UpdateState::Confirmed, 0)));
    boot(&memory).unwrap();
    assert_eq!(runs(&memory), 2);
    assert!(!start(&memory, 0).look(PATIENCE_MS, false), "it is no longer on trial");
}

#[test]
fn one_that_finds_no_gateway_goes_back() {
    let memory = swapped();
    let updates = start(&memory, 0);
    assert!(!updates.look(PATIENCE_MS - 1, false));
    assert!(updates.look(PATIENCE_MS, false));
    boot(&memory).unwrap();
    assert_eq!(runs(&memory), 1);
}

#[test]
fn one_that_crashes_on_trial_goes_back() {
    let memory = swapped();
    assert!(!start(&memory, 0).look(WELL_MS - 1, true));
    boot(&memory).unwrap();
    assert_eq!(runs(&memory), 1);
}

#[test]
fn while_one_is_on_trial_no_other_is_taken() {
    let memory = swapped();
    let (updates, bench, third) = (start(&memory, 0), Bench::running(), image(3));
    let offer = Offered::new(&third).called("1.6.0");
    assert!(!updates.look(0, true));
    let before = part(&memory, SECOND).bytes();
    tell(&updates, Down::Update, &offer.update());
    let data = hex(&third[..BLOCK]);
    tell(&updates, Down::Block, &Block { v: VERSION, offset: 0, data: &data });
    assert_eq!(said(&updates, &bench), None, "it asks for nothing");
    assert_eq!(part(&memory, SECOND).bytes(), before, "what it may go back to stands there");
    let gone_back = memory.fork();
    boot(&gone_back).unwrap();
    assert_eq!(runs(&gone_back), 1);

    // Once it stays, the same offer is taken.
    assert!(!updates.look(WELL_MS, true));
    assert_eq!(said(&updates, &bench), Some((UpdateState::Confirmed, 0)));
    tell(&updates, Down::Update, &offer.update());
    fetch(&updates, &bench, &third);
    assert!(!updates.look(WELL_MS, true) && updates.look(WELL_MS + 2_000, true));
    boot(&memory).unwrap();
    assert!(part(&memory, 0..SLOT).bytes().starts_with(&third));
}

#[test]
fn that_it_stays_is_said_in_each_session_of_that_start() {
    let memory = swapped();
    let (updates, mut bench) = (start(&memory, 0), Bench::running());
    assert!(!updates.look(0, true) && !updates.look(WELL_MS, true));
    for now in [WELL_MS, WELL_MS + 1_000] {
        let confirmed = (UpdateState::Confirmed, 0, WHO.firmware.to_owned());
        assert_eq!(said_of(&updates, &bench), Some(confirmed));
        assert_eq!(said(&updates, &bench), None, "once");
        bench.board.disconnected();
        bench.board.connected(now);
    }
}

#[test]
fn one_that_the_boot_loader_can_not_be_told_of_is_fetched_again() {
    let (memory, image, bench) = (memory(), image(2), Bench::running());
    let updates = start(&memory, 0);
    tell(&updates, Down::Update, &Offered::new(&image).update());
    fetch(&updates, &bench, &image);
    memory.cut_after(Some(0));
    assert!(!updates.look(0, true));
    memory.cut_after(None);
    let refused = (UpdateState::Refused, 0, "1.5.0".to_owned());
    let heard = said_of(&updates, &bench).map(|(state, _, version)| (state, 0, version));
    assert_eq!(heard, Some(refused), "and the gateway hears of it");
    assert!(!updates.look(60_000, true));
    tell(&updates, Down::Update, &Offered::new(&image).update());
    fetch(&updates, &bench, &image);
    assert!(!updates.look(60_000, true) && updates.look(62_000, true));
    boot(&memory).unwrap();
    assert_eq!(runs(&memory), 2);
}

#[test]
fn an_offer_of_a_stranger_gives_its_name_to_nothing() {
    let (memory, image, bench) = (memory(), image(2), Bench::running());
    let updates = start(&memory, 0);
    tell(&updates, Down::Update, &Offered::new(&image).update());
    assert_eq!(said_of(&updates, &bench), Some((UpdateState::Wants, 0, "1.5.0".into())));
    let mut stranger = Offered::new(&image).called("9.0.0");
    stranger.sign(&SigningKey::from_bytes(&[8; 32]));
    tell(&updates, Down::Update, &stranger.update());
    assert_eq!(said_of(&updates, &bench), Some((UpdateState::Refused, 0, "9.0.0".into())));
    for (at, bytes) in image.chunks(BLOCK).enumerate() {
        let offset = (at * BLOCK) as u32;
        tell(&updates, Down::Block, &Block { v: VERSION, offset, data: &hex(bytes) });
    }
    let ready = said_of(&updates, &bench).map(|(state, _, version)| (state, version));
    assert_eq!(ready, Some((UpdateState::Ready, "1.5.0".to_owned())));
}
