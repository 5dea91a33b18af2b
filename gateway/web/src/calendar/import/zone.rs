//! Clocks: those that everybody knows by name, and those that a calendar describes itself (VTIMEZONE).

use std::collections::BTreeMap;

use gengfu_core::time::Timestamp;
use jiff::{
    SignedDuration,
    civil::{Date, DateTime},
    tz::{Offset, TimeZone},
};

use super::{Mistake, lines::Line, rule::Rule, when};

/// A clock by which a calendar tells the time.
#[derive(Debug, Clone)]
pub(super) enum Clock {
    /// One that is known.
    Known(TimeZone),
    /// One that the calendar describes: what its offset was first, and when it changed to which.
    Told { first: Offset, changes: Vec<(Timestamp, Offset)> },
}

impl Clock {
    /// The first instant at which the clock shows `wall`. One that it skips is as far behind the jump as it
    /// lies behind the time at which the clock jumps.
    pub fn instant(&self, wall: DateTime) -> Option<Timestamp> {
        let (first, changes) = match self {
            Clock::Known(zone) => return zone.to_timestamp(wall).ok().map(Timestamp::from),
            Clock::Told { first, changes } => (first, changes),
        };
        let read = |offset: Offset| offset.to_timestamp(wall).ok().map(Timestamp::from);
        let mut before = *first;
        for (at, offset) in changes {
            // Still by the offset before the change?
            match read(before) {
                Some(instant) if instant < *at => return Some(instant),
                _ => {}
            }
            // In the gap that the change makes?
            if read(*offset).is_some_and(|instant| instant < *at) {
                return read(before);
            }
            before = *offset;
        }
        read(before)
    }
}

/// Part of a VTIMEZONE: from when on a clock is so far from UTC.
#[derive(Debug, Default)]
pub(super) struct Observance {
    pub lines: Vec<Line>,
}

/// The clocks of a calendar, by name, as they go until a day.
pub(super) struct Clocks {
    /// The clock on the wall of whoever reads it.
    pub wall: TimeZone,
    pub told: BTreeMap<String, Clock>,
}

impl Clocks {
    /// The clock of this name.
    pub fn find(&self, name: Option<&str>) -> Option<Clock> {
        let Some(name) = name else { return Some(Clock::Known(self.wall.clone())) };
        // Some programs put their own name in front: /citadel.org/20260101_1/Asia/Shanghai.
        let tails = name.match_indices('/').map(|(at, _)| &name[at + 1..]);
        let known = std::iter::once(name).chain(tails).find_map(|name| TimeZone::get(name).ok());
        known.map(Clock::Known).or_else(|| self.told.get(name).cloned())
    }
}

/// The clock that these parts describe, until the day `last`.
pub(super) fn told(parts: &[Observance], line: usize, last: Date) -> Result<Clock, Mistake> {
    let mut changes: Vec<(Timestamp, Offset, Offset)> = Vec::new();
    for part in parts {
        add(part, line, last, &mut changes)?;
    }
    changes.sort_by_key(|(at, _, _)| *at);
    let none = Mistake { line, what: "this time zone says nothing of its offset".into() };
    let first = changes.first().ok_or(none)?.1;
    let changes = changes.into_iter().map(|(at, _, to)| (at, to)).collect();
    Ok(Clock::Told { first, changes })
}

fn add(
    part: &Observance,
    line: usize,
    last: Date,
    changes: &mut Vec<(Timestamp, Offset, Offset)>,
) -> Result<(), Mistake> {
    let odd = |line: &Line| line.mistake(format!("\"{}\" can't be read", line.value));
    let need = |name: &str| {
        let found = part.lines.iter().find(|l| l.name == name);
        found.ok_or_else(|| Mistake { line, what: format!("this time zone lacks {name}") })
    };
    let offset = |name: &str| {
        let line = need(name)?;
        let seconds = when::offset(&line.value);
        seconds.and_then(|s| Offset::from_seconds(s).ok()).ok_or_else(|| odd(line))
    };
    let (from, to) = (offset("TZOFFSETFROM")?, offset("TZOFFSETTO")?);
    let start = need("DTSTART")?;
    let first = when::When::parse(&start.value, None).ok_or_else(|| odd(start))?.wall();
    let instant = |wall: DateTime| from.to_timestamp(wall).ok().map(Timestamp::from);
    let mut walls = vec![first];
    for line in &part.lines {
        match line.name.as_str() {
            "RDATE" => {
                for text in line.value.split(',') {
                    let when = when::When::parse(text, None).ok_or_else(|| odd(line))?;
                    walls.push(when.wall());
                }
            }
            "RRULE" => {
                let rule = Rule::parse(&line.value).map_err(|what| line.mistake(what))?;
                let until = rule.until.clone();
                let is_over = |wall: DateTime| match &until {
                    Some(when::When::Utc(utc)) => {
                        let utc = Offset::UTC.to_timestamp(*utc).ok().map(Timestamp::from);
                        instant(wall) > utc
                    }
                    Some(other) => wall > other.wall(),
                    None => false,
                };
                let times = rule.times(first, last, &is_over);
                walls.extend(times.ok_or_else(|| line.mistake("this rule goes too far"))?);
            }
            _ => {}
        }
    }
    walls.sort_unstable();
    walls.dedup();
    changes.extend(walls.into_iter().filter_map(instant).map(|at| (at, from, to)));
    Ok(())
}

/// `wall` and so much more by the same clock.
pub(super) fn after(wall: DateTime, length: SignedDuration) -> Option<DateTime> {
    wall.checked_add(length).ok()
}
