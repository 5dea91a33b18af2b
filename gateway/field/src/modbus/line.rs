//! Where a bus is: a TCP address, or a serial port and how it is set.

use std::{fmt, path::PathBuf, time::Duration};

use gengfu_core::time::Span;
use serde::Deserialize;
use serial2_tokio::{CharSize, Settings, StopBits};

/// Unit numbers on a serial line (Modbus over Serial Line 1.02, 2.2): 0 speaks to all of them at once, and
/// those from 248 on are reserved.
pub const UNITS: std::ops::RangeInclusive<u8> = 1..=247;

/// The way to the units of a bus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Modbus TCP: one device, or a gateway with a line behind it.
    Tcp {
        /// Host name or address.
        host: String,
        /// Port; 502 by the standard.
        port: u16,
    },
    /// Modbus RTU over a serial port of this machine.
    Serial(Serial),
}

/// A serial port. RTU has eight data bits always (Modbus over Serial Line 1.02, 2.5.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Serial {
    /// Its path; one that stays when something else is plugged in.
    pub device: PathBuf,
    /// Bits a second.
    pub baud: u32,
    /// The bit that makes a character's sum even or odd.
    pub parity: Parity,
    /// Stop bits, 1 or 2.
    pub stop_bits: u8,
}

/// Whether a character has a parity bit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Parity {
    /// It has none.
    #[default]
    None,
    /// The sum is even.
    Even,
    /// The sum is odd.
    Odd,
}

impl Parity {
    /// As people write it between data and stop bits.
    pub fn letter(self) -> char {
        match self {
            Parity::None => 'N',
            Parity::Even => 'E',
            Parity::Odd => 'O',
        }
    }
}

/// Above this, the pause between two frames does not shrink any more.
const FAST_BAUD: u32 = 19_200;
/// The pause between two frames above [`FAST_BAUD`] (Modbus over Serial Line 1.02, 2.5.1.1).
const FAST_PAUSE: Duration = Duration::from_micros(1_750);
/// On a serial line nothing tells a late answer from the next one but the unit that sends it. A unit
/// that did not answer is therefore not asked for so long, in which its answer comes to nothing.
const REST_AFTER_SILENCE: Span = Span::secs(2);

impl Serial {
    /// A port with the settings that most devices are delivered with: 9600 8N1.
    pub fn new(device: impl Into<PathBuf>) -> Self {
        Self { device: device.into(), baud: 9_600, parity: Parity::None, stop_bits: 1 }
    }

    /// The time that so many characters are on the wire.
    pub(super) fn transmission(&self, characters: u32) -> Duration {
        let parity = u32::from(self.parity != Parity::None);
        let bits = 1 + 8 + parity + u32::from(self.stop_bits);
        Duration::from_secs_f64(f64::from(characters * bits) / f64::from(self.baud.max(1)))
    }

    /// The silence that parts two frames: 3.5 characters.
    pub(super) fn pause(&self) -> Duration {
        if self.baud > FAST_BAUD { FAST_PAUSE } else { self.transmission(7) / 2 }
    }

    /// For opening the port.
    pub(super) fn settings(&self, mut settings: Settings) -> std::io::Result<Settings> {
        settings.set_raw();
        settings.set_baud_rate(self.baud)?;
        settings.set_char_size(CharSize::Bits8);
        settings.set_parity(match self.parity {
            Parity::None => serial2_tokio::Parity::None,
            Parity::Even => serial2_tokio::Parity::Even,
            Parity::Odd => serial2_tokio::Parity::Odd,
        });
        settings.set_stop_bits(if self.stop_bits == 2 { StopBits::Two } else { StopBits::One });
        Ok(settings)
    }
}

impl Line {
    /// How long a unit that did not answer is left alone at the least.
    pub fn rest_after_silence(&self) -> Span {
        match self {
            Line::Tcp { .. } => Span::ZERO,
            Line::Serial(_) => REST_AFTER_SILENCE,
        }
    }

    /// What to look at where it can't be opened.
    pub fn advice(&self) -> &'static str {
        match self {
            Line::Tcp { .. } => "check power, cable and address",
            Line::Serial(_) => {
                "check that the adapter is plugged in, that `device` names it, that no other program uses it, \
                 and that this user is in the group dialout"
            }
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Line::Tcp { host, port } => write!(f, "{host}:{port}"),
            Line::Serial(serial) => {
                let (parity, stop_bits) = (serial.parity.letter(), serial.stop_bits);
                let device = serial.device.display();
                write!(f, "{device} ({} 8{parity}{stop_bits})", serial.baud)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_takes_its_bits_and_frames_are_parted_by_three_and_a_half() {
        let mut serial = Serial::new("/dev/x");
        // 10 bits at 9,600 a second.
        assert_eq!(serial.transmission(96), Duration::from_millis(100));
        assert_eq!(serial.pause().as_micros(), 3_645);
        (serial.parity, serial.stop_bits) = (Parity::Even, 2);
        assert_eq!(serial.transmission(80), Duration::from_millis(100));
        serial.baud = 115_200;
        assert_eq!(serial.pause(), FAST_PAUSE);
        assert_eq!(Line::Serial(serial).to_string(), "/dev/x (115200 8E2)");
    }
}
