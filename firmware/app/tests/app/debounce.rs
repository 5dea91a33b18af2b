//! A contact, believed once it rests.

use embedded_hal_mock::eh1::{
    MockError,
    digital::{Mock, State, Transaction},
};
use gengfu_board::debounce::{Input, Wiring};
use gengfu_wire::{
    down::InputConfig,
    up::InputState::{self, Active, Drift, Idle},
};
use proptest::prelude::*;

use crate::bench::Pin;

fn used(normally_closed: bool, debounce_ms: u16) -> Input {
    let mut input = Input::new();
    let config = InputConfig { input: 1, normally_closed, debounce_ms, vital: true, bare: false };
    input.configure(Some(&config));
    input
}

/// Looks once each millisecond, one sign each: `_` low, `#` high, `?` the read fails. Returns what
/// was believed: how it stands, since when, and when that was known.
fn watch(input: &mut Input, wiring: Wiring, levels: &str) -> Vec<(InputState, u64, u64)> {
    let reads: Vec<Transaction> = levels
        .chars()
        .map(|level| match level {
            '_' => Transaction::get(State::Low),
            '#' => Transaction::get(State::High),
            _ => {
                Transaction::get(State::Low).with_error(MockError::Io(std::io::ErrorKind::TimedOut))
            }
        })
        .collect();
    let mut pin = Mock::new(&reads);
    let mut believed = vec![];
    for now in 0..reads.len() as u64 {
        if let Some(since) = input.look(now, &mut pin, wiring) {
            believed.push((input.settled().unwrap(), since, now));
        }
    }
    pin.done();
    believed
}

#[test]
fn a_button_that_bounces_is_pressed_once_and_released_once() {
    let levels = "#######_#__#_##______________####__#_##########";
    let mut button = used(false, 5);
    assert_eq!(
        watch(&mut button, Wiring::PullUp, levels),
        [(Idle, 0, 5), (Active, 15, 20), (Idle, 37, 42)],
        "each since its last bounce, and not before it has rested for 5 ms"
    );
}

#[test]
fn a_closed_contact_that_opens_is_what_a_normally_closed_one_has_to_tell() {
    let levels = "______#_########";
    assert_eq!(watch(&mut used(true, 3), Wiring::PullUp, levels), [(Idle, 0, 3), (Active, 8, 11)]);
    assert_eq!(
        watch(&mut used(true, 3), Wiring::PullDown, levels),
        [(Active, 0, 3), (Idle, 8, 11)],
        "wired to the supply, low is open"
    );
}

#[test]
fn each_input_rests_as_long_as_it_was_told_to() {
    let levels = "####______________________";
    assert_eq!(watch(&mut used(false, 0), Wiring::PullUp, levels), [(Idle, 0, 0), (Active, 4, 4)]);
    assert_eq!(
        watch(&mut used(false, 20), Wiring::PullUp, levels),
        [(Active, 4, 24)],
        "the four milliseconds before were too short to believe"
    );
}

#[test]
fn a_pin_that_cannot_be_read_is_a_fault_and_one_failed_read_is_none() {
    let mut input = used(false, 3);
    assert_eq!(watch(&mut input, Wiring::PullUp, "####?###?##"), [(Idle, 0, 3)]);
    assert_eq!(watch(&mut input, Wiring::PullUp, "#?????####"), [(Drift, 1, 4), (Idle, 6, 9)]);
}

#[test]
fn an_input_that_nobody_has_looked_at_stands_nowhere() {
    let mut input = used(false, 50);
    assert_eq!(input.stands(), None);
    let mut pin = Pin::default();
    pin.0.set(Some(false));
    assert_eq!(input.look(7, &mut pin, Wiring::PullUp), None);
    assert_eq!((input.stands(), input.settled()), (Some(Active), None), "found, not yet believed");
}

#[test]
fn used_the_other_way_round_the_same_contact_means_the_opposite() {
    let mut input = used(false, 2);
    watch(&mut input, Wiring::PullUp, "___");
    assert_eq!(input.stands(), Some(Active));
    input.configure(Some(&InputConfig {
        input: 1,
        normally_closed: true,
        debounce_ms: 2,
        vital: true,
        bare: false,
    }));
    assert_eq!(input.stands(), Some(Idle));
}

proptest! {
    /// Whatever a contact does, and however unevenly it is looked at: a state is believed exactly
    /// when it was found, at every look, for the debounce time.
    #[test]
    fn believed_is_what_rested_and_nothing_else(
        debounce in 0u16..60,
        looks in prop::collection::vec((0u64..30, prop::sample::select(vec![Some(false), Some(true), None])), 1..200),
    ) {
        let mut input = used(false, debounce);
        let mut pin = Pin::default();
        let mut now = u64::MAX - 10_000; // after half a thousand million years
        let mut run = (None, now);
        let mut believed = None;
        for (pause, level) in looks {
            now += pause;
            let meant = match level { Some(false) => Active, Some(true) => Idle, None => Drift };
            if run.0 != Some(meant) {
                run = (Some(meant), now);
            }
            let rested = now - run.1 >= u64::from(debounce);
            let expected = (rested && believed != Some(meant)).then_some(run.1);
            pin.0.set(level);
            prop_assert_eq!(input.look(now, &mut pin, Wiring::PullUp), expected);
            if rested {
                believed = Some(meant);
            }
            prop_assert_eq!(input.settled(), believed);
        }
    }
}
