//! What is kept in flash: room, order, wear.

use embedded_storage_async::nor_flash::NorFlash;
use gengfu_board::flash::{
    layout::{EVENTS, Layout},
    record::{Class, Name, Record},
    store::{Found, Store, StoreError},
};
use gengfu_wire::up::InputState::{self, Active, Drift, Idle, Open, Short};
use proptest::prelude::*;

use crate::{
    bench::config,
    flash::{Cut, Flash, run},
};

/// As on an RP2040: written by the byte, erased by 4 KiB.
type Rp2040 = Flash<1, 4096>;

fn rp2040() -> (Rp2040, Layout) {
    let layout = Layout::new::<Rp2040>(0, EVENTS);
    (Rp2040::new(layout.end() as usize / 4096), layout)
}

fn open(flash: Rp2040) -> (Store<Rp2040>, Found) {
    run(Store::open(flash, Layout::new::<Rp2040>(0, EVENTS))).unwrap()
}

fn record(seq: u32, class: Class) -> Record {
    let name = Name { boot: 7, seq };
    Record { name, input: 1, state: Active, class, happened_ms: u64::from(seq) }
}

fn seqs(store: &mut Store<Rp2040>, class: Class) -> Vec<u32> {
    let mut found = vec![];
    run(store.after(class, None, |event| {
        found.push(event.name.seq);
        true
    }))
    .unwrap();
    found
}

#[test]
fn it_takes_fourteen_pages_of_4_kib() {
    let layout = rp2040().1;
    assert_eq!(layout.end(), 14 * 4096);
}

#[test]
fn each_start_has_a_number_of_its_own() {
    let (store, first) = open(rp2040().0);
    let (store, second) = open(store.into_flash());
    let (_, third) = open(store.into_flash());
    assert_eq!([first.boot, second.boot, third.boot], [1, 2, 3]);
    assert_eq!((first.config, first.inputs, first.lost), (None, [Idle; 16], false));
}

#[test]
fn inputs_and_configuration_are_found_again() {
    let (mut store, _) = open(rp2040().0);
    let mut inputs = [Idle; 16];
    inputs[..4].copy_from_slice(&[Active, Open, Short, Drift]);
    run(store.keep_inputs(&inputs, Name { boot: 1, seq: 9 })).unwrap();
    run(store.keep_config(&config())).unwrap();
    let (_, found) = open(store.into_flash());
    assert_eq!((found.inputs, found.config), (inputs, Some(config())));
}

#[test]
fn the_event_that_was_written_last_counts_though_its_input_was_not() {
    let (mut store, _) = open(rp2040().0);
    run(store.push(&record(1, Class::Vital), |_| panic!("there is room"))).unwrap();
    let mut inputs = [Idle; 16];
    inputs[1] = Open;
    run(store.keep_inputs(&inputs, Name { boot: 7, seq: 1 })).unwrap();
    run(store.push(&record(2, Class::Ordinary), |_| panic!("there is room"))).unwrap();
    let (_, found) = open(store.into_flash());
    assert_eq!((found.inputs[0], found.inputs[1]), (Active, Open));
    assert_eq!((found.waiting, found.boot), ([1, 1], 8), "higher than any event's");
}

#[test]
fn five_hundred_events_of_each_kind_have_room_and_the_oldest_give_way() {
    let (mut store, _) = open(rp2040().0);
    let mut dropped = vec![];
    run(store.push(&record(1, Class::Vital), |_| panic!("there is room"))).unwrap();
    for seq in 2..3_000 {
        run(store.push(&record(seq, Class::Ordinary), |name| dropped.push(name.seq))).unwrap();
        let kept = seq as usize - 1 - dropped.len();
        assert!(dropped.is_empty() || kept >= EVENTS, "only {kept} are kept");
    }
    assert_eq!(seqs(&mut store, Class::Vital), [1], "no flood takes its room");
    assert!(dropped.is_sorted() && dropped[0] == 2, "the oldest first");
    let kept = seqs(&mut store, Class::Ordinary);
    assert_eq!(kept, (2 + dropped.len() as u32..3_000).collect::<Vec<_>>());
    let (_, found) = open(store.into_flash());
    assert_eq!(found.waiting, [1, u16::try_from(kept.len()).unwrap()]);
}

#[test]
fn events_are_removed_in_any_order() {
    let (mut store, _) = open(rp2040().0);
    for seq in 1..=5 {
        run(store.push(&record(seq, Class::Vital), |_| panic!("there is room"))).unwrap();
    }
    for seq in [4, 1, 4, 9] {
        run(store.remove(Class::Vital, Name { boot: 7, seq })).unwrap();
    }
    assert_eq!(seqs(&mut store, Class::Vital), [2, 3, 5]);
    let mut found = vec![];
    run(store.after(Class::Vital, Some(Name { boot: 7, seq: 2 }), |event| {
        found.push(event.name.seq);
        false
    }))
    .unwrap();
    assert_eq!(found, [3], "the one after it, and no more than wanted");
}

/// 10,000 events with their receipts: a flash for 100,000 erases lasts for 50 million of them, which
/// is one every 10 s for 15 years.
#[test]
fn ten_thousand_events_erase_no_page_more_than_twenty_times() {
    let (mut store, _) = open(rp2040().0);
    for seq in 1..=10_000 {
        let event = record(seq, Class::Vital);
        run(store.push(&event, |_| panic!("there is room"))).unwrap();
        let state = if seq % 2 == 0 { Idle } else { Active };
        run(store.keep_inputs(&[state; 16], event.name)).unwrap();
        run(store.remove(Class::Vital, event.name)).unwrap();
    }
    let erased = store.into_flash().erased();
    let (vital, rest) = erased.split_at(4);
    let (ordinary, rest) = rest.split_at(4);
    let (kept, again) = rest.split_at(4);
    assert_eq!(again, [0, 0], "one number");
    assert!(vital.iter().all(|times| (14..=16).contains(times)), "{vital:?}");
    assert!(ordinary.iter().all(|times| *times == 0), "{ordinary:?}");
    assert!(kept.iter().all(|times| (15..=20).contains(times)), "{kept:?}");
}

#[test]
fn a_flash_full_of_what_nobody_has_written_is_used_all_the_same() {
    let patterns: [fn(u32) -> u8; 3] = [|_| 0, |at| (at * 31 % 251) as u8, |at| (at / 4) as u8];
    for garbage in patterns {
        let (mut flash, layout) = rp2040();
        let bytes: Vec<u8> = (0..layout.end()).map(garbage).collect();
        run(NorFlash::write(&mut flash, 0, &bytes)).unwrap();
        let (mut store, found) = open(flash);
        let boot = if found.lost { 1_000_001 } else { 1 };
        assert_eq!((found.boot, found.config), (boot, None), "no number of before comes again");
        for seq in 1..=200 {
            run(store.push(&record(seq, Class::Vital), |_| {})).unwrap();
        }
        assert_eq!(seqs(&mut store, Class::Vital), (1..=200).collect::<Vec<_>>());
        let (_, found) = open(store.into_flash());
        assert_eq!((found.boot, found.waiting), (boot.max(7) + 1, [200, 0]));
    }
}

/// The gateway takes an event with a number that it knows for a copy.
#[test]
fn however_often_its_kept_pages_are_lost_no_number_of_a_start_comes_twice() {
    let (flash, layout) = rp2040();
    let mut last = 0;
    let mut opened = |flash| {
        let (store, found) = open(flash);
        assert!(found.boot > last, "{} after {last}", found.boot);
        last = found.boot;
        store.into_flash()
    };
    let mut flash = opened(flash);
    for loss in 0..5 {
        flash = opened(flash);
        // One of the two places, in turn.
        let pages = if loss % 2 == 0 { layout.kept.clone() } else { layout.again.clone() };
        let bytes: Vec<u8> = pages.clone().map(|at| (at / 4) as u8).collect();
        run(NorFlash::erase(&mut flash, pages.start, pages.end)).unwrap();
        run(NorFlash::write(&mut flash, pages.start, &bytes)).unwrap();
        flash = opened(flash);
    }
    assert_eq!(last, 11, "and none is left out");
}

#[test]
fn a_flash_that_refuses_says_so() {
    let (flash, layout) = rp2040();
    flash.cut_after(Some(0));
    assert_eq!(run(Store::open(flash, layout.clone())).err(), Some(StoreError::Flash(Cut)));
    let odd = Layout { vital: 1..4096, ..layout };
    assert_eq!(run(Store::open(rp2040().0, odd)).err(), Some(StoreError::Layout));
}

proptest! {
    #[test]
    fn a_record_reads_back_as_it_was_written(
        boot: u32, seq: u32, input: u8, vital: bool, happened_ms in 0u64..1 << 48,
        state in prop::sample::select(vec![Idle, Active, Open, Short, Drift]),
    ) {
        let class = if vital { Class::Vital } else { Class::Ordinary };
        let record = Record { name: Name { boot, seq }, input, state, class, happened_ms };
        prop_assert_eq!(Record::from_bytes(&record.to_bytes()), Some(record));
    }

    #[test]
    fn no_bytes_make_a_record_panic(bytes in prop::collection::vec(any::<u8>(), 0..20)) {
        let read: Option<InputState> = Record::from_bytes(&bytes).map(|record| record.state);
        prop_assert!(read.is_none() || bytes.len() == 16);
    }
}

/// On an RP2040 the network, TCP and TLS want most of the memory: what is here stays small, however
/// many events wait.
#[test]
fn a_board_with_its_flash_takes_few_kib_of_memory() {
    type Board = gengfu_board::board::Board<'static, 8, 32>;
    let (mut store, found) = open(rp2040().0);
    let mut board = Board::with_flash(0, crate::bench::WHO, &found).unwrap();
    let sizes = [size_of_val(&board), size_of_val(&store)];
    let keep = size_of_val(&board.keep(&mut store));
    assert!(sizes.iter().sum::<usize>() + keep <= 8 * 1024, "{sizes:?} and {keep}");
}
