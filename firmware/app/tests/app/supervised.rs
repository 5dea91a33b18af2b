//! Supervised loops: what resistors, wires and converters really are.

use gengfu_board::{
    debounce::{FAULT_DEBOUNCE_MS, Input, Seen},
    supervised::{
        Loop::{self, Alarm, Cut, Drift, Normal, Short},
        Meter, judge, middle,
    },
};
use gengfu_wire::{
    down::InputConfig,
    up::InputState::{self, Active, Idle, Open},
};
use proptest::prelude::*;

const METER: Meter = Meter { full: 4095, pull_up_ohm: 4_700 };

/// What the converter says of a loop, `error` counts off.
fn counts(ohms: f64, pull_up: f64, error: i32) -> u16 {
    let exact = 4095.0 * ohms / (ohms + pull_up);
    (exact.round() as i32 + error).clamp(0, 4095) as u16
}

fn parallel(a: f64, b: f64) -> f64 {
    a * b / (a + b)
}

#[test]
fn the_bands_are_those_that_are_written_down() {
    let edges = [
        (0, Short),
        (149, Short),
        (150, Alarm),
        (1_499, Alarm),
        (1_500, Drift),
        (2_999, Drift),
        (3_000, Normal),
        (6_999, Normal),
        (7_000, Cut),
        (u32::MAX, Cut),
    ];
    for (ohms, what) in edges {
        assert_eq!(judge(ohms, None), what, "{ohms} ohms");
    }
}

#[test]
fn what_lies_on_an_edge_does_not_flicker() {
    let mut before = None;
    let mut changes = 0;
    for step in 0..1_000 {
        let ohms = 7_000 + [0, 150, 20, 260][step % 4];
        let now = judge(ohms, before);
        changes += u32::from(before.is_some_and(|before| before != now));
        before = Some(now);
    }
    assert_eq!((before, changes), (Some(Cut), 0));
    assert_eq!(judge(7_200, Some(Normal)), Normal);
    assert_eq!(judge(7_300, Some(Normal)), Cut);
    assert_eq!(judge(6_800, Some(Cut)), Cut);
    assert_eq!(judge(6_700, Some(Cut)), Normal);
    assert_eq!(judge(u32::MAX, Some(Cut)), Cut);
}

#[test]
fn a_meter_says_ohms_and_never_panics() {
    assert_eq!((METER.ohms(0), METER.ohms(4095), METER.ohms(u16::MAX)), (0, u32::MAX, u32::MAX));
    assert!((4_690..4_710).contains(&METER.ohms(counts(4_700.0, 4_700.0, 0))));
    assert_eq!(Meter { full: 0, pull_up_ohm: 0 }.ohms(7), u32::MAX);
}

proptest! {
    /// Resistors of 5 %, a pull-up of 1 %, up to 100 Ω of wire, 20 counts of error: never mistaken.
    #[test]
    fn each_loop_is_known_over_its_whole_tolerance(
        end in 0.95f64..1.05, contact in 0.95f64..1.05, pull_up in 0.99f64..1.01,
        wire in 0.0f64..100.0, nominal in 470.0f64..1_000.0, error in -20i32..=20,
    ) {
        let (end, contact, pull_up) = (4_700.0 * end, nominal * contact, 4_700.0 * pull_up);
        let short = wire * 0.5;
        for (ohms, what) in [
            (end + wire, Normal),
            (parallel(end, contact) + wire, Alarm),
            (short, Short),
            // Cut, with a film of water of 50 kΩ over the terminals.
            (50_000.0, Cut),
            // A joint gone bad in the middle of an alarm; two resistors at the end by mistake.
            (parallel(end, end), Drift),
        ] {
            let found = judge(METER.ohms(counts(ohms, pull_up, error)), None);
            prop_assert_eq!(found, what, "{} ohms", ohms);
        }
    }
}

fn input(bare: bool) -> Input {
    let mut input = Input::new();
    input.configure(Some(&InputConfig {
        input: 1,
        normally_closed: false,
        debounce_ms: 50,
        vital: true,
        bare,
    }));
    input
}

/// Looks each millisecond, and returns after how many it was believed.
fn after(input: &mut Input, now: &mut u64, ohms: u32, state: InputState) -> u64 {
    for waited in 0..2_000 {
        *now += 1;
        if input.see(*now, Seen::Ohms(ohms)).is_some() {
            assert_eq!(input.settled(), Some(state));
            return waited;
        }
    }
    panic!("{ohms} ohms are not believed");
}

#[test]
fn an_alarm_is_believed_at_once_and_a_fault_when_it_stays() {
    let (mut input, mut now) = (input(false), 0);
    let fault = u64::from(FAULT_DEBOUNCE_MS);
    assert_eq!(after(&mut input, &mut now, 4_700, Idle), 50);
    assert_eq!(after(&mut input, &mut now, 600, Active), 50);
    assert_eq!(after(&mut input, &mut now, 4_700, Idle), 50);
    assert_eq!(after(&mut input, &mut now, 100_000, Open), fault);
    assert_eq!(after(&mut input, &mut now, 2_000, InputState::Drift), fault);
    assert_eq!(after(&mut input, &mut now, 20, InputState::Short), fault);
    assert_eq!(after(&mut input, &mut now, 600, Active), 50, "an alarm out of a fault");
}

#[test]
fn a_short_is_an_alarm_where_the_contact_has_no_resistor() {
    let (mut input, mut now) = (input(true), 0);
    after(&mut input, &mut now, 4_700, Idle);
    assert_eq!(after(&mut input, &mut now, 20, Active), 50);
}

#[test]
fn a_loop_that_passes_through_a_fault_is_not_one() {
    let (mut input, mut now) = (input(false), 0);
    after(&mut input, &mut now, 4_700, Idle);
    for ohms in [2_000, 10_000, 90, 2_500].repeat(100) {
        now += 1;
        assert_eq!(input.see(now, Seen::Ohms(ohms)), None);
    }
    assert_eq!(after(&mut input, &mut now, 600, Active), 50);
    assert_eq!(judge(600, None), Loop::Alarm);
}

#[test]
fn one_reading_is_never_enough() {
    for counts in [[7, 1, 4_000], [1, 7, 4_000], [4_000, 7, 1], [7, 7, 4_000], [0, 7, 7]] {
        assert_eq!(middle(counts), 7, "{counts:?}");
    }
    let (mut input, mut now) = (input(false), 0);
    after(&mut input, &mut now, 4_700, Idle);
    assert_eq!(input.see(now + 1, Seen::Ohms(600)), None);
    // The contacts beside it are shown how they stood since; at the loop nobody looked.
    for past in 2..1_000 {
        assert_eq!(input.see(now + past, Seen::Nothing), None, "{past}");
    }
    assert_eq!(input.see(now + 1_000, Seen::Ohms(4_700)), None);
    assert_eq!(input.settled(), Some(Idle));
}
