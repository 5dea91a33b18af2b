//! A board that is not well.

use gengfu_board::{
    board,
    flash::{
        layout::{EVENTS, Layout},
        store::Store,
    },
    health::{
        LastWords, MAX_WORDS, Mode, PATIENT_MS, Part, QUICK_MS, Reset, SAFE_AFTER, WELL_AFTER_MS,
        Watch,
    },
    lamp::Shown,
};
use gengfu_wire::{
    VERSION,
    down::{Lamp, Output},
    topic::Down,
};
use proptest::prelude::*;

use crate::{
    bench::{Bench, Pin, Said, WHO, config},
    flash::{Flash, run},
};

#[test]
fn the_watchdog_is_fed_only_while_every_task_is_alive() {
    let mut watch = Watch::new(100, [QUICK_MS, QUICK_MS, PATIENT_MS]);
    assert!(watch.may_feed(100 + QUICK_MS - 1), "each has its time at the start too");
    assert!(!watch.may_feed(100 + QUICK_MS));
    let mut now = 100;
    for _ in 0..PATIENT_MS / 1_000 {
        assert!(watch.may_feed(now), "{now}");
        now += 1_000;
        watch.alive(0, now);
        watch.alive(1, now);
        watch.alive(9, now);
    }
    assert!(!watch.may_feed(now), "the one that may take its time has taken too much of it");
    watch.alive(2, now);
    assert!(watch.may_feed(now + QUICK_MS - 1));
    watch.alive(1, now + QUICK_MS);
    assert!(!watch.may_feed(now + QUICK_MS), "one of two is not enough");
}

#[test]
fn last_words_are_told_once_and_as_a_payload_may_hold_them() {
    let mut words = LastWords::none();
    assert_eq!(words.take(), None);
    words.say(format_args!("app/src/{}.rs:{}: \"{}\"\n\\ 更", "link", 41, "no such socket"));
    let told = words.take().unwrap();
    assert_eq!(told.as_str(), "app/src/link.rs:41:  no such socket       ");
    assert_eq!(words.take(), None);
    words.say(format_args!("{}", "x".repeat(300)));
    assert_eq!(words.take().unwrap().len(), MAX_WORDS);
}

#[test]
fn it_goes_into_safe_mode_after_crashes_in_a_row_and_not_for_want_of_power() {
    let lives = [
        (Reset::Power, 0),
        (Reset::Panic, 1),
        (Reset::BrownOut, 1),
        (Reset::Watchdog, 2),
        (Reset::Panic, 3),
        (Reset::BrownOut, 3),
        (Reset::Update, 0),
        (Reset::Panic, 1),
        (Reset::Request, 1),
        (Reset::Power, 0),
    ];
    let mut crashes = 0;
    for (reset, expected) in lives {
        crashes = reset.crashes(crashes);
        assert_eq!(crashes, expected, "{reset:?}");
        let safe = Mode::after(crashes) == Mode::Safe;
        assert_eq!(safe, crashes >= SAFE_AFTER);
    }
    let parts = [
        (Part::Inputs, true),
        (Part::Network, true),
        (Part::Update, true),
        (Part::Outputs, false),
        (Part::Slave, true),
        (Part::Master, false),
        (Part::Measuring, false),
    ];
    for (part, in_safe_mode) in parts {
        assert_eq!(
            (Mode::Whole.runs(part), Mode::Safe.runs(part)),
            (true, in_safe_mode),
            "{part:?}"
        );
    }
}

#[test]
fn crashes_are_counted_over_the_starts_until_it_has_run_well() {
    type F = Flash<1, 4096>;
    let layout = Layout::new::<F>(0, EVENTS);
    let flash = F::new(layout.end() as usize / 4096);
    let start = |reset| {
        let (mut store, found) = run(Store::open(flash.clone(), layout.clone())).unwrap();
        let crashes = run(store.came_up(reset)).unwrap();
        let mut board = board::Board::<4, 8>::with_flash(0, WHO, &found).unwrap();
        board.came_up(crashes, None);
        (board, store, crashes)
    };
    assert_eq!(start(Reset::Power).2, 0);
    assert_eq!(start(Reset::Panic).2, 1);
    assert_eq!(start(Reset::Watchdog).2, 2);
    let (mut board, mut store, crashes) = start(Reset::Panic);
    assert_eq!((crashes, board.mode()), (3, Mode::Safe));
    let mut pins: [Pin; 4] = Default::default();
    board.poll(WELL_AFTER_MS - 1, &mut pins);
    run(board.keep(&mut store)).unwrap();
    assert_eq!(start(Reset::BrownOut).2, 3, "not yet");
    board.poll(WELL_AFTER_MS, &mut pins);
    run(board.keep(&mut store)).unwrap();
    assert_eq!(board.mode(), Mode::Safe, "it does not change its mind as it runs");
    assert!(board.wants_restart(), "all of it is tried again, by another start");
    let (board, _, crashes) = start(Reset::Request);
    assert_eq!((crashes, board.mode()), (2, Mode::Whole));
    let (board, _, crashes) = start(Reset::Panic);
    assert_eq!((crashes, board.mode()), (3, Mode::Safe), "the next crash is enough");
    let (mut board, mut store, _) = start(Reset::Power);
    assert_eq!(board.mode(), Mode::Whole);
    board.poll(WELL_AFTER_MS, &mut pins);
    run(board.keep(&mut store)).unwrap();
    assert!(!board.wants_restart());
}

#[test]
fn a_start_after_safe_mode_that_runs_well_forgets_the_crashes() {
    type F = Flash<1, 4096>;
    let layout = Layout::new::<F>(0, EVENTS);
    let flash = F::new(layout.end() as usize / 4096);
    let start = |reset| {
        let (mut store, found) = run(Store::open(flash.clone(), layout.clone())).unwrap();
        let crashes = run(store.came_up(reset)).unwrap();
        let mut board = board::Board::<4, 8>::with_flash(0, WHO, &found).unwrap();
        board.came_up(crashes, None);
        (board, store, crashes)
    };
    let mut pins: [Pin; 4] = Default::default();
    for reset in [Reset::Panic, Reset::Panic, Reset::Panic, Reset::Request] {
        let (mut board, mut store, _) = start(reset);
        let lived = if board.mode() == Mode::Safe { WELL_AFTER_MS } else { 1_000 };
        board.poll(lived, &mut pins);
        run(board.keep(&mut store)).unwrap();
    }
    let (mut board, mut store, crashes) = start(Reset::BrownOut);
    assert_eq!(crashes, 2);
    board.poll(WELL_AFTER_MS, &mut pins);
    run(board.keep(&mut store)).unwrap();
    assert_eq!(start(Reset::Panic).2, 1);
}

#[test]
fn a_board_that_crashed_says_so_and_what_it_said_last() {
    let mut bench = Bench::new(Some(config()));
    let mut words = LastWords::none();
    words.say(format_args!("the line is gone"));
    bench.board.came_up(3, words.take());
    bench.board.connected(0);
    bench.pass(100);
    let health = |panic: Option<&str>| Said::Health {
        crashes: 3,
        safe: true,
        panic: panic.map(str::to_owned),
        dropped: 0,
        dips: 0,
    };
    assert_eq!(bench.says()[2..], [health(Some("the line is gone"))], "after presence and birth");
    bench.board.connected(bench.now);
    bench.pass(100);
    assert_eq!(bench.says()[2..], [health(None)], "the words once, the rest at each connect");
}

#[test]
fn a_flash_that_could_not_be_read_is_told_of() {
    type F = Flash<1, 4096>;
    let layout = Layout::new::<F>(0, EVENTS);
    let flash = F::new(layout.end() as usize / 4096);
    let (_, mut found) = run(Store::open(flash, layout)).unwrap();
    found.lost = true;
    let mut board = board::Board::<4, 8>::with_flash(0, WHO, &found).unwrap();
    board.came_up(0, None);
    board.connected(0);
    let mut pins: [Pin; 4] = Default::default();
    let mut buffer = [0; gengfu_wire::MAX_PAYLOAD];
    let mut said = vec![];
    for now in [0, 100, 4_000] {
        board.poll(now, &mut pins);
        while let Some(it) = board.next_publication(now, &mut buffer).unwrap() {
            said.push(String::from_utf8(it.payload.to_vec()).unwrap());
        }
    }
    assert!(said.last().unwrap().contains("was erased"), "{said:?}");
}

#[test]
fn in_safe_mode_inputs_are_told_and_outputs_stay_off() {
    let mut bench = Bench::running();
    bench.board.came_up(SAFE_AFTER, None);
    let on = Output { v: VERSION, lamp: Lamp::Green, sounder: true, relay: true, hold_s: 60 };
    bench.hear(Down::Output, &on);
    assert_eq!(bench.board.outputs(bench.now), Shown::default());
    bench.contact(1, true);
    bench.pass(30);
    assert!(bench.says().iter().any(|said| matches!(said, Said::Event { input: 1, .. })));
}

proptest! {
    /// Memory that nobody has written, or that lost a bit, says nothing.
    #[test]
    fn no_memory_is_taken_for_last_words(text in "[ -~]{1,80}", at: prop::sample::Index, bit in 0u32..8) {
        let mut words = LastWords::none();
        words.say(format_args!("{text}"));
        let mut damaged = words;
        prop_assert!(words.take().is_some());
        let at = at.index(damaged.0.len());
        damaged.0[at] ^= 1 << bit;
        prop_assert_eq!(damaged.take(), None);
    }

    #[test]
    fn no_memory_makes_them_panic(bytes in prop::collection::vec(any::<u8>(), 69)) {
        prop_assert_eq!(LastWords(bytes.try_into().unwrap()).take(), None);
    }
}
