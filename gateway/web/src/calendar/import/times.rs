//! When the events of a calendar are, one by one, until a horizon.

use std::collections::{BTreeMap, BTreeSet};

use gengfu_core::time::{Span, Timestamp};
use jiff::{SignedDuration, civil::DateTime};

use super::{
    Mistake,
    events::{Calendar, End, Event},
    when::When,
    zone::{Clock, Clocks, after},
};

/// No calendar gives more occurrences.
const OCCURRENCES: usize = 50_000;
/// No occurrence lasts longer.
const LONGEST: Span = Span::hours(366 * 24);

/// The times of one event: `[start, end)`, and the clock and wall time of the first.
#[derive(Debug, Clone)]
pub(super) struct Times {
    /// Which event.
    pub event: usize,
    pub spans: Vec<(Timestamp, Timestamp)>,
}

/// All times of all events that begin before `until`.
pub(super) fn times(
    calendar: &Calendar,
    clocks: &Clocks,
    until: Timestamp,
) -> Result<Vec<Times>, Vec<Mistake>> {
    let mut mistakes = Vec::new();
    let look = Look { clocks, until };
    // The times of repeated events that an event of its own stands for.
    let mut replaced: BTreeMap<&str, BTreeSet<Timestamp>> = BTreeMap::new();
    for event in &calendar.events {
        if let Some(at) = &event.replaces {
            match look.instant(at, event.line) {
                Ok(at) => drop(replaced.entry(&event.uid).or_default().insert(at)),
                Err(mistake) => mistakes.push(mistake),
            }
        }
    }
    let mut all = Vec::new();
    let mut count = 0;
    for (at, event) in calendar.events.iter().enumerate().filter(|(_, event)| !event.cancelled) {
        let none = BTreeSet::new();
        let without = match event.replaces {
            Some(_) => &none,
            None => replaced.get(event.uid.as_str()).unwrap_or(&none),
        };
        let mut followed = 0;
        match look.of(event, without, &mut followed) {
            Ok(spans) => {
                count += spans.len();
                all.push(Times { event: at, spans });
            }
            // A wrong one has cost as much.
            Err(mistake) => {
                count += followed;
                mistakes.push(mistake);
            }
        }
        if count > OCCURRENCES {
            let what = format!("more than {OCCURRENCES} shifts: choose a nearer end");
            mistakes.push(Mistake { line: event.line, what });
            return Err(mistakes);
        }
    }
    if mistakes.is_empty() { Ok(all) } else { Err(mistakes) }
}

struct Look<'a> {
    clocks: &'a Clocks,
    until: Timestamp,
}

impl Look<'_> {
    fn of(
        &self,
        event: &Event,
        replaced: &BTreeSet<Timestamp>,
        followed: &mut usize,
    ) -> Result<Vec<(Timestamp, Timestamp)>, Mistake> {
        let mistake = |what: &str| Mistake { line: event.line, what: what.to_owned() };
        let clock = self.clock(&event.start, event.line)?;
        let first = event.start.wall();
        let length = self.length(event, &event.end, &event.start, first)?;
        let mut starts = match &event.rule {
            None => vec![first],
            Some((line, rule)) => {
                let last = self.last_day();
                let is_over = |wall: DateTime| match &rule.until {
                    Some(When::Utc(_)) => {
                        let end = rule.until.as_ref().and_then(|end| self.instant(end, *line).ok());
                        clock.instant(wall) > end
                    }
                    Some(When::Day(day)) => wall.date() > *day,
                    Some(local) => wall > local.wall(),
                    None => false,
                };
                // Until it is seen how many they are.
                *followed = OCCURRENCES;
                let times = rule.times(first, last, &is_over).ok_or_else(|| Mistake {
                    line: *line,
                    what: "this rule begins too long ago to be followed: give it a later DTSTART"
                        .into(),
                })?;
                *followed = times.len();
                // The first time counts even where the rule would not have it.
                times.into_iter().chain((!is_over(first)).then_some(first)).collect()
            }
        };
        starts.sort_unstable();
        starts.dedup();
        let mut without = replaced.clone();
        let mut days = BTreeSet::new();
        for except in &event.without {
            match except {
                When::Day(day) => drop(days.insert(*day)),
                other => drop(without.insert(self.instant(other, event.line)?)),
            }
        }
        let mut spans = BTreeMap::new();
        let mut add = |start: Timestamp, end: Timestamp| {
            if end <= start {
                return Err(mistake(
                    "this event ends when it begins, or before: a shift needs an end after it",
                ));
            }
            if end.since(start) > LONGEST {
                return Err(mistake("this event lasts longer than a year: a shift is shorter"));
            }
            if start < self.until && !without.contains(&start) {
                spans.insert(start, end);
            }
            Ok(())
        };
        let outside = || mistake("this lies outside the years that can be told");
        for wall in starts.into_iter().filter(|wall| !days.contains(&wall.date())) {
            let start = clock.instant(wall).ok_or_else(outside)?;
            let end = after(wall, length).and_then(|end| clock.instant(end)).ok_or_else(outside)?;
            add(start, end)?;
        }
        for extra in &event.extra {
            let wall = extra.start.wall();
            let clock = self.clock(&extra.start, event.line)?;
            let length = match &extra.end {
                Some(end) => self.length(event, end, &extra.start, wall)?,
                None => length,
            };
            let start = clock.instant(wall).ok_or_else(outside)?;
            let end = after(wall, length).and_then(|end| clock.instant(end)).ok_or_else(outside)?;
            add(start, end)?;
        }
        Ok(spans.into_iter().collect())
    }

    /// How long it lasts, by its own clock: who has the night has it until six, whatever the clock did.
    fn length(
        &self,
        event: &Event,
        end: &End,
        start: &When,
        first: DateTime,
    ) -> Result<SignedDuration, Mistake> {
        let day = SignedDuration::from_hours(24);
        let mistake = |what: &str| Mistake { line: event.line, what: what.to_owned() };
        match (end, start) {
            (End::After(length), _) => Ok(*length),
            (End::Untold, When::Day(_)) => Ok(day),
            (End::Untold, _) => {
                Err(mistake("this event has no end: a shift needs one (DTEND or DURATION)"))
            }
            (End::At(end), _) => {
                let same = match (end, start) {
                    (When::Local { zone, .. }, When::Local { zone: other, .. }) => zone == other,
                    (When::Day(_), When::Day(_)) | (When::Utc(_), When::Utc(_)) => true,
                    _ => false,
                };
                if same {
                    return Ok(end.wall().duration_since(first));
                }
                // By two clocks: what really passes.
                let (from, to) = (self.instant(start, event.line)?, self.instant(end, event.line)?);
                Ok(SignedDuration::from_millis(to.as_millis() - from.as_millis()))
            }
        }
    }

    fn clock(&self, when: &When, line: usize) -> Result<Clock, Mistake> {
        let name = match when {
            When::Utc(_) => Some("UTC"),
            When::Day(_) => None,
            When::Local { zone, .. } => zone.as_deref(),
        };
        self.clocks.find(name).ok_or_else(|| Mistake {
            line,
            what: format!(
                "the time zone \"{}\" is not known, and the calendar does not describe it",
                name.unwrap_or_default()
            ),
        })
    }

    fn instant(&self, when: &When, line: usize) -> Result<Timestamp, Mistake> {
        let outside =
            || Mistake { line, what: "this lies outside the years that can be told".into() };
        self.clock(when, line)?.instant(when.wall()).ok_or_else(outside)
    }

    /// No zone is two days away from UTC.
    fn last_day(&self) -> jiff::civil::Date {
        super::day_after(self.until)
    }
}
