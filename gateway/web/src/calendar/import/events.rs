//! The events of a calendar, as they are written, and the clocks that they go by.

use std::collections::BTreeMap;

use jiff::{SignedDuration, civil::Date};

use super::{
    Mistake,
    lines::Line,
    rule::Rule,
    when::{self, When},
    zone::{Clocks, Observance, told},
};

/// No calendar has more.
const EVENTS: usize = 5_000;

/// When an event is over.
#[derive(Debug, Clone)]
pub(super) enum End {
    At(When),
    After(SignedDuration),
    /// A day has one anyway.
    Untold,
}

/// A time at which it comes besides its rule, and its end where that differs.
#[derive(Debug, Clone)]
pub(super) struct Extra {
    pub start: When,
    pub end: Option<End>,
}

/// One VEVENT.
#[derive(Debug, Clone)]
pub(super) struct Event {
    /// Where it begins in the file.
    pub line: usize,
    pub uid: String,
    pub start: When,
    pub end: End,
    pub rule: Option<(usize, Rule)>,
    pub extra: Vec<Extra>,
    pub without: Vec<When>,
    /// It stands for this time of a repeated event.
    pub replaces: Option<When>,
    pub cancelled: bool,
    /// Line and words.
    pub summary: (usize, String),
    /// What each who takes part is called, and their address.
    pub attendees: Vec<[String; 2]>,
}

/// A calendar as it is written.
pub(super) struct Calendar {
    pub name: Option<String>,
    pub events: Vec<Event>,
}

/// Reads the events, and the clocks into `clocks` as they go until the day `last`.
pub(super) fn read(
    lines: Vec<Line>,
    clocks: &mut Clocks,
    last: Date,
) -> Result<Calendar, Vec<Mistake>> {
    let mut mistakes = Vec::new();
    let mut calendar = Calendar { name: None, events: Vec::new() };
    let end = lines.last().map_or(1, |line| line.number);
    // The components that are open, outermost first, with the line at which each begins.
    let mut open: Vec<(String, usize)> = Vec::new();
    let mut event: Vec<Line> = Vec::new();
    let mut zone: (Option<String>, Vec<Observance>) = (None, Vec::new());
    let mut known = BTreeMap::new();
    for line in lines {
        let inside = open.last().map(|(name, _)| name.as_str()).unwrap_or_default();
        match line.name.as_str() {
            "BEGIN" => {
                let name = line.value.trim().to_ascii_uppercase();
                if open.is_empty() && name != "VCALENDAR" {
                    return Err(vec![
                        line.mistake("this is no calendar: it must begin with BEGIN:VCALENDAR"),
                    ]);
                }
                match (inside, name.as_str()) {
                    ("VCALENDAR", "VEVENT") => event.clear(),
                    ("VCALENDAR", "VTIMEZONE") => zone = (None, Vec::new()),
                    ("VTIMEZONE", "STANDARD" | "DAYLIGHT") => zone.1.push(Observance::default()),
                    _ => {}
                }
                open.push((name, line.number));
            }
            "END" => {
                let name = line.value.trim().to_ascii_uppercase();
                let Some((_, begins)) = open.pop_if(|(inside, _)| *inside == name) else {
                    return Err(vec![
                        line.mistake(format!("END:{name} ends nothing that is open here")),
                    ]);
                };
                match name.as_str() {
                    "VEVENT" if open.len() == 1 => match one(&event, begins) {
                        Ok(event) => calendar.events.push(event),
                        Err(found) => mistakes.extend(found),
                    },
                    "VTIMEZONE" if open.len() == 1 => {
                        let (name, parts) = std::mem::take(&mut zone);
                        match (name, told(&parts, begins, last)) {
                            (Some(name), Ok(clock)) => drop(known.insert(name, clock)),
                            (None, _) => {}
                            (_, Err(mistake)) => mistakes.push(mistake),
                        }
                    }
                    _ => {}
                }
            }
            _ if open.is_empty() => {
                return Err(vec![
                    line.mistake("this is no calendar: it must begin with BEGIN:VCALENDAR"),
                ]);
            }
            _ => match inside {
                "VCALENDAR" if line.name == "X-WR-CALNAME" => calendar.name = Some(line.text()),
                "VEVENT" => event.push(line),
                "VTIMEZONE" if line.name == "TZID" => zone.0 = Some(line.value),
                "STANDARD" | "DAYLIGHT" => {
                    zone.1.last_mut().into_iter().for_each(|part| part.lines.push(line.clone()))
                }
                _ => {}
            },
        }
    }
    if let Some((name, begins)) = open.pop() {
        mistakes.push(Mistake {
            line: begins,
            what: format!("{name} has no end, up to line {end}: the file is not whole"),
        });
    }
    if calendar.events.len() > EVENTS {
        mistakes.push(Mistake {
            line: end,
            what: format!("more than {EVENTS} events: import fewer at once"),
        });
    }
    clocks.told = known;
    if mistakes.is_empty() { Ok(calendar) } else { Err(mistakes) }
}

fn one(lines: &[Line], begins: usize) -> Result<Event, Vec<Mistake>> {
    let mut mistakes = Vec::new();
    let odd =
        |line: &Line| line.mistake(format!("\"{}\" can't be read as {}", line.value, line.name));
    let mut start = None;
    let mut event = Event {
        line: begins,
        uid: String::new(),
        start: When::Day(Date::ZERO),
        end: End::Untold,
        rule: None,
        extra: Vec::new(),
        without: Vec::new(),
        replaces: None,
        cancelled: false,
        summary: (begins, String::new()),
        attendees: Vec::new(),
    };
    for line in lines {
        let when = |text: &str| When::parse(text, line.param("TZID"));
        match line.name.as_str() {
            "UID" => event.uid = line.value.clone(),
            "SUMMARY" => event.summary = (line.number, line.text()),
            "STATUS" => event.cancelled = line.value.trim().eq_ignore_ascii_case("CANCELLED"),
            "ATTENDEE" => {
                let name = line.param("CN").unwrap_or_default().to_owned();
                let address = line.value.trim();
                let address = address.split_once(':').map_or(address, |(_, address)| address);
                event.attendees.push([name, address.to_owned()]);
            }
            "DTSTART" => match when(&line.value) {
                Some(at) => start = Some(at),
                None => mistakes.push(odd(line)),
            },
            "DTEND" => match when(&line.value) {
                Some(at) => event.end = End::At(at),
                None => mistakes.push(odd(line)),
            },
            "DURATION" => match when::length(&line.value) {
                Some(length) => event.end = End::After(length),
                None => mistakes.push(odd(line)),
            },
            "RRULE" if event.rule.is_some() => {
                mistakes.push(line.mistake("a second rule can't be kept: make it an event of its own"));
            }
            "RRULE" => match Rule::parse(&line.value) {
                Ok(rule) => event.rule = Some((line.number, rule)),
                Err(what) => mistakes.push(line.mistake(what)),
            },
            "EXRULE" => mistakes.push(line.mistake("EXRULE can't be kept: use EXDATE")),
            "RDATE" => match line.value.split(',').map(|text| extra(text, line)).collect::<Option<Vec<_>>>() {
                Some(extra) => event.extra.extend(extra),
                None => mistakes.push(odd(line)),
            },
            "EXDATE" => match line.value.split(',').map(when).collect::<Option<Vec<_>>>() {
                Some(without) => event.without.extend(without),
                None => mistakes.push(odd(line)),
            },
            "RECURRENCE-ID" => match when(&line.value) {
                _ if line.param("RANGE").is_some() => mistakes.push(line.mistake(
                    "a change of this and all that follow can't be kept: end the event and begin another",
                )),
                Some(at) => event.replaces = Some(at),
                None => mistakes.push(odd(line)),
            },
            _ => {}
        }
    }
    match start {
        Some(start) => event.start = start,
        None if mistakes.is_empty() => {
            mistakes.push(Mistake { line: begins, what: "this event has no DTSTART".into() });
        }
        None => {}
    }
    if mistakes.is_empty() { Ok(event) } else { Err(mistakes) }
}

fn extra(text: &str, line: &Line) -> Option<Extra> {
    let zone = line.param("TZID");
    let Some((start, end)) = text.split_once('/') else {
        return Some(Extra { start: When::parse(text, zone)?, end: None });
    };
    let end = match when::length(end) {
        Some(length) => End::After(length),
        None => End::At(When::parse(end, zone)?),
    };
    Some(Extra { start: When::parse(start, zone)?, end: Some(end) })
}
