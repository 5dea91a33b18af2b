//! Supply, battery and temperature, and what the gateway is told of them.

use gengfu_board::{
    board::HEARTBEAT_MS,
    power::{Divider, Limits, Measured, Smooth, Supply},
    report::HEALTH_PAUSE_MS,
};
use proptest::prelude::*;

use crate::bench::{Bench, Said};

const LIMITS: Limits = Limits { under_mv: 10_800, over_mv: 11_500 };

#[test]
fn a_divider_says_millivolts() {
    // 12 V over 33 kΩ and 10 kΩ, before a converter of 12 bits at 3.3 V.
    let divider = Divider { full: 4095, reference_mv: 3_300, top_ohm: 33_000, bottom_ohm: 10_000 };
    assert_eq!((divider.millivolts(0), divider.millivolts(4095)), (0, 14_190));
    assert!((11_995..12_005).contains(&divider.millivolts(3463)));
    assert_eq!(Divider { bottom_ohm: 0, ..divider }.millivolts(7), 0);
}

#[test]
fn one_reading_in_a_spike_says_little() {
    let mut smooth = Smooth::default();
    assert_eq!(smooth.take(12_000), 12_000, "the first is the mean");
    assert_eq!(smooth.take(4_000), 11_000);
    let settled = (0..60).map(|_| smooth.take(12_000)).last();
    assert!((11_990..=12_000).contains(&settled.unwrap()), "{settled:?}");
}

#[test]
fn a_dip_is_counted_once_until_the_supply_is_sound_again() {
    let mut supply = Supply::new(LIMITS);
    let told: Vec<bool> = [12_000, 10_900, 10_800, 10_700, 11_400, 10_700, 11_500, 10_000]
        .map(|supply_mv| supply.see(supply_mv))
        .into();
    assert_eq!(told, [false, false, true, false, false, false, true, true]);
    assert_eq!((supply.is_low(), supply.dips()), (true, 2));
}

proptest! {
    #[test]
    fn the_mean_lies_between_what_was_measured(values in prop::collection::vec(any::<u32>(), 1..100)) {
        let mut smooth = Smooth::default();
        let (least, most) = (values.iter().min().unwrap(), values.iter().max().unwrap());
        for value in &values {
            let mean = smooth.take(*value);
            prop_assert!((least.saturating_sub(8)..=most.saturating_add(1)).contains(&mean));
        }
    }
}

#[test]
fn a_supply_that_falls_is_told_at_once_and_counted() {
    let mut bench = Bench::running();
    bench.board.watch_supply(LIMITS);
    let measured = |supply_mv| Measured { supply_mv: Some(supply_mv), ..Measured::default() };
    bench.board.measured(bench.now, measured(12_000));
    bench.pass(1_000);
    assert_eq!(bench.says(), []);
    bench.board.measured(bench.now, measured(10_500));
    bench.pass(1);
    let said = bench.says();
    assert!(matches!(said[0], Said::Heartbeat { .. }), "{said:?}");
    assert!(matches!(said[1], Said::Health { dips: 1, crashes: 0, .. }), "{said:?}");
    assert!(bench.board.is_supply_low());
    bench.board.measured(bench.now, measured(12_000));
    bench.board.measured(bench.now, measured(10_500));
    bench.pass(HEALTH_PAUSE_MS - 1);
    let healths = |said: Vec<Said>| {
        said.into_iter().filter(|s| matches!(s, Said::Health { dips: 2, .. })).count()
    };
    assert_eq!(healths(bench.says()), 0, "once a minute at the most");
    bench.pass(HEARTBEAT_MS);
    assert_eq!(healths(bench.says()), 1);
}

#[test]
fn a_board_that_gets_warmer_says_so_once_a_minute_at_the_most() {
    let mut bench = Bench::running();
    let healths = |bench: &mut Bench, temperature_dc: i16| {
        let measured = Measured { temperature_dc: Some(temperature_dc), ..Measured::default() };
        bench.board.measured(bench.now, measured);
        bench.pass(HEALTH_PAUSE_MS);
        bench.says().into_iter().filter(|said| matches!(said, Said::Health { .. })).count()
    };
    assert_eq!(healths(&mut bench, 250), 1, "the first one");
    assert_eq!(healths(&mut bench, 269), 0, "a little warmer is nothing new");
    assert_eq!(healths(&mut bench, 270), 1);
    assert_eq!(healths(&mut bench, 255), 0);
    assert_eq!(healths(&mut bench, 249), 1);
}
