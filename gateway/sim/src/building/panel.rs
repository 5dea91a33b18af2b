//! A fire panel behind a Notifier MODBUS-GW: one register for each detector.

use std::{collections::BTreeMap, sync::Mutex};

use super::server::Registers;

/// Registers of one loop: detectors from 0, modules from 200.
const LOOP: u16 = 400;

/// Bits of a detector's register.
mod bit {
    pub const ACKNOWLEDGE_BLOCK: u16 = 1 << 15;
    pub const TROUBLE: u16 = 1 << 13;
    pub const INACTIVE: u16 = 1 << 12;
    pub const ACTIVE: u16 = 1 << 11;
    pub const ENABLED: u16 = 1 << 10;
    pub const DISABLED: u16 = 1 << 9;
    /// The low byte of an active detector that sees a fire.
    pub const FIRE: u16 = 0x10;
    /// The low byte of an address where nothing is fitted.
    pub const NOT_PRESENT: u16 = 0xFF;
}

/// What a detector says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Detector {
    Smoke,
    Trouble,
    Disabled,
}

/// A panel.
#[derive(Debug)]
pub struct Panel {
    loops: u16,
    detectors: u16,
    /// Those that say something else than that all is well, by loop and number, both from 1.
    telling: Mutex<BTreeMap<(u16, u16), Detector>>,
}

impl Panel {
    /// A panel with so many detectors on each of its loops.
    pub fn new(loops: u16, detectors: u16) -> Self {
        Self { loops: loops.clamp(1, 10), detectors: detectors.min(159), telling: Mutex::default() }
    }

    /// Loops and detectors on each.
    pub fn fitted(&self) -> (u16, u16) {
        (self.loops, self.detectors)
    }

    fn telling(&self) -> std::sync::MutexGuard<'_, BTreeMap<(u16, u16), Detector>> {
        // A test that panicked elsewhere leaves a map that is still whole.
        self.telling.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// A detector sees smoke; it stays so until [`Panel::reset`].
    pub fn smoke(&self, loop_number: u16, detector: u16) {
        self.telling().insert((loop_number, detector), Detector::Smoke);
    }

    /// A detector is dirty or broken.
    pub fn trouble(&self, loop_number: u16, detector: u16) {
        self.telling().insert((loop_number, detector), Detector::Trouble);
    }

    /// Somebody has switched a detector off.
    pub fn disable(&self, loop_number: u16, detector: u16) {
        self.telling().insert((loop_number, detector), Detector::Disabled);
    }

    /// A single detector says again that all is well.
    pub fn clear(&self, loop_number: u16, detector: u16) {
        self.telling().remove(&(loop_number, detector));
    }

    /// Somebody at the panel has reset it.
    pub fn reset(&self) {
        self.telling().clear();
    }
}

impl Registers for Panel {
    fn holding(&self, address: u16) -> Option<u16> {
        let (loop_number, number) = (address / LOOP + 1, address % LOOP + 1);
        if loop_number > self.loops {
            return None;
        }
        if number > self.detectors {
            return Some(bit::NOT_PRESENT);
        }
        Some(match self.telling().get(&(loop_number, number)) {
            None => bit::INACTIVE | bit::ENABLED,
            Some(Detector::Smoke) => {
                bit::ACTIVE | bit::ENABLED | bit::ACKNOWLEDGE_BLOCK | bit::FIRE
            }
            Some(Detector::Trouble) => bit::TROUBLE | bit::INACTIVE | bit::ENABLED,
            Some(Detector::Disabled) => bit::DISABLED | bit::INACTIVE,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn smoke_is_an_active_detector_with_the_byte_of_fire() {
        let panel = Panel::new(2, 20);
        assert_eq!(panel.holding(0), Some(0x1400));
        panel.smoke(2, 7);
        assert_eq!(panel.holding(400 + 6), Some(0x8C10));
        panel.reset();
        assert_eq!(panel.holding(400 + 6), Some(0x1400));
        assert_eq!(panel.holding(20), Some(0x00FF), "nothing is fitted there");
        assert_eq!(panel.holding(800), None, "there is no third loop");
    }
}
