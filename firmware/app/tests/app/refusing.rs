//! A flash that refuses: the board works on, tells what happens, and tells that nothing is kept.

use gengfu_board::{
    board,
    flash::{
        layout::{EVENTS, Layout},
        store::{Found, Store},
    },
};
use gengfu_wire::{MAX_PAYLOAD, codec::decode, up};

use crate::{
    bench::{Pin, WHO, config},
    flash::{Flash, run},
};

type F = Flash<1, 4096>;
type Board = board::Board<'static, 4, 8>;

fn layout() -> Layout {
    Layout::new::<F>(0, EVENTS)
}

fn flash() -> F {
    F::new(layout().end() as usize / 4096)
}

fn open(flash: &F) -> (Store<F>, Found) {
    run(Store::open_anyhow(|| flash.clone(), &layout(), 77))
}

/// What a board says of itself and of a press, a second after it has connected.
fn told(board: &mut Board, store: &mut Store<F>, from: u64) -> (Option<bool>, u32) {
    let mut pins: [Pin; 4] = Default::default();
    board.connected(from);
    let (mut refuses, mut events) = (None, 0);
    for now in from..from + 5_000 {
        pins[0].0.set(Some(now < from + 1_000));
        board.poll(now, &mut pins);
        _ = run(board.keep(store));
        let mut buffer = [0; MAX_PAYLOAD];
        while let Some(said) = board.next_publication(now, &mut buffer).unwrap() {
            if said.topic.ends_with("up/health") {
                refuses = Some(decode::<up::Health<'_>>(said.payload).unwrap().flash);
            }
            events += u32::from(said.topic.ends_with("up/event"));
        }
    }
    (refuses, events)
}

#[test]
fn one_that_refuses_at_the_start_leaves_a_board_that_tells() {
    let flash = flash();
    flash.cut_after(Some(0));
    let (mut store, mut found) = open(&flash);
    assert!(found.refuses);
    assert_eq!(found.boot, (1 << 31) + 77, "a number that no start has had, as far as chance goes");
    found.config = Some(config());
    let mut board = Board::with_flash(0, WHO, &found).unwrap();
    assert_eq!(told(&mut board, &mut store, 0), (Some(true), 2), "fire is open, and the press");
}

#[test]
fn one_that_refuses_while_it_runs_is_told_of_and_no_event_is_lost() {
    let flash = flash();
    let (mut store, mut found) = open(&flash);
    found.config = Some(config());
    let mut board = Board::with_flash(0, WHO, &found).unwrap();
    assert_eq!(told(&mut board, &mut store, 0).0, None, "nothing is the matter");
    let before = flash.work();
    flash.cut_after(Some(0));
    assert_eq!(told(&mut board, &mut store, 10_000).0, Some(true));
    assert_eq!(flash.work(), before);
}

#[test]
fn what_nobody_can_read_is_erased_once_and_no_number_comes_twice() {
    let flash = flash();
    for start in 1..=3 {
        assert_eq!(open(&flash).1.boot, start);
    }
    // Bits of every page went over, the marks of its end and its beginning among them.
    let pages = layout().vital.start..layout().end() - 8192;
    for page in pages.step_by(4096) {
        let zeros = [0; 4096];
        run(embedded_storage_async::nor_flash::NorFlash::write(&mut flash.clone(), page, &zeros))
            .unwrap();
    }
    let (_, found) = open(&flash);
    assert!(found.lost && !found.refuses);
    assert!(found.boot >= 4, "{}", found.boot);
    assert!(!open(&flash).1.lost);
}
