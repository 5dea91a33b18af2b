//! Rosters: who takes turns, who has which shift, and what differs for a while.

use gengfu_core::{
    id::RosterId,
    roster::{Exception, Handover, Layer, Roster, Rotation, Shift, Weekday},
};
use jiff::civil::{DateTime, Time};

use super::{building::Building, mistake::Mistake, preamble, reader::Reader};

/// What follows `roster`: adds to a roster of the building, or begins one; the roster as it is then.
pub(super) fn read(r: &mut Reader, building: &mut Building) -> Result<Roster, Mistake> {
    let id = RosterId::from(preamble::name(r, "the roster's name")?.as_str());
    r.need(":")?;
    let known = building.rosters.iter().position(|roster| roster.id == id);
    let mut roster = match known {
        Some(index) => building.rosters[index].clone(),
        None => Roster {
            name: id.to_string(),
            id,
            time_zone: building.zone_name.clone(),
            layers: vec![],
            exceptions: vec![],
            remind_before: None,
        },
    };
    part(r, building, &mut roster)?;
    if let Some(problem) = roster.validate().first() {
        return Err(r.place.mistake(format!("this roster can't be: {problem}")));
    }
    match known {
        Some(index) => building.rosters[index] = roster.clone(),
        None => building.rosters.push(roster.clone()),
    }
    Ok(roster)
}

fn part(r: &mut Reader, building: &Building, roster: &mut Roster) -> Result<(), Mistake> {
    let people = r.list(|r| r.person(building))?;
    let person = people[0].clone();
    let kinds = [
        "take turns every",
        "takes turns every",
        "is on duty",
        "are on duty",
        "stands in for",
        "is on duty as well",
        "is away",
        "swap",
    ];
    let layer = format!("part {}", roster.layers.len() + 1);
    // The longer phrase first.
    let kind = if r.eat("is on duty as well") { 5 } else { r.choose(&kinds)? };
    match kind {
        0 | 1 => {
            let handover = handover(r)?;
            r.need("from")?;
            let starts = r.date()?.to_datetime(Time::midnight());
            roster.layers.push(Layer::Rotation(Rotation { name: layer, people, handover, starts }));
        }
        2 | 3 => {
            let (days, from, to) = shift(r)?;
            roster.layers.push(Layer::Shift(Shift { name: layer, days, from, to, people }));
        }
        4 => {
            let other = r.person(building)?;
            let (from, to) = period(r)?;
            let by = person;
            roster.exceptions.push(Exception::Replace { from, to, person: other, by, note: None });
        }
        5 => {
            let (from, to) = period(r)?;
            roster.exceptions.push(Exception::Add { from, to, person, note: None });
        }
        6 => {
            let (from, to) = period(r)?;
            roster.exceptions.push(Exception::Remove { from, to, person, note: None });
        }
        _ => {
            let [person, with_person] = &people[..] else {
                return Err(r.place.mistake("it takes two people to swap"));
            };
            let (person, with_person) = (person.clone(), with_person.clone());
            r.need(":")?;
            r.need("the first")?;
            let (from, to) = period(r)?;
            r.need("against the second")?;
            let (with_from, with_to) = period(r)?;
            let note = None;
            roster.exceptions.push(Exception::Swap {
                from,
                to,
                person,
                with_from,
                with_to,
                with_person,
                note,
            });
        }
    }
    Ok(())
}

/// `day at 08:00`, `2 weeks on Monday at 08:00`, `12 hours from 08:00`
fn handover(r: &mut Reader) -> Result<Handover, Mistake> {
    let every = r.number().unwrap_or(1);
    match r.choose(&["days", "day", "weeks", "week", "hours", "hour"])? {
        0 | 1 => {
            r.need("at")?;
            Ok(Handover::Daily { at: r.time()?, every })
        }
        2 | 3 => {
            r.need("on")?;
            let day = r.weekday()?;
            r.need("at")?;
            Ok(Handover::Weekly { day, at: r.time()?, every })
        }
        _ => {
            r.need("at")?;
            Ok(Handover::Hours { every, at: r.time()? })
        }
    }
}

/// `day and night`, `every day from 22:00 to 06:00`, `on Saturday and Sunday from 08:00 to 20:00`
fn shift(r: &mut Reader) -> Result<(Vec<Weekday>, Time, Time), Mistake> {
    let days = match r.choose(&["day and night", "every day", "on"])? {
        0 => return Ok((Weekday::ALL.to_vec(), Time::midnight(), Time::midnight())),
        1 => Weekday::ALL.to_vec(),
        _ => r.list(Reader::weekday)?,
    };
    r.need("from")?;
    let from = r.time()?;
    r.need("to")?;
    Ok((days, from, r.time()?))
}

fn period(r: &mut Reader) -> Result<(DateTime, DateTime), Mistake> {
    r.need("from")?;
    let from = r.date_time()?;
    r.need("to")?;
    Ok((from, r.date_time()?))
}
