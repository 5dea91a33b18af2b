//! What the converter says: supply, battery, temperature, and the supervised loop.

use embassy_rp::{
    adc::{Adc, Blocking, Channel},
    gpio::Pull,
};
use embassy_time::{Duration, Timer};
use gengfu_board::{
    debounce::Seen,
    power::{Divider, Limits, Measured, Smooth},
    supervised::{Meter, middle},
};

use crate::pins::Analog;

/// What the converter says at its reference (RP2040 datasheet, 4.9: 12 bits).
const FULL: u16 = 4_095;
/// The reference, in millivolts: the board's own 3.3 V.
const REFERENCE_MV: u32 = 3_300;
/// Before supply and battery: 100 kΩ and 22 kΩ make 18.3 V of the reference.
const DIVIDER: Divider =
    Divider { full: FULL, reference_mv: REFERENCE_MV, top_ohm: 100_000, bottom_ohm: 22_000 };
/// Before the loop: 4.7 kΩ to the reference.
const METER: Meter = Meter { full: FULL, pull_up_ohm: 4_700 };
/// A supply of 12 V is low below this, and sound again above the other one.
pub const LIMITS: Limits = Limits { under_mv: 10_500, over_mv: 11_400 };
/// A pin at which nothing hangs follows the chip's own resistor, 50 to 80 kΩ up or down; one with a divider
/// or a loop moves by a quarter of this range at the most.
const FREE: u16 = FULL / 2;
/// Until a pin has followed that resistor, over 100 nF.
const SETTLE: Duration = Duration::from_millis(30);

/// The converter at work. What nothing hangs at measures nothing: its pin would say anything.
pub struct Converter {
    adc: Adc<'static, Blocking>,
    supply: Option<(Channel<'static>, Smooth)>,
    battery: Option<(Channel<'static>, Smooth)>,
    supervised: Option<Channel<'static>>,
    temperature: (Channel<'static>, Smooth),
}

impl Converter {
    /// Looks at what hangs where, which takes a moment.
    pub async fn new(mut parts: Analog) -> Self {
        let up = parts.pulled(Pull::Up).await;
        let down = parts.pulled(Pull::Down).await;
        let mut hangs = up.iter().zip(down).map(|ends| match ends {
            (Some(up), Some(down)) => up.saturating_sub(down) < FREE,
            _ => false,
        });
        let mut hangs = || hangs.next().unwrap_or(false);
        let (supply, battery, supervised) = (hangs(), hangs(), hangs());
        let smooth = |channel| (channel, Smooth::default());
        let Analog { adc, supply: a, battery: b, supervised: c, temperature } = parts;
        Self {
            adc,
            supply: supply.then(|| smooth(Channel::new_pin(a, Pull::None))),
            battery: battery.then(|| smooth(Channel::new_pin(b, Pull::None))),
            supervised: supervised.then(|| Channel::new_pin(c, Pull::None)),
            temperature: smooth(Channel::new_temp_sensor(temperature)),
        }
    }

    /// The loop, by the middle one of three readings. Where no resistor goes to the reference it can't be told
    /// from anything.
    pub fn look(&mut self) -> Seen {
        let Self { adc, supervised, .. } = self;
        let mut read = || adc.blocking_read(supervised.as_mut()?).ok();
        match (read(), read(), read()) {
            (Some(a), Some(b), Some(c)) => Seen::Ohms(METER.ohms(middle([a, b, c]))),
            _ => Seen::Unreadable,
        }
    }

    /// All that is measured; to be called ten times a second.
    pub fn measure(&mut self) -> Measured {
        let Self { adc, supply, battery, temperature, .. } = self;
        let mut mean = |(at, smooth): &mut (Channel<'static>, Smooth)| {
            let counts = adc.blocking_read(at).ok()?;
            Some(smooth.take(counts.into()))
        };
        let volts = |counts: u32| DIVIDER.millivolts(u16::try_from(counts).unwrap_or(FULL));
        Measured {
            supply_mv: supply.as_mut().and_then(&mut mean).map(volts),
            battery_mv: battery.as_mut().and_then(&mut mean).map(volts),
            temperature_dc: mean(temperature).and_then(degrees),
        }
    }
}

/// Tenths of a degree: 27 °C at 706 mV, and 1.721 mV less for each degree more (RP2040 datasheet, 4.9.5).
fn degrees(counts: u32) -> Option<i16> {
    let microvolts = i64::from(counts) * i64::from(REFERENCE_MV) * 1_000 / i64::from(FULL);
    i16::try_from(270 - (microvolts - 706_000) * 10 / 1_721).ok()
}

impl Analog {
    /// What supply, battery and loop read against the chip's own resistors.
    async fn pulled(&mut self, pull: Pull) -> [Option<u16>; 3] {
        let mut channels = [
            Channel::new_pin(self.supply.reborrow(), pull),
            Channel::new_pin(self.battery.reborrow(), pull),
            Channel::new_pin(self.supervised.reborrow(), pull),
        ];
        Timer::after(SETTLE).await;
        channels.each_mut().map(|at| self.adc.blocking_read(at).ok())
    }
}
