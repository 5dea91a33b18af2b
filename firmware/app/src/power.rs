//! What a board measures of itself: its supply, its battery, how warm it is.

/// A divider before the converter's input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Divider {
    /// What the converter says at its reference: 4095 for 12 bits.
    pub full: u16,
    /// The converter's reference, in millivolts.
    pub reference_mv: u32,
    /// The resistor from the voltage to the converter, in ohms.
    pub top_ohm: u32,
    /// The resistor from the converter to ground, in ohms.
    pub bottom_ohm: u32,
}

impl Divider {
    /// The voltage before the divider, in millivolts, rounded; 0 for a divider that is none.
    pub fn millivolts(&self, counts: u16) -> u32 {
        let ohms = u64::from(self.top_ohm) + u64::from(self.bottom_ohm);
        let above = u64::from(counts) * u64::from(self.reference_mv) * ohms;
        let below = u64::from(self.full) * u64::from(self.bottom_ohm);
        let rounded = (above + below / 2).checked_div(below).unwrap_or(0);
        u32::try_from(rounded).unwrap_or(u32::MAX)
    }
}

/// The mean of what was measured of late, so that one reading in a switching spike says nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Smooth {
    eighths: Option<u64>,
}

impl Smooth {
    /// Takes one more reading, and tells the mean; each weighs an eighth of those before it.
    pub fn take(&mut self, value: u32) -> u32 {
        let value = u64::from(value);
        let eighths = self.eighths.map_or(value * 8, |old| old - old / 8 + value);
        self.eighths = Some(eighths);
        u32::try_from((eighths + 4) / 8).unwrap_or(u32::MAX)
    }
}

/// What was measured; none where the board can't.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Measured {
    /// The supply, in millivolts.
    pub supply_mv: Option<u32>,
    /// The battery, in millivolts.
    pub battery_mv: Option<u32>,
    /// The board's temperature, in tenths of a degree Celsius.
    pub temperature_dc: Option<i16>,
}

/// Below and above which a supply counts as low and as sound again, in millivolts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Low from here on down.
    pub under_mv: u32,
    /// Sound again from here on up.
    pub over_mv: u32,
}

/// Watches a supply for dips: the first sign of a supply or a battery that is about to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Supply {
    limits: Limits,
    low: bool,
    dips: u16,
}

impl Supply {
    /// A supply that is taken for sound until it is measured.
    pub const fn new(limits: Limits) -> Self {
        Self { limits, low: false, dips: 0 }
    }

    /// Takes what was measured. True where it has become low, or sound again.
    pub fn see(&mut self, supply_mv: u32) -> bool {
        let was = self.low;
        self.low = match was {
            true => supply_mv < self.limits.over_mv,
            false => supply_mv <= self.limits.under_mv,
        };
        if self.low && !was {
            self.dips = self.dips.saturating_add(1);
        }
        self.low != was
    }

    /// It is low now.
    pub fn is_low(&self) -> bool {
        self.low
    }

    /// How often it became low since the start.
    pub fn dips(&self) -> u16 {
        self.dips
    }
}
