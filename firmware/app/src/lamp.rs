//! The call lamp, and what else the gateway switches.

use embedded_hal::digital::OutputPin;
use gengfu_wire::down::{Identify, Lamp, Output};

/// What the outputs are to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shown {
    /// The call lamp (EN 81-28): yellow while the call is passed on, green once a person has
    /// acknowledged it.
    pub lamp: Lamp,
    /// The sounder.
    pub sounder: bool,
    /// The relay.
    pub relay: bool,
    /// The board blinks, so that somebody finds it.
    pub blinking: bool,
}

/// What the gateway said last about the outputs, and for how long it holds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Outputs {
    lamp: Lamp,
    sounder: bool,
    relay: bool,
    until_ms: u64,
    blink_until_ms: u64,
}

impl Outputs {
    /// All off, until the gateway says otherwise.
    pub const fn new() -> Self {
        Self { lamp: Lamp::Off, sounder: false, relay: false, until_ms: 0, blink_until_ms: 0 }
    }

    /// The gateway says what they shall do, for `hold_s` from now.
    pub fn set(&mut self, now_ms: u64, output: &Output) {
        self.lamp = output.lamp;
        self.sounder = output.sounder;
        self.relay = output.relay;
        self.until_ms = after_s(now_ms, output.hold_s);
    }

    /// Somebody looks for the board.
    pub fn identify(&mut self, now_ms: u64, identify: &Identify) {
        self.blink_until_ms = after_s(now_ms, identify.seconds);
    }

    /// What they are to do now. A lamp must not promise help that nobody confirms any more: when the
    /// gateway has not said it again in time, all is off, with a connection or without.
    pub fn shown(&self, now_ms: u64) -> Shown {
        let holds = now_ms < self.until_ms;
        Shown {
            lamp: if holds { self.lamp } else { Lamp::Off },
            sounder: holds && self.sounder,
            relay: holds && self.relay,
            blinking: now_ms < self.blink_until_ms,
        }
    }
}

fn after_s(now_ms: u64, seconds: u16) -> u64 {
    now_ms.saturating_add(u64::from(seconds) * 1_000)
}

/// Switches the two lights of the call lamp; high is on. The one that is to be dark goes dark first,
/// so that both never shine together.
///
/// # Errors
/// The pin's own; the lamp is then to be shown again.
pub fn show<E, Y, G>(lamp: Lamp, yellow: &mut Y, green: &mut G) -> Result<(), E>
where
    Y: OutputPin<Error = E>,
    G: OutputPin<Error = E>,
{
    match lamp {
        Lamp::Off => {
            yellow.set_low()?;
            green.set_low()
        }
        Lamp::Yellow => {
            green.set_low()?;
            yellow.set_high()
        }
        Lamp::Green => {
            yellow.set_low()?;
            green.set_high()
        }
    }
}

/// The pins of all that the gateway switches; high is on. Whatever hangs at the relay is to be wired so
/// that off is its safe state: that is where it falls when the gateway is silent, when the board is in
/// safe mode, and without power.
#[derive(Debug)]
pub struct Switches<Y, G, S, R> {
    /// The yellow light of the call lamp.
    pub yellow: Y,
    /// The green light of the call lamp.
    pub green: G,
    /// The sounder.
    pub sounder: S,
    /// The relay.
    pub relay: R,
}

impl<E, Y, G, S, R> Switches<Y, G, S, R>
where
    Y: OutputPin<Error = E>,
    G: OutputPin<Error = E>,
    S: OutputPin<Error = E>,
    R: OutputPin<Error = E>,
{
    /// Switches all of it. One pin that fails does not keep the others from their state.
    ///
    /// # Errors
    /// The first pin's that failed; all of it is then to be switched again.
    pub fn show(&mut self, shown: Shown) -> Result<(), E> {
        let lamp = show(shown.lamp, &mut self.yellow, &mut self.green);
        let sounder = self.sounder.set_state(shown.sounder.into());
        let relay = self.relay.set_state(shown.relay.into());
        lamp.and(sounder).and(relay)
    }
}
