//! From a contact to an event, and what a configuration makes of it.

use gengfu_board::lamp::Shown;
use gengfu_wire::{
    MAX_PAYLOAD, VERSION,
    codec::WireError,
    down::{Config, Identify, InputConfig, Lamp, Output, Time},
    topic::Down,
    up::InputState::{Active, Drift, Idle},
};

use crate::bench::{Bench, Said, config};

fn event(seq: u32, input: u8, active: bool, age_ms: u32) -> Said {
    Said::Event { seq, input, state: if active { Active } else { Idle }, age_ms }
}

#[test]
fn a_pressed_button_is_told_until_the_gateway_has_it() {
    let mut bench = Bench::running();
    bench.contact(1, true);
    bench.pass(20);
    assert_eq!(bench.says(), [], "it may still bounce");
    bench.pass(1);
    assert_eq!(bench.says(), [event(1, 1, true, 20)], "its age counts from the first touch");
    assert_eq!(bench.says(), []);
    bench.pass(5_000);
    assert_eq!(bench.says(), [event(1, 1, true, 5_020)], "no receipt yet");
    bench.receipt(1);
    bench.receipt(1);
    assert_eq!(bench.board.waiting(), 0);
    bench.pass(9_000);
    assert_eq!(bench.says(), []);
    bench.contact(1, false);
    bench.pass(21);
    assert_eq!(bench.says(), [event(2, 1, false, 20)]);
}

#[test]
fn a_cut_wire_to_the_fire_panel_is_told_as_fire() {
    let mut bench = Bench::running();
    bench.contact(2, false);
    bench.pass(21);
    assert_eq!(bench.says(), [event(1, 2, true, 20)]);
}

#[test]
fn what_is_active_at_the_start_is_told_and_what_is_idle_is_not() {
    let mut bench = Bench::new(Some(config()));
    bench.contact(1, true);
    bench.board.connected(0);
    bench.pass(1);
    let birth = Said::Birth { config: 99, inputs: vec![Active, Idle, Idle, Idle] };
    assert_eq!(bench.says(), [Said::Presence(true), birth]);
    bench.pass(30);
    assert_eq!(bench.says(), [event(1, 1, true, 30)], "and the closed fire contact says nothing");
}

#[test]
fn an_input_that_is_not_used_is_shown_and_tells_nothing() {
    let mut bench = Bench::running();
    bench.contact(4, true);
    bench.pass(100);
    assert_eq!(bench.says(), []);
    assert_eq!(bench.board.stands(4), Some(Active));
    assert_eq!((bench.board.stands(0), bench.board.stands(5)), (None, None));
}

#[test]
fn a_pin_that_can_no_longer_be_read_is_told_as_a_fault() {
    let mut bench = Bench::running();
    bench.pins[0].0.set(None);
    bench.pass(21);
    assert_eq!(bench.says(), [Said::Event { seq: 1, input: 1, state: Drift, age_ms: 20 }]);
}

#[test]
fn a_gate_that_clatters_while_nobody_listens_costs_no_call_its_place() {
    let mut bench = Bench::running();
    bench.board.disconnected();
    bench.contact(1, true);
    bench.pass(30);
    for n in 0..21 {
        bench.contact(3, n % 2 == 0);
        bench.pass(30);
    }
    assert_eq!(bench.board.waiting(), 6, "the queue is full");
    bench.board.connected(bench.now);
    let said = bench.says();
    let birth = Said::Birth { config: 99, inputs: vec![Active, Idle, Active, Idle] };
    assert_eq!(said[1], birth, "how all of it stands is known whatever was dropped");
    let (health, events) = said[2..].split_last().unwrap();
    assert!(matches!(health, Said::Health { dropped: 16, .. }), "counted: {health:?}");
    let told: Vec<(u32, u8)> = events
        .iter()
        .map(|said| match said {
            Said::Event { seq, input, .. } => (*seq, *input),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(told, [(1, 1), (18, 3), (19, 3), (20, 3), (21, 3), (22, 3)]);
}

#[test]
fn a_new_configuration_is_used_answered_and_followed_by_how_things_stand() {
    let mut bench = Bench::running();
    bench.contact(4, true);
    bench.pass(100);
    let mut wider = config();
    wider.revision = 100;
    let door =
        InputConfig { input: 4, normally_closed: false, debounce_ms: 5, vital: false, bare: false };
    wider.inputs.push(door).unwrap();
    bench.hear(Down::Config, &wider);
    assert_eq!(
        bench.says(),
        [
            Said::Heartbeat { uptime_s: 0, queue: 1, inputs: vec![Idle, Idle, Idle, Active] },
            event(1, 4, true, 0),
            Said::Ack { revision: 100, error: None },
        ],
        "input 4 is used from now on, and has something to tell"
    );
    bench.receipt(1);
    bench.hear(Down::Config, &wider);
    assert_eq!(bench.says(), [Said::Ack { revision: 100, error: None }], "heard again, no more");
    assert_eq!(bench.board.config(), Some(&wider), "to be kept for the next start");
}

#[test]
fn turned_round_by_the_configuration_an_input_tells_what_it_means_now() {
    let mut bench = Bench::running();
    let mut turned = config();
    turned.revision = 5;
    turned.inputs[0].normally_closed = true;
    bench.hear(Down::Config, &turned);
    assert!(bench.says().contains(&event(1, 1, true, 0)), "open is active now");
    bench.receipt(1);
    bench.hear(Down::Config, &config());
    assert!(bench.says().contains(&event(2, 1, false, 0)), "and idle again");
}

#[test]
fn no_longer_used_and_used_again_an_input_starts_anew() {
    let mut bench = Bench::running();
    bench.contact(1, true);
    bench.pass(21);
    assert_eq!(bench.says(), [event(1, 1, true, 20)]);
    let nothing = Config { v: VERSION, revision: 5, inputs: [].into_iter().collect() };
    bench.hear(Down::Config, &nothing);
    bench.contact(1, false);
    bench.pass(100);
    bench.contact(1, true);
    bench.pass(100);
    assert!(!bench.says().iter().any(|said| matches!(said, Said::Event { .. })));
    assert_eq!(bench.board.waiting(), 1, "what was not received yet still waits");
    bench.hear(Down::Config, &config());
    assert!(bench.says().contains(&event(2, 1, true, 0)));
}

#[test]
fn a_configuration_that_cannot_be_used_is_refused_as_a_whole() {
    let mut bench = Bench::running();
    let refused = |change: fn(&mut Config)| {
        let mut config = config();
        config.revision = 200;
        config.inputs[0].normally_closed = true;
        change(&mut config);
        config
    };
    for (wrong, revision, why) in [
        (refused(|c| c.inputs[2].input = 5), 200, "an input that this board does not have"),
        (refused(|c| c.inputs[2].input = 0), 200, "an input that this board does not have"),
        (refused(|c| c.inputs[2].input = 2), 200, "an input is named twice"),
        (refused(|c| c.revision = 0), 0, "revision 0 stands for none yet"),
    ] {
        bench.hear(Down::Config, &wrong);
        bench.pass(100);
        assert_eq!(bench.says(), [Said::Ack { revision, error: Some(why.into()) }]);
        assert_eq!(bench.board.config(), Some(&config()), "it goes on with what it had");
        assert_eq!(bench.board.stands(1), Some(Idle));
    }
}

#[test]
fn what_cannot_be_understood_changes_nothing() {
    let mut bench = Bench::running();
    bench.contact(1, true);
    bench.pass(21);
    bench.says();
    let long = [b' '; MAX_PAYLOAD + 1];
    for what in Down::ALL {
        for (payload, error) in [
            (&b""[..], WireError::Malformed),
            (b"null", WireError::Malformed),
            (br#"{"v":1,"boot":7,"seq":-1}"#, WireError::Malformed),
            (br#"{"v":2}"#, WireError::Version(2)),
            (&long, WireError::TooLong),
        ] {
            assert_eq!(bench.board.receive(bench.now, what, payload), Err(error));
        }
    }
    assert_eq!(bench.board.waiting(), 1);
    assert_eq!(bench.board.config(), Some(&config()));
    assert_eq!(bench.board.outputs(bench.now), Shown::default());
    // That it refuses is all that it says.
    let refused =
        |said: &Said| matches!(said, Said::Ack { error: Some(_), .. } | Said::Health { .. });
    let said = bench.says();
    assert!(said.len() == 2 && said.iter().all(refused), "{said:?}");
}

#[test]
fn the_lamp_holds_through_a_short_cut_and_not_for_ever() {
    let mut bench = Bench::running();
    let green = Output { v: VERSION, lamp: Lamp::Green, sounder: true, relay: false, hold_s: 60 };
    bench.hear(Down::Output, &green);
    bench.hear(Down::Identify, &Identify { v: VERSION, seconds: 1 });
    let shown = Shown { lamp: Lamp::Green, sounder: true, relay: false, blinking: true };
    assert_eq!(bench.board.outputs(bench.now), shown);
    bench.board.disconnected();
    assert_eq!(bench.board.outputs(bench.now + 59_999), Shown { blinking: false, ..shown });
    assert_eq!(bench.board.outputs(bench.now + 60_000), Shown::default());
}

#[test]
fn the_time_goes_on_from_where_the_gateway_said_it_was() {
    let mut bench = Bench::running();
    assert_eq!(bench.board.unix_ms(bench.now), None);
    bench.hear(Down::Time, &Time { v: VERSION, unix_ms: 1_795_449_600_000 });
    assert_eq!(bench.board.unix_ms(bench.now + 250), Some(1_795_449_600_250));
}
