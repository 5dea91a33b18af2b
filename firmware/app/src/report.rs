//! What a board says of itself: its birth, its heartbeat, its health.

use gengfu_wire::{
    MAX_INPUTS, VERSION,
    codec::{Payload, WireError, encode},
    topic::{self, Up},
    up::{Birth, Health, Heartbeat, InputState},
};
use heapless::{String, Vec};

use crate::{
    board::{Board, Publication},
    debounce::Input,
    health::{MAX_WORDS, Mode},
    power::{Limits, Measured, Supply},
};

/// A changed health is said this often at the most, in milliseconds.
pub const HEALTH_PAUSE_MS: u64 = 60_000;
/// A temperature that moved by this much is a changed health, in tenths of a degree.
const WARMER_DC: u16 = 20;

/// How the board itself is.
#[derive(Debug, Clone, Default)]
pub(crate) struct Condition {
    /// Starts in a row that followed a crash.
    pub(crate) crashes: u8,
    pub(crate) safe: bool,
    words: Option<String<MAX_WORDS>>,
    /// The flash has refused something since the start.
    pub(crate) flash_refuses: bool,
    /// Messages of the gateway since the start that could not be understood.
    pub(crate) garbled: u16,
    measured: Measured,
    supply: Option<Supply>,
    said: Option<Said>,
}

/// The part of the health that is worth a message when it changes, and when it was said.
#[derive(Debug, Clone, Copy)]
struct Said {
    crashes: u8,
    dropped: u32,
    dips: u16,
    flash_refuses: bool,
    garbled: u16,
    temperature_dc: Option<i16>,
    at_ms: u64,
}

impl Condition {
    fn dips(&self) -> u16 {
        self.supply.map_or(0, |supply| supply.dips())
    }

    /// After a connect all of it is said anew.
    pub(crate) fn forget_said(&mut self) {
        self.said = None;
    }

    /// Whether it is to be said, given how many events were given up. One that never had anything to
    /// tell says nothing.
    pub(crate) fn is_due(&self, now_ms: u64, dropped: u32) -> bool {
        match self.said {
            Some(said) => {
                let same = (said.crashes, said.dropped, said.dips)
                    == (self.crashes, dropped, self.dips())
                    && (said.flash_refuses, said.garbled) == (self.flash_refuses, self.garbled);
                let moved = match (said.temperature_dc, self.measured.temperature_dc) {
                    (Some(said), Some(now)) => said.abs_diff(now) >= WARMER_DC,
                    (said, now) => said != now,
                };
                (!same || moved) && now_ms.saturating_sub(said.at_ms) >= HEALTH_PAUSE_MS
            }
            None => {
                let measures = self.measured.temperature_dc.is_some();
                let crashed = self.crashes > 0 || self.safe || self.words.is_some();
                let counted = dropped > 0 || self.dips() > 0 || self.garbled > 0;
                measures || crashed || counted || self.flash_refuses
            }
        }
    }

    pub(crate) fn mode(&self) -> Mode {
        if self.safe { Mode::Safe } else { Mode::Whole }
    }
}

impl<'a, const INPUTS: usize, const QUEUE: usize> Board<'a, INPUTS, QUEUE> {
    /// How it came up: after how many crashes in a row, and with which last words. It runs in safe mode
    /// where they were too many; whoever starts the tasks asks [`Self::mode`].
    pub fn came_up(&mut self, crashes: u8, words: Option<String<MAX_WORDS>>) {
        self.condition.crashes = crashes;
        self.condition.safe = Mode::after(crashes) == Mode::Safe;
        // What the flash had to say stays, where nobody else has.
        if words.is_some() {
            self.condition.words = words;
        }
    }

    /// The flash has refused to keep something: the gateway is told.
    pub fn flash_refuses(&mut self) {
        self.condition.flash_refuses = true;
    }

    /// How it runs.
    pub fn mode(&self) -> Mode {
        self.condition.mode()
    }

    /// From which voltage on its supply counts as low.
    pub fn watch_supply(&mut self, limits: Limits) {
        self.condition.supply = Some(Supply::new(limits));
    }

    /// What was measured of it just now. A supply that has become low, or sound again, is said at once.
    pub fn measured(&mut self, now_ms: u64, measured: Measured) {
        self.condition.measured = measured;
        let changed = match (&mut self.condition.supply, measured.supply_mv) {
            (Some(supply), Some(supply_mv)) => supply.see(supply_mv),
            _ => false,
        };
        if changed {
            self.beat_at(now_ms);
        }
    }

    /// Its supply is low now.
    pub fn is_supply_low(&self) -> bool {
        self.condition.supply.is_some_and(|supply| supply.is_low())
    }

    /// What was measured of it last.
    pub fn last_measured(&self) -> Measured {
        self.condition.measured
    }

    /// The MQTT session stands.
    pub fn is_connected(&self) -> bool {
        self.connection.is_some()
    }

    /// The number of this start.
    pub fn boot(&self) -> u32 {
        self.queue.boot()
    }

    /// Its firmware's version.
    pub fn firmware(&self) -> &'a str {
        self.identity.firmware
    }

    /// Starts in a row that followed a crash.
    pub fn crashes(&self) -> u8 {
        self.condition.crashes
    }

    /// How often its supply became low since the start.
    pub fn dips(&self) -> u16 {
        self.condition.dips()
    }

    /// How often each input became active since the start, counted round at 65,536.
    pub fn activations(&self) -> &[u16; MAX_INPUTS] {
        self.queue.activations()
    }

    /// Seconds since its start.
    pub fn uptime_s(&self, now_ms: u64) -> u32 {
        let uptime_s = now_ms.saturating_sub(self.started_ms) / 1_000;
        u32::try_from(uptime_s).unwrap_or(u32::MAX)
    }

    /// Without a configuration nobody can say what a contact means: that is a fault, and not "nothing
    /// to tell".
    pub(crate) fn state(&self, input: &Input) -> InputState {
        match (&self.config, input.stands()) {
            (Some(_), Some(state)) => state,
            _ => InputState::Drift,
        }
    }

    fn states(&self) -> Vec<InputState, MAX_INPUTS> {
        self.inputs.iter().map(|input| self.state(input)).collect()
    }

    pub(crate) fn birth(&self) -> Birth<'a> {
        Birth {
            v: VERSION,
            boot: self.queue.boot(),
            firmware: self.identity.firmware,
            hardware: self.identity.hardware,
            reset: self.identity.reset,
            config: self.config.as_ref().map_or(0, |config| config.revision),
            inputs: self.states(),
        }
    }

    pub(crate) fn heartbeat(&self, now_ms: u64) -> Heartbeat {
        Heartbeat {
            v: VERSION,
            boot: self.queue.boot(),
            uptime_s: self.uptime_s(now_ms),
            inputs: self.states(),
            queue: u16::try_from(self.queue.len()).unwrap_or(u16::MAX),
            supply_mv: self.condition.measured.supply_mv,
            battery_mv: self.condition.measured.battery_mv,
        }
    }

    /// Says how it is. Its last words are said once: what can't be sent is in the log of the board.
    pub(crate) fn say_health<'b>(
        &mut self,
        now_ms: u64,
        buffer: &'b mut [u8],
    ) -> Result<Publication<'b>, WireError> {
        let words = self.condition.words.take();
        let condition = &mut self.condition;
        let (crashes, dropped, dips) = (condition.crashes, self.queue.dropped(), condition.dips());
        let temperature_dc = condition.measured.temperature_dc;
        let (flash_refuses, garbled) = (condition.flash_refuses, condition.garbled);
        condition.said = Some(Said {
            crashes,
            dropped,
            dips,
            flash_refuses,
            garbled,
            temperature_dc,
            at_ms: now_ms,
        });
        let health = Health {
            v: VERSION,
            boot: self.queue.boot(),
            crashes,
            safe: condition.safe,
            panic: words.as_deref(),
            dropped,
            dips,
            temperature_dc,
            flash: flash_refuses,
            garbled,
        };
        self.say(Up::Health, &health, buffer)
    }

    pub(crate) fn say<'b, P: Payload>(
        &self,
        what: Up,
        payload: &P,
        buffer: &'b mut [u8],
    ) -> Result<Publication<'b>, WireError> {
        // The names were checked at the start, so there is such a topic.
        let topic = topic::up(self.identity.site, self.identity.board, what);
        let topic = topic.ok_or(WireError::TooLong)?;
        let payload = encode(payload, buffer)?;
        Ok(Publication { topic, payload, retain: what == Up::Presence })
    }
}
