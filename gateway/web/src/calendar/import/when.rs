//! Dates, times and lengths as a calendar writes them.

use jiff::{
    SignedDuration,
    civil::{Date, DateTime, Time},
};

/// A day, or a time by some clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum When {
    /// The whole day.
    Day(Date),
    /// By the clock that is named, or by whatever clock hangs on the wall.
    Local { at: DateTime, zone: Option<String> },
    /// In UTC.
    Utc(DateTime),
}

impl When {
    /// `20261123`, `20261123T200000`, `20261123T120000Z`.
    pub fn parse(text: &str, zone: Option<&str>) -> Option<Self> {
        let text = text.trim();
        let Some((day, time)) = text.split_once(['T', 't']) else {
            return date(text).map(When::Day);
        };
        let (time, utc) = match time.strip_suffix(['Z', 'z']) {
            Some(time) => (time, true),
            None => (time, false),
        };
        let at = date(day)?.to_datetime(time_of_day(time)?);
        let zone = zone.map(str::to_owned);
        Some(if utc { When::Utc(at) } else { When::Local { at, zone } })
    }

    /// As the clock shows it; midnight for a day.
    pub fn wall(&self) -> DateTime {
        match self {
            When::Day(day) => day.to_datetime(Time::midnight()),
            When::Local { at, .. } | When::Utc(at) => *at,
        }
    }
}

fn digits(text: &str, from: usize, to: usize) -> Option<i16> {
    let part = text.get(from..to)?;
    part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok())?
}

fn small(text: &str, from: usize, to: usize) -> Option<i8> {
    digits(text, from, to).and_then(|n| i8::try_from(n).ok())
}

fn date(text: &str) -> Option<Date> {
    if text.len() != 8 {
        return None;
    }
    Date::new(digits(text, 0, 4)?, small(text, 4, 6)?, small(text, 6, 8)?).ok()
}

fn time_of_day(text: &str) -> Option<Time> {
    if text.len() != 6 {
        return None;
    }
    // A leap second is the last one of its minute.
    let second = small(text, 4, 6)?.min(59);
    Time::new(small(text, 0, 2)?, small(text, 2, 4)?, second, 0).ok()
}

/// `P1D`, `PT8H30M`, `P2W`: never negative.
pub(super) fn length(text: &str) -> Option<SignedDuration> {
    let text = text.trim();
    let text = text.strip_prefix('+').unwrap_or(text).strip_prefix(['P', 'p'])?;
    let (mut seconds, mut number, mut any) = (0i64, String::new(), false);
    let mut timed = false;
    for c in text.chars() {
        let unit = match (c.to_ascii_uppercase(), timed) {
            ('0'..='9', _) => {
                number.push(c);
                continue;
            }
            ('T', false) => {
                timed = true;
                continue;
            }
            ('W', false) => 7 * 86_400,
            ('D', false) => 86_400,
            ('H', true) => 3_600,
            ('M', true) => 60,
            ('S', true) => 1,
            _ => return None,
        };
        let count: i64 = std::mem::take(&mut number).parse().ok()?;
        seconds = seconds.checked_add(count.checked_mul(unit)?)?;
        any = true;
    }
    (any && number.is_empty()).then(|| SignedDuration::from_secs(seconds))
}

/// `+0800`, `-033000`, in seconds.
pub(super) fn offset(text: &str) -> Option<i32> {
    let text = text.trim();
    let (sign, text) = match text.strip_prefix('-') {
        Some(text) => (-1, text),
        None => (1, text.strip_prefix('+')?),
    };
    if !matches!(text.len(), 4 | 6) {
        return None;
    }
    let second = if text.len() == 6 { digits(text, 4, 6)? } else { 0 };
    let (hour, minute) = (i32::from(digits(text, 0, 2)?), i32::from(digits(text, 2, 4)?));
    // No clock on earth is further from UTC than this.
    let fits = hour < 24 && minute < 60 && second < 60;
    fits.then(|| sign * (hour * 3_600 + minute * 60 + i32::from(second)))
}
