//! The two rows of terminals of a Raspberry Pi Pico, which WIZnet's boards have too: twenty on each side, seen
//! from above with the USB socket on top.

/// On the left, from above.
pub const LEFT: [&str; 20] = [
    "GP0", "GP1", "GND", "GP2", "GP3", "GP4", "GP5", "GND", "GP6", "GP7", "GP8", "GP9", "GND",
    "GP10", "GP11", "GP12", "GP13", "GND", "GP14", "GP15",
];
/// On the right, from above.
pub const RIGHT: [&str; 20] = [
    "VBUS", "VSYS", "GND", "3V3_EN", "3V3", "ADC_VREF", "GP28", "AGND", "GP27", "GP26", "RUN",
    "GP22", "GND", "GP21", "GP20", "GP19", "GP18", "GND", "GP17", "GP16",
];

/// Which side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Pins 1 to 20.
    Left,
    /// Pins 40 to 21.
    Right,
}

/// A terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terminal {
    /// Its side.
    pub side: Side,
    /// Its row, from above, from 0.
    pub row: usize,
}

impl Terminal {
    /// The terminal of a pin of the chip; none where it has none.
    pub fn of(pin: u8) -> Option<Self> {
        Self::named(&format!("GP{pin}"))
    }

    /// The terminal of this name.
    pub fn named(name: &str) -> Option<Self> {
        let on = |names: &[&str]| names.iter().position(|one| *one == name);
        let left = on(&LEFT).map(|row| Self { side: Side::Left, row });
        left.or_else(|| on(&RIGHT).map(|row| Self { side: Side::Right, row }))
    }

    /// Its number, as it is counted around the board.
    pub fn number(self) -> usize {
        match self.side {
            Side::Left => self.row + 1,
            Side::Right => 40 - self.row,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terminals_are_counted_as_the_maker_counts_them() {
        // The numbers of the Pico's data sheet.
        for (pin, number) in [(0, 1), (6, 9), (13, 17), (15, 20), (16, 21), (22, 29), (28, 34)] {
            assert_eq!(Terminal::of(pin).map(Terminal::number), Some(number), "GP{pin}");
        }
        assert_eq!(Terminal::named("VSYS").map(Terminal::number), Some(39));
        assert_eq!(Terminal::of(25), None, "the board's own light");
    }
}
