//! Any roster, around the nights when clocks change: compared with an oracle that knows nothing of
//! wall-time arithmetic. It walks the real clock minute by minute and notes when each wall time was
//! first reached or passed; turns it counts one by one from the start.

use jiff::{
    ToSpan,
    civil::{DateTime, Time, date, time},
    tz::TimeZone,
};
use proptest::prelude::*;

use crate::{
    id::PersonId,
    roster::{Exception, Handover, Layer, Roster, Rotation, Shift, Weekday, wall::Clock},
    time::{Span, Timestamp},
};

/// Zones and the wall dates around which their clocks change.
const CHANGES: [(&str, (i16, i8, i8)); 14] = [
    ("America/Chicago", (2026, 3, 8)),
    ("America/Chicago", (2026, 11, 1)),
    ("Australia/Lord_Howe", (2026, 4, 5)),
    ("Australia/Lord_Howe", (2026, 10, 4)),
    ("Asia/Shanghai", (1986, 5, 4)),
    ("Asia/Shanghai", (1986, 9, 14)),
    ("Europe/London", (2026, 3, 29)),
    ("Europe/London", (2026, 10, 25)),
    ("Asia/Kathmandu", (1986, 1, 1)),
    ("Pacific/Apia", (2011, 12, 30)),
    ("America/Juneau", (1867, 10, 18)),
    ("Africa/Casablanca", (2026, 3, 22)),
    ("America/Ciudad_Juarez", (2022, 11, 30)),
    ("America/Nuuk", (2023, 10, 29)),
];

/// Minutes that the oracle walks: a day before the change and a day after it.
const MINUTES: usize = 2 * 24 * 60;

/// The furthest that the wall clock of a zone has shown by each minute of a window.
struct Walk {
    start: Timestamp,
    shown: Vec<DateTime>,
}

impl Walk {
    fn around(zone: &str, (year, month, day): (i16, i8, i8)) -> Self {
        let zone = TimeZone::get(zone).unwrap();
        let noon_before = date(year, month, day).at(12, 0, 0, 0) - 1.day();
        let start = zone.to_timestamp(noon_before).unwrap();
        let shown = (0..MINUTES).map(|minute| zone.to_datetime(start + (minute as i64).minutes()));
        let furthest = shown.scan(noon_before, |furthest, shown| {
            *furthest = shown.max(*furthest);
            Some(*furthest)
        });
        Self { start: start.into(), shown: furthest.collect() }
    }

    fn instant(&self, minute: usize) -> Timestamp {
        self.start + Span::mins(minute as u64)
    }

    /// The minute at which the clock first shows `wall` or has gone past it.
    fn reached(&self, wall: DateTime) -> usize {
        self.shown.partition_point(|shown| *shown < wall)
    }

    /// Who is on call in each minute.
    fn on_call(&self, roster: &Roster) -> Vec<Vec<PersonId>> {
        let mut minutes = vec![Vec::new(); MINUTES];
        for layer in &roster.layers {
            match layer {
                Layer::Rotation(rotation) => self.take_turns(rotation, &mut minutes),
                Layer::Shift(shift) => self.do_shifts(shift, &mut minutes),
            }
        }
        for change in &roster.exceptions {
            for (minute, people) in minutes.iter_mut().enumerate() {
                let within = |from, to| self.reached(from) <= minute && minute < self.reached(to);
                except(change, within, people);
            }
        }
        minutes
    }

    fn take_turns(&self, rotation: &Rotation, minutes: &mut [Vec<PersonId>]) {
        let (at, step) = match rotation.handover {
            Handover::Daily { at, every } => (at, i64::from(every).days()),
            Handover::Weekly { at, every, .. } => (at, i64::from(every).weeks()),
            Handover::Hours { at, every } => (at, i64::from(every).hours()),
        };
        let mut handover = rotation.starts.date().to_datetime(at);
        while handover < rotation.starts || !right_day(&rotation.handover, handover) {
            handover += 1.day();
        }
        for person in rotation.people.iter().cycle() {
            let start = self.reached(handover);
            handover += step;
            let end = self.reached(handover);
            minutes[start..end].iter_mut().for_each(|people| put(people, person));
            if start == MINUTES {
                return;
            }
        }
    }

    fn do_shifts(&self, shift: &Shift, minutes: &mut [Vec<PersonId>]) {
        let mut day = self.shown[0].date() - 4.days();
        while day < self.shown[0].date() + 8.days() {
            if shift.days.contains(&weekday(day.weekday())) {
                let end = if shift.from < shift.to { day } else { day + 1.day() };
                let start = self.reached(day.to_datetime(shift.from));
                let end = self.reached(end.to_datetime(shift.to));
                for people in &mut minutes[start..end] {
                    shift.people.iter().for_each(|person| put(people, person));
                }
            }
            day += 1.day();
        }
    }
}

fn put(people: &mut Vec<PersonId>, person: &PersonId) {
    if !people.contains(person) {
        people.push(person.clone());
    }
}

fn right_day(handover: &Handover, at: DateTime) -> bool {
    !matches!(handover, Handover::Weekly { day, .. } if *day != weekday(at.date().weekday()))
}

fn weekday(day: jiff::civil::Weekday) -> Weekday {
    Weekday::ALL[day.to_monday_zero_offset() as usize]
}

/// Exceptions by renaming: each person on call becomes whoever has the duty now.
fn except(
    change: &Exception,
    within: impl Fn(DateTime, DateTime) -> bool,
    people: &mut Vec<PersonId>,
) {
    let renamed: Vec<PersonId> = match change {
        Exception::Add { from, to, person, .. } => {
            if within(*from, *to) {
                put(people, person);
            }
            return;
        }
        Exception::Remove { from, to, person, .. } => {
            people.iter().filter(|p| *p != person || !within(*from, *to)).cloned().collect()
        }
        Exception::Replace { from, to, person, by, .. } => {
            let now = within(*from, *to);
            people.iter().map(|p| if now && p == person { by } else { p }).cloned().collect()
        }
        Exception::Swap { from, to, person, with_from, with_to, with_person, .. } => {
            let (first, second) = (within(*from, *to), within(*with_from, *with_to));
            people
                .iter()
                .map(|p| match p {
                    p if first && p == person => with_person,
                    p if second && p == with_person => person,
                    p => p,
                })
                .cloned()
                .collect()
        }
    };
    people.clear();
    renamed.iter().for_each(|person| put(people, person));
}

fn person() -> impl Strategy<Value = PersonId> {
    prop::sample::select(vec!["li", "wang", "zhao", "chen"]).prop_map(PersonId::from)
}

fn time_of_day() -> impl Strategy<Value = Time> {
    // Mostly in the small hours, where clocks change.
    let small = (0i8..4, prop::sample::select(vec![0i8, 10, 15, 30, 45]));
    prop_oneof![3 => small, 1 => (0i8..24, 0i8..60)]
        .prop_map(|(hour, minute)| time(hour, minute, 0, 0))
}

/// A wall time within two days of `day`.
fn near(day: jiff::civil::Date) -> impl Strategy<Value = DateTime> {
    (-2i64..=2, time_of_day()).prop_map(move |(days, time)| (day + days.days()).to_datetime(time))
}

fn handover() -> impl Strategy<Value = Handover> {
    let day = prop::sample::select(Weekday::ALL.to_vec());
    prop_oneof![
        (time_of_day(), 1u32..3).prop_map(|(at, every)| Handover::Daily { at, every }),
        (day, time_of_day(), 1u32..3).prop_map(|(day, at, every)| Handover::Weekly {
            day,
            at,
            every
        }),
        (time_of_day(), 1u32..9).prop_map(|(at, every)| Handover::Hours { every, at }),
    ]
}

fn layer(day: jiff::civil::Date) -> impl Strategy<Value = Layer> {
    let rotation = (prop::collection::vec(person(), 0..4), handover(), near(day), 0i64..9)
        .prop_map(|(people, handover, near, back)| {
            let starts = near - back.days();
            Layer::Rotation(Rotation { name: "turns".into(), people, handover, starts })
        });
    let days = prop::sample::subsequence(Weekday::ALL.to_vec(), 0..=7);
    let shift = (days, time_of_day(), time_of_day(), prop::collection::vec(person(), 0..3))
        .prop_map(|(days, from, to, people)| {
            Layer::Shift(Shift { name: "shift".into(), days, from, to, people })
        });
    prop_oneof![rotation, shift]
}

fn exception(day: jiff::civil::Date) -> impl Strategy<Value = Exception> {
    let times = (near(day), near(day), near(day), near(day));
    (0..4, times, person(), person()).prop_map(
        |(kind, (from, to, with_from, with_to), person, by)| {
            let note = None;
            match kind {
                0 => Exception::Replace { from, to, person, by, note },
                1 => Exception::Add { from, to, person, note },
                2 => Exception::Remove { from, to, person, note },
                _ => {
                    Exception::Swap { from, to, person, with_from, with_to, with_person: by, note }
                }
            }
        },
    )
}

fn rosters() -> impl Strategy<Value = (Roster, (i16, i8, i8))> {
    prop::sample::select(CHANGES.to_vec()).prop_flat_map(|(zone, change)| {
        let day = date(change.0, change.1, change.2);
        let layers = prop::collection::vec(layer(day), 0..4);
        let exceptions = prop::collection::vec(exception(day), 0..4);
        (layers, exceptions).prop_map(move |(layers, exceptions)| {
            let (id, name, time_zone) = ("r".into(), "R".to_owned(), zone.to_owned());
            (Roster { id, name, time_zone, layers, exceptions, remind_before: None }, change)
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_minute_agrees_with_the_oracle((roster, change) in rosters()) {
        let walk = Walk::around(&roster.time_zone, change);
        let expected = walk.on_call(&roster);
        let spans: Vec<_> = roster.shifts(walk.instant(0), walk.instant(MINUTES)).collect();

        // The spans tile the period, and neighbours differ.
        prop_assert_eq!(spans[0].start, walk.instant(0));
        prop_assert_eq!(spans[spans.len() - 1].end, walk.instant(MINUTES));
        for pair in spans.windows(2) {
            prop_assert_eq!(pair[0].end, pair[1].start);
            prop_assert!((&pair[0].people, &pair[0].why) != (&pair[1].people, &pair[1].why));
        }
        prop_assert!(spans.iter().all(|span| span.start < span.end));

        let mut current = spans.iter().peekable();
        for (minute, people) in expected.iter().enumerate() {
            let at = walk.instant(minute);
            while current.peek().is_some_and(|span| span.end <= at) {
                current.next();
            }
            let span = current.peek().unwrap();
            // The spans are made from the boundaries, single answers from the instant: see both.
            if minute % 7 == 0 {
                prop_assert_eq!(&roster.on_call(at).people, &span.people, "at {}", at);
            }
            // The oracle's order is that of its own bookkeeping: compare who.
            let (mut ours, mut theirs) = (span.people.clone(), people.clone());
            ours.sort();
            theirs.sort();
            prop_assert_eq!(ours, theirs, "at {}", at);
        }
    }

    #[test]
    fn on_call_and_next_change_agree_with_the_spans(
        (roster, change) in rosters(),
        moments in prop::collection::vec(0..MINUTES as u64 * 60_000, 8),
    ) {
        let walk = Walk::around(&roster.time_zone, change);
        let end = walk.instant(MINUTES);
        let spans: Vec<_> = roster.shifts(walk.instant(0), end).collect();
        for moment in moments {
            let at = walk.start + Span::millis(moment);
            let span = spans.iter().find(|span| span.start <= at && at < span.end).unwrap();
            let on_call = roster.on_call(at);
            prop_assert_eq!((&on_call.people, &on_call.why), (&span.people, &span.why), "at {}", at);
            prop_assert_eq!(roster.on_call(span.start), on_call.clone());
            prop_assert_eq!(roster.on_call(span.end - Span::millis(1)), on_call.clone());
            match roster.next_change(at) {
                Some(next) if span.end < end => prop_assert_eq!(next, span.end),
                // Thousands of hand-overs that change nothing take a month at the least; then one
                // of them may be the answer.
                Some(next) => prop_assert!(
                    next >= end + Span::hours(30 * 24)
                        || next >= end && roster.on_call(next) != on_call
                ),
                None => prop_assert_eq!(span.end, end),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// What the whole of the arithmetic rests on: `first_shows(w) <= t` just when `w <= furthest(t)`.
    #[test]
    fn the_clocks_two_questions_are_inverse(
        (zone, (year, month, day)) in prop::sample::select(CHANGES.to_vec()),
        away_from_change in any::<bool>(),
        wall_minutes in prop_oneof![-120i64..120, -3_000i64..3_000],
        real_minutes in prop_oneof![-120i64..120, -3_000i64..3_000],
    ) {
        let clock = Clock::of(zone);
        let year = if away_from_change { year - 40 } else { year };
        let middle = date(year, month, day).at(2, 0, 0, 0);
        let wall = middle + wall_minutes.minutes();
        let zone = TimeZone::get(zone).unwrap();
        let at = Timestamp::from(zone.to_timestamp(middle).unwrap() + real_minutes.minutes());
        for at in [at, clock.first_shows(wall.into()).unwrap()] {
            for at in [at - Span::millis(1), at, at + Span::millis(1)] {
                let reached = clock.first_shows(wall.into()).unwrap() <= at;
                prop_assert_eq!(reached, clock.furthest(at) >= wall.into(), "{} by {}", wall, at);
            }
        }
    }
}
