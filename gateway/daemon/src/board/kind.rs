//! The kinds of boards that can be bought, and what differs between them.

use std::ops::Range;

use clap::ValueEnum;

use super::uf2::{Family, RP2040, RP2350};

/// The first byte of the flash, as an RP2040 and an RP2350 see it.
pub const FLASH: u32 = 0x1000_0000;

/// A kind of board.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// W5500-EVB-Pico: an RP2040 with 2 MiB of flash
    W5500EvbPico,
    /// W5500-EVB-Pico2: an RP2350 with 2 MiB of flash
    W5500EvbPico2,
}

impl Kind {
    /// Which chip its files are for.
    pub(super) fn family(self) -> Family {
        match self {
            Kind::W5500EvbPico => RP2040,
            Kind::W5500EvbPico2 => RP2350,
        }
    }

    /// What its boot loader calls its drive.
    pub(super) fn drive(self) -> &'static str {
        match self {
            Kind::W5500EvbPico => "RPI-RP2",
            Kind::W5500EvbPico2 => "RP2350",
        }
    }

    /// Its boot loader's product number on the USB (RP2040 datasheet, 2.8.5; RP2350 datasheet, 5.6.1).
    pub(super) fn usb_product(self) -> u16 {
        match self {
            Kind::W5500EvbPico => 0x0003,
            Kind::W5500EvbPico2 => 0x000f,
        }
    }

    /// Its name for people, as its maker has it.
    pub(super) fn product(self) -> &'static str {
        match self {
            Kind::W5500EvbPico => "WIZnet W5500-EVB-Pico",
            Kind::W5500EvbPico2 => "WIZnet W5500-EVB-Pico2",
        }
    }

    /// Where its flash is, as the chip sees it.
    pub(super) fn flash(self) -> Range<u64> {
        u64::from(FLASH)..0x1020_0000
    }

    /// Where its boot loader starts the program, and where the next one begins: see `firmware/boards`.
    pub(super) fn program(self) -> Range<u32> {
        0x1000_8000..0x1006_8000
    }

    /// Where its firmware looks for who it is: the first page of the second MiB. Events are kept behind it.
    pub(super) fn identity(self) -> u32 {
        0x1010_0000
    }
}
