//! A supervised two-wire loop: a resistor at its end tells a loop at rest from a cut one, and a second
//! one beside the contact tells an alarm from a short.

/// How a loop is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loop {
    /// The resistor at the end alone: nothing to tell.
    Normal,
    /// The contact is closed, through its resistor.
    Alarm,
    /// The wires are cut, or the resistor at the end is gone.
    Cut,
    /// The wires touch. Where the contact has no resistor of its own, that is how an alarm looks.
    Short,
    /// None of these: a bad joint, a wet line, somebody at the wires.
    Drift,
}

/// Where each begins, in ohms, for a resistor of 4.7 kΩ at the end and one of 470 Ω to 1 kΩ at the
/// contact. No standard fixes these: they stand apart from each other by more than resistors of 5 %,
/// 100 Ω of wire and the converter's error together.
const BANDS: [(u32, Loop); 5] = [
    (0, Loop::Short),
    (150, Loop::Alarm),
    (1_500, Loop::Drift),
    (3_000, Loop::Normal),
    (7_000, Loop::Cut),
];

/// A loop stays what it was until it is this far outside of it, in percent: what lies on an edge does
/// not flicker.
const HYSTERESIS: u64 = 4;

/// What the loop's resistance means, given what it was before.
pub fn judge(ohms: u32, before: Option<Loop>) -> Loop {
    let ends = BANDS.iter().skip(1).map(|(from, _)| *from).chain([u32::MAX]);
    let bands = || BANDS.iter().zip(ends.clone()).map(|((from, what), to)| (*from, to, *what));
    let (ohms_100, wide) = (u64::from(ohms) * 100, 100 + HYSTERESIS);
    let stays = bands().find(|(from, to, what)| {
        Some(*what) == before
            && ohms_100 >= u64::from(*from) * (100 - HYSTERESIS)
            && ohms_100 <= u64::from(*to) * wide
    });
    let fits = || bands().find(|(from, to, _)| (*from..*to).contains(&ohms));
    // The largest number of ohms is in no band, since a range ends before its end.
    stays.or_else(fits).map_or(Loop::Cut, |(_, _, what)| what)
}

/// How ohms are measured: the loop between the converter's input and ground, a resistor from there to
/// the converter's reference. The supply cancels out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meter {
    /// What the converter says at its reference: 4095 for 12 bits.
    pub full: u16,
    /// The resistor to the reference, in ohms. As large as the one at the loop's end, it measures best.
    pub pull_up_ohm: u32,
}

impl Meter {
    /// The loop's resistance in ohms; [`u32::MAX`] where it is too large to be told.
    pub fn ohms(&self, counts: u16) -> u32 {
        let above = u64::from(self.full.saturating_sub(counts));
        let ohms = (u64::from(self.pull_up_ohm) * u64::from(counts)).checked_div(above);
        ohms.and_then(|ohms| u32::try_from(ohms).ok()).unwrap_or(u32::MAX)
    }
}

/// The middle one of three readings: one that a spike has spoilt counts for nothing.
pub const fn middle([a, b, c]: [u16; 3]) -> u16 {
    let (low, high) = if a < b { (a, b) } else { (b, a) };
    if c < low {
        low
    } else if c > high {
        high
    } else {
        c
    }
}
