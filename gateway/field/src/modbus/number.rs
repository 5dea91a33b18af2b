//! Numbers: as profiles write them, as registers hold them, as people read them.

use serde::Deserialize;

/// A number as a profile writes it.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Number {
    /// A whole one, also as it stands in the registers: -32768 and 0x8000 are the same of an `i16`.
    Whole(i64),
    /// A fraction.
    Real(f64),
}

/// Rounded to nine places, or to the 15 digits that a number of 64 bits has for certain, so that 3 × 0.1 is
/// shown as 0.3, and 12,345,679 × 0.1 as 1234567.9.
pub fn tidy(x: f64) -> f64 {
    match x.abs() {
        size if size < 1e6 => (x * 1e9).round() / 1e9,
        size if size < 1e15 => format!("{x:.14e}").parse().unwrap_or(x),
        _ => x,
    }
}

/// A number of 32 bits as it is written: 23.1, and not what that is next to in 64 bits.
pub fn written(x: f32) -> f64 {
    x.to_string().parse().unwrap_or_else(|_| f64::from(x))
}

/// IEEE 754 binary16.
pub(super) fn half(bits: u16) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, fraction) = (i32::from((bits >> 10) & 0x1F), f64::from(bits & 0x3FF));
    sign * match exponent {
        0 => fraction * 2_f64.powi(-24),
        31 if fraction == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1.0 + fraction / 1024.0) * 2_f64.powi(exponent - 15),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_look_as_people_write_them() {
        assert_eq!(written(23.1), 23.1);
        assert_eq!(tidy(-1_234_567.900_000_000_1), -1_234_567.9);
        assert_eq!(tidy(9_007_199_254_740_991.0), 9_007_199_254_740_991.0);
    }
}
