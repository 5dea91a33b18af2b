//! Seeds that once broke a promise of the real core.

use gengfu_sim::world::{plan::Plan, run::run};

fn keeps_every_promise(seed: u64) {
    let outcome = run(&Plan::of(seed), false);
    assert_eq!(outcome.broken, None, "see it happen: gengfu-sim --seed {seed} --trace");
}

/// A board that was silent since before the gateway's start, and whose supervision time was
/// lengthened while the gateway was down, had its whole time once more: it was missed after twice
/// its time.
#[test]
fn a_longer_supervision_at_the_start_does_not_begin_anew() {
    keeps_every_promise(492);
}

/// Who had said "I'm going", and was to hear that the incident had grown, and lapsed in the same
/// instant, was still asked though another was going.
#[test]
fn who_lapses_is_not_asked_what_another_has_taken() {
    keeps_every_promise(12_538);
}

/// An input that was refused took no notice of the time: a command that was refused between two
/// changes of the clock made core miss the first, and a stream of them held up what was due.
#[test]
fn a_refused_command_does_not_hide_the_time() {
    keeps_every_promise(10_592);
}
