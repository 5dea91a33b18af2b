//! Who is on duty in a world: rosters with gaps, swaps and exceptions that overlap, whose hand-overs
//! fall into the time of the world and onto the nights when clocks change.

use gengfu_core::{
    id::PersonId,
    roster::{Exception, Handover, Layer, Roster, Rotation, Shift, Weekday},
};
use jiff::{
    ToSpan,
    civil::{DateTime, Time},
    tz::TimeZone,
};

use super::{plan::Plan, rng::Rng, site::person_id};

/// One of the two rosters of a world, as it is after so many changes.
pub fn roster(plan: &Plan, number: u64, nonce: u64) -> Roster {
    let mut rng = Rng::about(plan.seed, &[15, number, nonce]);
    let zone = TimeZone::get(plan.shape.zone).unwrap_or(TimeZone::UTC);
    let begins = zone.to_datetime(plan.shape.start.to_jiff());
    let length = plan.shape.span.as_millis() / 60_000;
    let mut draw = Draw { plan, rng: &mut rng, begins, minutes: length.min(72 * 60) };
    let mut layers = vec![];
    for _ in 0..draw.rng.between(0, 2) {
        layers.push(draw.layer());
    }
    let exceptions = (0..draw.rng.below(4)).map(|_| draw.exception()).collect();
    let id = format!("roster-{number}");
    Roster {
        id: id.as_str().into(),
        name: id,
        time_zone: plan.shape.zone.to_owned(),
        layers,
        exceptions,
        remind_before: None,
    }
}

struct Draw<'a> {
    plan: &'a Plan,
    rng: &'a mut Rng,
    begins: DateTime,
    /// The length of the world, or of its first days.
    minutes: u64,
}

impl Draw<'_> {
    fn person(&mut self) -> PersonId {
        person_id(self.rng.index(self.plan.shape.people))
    }

    fn people(&mut self, from: u64) -> Vec<PersonId> {
        (0..self.rng.between(from, 3)).map(|_| self.person()).collect()
    }

    /// A full minute of the world's own time, by the wall clock.
    fn wall(&mut self) -> DateTime {
        let minutes = i64::try_from(self.rng.below(self.minutes + 1)).unwrap_or(0);
        let at = self.begins.saturating_add(minutes.minutes());
        DateTime::from_parts(at.date(), time(at.hour(), at.minute()))
    }

    fn time(&mut self) -> Time {
        self.wall().time()
    }

    fn layer(&mut self) -> Layer {
        if self.rng.percent(60) {
            let at = self.time();
            let every = self.rng.between(1, 2) as u32;
            let handover = match self.rng.below(4) {
                0 => {
                    let day = *self.rng.pick(&Weekday::ALL);
                    Handover::Weekly { day, at, every }
                }
                1 => Handover::Hours { every: self.rng.between(1, 3) as u32, at },
                _ => Handover::Daily { at, every },
            };
            let back = self.rng.between(0, 20) as i64;
            let starts = self.wall().saturating_sub(back.days());
            Layer::Rotation(Rotation {
                name: "turns".into(),
                people: self.people(1),
                handover,
                starts,
            })
        } else {
            let days: Vec<Weekday> =
                Weekday::ALL.into_iter().filter(|_| self.rng.percent(70)).collect();
            let days = if days.is_empty() { Weekday::ALL.to_vec() } else { days };
            let (from, to) = (self.time(), self.time());
            Layer::Shift(Shift { name: "shift".into(), days, from, to, people: self.people(1) })
        }
    }

    fn period(&mut self) -> (DateTime, DateTime) {
        let from = self.wall();
        let minutes = self.rng.between(1, self.minutes.max(2)) as i64;
        (from, from.saturating_add(minutes.minutes()))
    }

    fn exception(&mut self) -> Exception {
        let (from, to) = self.period();
        let (person, by) = (self.person(), self.person());
        let note = None;
        match self.rng.below(4) {
            0 => Exception::Replace { from, to, person, by, note },
            1 => Exception::Add { from, to, person, note },
            2 => Exception::Remove { from, to, person, note },
            _ => {
                let (with_from, with_to) = self.period();
                Exception::Swap { from, to, person, with_from, with_to, with_person: by, note }
            }
        }
    }
}

/// A time of day to the minute, from parts that a clock showed.
fn time(hour: i8, minute: i8) -> Time {
    Time::new(hour, minute, 0, 0).unwrap_or(Time::midnight())
}
