//! Contacts as they bounce, from `tests/traces`: one change each time they are used, at whatever pace
//! the board looks.

use gengfu_board::debounce::{Input, Seen};
use gengfu_wire::{
    down::InputConfig,
    up::InputState::{self, Active, Idle},
};

const TRACES: [(&str, &str); 4] = [
    ("call-button", include_str!("../traces/call-button.txt")),
    ("worn-button", include_str!("../traces/worn-button.txt")),
    ("panel-relay", include_str!("../traces/panel-relay.txt")),
    ("reed-door", include_str!("../traces/reed-door.txt")),
];

/// When the contact moved, in microseconds, and whether it was closed from then on.
fn read(trace: &str) -> Vec<(u64, bool)> {
    let read = |line: &str| {
        let (at_us, contact) = line.split_once(' ').unwrap();
        assert!(matches!(contact, "open" | "closed"), "{line}");
        (at_us.parse().unwrap(), contact == "closed")
    };
    trace.lines().filter(|line| !line.starts_with('#')).map(read).collect()
}

/// What a board believes that looks every so many microseconds, first at `phase_us`.
fn believed(
    moves: &[(u64, bool)],
    debounce_ms: u16,
    every_us: u64,
    phase_us: u64,
) -> Vec<(u64, InputState)> {
    let mut input = Input::new();
    input.configure(Some(&InputConfig {
        input: 1,
        normally_closed: false,
        debounce_ms,
        vital: true,
        bare: false,
    }));
    let end_us = moves.last().unwrap().0 + 1_000_000;
    let mut changes = vec![];
    for now_us in (phase_us..end_us).step_by(every_us as usize) {
        let closed = moves.iter().rev().find(|(at_us, _)| *at_us <= now_us).is_some_and(|m| m.1);
        let seen = if closed { Seen::Closed } else { Seen::Open };
        if input.see(now_us / 1_000, seen).is_some() {
            changes.push((now_us, input.settled().unwrap()));
        }
    }
    assert_eq!(changes.remove(0).1, Idle, "at rest in the beginning");
    changes
}

/// The moments at which the contact left a rest of at least 100 ms.
fn uses(moves: &[(u64, bool)]) -> Vec<(u64, bool)> {
    let mut found = vec![];
    let mut before = (0, false);
    for (at, next) in moves.iter().zip(moves.iter().skip(1).map(|m| m.0).chain([u64::MAX])) {
        if next - at.0 >= 100_000 && at.1 != before.1 {
            found.push(*at);
            before = *at;
        }
    }
    found
}

#[test]
fn a_bouncing_contact_is_one_change_each_time() {
    for (name, trace) in TRACES {
        let moves = read(trace);
        let uses = uses(&moves);
        assert_eq!(uses.len(), 6, "{name}: closed three times and opened three times");
        for debounce_ms in [30, 50, 100] {
            for (every_us, phase_us) in [(250, 0), (1_000, 0), (1_000, 613), (5_000, 2_100)] {
                let changes = believed(&moves, debounce_ms, every_us, phase_us);
                let states: Vec<_> = changes.iter().map(|change| change.1).collect();
                let how = format!("{name}, {debounce_ms} ms, looked at every {every_us} µs");
                assert_eq!(states, [Active, Idle, Active, Idle, Active, Idle], "{how}");
                for ((at_us, _), (rests_us, _)) in changes.iter().zip(&uses) {
                    // From the last bounce on: the debounce, a look late, and a millisecond of rounding.
                    let most_us = u64::from(debounce_ms) * 1_000 + 2 * every_us + 1_000;
                    assert!(*at_us <= rests_us + most_us, "{how}: {at_us} after {rests_us}");
                }
            }
        }
    }
}

#[test]
fn a_call_is_known_100_ms_after_the_first_touch_and_a_fire_after_500() {
    for (name, debounce_ms, most_us) in
        [("call-button", 30, 100_000), ("worn-button", 50, 100_000), ("panel-relay", 100, 500_000)]
    {
        let moves = read(TRACES.iter().find(|trace| trace.0 == name).unwrap().1);
        let first = moves.first().unwrap().0;
        let (at_us, state) = believed(&moves, debounce_ms, 1_000, 0)[0];
        assert_eq!(state, Active);
        assert!(at_us - first <= most_us, "{name} took {} µs", at_us - first);
    }
}
