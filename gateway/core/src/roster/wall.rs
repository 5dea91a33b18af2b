//! The clock on the wall: what it shows at an instant, and when it first shows a time.
//!
//! A wall clock jumps: in spring it skips times, in autumn it shows some twice. Rosters are read
//! from its *high-water mark*, the furthest it has shown so far, which never goes back: while a
//! clock that was put back repeats itself, the mark waits for it. [`Clock::first_shows`] is the
//! exact inverse: the first instant at which the mark is at or past a time. So a time that exists
//! twice is its first occurrence, a time that was skipped is the instant the gap ends, and for
//! every instant `t` and wall time `w`: `first_shows(w) <= t` just when `w <= furthest(t)`.
//! With this the parts of a roster need no time zone: they compare wall times, and that is all.

use jiff::{
    SignedDuration,
    civil::{DateTime, Time},
    tz::{AmbiguousOffset, Offset, TimeZone},
};

use crate::time::Timestamp;

/// A wall time in milliseconds since 1970-01-01T00:00 on that wall, finer parts cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wall(pub(super) i64);

/// A wall day in milliseconds; a day with a jump in it too, for the jump is the clock's affair.
pub(super) const DAY_MS: i64 = 24 * HOUR_MS;
/// A wall hour in milliseconds.
pub(super) const HOUR_MS: i64 = 3_600_000;

/// How many of the transitions next to an instant are looked at to find one jump. It is the first,
/// but for transitions that only rename the zone's time.
const NEARBY_TRANSITIONS: usize = 8;

/// 1970-01-01T00:00, which [`Wall`] counts from.
const ORIGIN: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

impl Wall {
    /// The day, counted from 1970-01-01.
    pub(super) fn day(self) -> i64 {
        self.0.div_euclid(DAY_MS)
    }

    pub(super) fn to_civil(self) -> Option<DateTime> {
        ORIGIN.checked_add(SignedDuration::from_millis(self.0)).ok()
    }
}

impl From<DateTime> for Wall {
    fn from(at: DateTime) -> Self {
        // ±9999 years are 3.2e14 ms: far inside an i64.
        Self(at.duration_since(ORIGIN).as_millis() as i64)
    }
}

/// A time of day in milliseconds after midnight.
pub(super) fn since_midnight(time: Time) -> i64 {
    time.duration_since(Time::midnight()).as_millis() as i64
}

/// The wall clock of a time zone.
#[derive(Debug, Clone)]
pub(super) struct Clock(TimeZone);

impl Clock {
    /// The clock of an IANA time zone; of UTC where the name is unknown.
    pub(super) fn of(time_zone: &str) -> Self {
        Self(TimeZone::get(time_zone).unwrap_or(TimeZone::UTC))
    }

    /// The furthest the clock has shown by `at`.
    pub(super) fn furthest(&self, at: Timestamp) -> Wall {
        let at = at.to_jiff();
        let offset = self.0.to_offset(at);
        let shown = offset.to_datetime(at);
        match self.0.to_ambiguous_timestamp(shown).offset() {
            AmbiguousOffset::Fold { before, after } if offset == after => {
                // The second pass: the mark stands where the clock was put back from.
                let put_back = self
                    .first_pass(shown, before)
                    .and_then(|first| self.jump_after(first, before, after, shown));
                match put_back {
                    Some(put_back) => Wall(Wall::from(before.to_datetime(put_back)).0 - 1),
                    None => shown.into(),
                }
            }
            _ => shown.into(),
        }
    }

    /// The first instant at which the clock shows `wall` or has gone past it; none outside the
    /// years that jiff knows (±9999).
    pub(super) fn first_shows(&self, wall: Wall) -> Option<Timestamp> {
        let shown = wall.to_civil()?;
        let at = match self.0.to_ambiguous_timestamp(shown).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(shown).ok(),
            AmbiguousOffset::Fold { before, after } => {
                self.first_pass(shown, before).or_else(|| after.to_timestamp(shown).ok())
            }
            AmbiguousOffset::Gap { before, after } => {
                // Read with the offset after the gap, a skipped time lies just before its end.
                let ahead = after.to_timestamp(shown).ok()?;
                self.jump_after(ahead, before, after, shown)
                    .or_else(|| before.to_timestamp(shown).ok())
            }
        };
        at.map(Timestamp::from)
    }

    /// When a time that is shown twice, as jiff has it, is shown first. None where it isn't: next
    /// to the last change that a zone's data lists, jiff takes the zone's present rule to hold
    /// already (Nuuk in October 2023, which stayed on the time it had).
    fn first_pass(&self, shown: DateTime, before: Offset) -> Option<jiff::Timestamp> {
        before.to_timestamp(shown).ok().filter(|first| self.0.to_offset(*first) == before)
    }

    /// The instant next after `at` at which the clock jumps over, or back to before, `shown`.
    fn jump_after(
        &self,
        at: jiff::Timestamp,
        before: Offset,
        after: Offset,
        shown: DateTime,
    ) -> Option<jiff::Timestamp> {
        let nearby = self.0.following(at).take(NEARBY_TRANSITIONS);
        let mut instants = nearby.filter(|to| to.offset() == after).map(|to| to.timestamp());
        instants.find(|jump| {
            let (one, other) = (before.to_datetime(*jump), after.to_datetime(*jump));
            one.min(other) <= shown && shown < one.max(other)
        })
    }
}
