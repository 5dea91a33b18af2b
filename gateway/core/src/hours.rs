//! Hours of the day: from a time of day to another, past midnight too.

use std::{fmt, str::FromStr};

use jiff::{civil::Time, tz::TimeZone};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::time::Timestamp;

/// From a time of day, up to another, not including it; written `22:00-06:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hours {
    from: Time,
    to: Time,
}

impl Hours {
    /// Whether the clock on the wall of `zone` shows one of these hours.
    pub fn contain(&self, zone: &TimeZone, at: Timestamp) -> bool {
        let time = zone.to_datetime(at.to_jiff()).time();
        if self.from < self.to {
            self.from <= time && time < self.to
        } else {
            self.from <= time || time < self.to
        }
    }

    /// When they begin, for an instant outside them; that instant itself within them.
    pub fn begin_at(&self, zone: &TimeZone, at: Timestamp) -> Timestamp {
        if self.contain(zone, at) {
            return at;
        }
        Self { from: self.to, to: self.from }.over_at(zone, at)
    }

    /// When they are over, for an instant within them; that instant itself outside them.
    pub fn over_at(&self, zone: &TimeZone, at: Timestamp) -> Timestamp {
        if !self.contain(zone, at) {
            return at;
        }
        let local = zone.to_datetime(at.to_jiff());
        let days = if local.time() < self.to { 0 } else { 1 };
        let end =
            local.date().checked_add(jiff::Span::new().days(days)).map(|d| d.to_datetime(self.to));
        let end = end.and_then(|end| zone.to_timestamp(end)).map(Timestamp::from);
        // Where the clock is put back, the hour comes twice; and time ends in the year 9999.
        end.unwrap_or(at).max(at)
    }
}

impl FromStr for Hours {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("\"{text}\" is no stretch of hours: write 22:00-06:00");
        let (from, to) = text.split_once('-').ok_or_else(wrong)?;
        let time = |text: &str| Time::strptime("%H:%M", text.trim()).map_err(|_| wrong());
        let (from, to) = (time(from)?, time(to)?);
        if from == to {
            return Err(format!("\"{text}\" begins when it ends: leave it out for the whole day"));
        }
        Ok(Self { from, to })
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.from.strftime("%H:%M"), self.to.strftime("%H:%M"))
    }
}

impl Serialize for Hours {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hours {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn hours_go_past_midnight() {
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        let quiet: Hours = "22:00-06:00".parse().unwrap();
        let (evening, night, morning) = (
            at("2026-11-23T21:59:59+08:00"),
            at("2026-11-23T22:00:00+08:00"),
            at("2026-11-24T06:00:00+08:00"),
        );
        assert!(!quiet.contain(&zone, evening) && !quiet.contain(&zone, morning));
        assert!(quiet.contain(&zone, night));
        assert_eq!(quiet.over_at(&zone, night), morning);
        assert_eq!(quiet.over_at(&zone, at("2026-11-24T03:00:00+08:00")), morning);
        assert_eq!(quiet.over_at(&zone, evening), evening);
        assert_eq!(quiet.to_string(), "22:00-06:00");
    }

    #[test]
    fn hours_that_a_jump_of_the_clock_swallows_end_with_the_jump() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let quiet: Hours = "22:00-02:30".parse().unwrap();
        // On 29 March 2026 02:00 is followed by 03:00.
        assert_eq!(
            quiet.over_at(&zone, at("2026-03-29T00:30:00+01:00")),
            at("2026-03-29T03:30:00+02:00")
        );
    }

    #[test]
    fn what_is_no_stretch_of_hours_is_refused_with_its_remedy() {
        for wrong in ["", "22:00", "22-6", "25:00-06:00", "08:00-08:00", "a-b"] {
            assert!(wrong.parse::<Hours>().is_err(), "{wrong}");
        }
    }
}
