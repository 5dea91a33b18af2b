//! Instants and spans in whole milliseconds. Core never asks what time it is: `now` is an argument.

use std::{
    fmt,
    ops::{Add, Sub},
};

use jiff::SignedDuration;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// An instant, in milliseconds since 1970-01-01T00:00Z; written as RFC 3339.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The furthest instant jiff can show (year 9999), in milliseconds.
const LAST_MS: i64 = 253_402_207_200_000;
/// The earliest (year -9999), in milliseconds.
const FIRST_MS: i64 = -377_705_023_201_000;

impl Timestamp {
    /// From milliseconds since the epoch; what lies outside the years ±9999 is brought to their edge.
    pub fn from_millis(ms: i64) -> Self {
        Self(ms.clamp(FIRST_MS, LAST_MS))
    }
    /// Milliseconds since the epoch.
    pub fn as_millis(self) -> i64 {
        self.0
    }
    /// The same instant for calendar arithmetic.
    pub fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or_default()
    }
    /// How long ago `earlier` was; zero if it lies ahead, as after a clock that stepped back.
    pub fn since(self, earlier: Timestamp) -> Span {
        Span(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

impl From<jiff::Timestamp> for Timestamp {
    fn from(at: jiff::Timestamp) -> Self {
        Self::from_millis(at.as_millisecond())
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_jiff().fmt(f)
    }
}
impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        jiff::Timestamp::deserialize(d).map(Self::from)
    }
}
impl std::str::FromStr for Timestamp {
    type Err = jiff::Error;
    fn from_str(text: &str) -> Result<Self, jiff::Error> {
        text.parse::<jiff::Timestamp>().map(Self::from)
    }
}

/// A length of time in milliseconds; written as people write it: `45s`, `3m`, `1h 30m`.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(u64);

impl Span {
    /// No time at all.
    pub const ZERO: Span = Span(0);
    /// A span of milliseconds.
    pub const fn millis(ms: u64) -> Self {
        Self(ms)
    }
    /// A span of seconds.
    pub const fn secs(s: u64) -> Self {
        Self(s.saturating_mul(1000))
    }
    /// A span of minutes.
    pub const fn mins(m: u64) -> Self {
        Self::secs(m.saturating_mul(60))
    }
    /// A span of hours.
    pub const fn hours(h: u64) -> Self {
        Self::mins(h.saturating_mul(60))
    }
    /// The length in milliseconds.
    pub const fn as_millis(self) -> u64 {
        self.0
    }
    /// The length for a timer.
    pub const fn to_std(self) -> std::time::Duration {
        std::time::Duration::from_millis(self.0)
    }
    /// This span `n` times over.
    pub const fn times(self, n: u64) -> Self {
        Self(self.0.saturating_mul(n))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = i64::try_from(self.0).unwrap_or(i64::MAX);
        write!(f, "{:#}", SignedDuration::from_millis(ms))
    }
}
impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
impl Serialize for Span {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}
impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let length = SignedDuration::deserialize(d)?;
        // A longer one could not be written down as it is.
        let ms = i64::try_from(length.as_millis())
            .map_err(|_| D::Error::custom("a span can't be as long"))?;
        let ms = u64::try_from(ms).map_err(|_| D::Error::custom("a span can't be negative"))?;
        Ok(Self(ms))
    }
}

impl Add for Span {
    type Output = Span;
    fn add(self, other: Span) -> Span {
        Self(self.0.saturating_add(other.0))
    }
}
impl Add<Span> for Timestamp {
    type Output = Timestamp;
    fn add(self, span: Span) -> Timestamp {
        Self::from_millis(self.0.saturating_add(i64::try_from(span.0).unwrap_or(i64::MAX)))
    }
}
impl Sub<Span> for Timestamp {
    type Output = Timestamp;
    fn sub(self, span: Span) -> Timestamp {
        Self::from_millis(self.0.saturating_sub(i64::try_from(span.0).unwrap_or(i64::MAX)))
    }
}

#[cfg(feature = "schema")]
mod schema {
    use utoipa::{PartialSchema, ToSchema, openapi};
    macro_rules! text {
        ($type:ty, $format:expr, $example:expr) => {
            impl PartialSchema for $type {
                fn schema() -> openapi::RefOr<openapi::schema::Schema> {
                    openapi::ObjectBuilder::new()
                        .schema_type(openapi::schema::Type::String)
                        .format($format)
                        .examples([$example])
                        .into()
                }
            }
            impl ToSchema for $type {}
        };
    }
    text!(
        super::Timestamp,
        Some(openapi::SchemaFormat::KnownFormat(openapi::KnownFormat::DateTime)),
        "2026-11-23T08:00:00Z"
    );
    text!(super::Span, None, "45s");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_reads_and_writes_as_people_do() {
        for (text, span) in
            [("45s", Span::secs(45)), ("3m", Span::mins(3)), ("72h", Span::hours(72))]
        {
            let read: Span = serde_json::from_str(&format!("\"{text}\"")).unwrap();
            assert_eq!(read, span);
            let back: Span = serde_json::from_str(&serde_json::to_string(&span).unwrap()).unwrap();
            assert_eq!(back, span);
        }
        assert_eq!(Span::secs(45).to_string(), "45s");
        assert!(serde_json::from_str::<Span>("\"-1s\"").is_err());
        // Up to this it is written down as it was read.
        let long = Span::millis(u64::try_from(i64::MAX).unwrap());
        let back: Span = serde_json::from_str(&serde_json::to_string(&long).unwrap()).unwrap();
        assert_eq!(back, long);
        assert!(serde_json::from_str::<Span>("\"5000000000000h\"").is_err());
    }

    #[test]
    fn a_clock_that_stepped_back_gives_no_negative_age() {
        let now = Timestamp::from_millis(1_000);
        assert_eq!(now.since(now + Span::secs(9)), Span::ZERO);
        assert_eq!((now + Span::secs(9)).since(now), Span::secs(9));
    }
}
