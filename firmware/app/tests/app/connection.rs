//! What a board says of itself, and what it does when the connection is lost.

use gengfu_board::{
    board::{CONFIG_WAIT_MS, HEARTBEAT_MS, UNHEARD_MS},
    identity::{Identity, IdentityError},
};
use gengfu_wire::{
    MAX_PAYLOAD, VERSION,
    codec::{WireError, decode},
    down::Time,
    topic::{Down, Up},
    up::{
        Health,
        InputState::{Active, Drift, Idle},
    },
};

use crate::bench::{Bench, Board, Said, WHO, config, read};

#[test]
fn without_a_connection_nothing_is_said_and_events_wait() {
    let mut bench = Bench::new(Some(config()));
    bench.contact(1, true);
    bench.pass(60_000);
    assert_eq!(bench.says(), []);
    bench.board.connected(bench.now);
    assert_eq!(
        bench.says(),
        [
            Said::Presence(true),
            Said::Birth { config: 99, inputs: vec![Active, Idle, Idle, Idle] },
            Said::Event { seq: 1, input: 1, state: Active, age_ms: 59_999 },
        ]
    );
}

#[test]
fn after_each_connect_it_says_that_it_is_there_what_it_is_and_what_waits() {
    let mut bench = Bench::running();
    bench.contact(1, true);
    bench.pass(100);
    let first = bench.says();
    bench.board.disconnected();
    bench.pass(100);
    assert_eq!(bench.says(), []);
    bench.board.connected(bench.now);
    let again = bench.says();
    assert_eq!(again.len(), 3);
    assert!(matches!(again[0], Said::Presence(true)));
    assert!(matches!(again[1], Said::Birth { .. }));
    let (Said::Event { seq: a, age_ms: young, .. }, Said::Event { seq: b, age_ms: old, .. }) =
        (&first[0], &again[2])
    else {
        panic!("{first:?} {again:?}")
    };
    assert_eq!((a, young + 100), (b, *old), "the same event, older by now");
}

#[test]
fn a_heartbeat_is_said_every_15_s() {
    let mut bench = Bench::running();
    bench.pass(HEARTBEAT_MS - 1);
    assert_eq!(bench.says(), []);
    let beat = |uptime_s| Said::Heartbeat { uptime_s, queue: 0, inputs: vec![Idle; 4] };
    bench.pass(1); // from the birth, which was said 100 ms after the start
    assert_eq!(bench.says(), [beat(15)]);
    bench.pass(HEARTBEAT_MS);
    assert_eq!(bench.says(), [beat(30)]);
}

#[test]
fn a_heartbeat_is_not_said_where_nobody_looks_at_the_inputs() {
    let mut bench = Bench::running();
    bench.pass(HEARTBEAT_MS);
    assert_eq!(bench.says().len(), 1);
    bench.now += 10 * HEARTBEAT_MS;
    assert_eq!(bench.says(), [], "the loop that looks at them hangs");
    bench.pass(1);
    assert_eq!(bench.says().len(), 1);
}

#[test]
fn a_board_without_a_configuration_waits_for_it_and_does_not_guess() {
    let mut bench = Bench::new(None);
    bench.board.connected(0);
    bench.pass(100);
    assert_eq!(bench.says(), [Said::Presence(true)], "is the fire contact open or closed at rest?");
    bench.hear(Down::Config, &config());
    let birth = Said::Birth { config: 99, inputs: vec![Idle; 4] };
    let ack = Said::Ack { revision: 99, error: None };
    assert_eq!(bench.says(), [birth, ack], "nothing is the matter");
}

#[test]
fn a_board_that_gets_no_configuration_says_so_in_the_end() {
    let mut bench = Bench::new(None);
    bench.contact(1, true);
    bench.board.connected(0);
    bench.pass(CONFIG_WAIT_MS);
    let birth = Said::Birth { config: 0, inputs: vec![Drift; 4] };
    assert_eq!(bench.says(), [Said::Presence(true), birth], "neither idle nor active");
    bench.hear(Down::Config, &config());
    assert_eq!(
        bench.says(),
        [
            Said::Heartbeat { uptime_s: 3, queue: 1, inputs: vec![Active, Idle, Idle, Idle] },
            Said::Event { seq: 1, input: 1, state: Active, age_ms: 0 },
            Said::Ack { revision: 99, error: None },
        ]
    );
}

#[test]
fn a_kept_configuration_that_does_not_fit_counts_as_none() {
    let mut other = config();
    other.inputs[0].input = 16;
    assert_eq!(Bench::new(Some(other)).board.config(), None);
    assert_eq!(Bench::new(Some(config())).board.config(), Some(&config()));
}

#[test]
fn it_does_not_say_how_its_inputs_stand_before_it_has_looked() {
    let mut bench = Bench::new(Some(config()));
    bench.board.connected(0);
    bench.now = 60_000;
    assert_eq!(bench.says(), [Said::Presence(true)]);
    bench.pass(1);
    assert_eq!(bench.says().len(), 1, "the birth");
}

#[test]
fn its_will_says_that_it_is_gone() {
    let mut buffer = [0; MAX_PAYLOAD];
    let bench = Bench::running();
    let will = bench.board.will(&mut buffer).unwrap();
    assert_eq!(will.topic, "gengfu/v1/garden-12/lift-1/up/presence");
    assert!(will.retain);
    assert_eq!(read(Up::Presence, will.payload), Said::Presence(false));
}

#[test]
fn a_buffer_that_is_too_short_loses_nothing() {
    let mut bench = Bench::running();
    bench.contact(1, true);
    bench.pass(100);
    let mut short = [0; MAX_PAYLOAD - 1];
    assert_eq!(bench.board.next_publication(bench.now, &mut short), Err(WireError::TooLong));
    assert_eq!(bench.says().len(), 1, "the event is still to be said");
}

#[test]
fn the_largest_board_fits_the_payload() {
    type Large = gengfu_board::board::Board<'static, 16, 1>;
    const TEXT: &str = "0123456789012345678901234567890123456789012345678901234567890123";
    let who = Identity { firmware: TEXT, hardware: TEXT, reset: TEXT, boot: u32::MAX, ..WHO };
    let mut board = Large::new(0, who, None).unwrap();
    board.connected(0);
    board.poll(CONFIG_WAIT_MS, &mut std::array::from_fn(|_| crate::bench::Pin::default()));
    let mut buffer = [0; MAX_PAYLOAD];
    for what in [Up::Presence, Up::Birth] {
        let said = board.next_publication(CONFIG_WAIT_MS, &mut buffer).unwrap().unwrap();
        assert!(said.topic.ends_with(what.name()));
    }
}

#[test]
fn nobody_can_be_called_what_the_gateway_could_not_be_told() {
    let long = "x".repeat(65).leak();
    let endless = "x".repeat(280).leak();
    for name in ["", "a/b", "+", "a#", endless] {
        for who in [Identity { site: name, ..WHO }, Identity { board: name, ..WHO }] {
            assert_eq!(Board::new(0, who, None).err(), Some(IdentityError::Name), "{name}");
        }
    }
    for text in ["a\"b", "a\\b", "电梯", "a\nb", long] {
        for who in [
            Identity { firmware: text, ..WHO },
            Identity { hardware: text, ..WHO },
            Identity { reset: text, ..WHO },
        ] {
            assert_eq!(Board::new(0, who, None).err(), Some(IdentityError::Text), "{text}");
        }
    }
}

#[test]
fn a_broker_with_no_gateway_behind_it_is_noticed() {
    let time = Time { v: VERSION, unix_ms: 0 };
    let mut bench = Bench::new(Some(config()));
    bench.board.connected(0);
    bench.pass(100);
    bench.says();
    bench.pass(UNHEARD_MS - 1);
    assert!(!bench.board.is_unheard(bench.now));
    bench.pass(1);
    assert!(bench.board.is_unheard(bench.now), "nobody has answered the birth");
    bench.hear(Down::Config, &config());
    assert!(bench.board.is_unheard(bench.now), "a broker says a retained one by itself");
    bench.hear(Down::Time, &time);
    bench.says();
    bench.pass(10 * UNHEARD_MS);
    assert!(!bench.board.is_unheard(bench.now), "it owes nothing");

    bench.contact(1, true);
    bench.pass(100);
    bench.contact(3, true);
    bench.pass(100);
    bench.says();
    bench.pass(UNHEARD_MS - 1);
    bench.says();
    bench.receipt(1);
    bench.pass(UNHEARD_MS - 1);
    bench.says();
    assert!(!bench.board.is_unheard(bench.now), "a receipt has come, the next one has its time");
    bench.pass(1);
    assert!(bench.board.is_unheard(bench.now));
    bench.receipt(2);
    bench.pass(10 * UNHEARD_MS);
    assert!(!bench.board.is_unheard(bench.now));
    bench.board.disconnected();
    assert!(!bench.board.is_unheard(bench.now));
}

#[test]
fn what_can_not_be_understood_is_refused_and_counted() {
    let mut bench = Bench::running();
    let mut refused = |what, payload: &str| {
        bench.board.receive(bench.now, what, payload.as_bytes()).unwrap_err();
        bench.says().into_iter().find_map(|said| match said {
            Said::Ack { revision, error } => Some((revision, error.is_some())),
            _ => None,
        })
    };
    // Seventeen inputs, say: the rest of it can still be read.
    assert_eq!(refused(Down::Config, r#"{"v":1,"revision":7,"inputs":7}"#), Some((7, true)));
    assert_eq!(refused(Down::Config, r#"{"v":1,"revis"#), Some((0, true)));
    assert_eq!(refused(Down::Poll, r#"{"v":1,"revision":9,"reads":[]}"#), Some((9, true)));
    assert_eq!(refused(Down::Receipt, "{}"), None);
    assert_eq!(bench.board.config(), Some(&config()), "it goes on with what it had");
    bench.board.connected(bench.now);
    let mut buffer = [0; MAX_PAYLOAD];
    let mut garbled = None;
    while let Some(said) = bench.board.next_publication(bench.now, &mut buffer).unwrap() {
        if said.topic.ends_with("up/health") {
            garbled = Some(decode::<Health<'_>>(said.payload).unwrap().garbled);
        }
    }
    assert_eq!(garbled, Some(4));
}
