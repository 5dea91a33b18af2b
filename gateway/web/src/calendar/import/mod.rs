//! A calendar of shifts as other programs write it (iCalendar, RFC 5545), made a roster: whoever an event
//! names is on duty for as long as it lasts.
//!
//! Either the whole calendar is kept, or nothing of it and everything that is wrong is told. What comes every
//! week for ever becomes a layer; everything else an exception each, until a horizon that is told too.
//!
//! - `lines`, `when`: the text, and the times in it.
//! - `rule`, `zone`: how events come again, and by which clock.
//! - `events`, `times`: what is written, and when that is.
//! - `people`: who is meant.

mod events;
mod lines;
mod people;
mod rule;
#[cfg(test)]
mod tests;
mod times;
mod when;
mod zone;

use std::{collections::BTreeMap, fmt};

use gengfu_core::{
    id::{PersonId, RosterId},
    roster::{Exception, Layer, Roster, Shift, Weekday},
    time::{Span, Timestamp},
};
use jiff::{
    civil::{Date, DateTime},
    tz::TimeZone,
};

pub use self::people::Names;
use self::{
    events::{Calendar, Event},
    rule::Frequency,
    when::When,
    zone::Clocks,
};
use super::NOBODY;

/// Something in a calendar that can't be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// Where in the file, from 1.
    pub line: usize,
    /// What is wrong, and the remedy.
    pub what: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

/// How a calendar is to be read.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The roster's name for programs.
    pub id: RosterId,
    /// Its name for people; the calendar's own without it.
    pub name: Option<String>,
    /// Its time zone, an IANA name; times without a zone are by this clock too.
    pub time_zone: String,
    /// What is over by then is left out.
    pub from: Timestamp,
    /// What begins later is left out, but for what comes every week for ever.
    pub until: Timestamp,
    /// Who is called what.
    pub names: Names,
}

/// A calendar as a roster.
#[derive(Debug, Clone)]
pub struct Imported {
    /// The roster.
    pub roster: Roster,
    /// Events that are kept.
    pub events: usize,
    /// Exceptions end there, whatever the calendar says of later.
    pub until: Timestamp,
}

/// Someone's time on duty.
type OnDuty = BTreeMap<PersonId, Vec<(Timestamp, Timestamp, usize)>>;

/// Makes a roster of a calendar.
///
/// # Errors
/// Everything that can't be kept, with its line.
pub fn import(bytes: &[u8], wish: &Wish) -> Result<Imported, Vec<Mistake>> {
    let whole = |what: String| vec![Mistake { line: 1, what }];
    let zone = TimeZone::get(&wish.time_zone)
        .map_err(|_| whole(format!("\"{}\" is no IANA time zone", wish.time_zone)))?;
    if wish.from >= wish.until {
        return Err(whole(format!("nothing lies between {} and {}", wish.from, wish.until)));
    }
    let lines = lines::read(bytes).map_err(|mistake| vec![mistake])?;
    if lines.is_empty() {
        return Err(whole("the calendar is empty".into()));
    }
    let mut clocks = Clocks { wall: zone, told: BTreeMap::new() };
    let calendar = events::read(lines, &mut clocks, day_after(wish.until))?;
    let times = times::times(&calendar, &clocks, wish.until)?;

    let mut roster = Roster {
        id: wish.id.clone(),
        name: wish.name.clone().or(calendar.name.clone()).unwrap_or_else(|| wish.id.to_string()),
        time_zone: wish.time_zone.clone(),
        layers: Vec::new(),
        exceptions: Vec::new(),
        remind_before: None,
    };
    let (mut mistakes, mut on_duty, mut count) = (Vec::new(), OnDuty::new(), 0);
    for times in &times {
        let event = &calendar.events[times.event];
        let mut spans = times.spans.clone();
        spans.retain(|(_, end)| *end > wish.from);
        // A gap, in a calendar of this program's own.
        if NOBODY.contains(&event.summary.1.as_str()) || spans.is_empty() {
            continue;
        }
        count += 1;
        let people = match people_of(event, &wish.names) {
            Ok(people) => people,
            Err(mistake) => {
                mistakes.push(mistake);
                continue;
            }
        };
        if let Some(layer) = layer(&calendar, event, &people, &spans, wish, &roster) {
            roster.layers.push(layer);
            continue;
        }
        for person in people {
            let duties = on_duty.entry(person).or_default();
            duties.extend(spans.iter().map(|(start, end)| (*start, *end, event.line)));
        }
    }
    roster.exceptions = exceptions(on_duty, &roster, &mut mistakes);
    if mistakes.is_empty() {
        mistakes.extend(roster.validate().into_iter().map(|problem| {
            let what = match problem.where_.as_str() {
                "layers" => {
                    format!("no event of this calendar is between {} and {}", wish.from, wish.until)
                }
                "exceptions" => format!(
                    "{} shifts until {}: choose a nearer end",
                    roster.exceptions.len(),
                    wish.until
                ),
                _ => problem.to_string(),
            };
            Mistake { line: 1, what }
        }));
    }
    if mistakes.is_empty() {
        return Ok(Imported { roster, events: count, until: wish.until });
    }
    mistakes.sort_by_key(|mistake| mistake.line);
    Err(mistakes)
}

fn people_of(event: &Event, names: &Names) -> Result<Vec<PersonId>, Mistake> {
    let (line, words) = &event.summary;
    let unknown = match names.in_words(words) {
        Ok(people) => return Ok(people),
        Err(unknown) => unknown,
    };
    names.attending(&event.attendees).ok_or_else(|| Mistake {
        line: *line,
        what: match unknown.as_str() {
            "" => "this event says not who is on duty: write a name into its title".to_owned(),
            unknown => format!("\"{unknown}\" is not one person's name: say who it is"),
        },
    })
}

/// An event that comes every week for ever, by the roster's own clock, as a layer; none where that would not
/// be the same shifts.
fn layer(
    calendar: &Calendar,
    event: &Event,
    people: &[PersonId],
    spans: &[(Timestamp, Timestamp)],
    wish: &Wish,
    so_far: &Roster,
) -> Option<Layer> {
    let (_, rule) = event.rule.as_ref()?;
    let plain = rule.interval == 1
        && rule.count.is_none()
        && rule.until.is_none()
        && rule.months.is_empty()
        && rule.month_days.is_empty()
        && rule.positions.is_empty()
        && matches!(rule.frequency, Frequency::Daily | Frequency::Weekly)
        && event.extra.is_empty()
        && event.without.is_empty()
        && !calendar.events.iter().any(|e| e.replaces.is_some() && e.uid == event.uid);
    if !plain || matches!(event.start, When::Utc(_)) || so_far.layers.len() >= LAYERS {
        return None;
    }
    let (start, end) = spans.first()?;
    let (from, to) = (so_far.wall_time(*start)?, so_far.wall_time(*end)?);
    let days: Vec<Weekday> = match (rule.days.as_slice(), rule.frequency) {
        ([], Frequency::Daily) => Weekday::ALL.to_vec(),
        ([], _) => vec![weekday(from.weekday())],
        (days, _) => days.iter().map(|(_, day)| weekday(*day)).collect(),
    };
    let days = Weekday::ALL.into_iter().filter(|day| days.contains(day)).collect();
    let words = event.summary.1.trim();
    let taken = |name: &str| so_far.layers.iter().any(|layer| layer.name() == name);
    let numbered = (2..).map(|n| format!("{words} {n}"));
    let name = std::iter::once(words.to_owned())
        .chain(numbered)
        .find(|name| !name.trim().is_empty() && !taken(name))?;
    let shift = Shift { name, days, from: from.time(), to: to.time(), people: people.to_vec() };
    let layer = Layer::Shift(shift);
    let alone = Roster { layers: vec![layer.clone()], exceptions: Vec::new(), ..so_far.clone() };
    is_same(&alone, spans, wish).then_some(layer)
}

/// No calendar gives more layers; what comes every week besides is kept until the horizon.
const LAYERS: usize = 32;

/// Whether somebody of the roster is on duty just at these times.
fn is_same(roster: &Roster, spans: &[(Timestamp, Timestamp)], wish: &Wish) -> bool {
    let clip = |(start, end): (Timestamp, Timestamp)| (start.max(wish.from), end.min(wish.until));
    let joined = join(spans.iter().copied().map(clip));
    let shifts = roster.shifts(wish.from, wish.until).filter(|shift| !shift.people.is_empty());
    join(shifts.map(|shift| (shift.start, shift.end))) == joined
}

/// Spans that touch are one.
fn join(spans: impl Iterator<Item = (Timestamp, Timestamp)>) -> Vec<(Timestamp, Timestamp)> {
    let mut joined: Vec<(Timestamp, Timestamp)> = Vec::new();
    for (start, end) in spans {
        match joined.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => joined.push((start, end)),
        }
    }
    joined
}

/// What each person does, an exception for each time that hangs together.
fn exceptions(on_duty: OnDuty, roster: &Roster, mistakes: &mut Vec<Mistake>) -> Vec<Exception> {
    let mut exceptions = Vec::new();
    for (person, mut spans) in on_duty {
        spans.sort_unstable();
        let wall = |at: Timestamp| roster.wall_time(at);
        for (start, end, line) in &spans {
            if wall(*start).is_none() || wall(*end).is_none() {
                mistakes.push(Mistake {
                    line: *line,
                    what: "this begins or ends in the hour that the clock shows twice: choose another time".into(),
                });
            }
        }
        for (start, end) in join(spans.iter().map(|(start, end, _)| (*start, *end))) {
            let (Some(from), Some(to)) = (wall(start), wall(end)) else { continue };
            exceptions.push(Exception::Add { from, to, person: person.clone(), note: None });
        }
    }
    exceptions.sort_by_key(|change| match change {
        Exception::Add { from, .. } => *from,
        _ => DateTime::MIN,
    });
    exceptions
}

fn weekday(day: jiff::civil::Weekday) -> Weekday {
    // The offset is 0..=6.
    let at = usize::try_from(day.to_monday_zero_offset()).unwrap_or(0);
    Weekday::ALL[at]
}

/// A day that lies behind an instant on every clock of the earth.
fn day_after(at: Timestamp) -> Date {
    let later = at + Span::hours(48);
    TimeZone::UTC.to_datetime(later.to_jiff()).date()
}
