//! What stands in which register. Addresses count from 0 and never change their meaning; new ones are
//! added at the end.

use gengfu_wire::{MAX_INPUTS, up::InputState};

use crate::{board::Board, flash::record::state_to_bits, health::Mode};

/// So many registers there are.
pub const REGISTERS: usize = 59;
/// Which meaning the registers have.
pub const MAP: u16 = 1;
/// A measured value that there is none of.
pub const NONE: u16 = 0xffff;

/// An input that became active is shown as active for so long at the least, in milliseconds: a master
/// that asks every second or two sees each press.
pub const HOLD_MS: u64 = 5_000;

/// The state of an input that the board does not have.
const NO_INPUT: u16 = NONE;
/// A temperature that there is none of.
const NO_TEMPERATURE: u16 = 0x8000;

/// All registers at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registers {
    /// From address 0 on.
    pub values: [u16; REGISTERS],
    /// Which inputs are active, for the function that reads single bits; input 1 is the lowest.
    pub active: u16,
}

impl<const INPUTS: usize, const QUEUE: usize> Board<'_, INPUTS, QUEUE> {
    /// What the board shows over Modbus now.
    pub fn registers(&self, now_ms: u64) -> Registers {
        let stands = |number: usize| {
            let is_held = number
                .checked_sub(1)
                .and_then(|at| *self.activated_ms.get(at)?)
                .is_some_and(|since_ms| now_ms.saturating_sub(since_ms) < HOLD_MS);
            // Without a configuration nobody can say that it was a press.
            if is_held && self.config().is_some() {
                return Some(InputState::Active);
            }
            self.stands(u8::try_from(number).ok()?)
        };
        let bits = |wanted: fn(InputState) -> bool| {
            (1..=MAX_INPUTS)
                .filter(|number| stands(*number).is_some_and(wanted))
                .fold(0u16, |bits, number| bits | 1 << (number - 1))
        };
        let active = bits(|state| state == InputState::Active);
        let fault = bits(|state| !matches!(state, InputState::Active | InputState::Idle));
        let states = (1..=MAX_INPUTS)
            .map(|number| stands(number).map_or(NO_INPUT, |state| state_to_bits(state).into()));
        let measured = self.last_measured();
        let millivolts =
            |value: Option<u32>| value.and_then(|mv| u16::try_from(mv).ok()).unwrap_or(NONE);
        let temperature = measured.temperature_dc.map_or(NO_TEMPERATURE, i16::cast_unsigned);
        let flags = u16::from(self.mode() == Mode::Safe)
            | u16::from(self.is_connected()) << 1
            | u16::from(self.is_supply_low()) << 2;
        let config = self.config().map_or(0, |config| config.revision);
        let all = [MAP, INPUTS.try_into().unwrap_or(NONE), active, fault]
            .into_iter()
            .chain(states)
            .chain([u16::try_from(self.waiting()).unwrap_or(u16::MAX)])
            .chain(two(self.dropped()))
            .chain(two(self.boot()))
            .chain(two(self.uptime_s(now_ms)))
            .chain([millivolts(measured.supply_mv), millivolts(measured.battery_mv), temperature])
            .chain([u16::from(self.crashes()), flags, self.dips()])
            .chain(two(config))
            .chain(text(self.firmware()))
            .chain(*self.activations());
        let mut values = [0; REGISTERS];
        for (value, shown) in values.iter_mut().zip(all) {
            *value = shown;
        }
        Registers { values, active }
    }
}

/// Two registers, the higher half first.
fn two(value: u32) -> [u16; 2] {
    let [b0, b1, b2, b3] = value.to_be_bytes();
    [u16::from_be_bytes([b0, b1]), u16::from_be_bytes([b2, b3])]
}

/// Sixteen characters, two in each register, filled up with zeros.
fn text(text: &str) -> impl Iterator<Item = u16> {
    let at = |at: usize| text.as_bytes().get(at).copied().unwrap_or(0);
    (0..8).map(move |pair| u16::from_be_bytes([at(2 * pair), at(2 * pair + 1)]))
}
