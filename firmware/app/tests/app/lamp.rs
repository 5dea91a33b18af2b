//! The call lamp, and what else the gateway switches.

use embedded_hal_mock::eh1::{
    MockError,
    digital::{Mock, State, Transaction},
};
use gengfu_board::lamp::{Outputs, Shown, Switches, show};
use gengfu_wire::down::{Identify, Lamp, Output};

fn told(lamp: Lamp, sounder: bool, hold_s: u16) -> Output {
    Output { v: 1, lamp, sounder, relay: sounder, hold_s }
}

#[test]
fn the_lamp_is_yellow_then_green_then_off() {
    let mut outputs = Outputs::new();
    assert_eq!(outputs.shown(0), Shown::default());
    outputs.set(1_000, &told(Lamp::Yellow, true, 60));
    assert_eq!(
        outputs.shown(1_000),
        Shown { lamp: Lamp::Yellow, sounder: true, relay: true, blinking: false }
    );
    outputs.set(5_000, &told(Lamp::Green, false, 60));
    assert_eq!(
        outputs.shown(5_000),
        Shown { lamp: Lamp::Green, sounder: false, relay: false, blinking: false }
    );
    outputs.set(9_000, &told(Lamp::Off, false, 60));
    assert_eq!(outputs.shown(9_000), Shown::default());
}

#[test]
fn what_is_not_said_again_in_time_goes_off() {
    let mut outputs = Outputs::new();
    outputs.set(0, &told(Lamp::Green, true, 60));
    assert_eq!(outputs.shown(59_999).lamp, Lamp::Green);
    assert_eq!(outputs.shown(60_000), Shown::default(), "sounder and all");
    outputs.set(0, &told(Lamp::Green, true, 60));
    outputs.set(20_000, &told(Lamp::Green, true, 60));
    assert_eq!(outputs.shown(79_999).lamp, Lamp::Green, "said again at 20 s");
    assert_eq!(outputs.shown(80_000).lamp, Lamp::Off);
    outputs.set(90_000, &told(Lamp::Yellow, true, 0));
    assert_eq!(outputs.shown(90_000), Shown::default(), "held for no time at all");
}

#[test]
fn a_board_that_is_looked_for_blinks_whatever_its_lamp_does() {
    let mut outputs = Outputs::new();
    outputs.set(0, &told(Lamp::Yellow, false, 60));
    outputs.identify(0, &Identify { v: 1, seconds: 10 });
    assert!(outputs.shown(9_999).blinking);
    assert_eq!(
        outputs.shown(10_000),
        Shown { lamp: Lamp::Yellow, sounder: false, relay: false, blinking: false }
    );
}

#[test]
fn one_light_goes_dark_before_the_other_shines() {
    let mut yellow = Mock::new(&[
        Transaction::set(State::High),
        Transaction::set(State::Low).with_error(MockError::Io(std::io::ErrorKind::TimedOut)),
        Transaction::set(State::Low),
        Transaction::set(State::Low),
    ]);
    let mut green = Mock::new(&[
        Transaction::set(State::Low),
        Transaction::set(State::High),
        Transaction::set(State::Low),
    ]);
    show(Lamp::Yellow, &mut yellow, &mut green).unwrap();
    show(Lamp::Green, &mut yellow, &mut green)
        .expect_err("yellow could not be put out, so green was not lit");
    show(Lamp::Green, &mut yellow, &mut green).unwrap();
    show(Lamp::Off, &mut yellow, &mut green).unwrap();
    yellow.done();
    green.done();
}

#[test]
fn all_of_it_falls_off_when_the_gateway_is_silent() {
    let mut outputs = Outputs::new();
    outputs.set(0, &told(Lamp::Green, true, 20));
    let pin =
        |first: State, last: State| Mock::new(&[Transaction::set(first), Transaction::set(last)]);
    let mut switches = Switches {
        yellow: pin(State::Low, State::Low),
        green: pin(State::High, State::Low),
        sounder: pin(State::High, State::Low),
        relay: pin(State::High, State::Low),
    };
    switches.show(outputs.shown(19_999)).unwrap();
    switches.show(outputs.shown(20_000)).unwrap();
    for mut pin in [switches.yellow, switches.green, switches.sounder, switches.relay] {
        pin.done();
    }
}
