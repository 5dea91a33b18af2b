//! Who is on duty, reckoned once more and in the plainest way: by looking at the clock on the wall
//! and counting hand-overs one by one.

use std::collections::BTreeSet;

use gengfu_core::{
    id::PersonId,
    roster::{Exception, Handover, Layer, Roster, Rotation, Shift, Weekday},
    time::{Span, Timestamp},
};
use jiff::{
    ToSpan,
    civil::{Date, DateTime},
    tz::TimeZone,
};

/// No zone has put its clock back by more than this within a night.
const LONGEST_STEP: u64 = 180;

/// Everybody who is on duty for a roster.
pub fn on_duty(roster: &Roster, at: Timestamp) -> BTreeSet<PersonId> {
    let zone = TimeZone::get(&roster.time_zone).unwrap_or(TimeZone::UTC);
    let wall = furthest(&zone, at);
    let mut people = BTreeSet::new();
    for layer in &roster.layers {
        match layer {
            Layer::Rotation(rotation) => people.extend(whose_turn(rotation, wall)),
            Layer::Shift(shift) if covers(shift, wall) => people.extend(shift.people.clone()),
            Layer::Shift(_) => {}
        }
    }
    for exception in &roster.exceptions {
        people = except(exception, wall, people);
    }
    people
}

/// The furthest that the clock on the wall has shown: an hour that it shows twice is over once.
fn furthest(zone: &TimeZone, at: Timestamp) -> DateTime {
    let shows = |at: Timestamp| zone.to_datetime(at.to_jiff());
    let offset = |at: Timestamp| zone.to_offset(at.to_jiff());
    if offset(at) >= offset(at - Span::mins(LONGEST_STEP)) {
        return shows(at);
    }
    let before = (0..=LONGEST_STEP).map(|minutes| shows(at - Span::mins(minutes)));
    before.max().unwrap_or_else(|| shows(at))
}

fn whose_turn(rotation: &Rotation, wall: DateTime) -> Option<PersonId> {
    let (at, step) = match rotation.handover {
        Handover::Daily { at, every } => (at, i64::from(every).days()),
        Handover::Weekly { at, every, .. } => (at, i64::from(every).weeks()),
        Handover::Hours { at, every } => (at, i64::from(every).hours()),
    };
    let right_day = |date: Date| match rotation.handover {
        Handover::Weekly { day, .. } => weekday(date) == day,
        _ => true,
    };
    let mut handover = rotation.starts.date().to_datetime(at);
    while handover < rotation.starts || !right_day(handover.date()) {
        handover = handover.checked_add(1.day()).ok()?;
    }
    let mut on_duty = None;
    for person in rotation.people.iter().cycle() {
        if wall < handover {
            break;
        }
        on_duty = Some(person.clone());
        handover = handover.checked_add(step).ok()?;
    }
    on_duty
}

fn covers(shift: &Shift, wall: DateTime) -> bool {
    let today = wall.date();
    [today.yesterday().ok(), Some(today)].into_iter().flatten().any(|day| {
        let last = if shift.from < shift.to { Some(day) } else { day.tomorrow().ok() };
        shift.days.contains(&weekday(day))
            && day.to_datetime(shift.from) <= wall
            && last.is_some_and(|last| wall < last.to_datetime(shift.to))
    })
}

fn weekday(date: Date) -> Weekday {
    let number = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0);
    Weekday::ALL[number % 7]
}

fn except(exception: &Exception, wall: DateTime, people: BTreeSet<PersonId>) -> BTreeSet<PersonId> {
    let within = |from: &DateTime, to: &DateTime| *from <= wall && wall < *to;
    let rename = |what: &dyn Fn(&PersonId) -> PersonId| people.iter().map(what).collect();
    match exception {
        Exception::Add { from, to, person, .. } if within(from, to) => {
            people.iter().cloned().chain([person.clone()]).collect()
        }
        Exception::Remove { from, to, person, .. } if within(from, to) => {
            people.into_iter().filter(|p| p != person).collect()
        }
        Exception::Replace { from, to, person, by, .. } if within(from, to) => {
            rename(&|p| if p == person { by.clone() } else { p.clone() })
        }
        Exception::Swap { from, to, person, with_from, with_to, with_person, .. } => rename(&|p| {
            if within(from, to) && p == person {
                with_person.clone()
            } else if within(with_from, with_to) && p == with_person {
                person.clone()
            } else {
                p.clone()
            }
        }),
        _ => people,
    }
}
