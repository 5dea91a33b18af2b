//! Rules by which an event comes again (RRULE, RFC 5545 3.3.10), by the wall clock of the event.

use jiff::{
    Span,
    civil::{Date, DateTime, Weekday},
};

use super::when::When;

/// No rule is followed through more days, weeks, months or years: a daily one for 270 years.
const PERIODS: u32 = 100_000;

/// How often.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Frequency {
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// When an event comes again.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    pub frequency: Frequency,
    pub interval: u32,
    pub count: Option<u32>,
    pub until: Option<When>,
    /// A weekday, or the n-th one of its month or year, from the end where n is negative.
    pub days: Vec<(Option<i16>, Weekday)>,
    pub month_days: Vec<i16>,
    pub months: Vec<i8>,
    pub positions: Vec<i32>,
    pub week_starts: Weekday,
}

impl Rule {
    /// Reads `FREQ=WEEKLY;BYDAY=MO,TH`; says what can't be kept.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut rule = Rule {
            frequency: Frequency::Daily,
            interval: 1,
            count: None,
            until: None,
            days: Vec::new(),
            month_days: Vec::new(),
            months: Vec::new(),
            positions: Vec::new(),
            week_starts: Weekday::Monday,
        };
        let mut frequency = None;
        for part in text.trim().split(';').filter(|part| !part.is_empty()) {
            let odd = || format!("\"{part}\" in a rule can't be read");
            let (name, value) = part.split_once('=').ok_or_else(odd)?;
            let number = |least: i32, most: i32| {
                move |text: &str| {
                    text.trim().parse().ok().filter(|n: &i32| *n != 0 && (least..=most).contains(n))
                }
            };
            match name.trim().to_ascii_uppercase().as_str() {
                "FREQ" => {
                    frequency = Some(match value.trim().to_ascii_uppercase().as_str() {
                        "DAILY" => Frequency::Daily,
                        "WEEKLY" => Frequency::Weekly,
                        "MONTHLY" => Frequency::Monthly,
                        "YEARLY" => Frequency::Yearly,
                        _ => return Err(format!("a rule with FREQ={value} can't be kept")),
                    });
                }
                "INTERVAL" => {
                    rule.interval = value
                        .trim()
                        .parse()
                        .ok()
                        .filter(|n| *n > 0 && *n < 10_000)
                        .ok_or_else(odd)?
                }
                "COUNT" => {
                    rule.count = Some(value.trim().parse().ok().filter(|n| *n > 0).ok_or_else(odd)?)
                }
                "UNTIL" => rule.until = Some(When::parse(value, None).ok_or_else(odd)?),
                "BYDAY" => rule.days = list(value, day).ok_or_else(odd)?,
                "BYMONTHDAY" => {
                    rule.month_days =
                        list(value, |v| number(-31, 31)(v).map(|n| n as i16)).ok_or_else(odd)?
                }
                "BYMONTH" => {
                    rule.months =
                        list(value, |v| number(1, 12)(v).map(|n| n as i8)).ok_or_else(odd)?
                }
                "BYSETPOS" => rule.positions = list(value, number(-366, 366)).ok_or_else(odd)?,
                "WKST" => rule.week_starts = weekday(value.trim()).ok_or_else(odd)?,
                name => return Err(format!("a rule with {name} can't be kept")),
            }
        }
        rule.frequency = frequency.ok_or("a rule without FREQ says nothing")?;
        let counted = rule.days.iter().any(|(nth, _)| nth.is_some());
        if counted && matches!(rule.frequency, Frequency::Daily | Frequency::Weekly) {
            return Err("a numbered weekday has no meaning in a daily or weekly rule".into());
        }
        Ok(rule)
    }

    /// The times at which it comes, first to last, from its first time on until the day `last`. None where
    /// that is too many to follow.
    pub fn times(
        &self,
        first: DateTime,
        last: Date,
        is_over: &impl Fn(DateTime) -> bool,
    ) -> Option<Vec<DateTime>> {
        let mut times = Vec::new();
        let mut count = 0;
        for period in 0..PERIODS {
            let Some((begins, mut days)) = self.period(first.date(), period) else {
                return Some(times);
            };
            if begins > last {
                return Some(times);
            }
            days.sort_unstable();
            days.dedup();
            if !self.positions.is_empty() {
                days = self.picked(&days);
            }
            for day in days.into_iter().filter(|day| *day >= first.date()) {
                let at = day.to_datetime(first.time());
                if self.count.is_some_and(|most| count >= most) || is_over(at) {
                    return Some(times);
                }
                count += 1;
                if day <= last {
                    times.push(at);
                }
            }
        }
        None
    }

    /// When the n-th period begins, and the days in it; none after the end of time.
    fn period(&self, first: Date, n: u32) -> Option<(Date, Vec<Date>)> {
        let ahead = i64::from(n) * i64::from(self.interval);
        let fits = |day: &Date| {
            (self.months.is_empty() || self.months.contains(&day.month()))
                && (self.days.is_empty() || self.days.iter().any(|(_, d)| *d == day.weekday()))
        };
        match self.frequency {
            Frequency::Daily => {
                let day = first.checked_add(Span::new().try_days(ahead).ok()?).ok()?;
                let is_one = fits(&day) && self.is_month_day(day);
                Some((day, Vec::from_iter(is_one.then_some(day))))
            }
            Frequency::Weekly => {
                let back = first.weekday().since(self.week_starts);
                let begins = first.checked_sub(Span::new().days(back)).ok()?;
                let begins = begins.checked_add(Span::new().try_weeks(ahead).ok()?).ok()?;
                let days = (0..7).filter_map(|n| begins.checked_add(Span::new().days(n)).ok());
                let is_one = |day: &Date| {
                    fits(day) && (!self.days.is_empty() || day.weekday() == first.weekday())
                };
                Some((begins, days.filter(is_one).collect()))
            }
            Frequency::Monthly => {
                let begins = first.first_of_month();
                let begins = begins.checked_add(Span::new().try_months(ahead).ok()?).ok()?;
                let listed = self.months.is_empty() || self.months.contains(&begins.month());
                Some((begins, if listed { self.in_month(begins, first) } else { Vec::new() }))
            }
            Frequency::Yearly => {
                let year = i16::try_from(i64::from(first.year()) + ahead).ok()?;
                let begins = Date::new(year, 1, 1).ok()?;
                Some((begins, self.in_year(begins, first)))
            }
        }
    }

    fn in_month(&self, month: Date, first: Date) -> Vec<Date> {
        let all: Vec<Date> = days_from(month).take(days(month.days_in_month())).collect();
        if self.days.is_empty() && self.month_days.is_empty() {
            return all.into_iter().filter(|day| day.day() == first.day()).collect();
        }
        let kept = |day: &&Date| self.is_month_day(**day) && self.is_nth(**day, &all);
        all.iter().filter(kept).copied().collect()
    }

    fn in_year(&self, year: Date, first: Date) -> Vec<Date> {
        if self.months.is_empty() && self.month_days.is_empty() && !self.days.is_empty() {
            let all: Vec<Date> = days_from(year).take(days(year.days_in_year())).collect();
            return all.iter().filter(|day| self.is_nth(**day, &all)).copied().collect();
        }
        let every = self.months.is_empty() && !self.month_days.is_empty();
        let listed = |month: &i8| match self.months.as_slice() {
            [] => every || *month == first.month(),
            months => months.contains(month),
        };
        let months = (1..=12).filter(listed).filter_map(|m| Date::new(year.year(), m, 1).ok());
        months.flat_map(|month| self.in_month(month, first)).collect()
    }

    fn is_month_day(&self, day: Date) -> bool {
        let from_end = i16::from(day.day()) - i16::from(day.days_in_month()) - 1;
        self.month_days.is_empty()
            || self.month_days.iter().any(|n| *n == i16::from(day.day()) || *n == from_end)
    }

    /// A listed weekday, and the n-th among `all` where it is numbered.
    fn is_nth(&self, day: Date, all: &[Date]) -> bool {
        let same = || all.iter().filter(|other| other.weekday() == day.weekday());
        self.days.is_empty()
            || self.days.iter().any(|(nth, weekday)| {
                let place = |n: i16| {
                    let at = usize::from(n.unsigned_abs()) - 1;
                    if n > 0 { same().nth(at) } else { same().rev().nth(at) }
                };
                *weekday == day.weekday() && nth.is_none_or(|n| place(n) == Some(&day))
            })
    }

    fn picked(&self, days: &[Date]) -> Vec<Date> {
        let at = |position: &i32| {
            let place = usize::try_from(position.unsigned_abs()).ok()?.checked_sub(1)?;
            let found = if *position > 0 { days.get(place) } else { days.iter().rev().nth(place) };
            found.copied()
        };
        let mut picked: Vec<Date> = self.positions.iter().filter_map(at).collect();
        picked.sort_unstable();
        picked.dedup();
        picked
    }
}

fn days_from(first: Date) -> impl Iterator<Item = Date> {
    std::iter::successors(Some(first), |day| day.tomorrow().ok())
}

fn days(count: impl Into<i16>) -> usize {
    usize::try_from(count.into()).unwrap_or(0)
}

fn list<T>(text: &str, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    text.split(',').map(|part| read(part.trim())).collect()
}

/// `MO`, `2TU`, `-1SU`.
fn day(text: &str) -> Option<(Option<i16>, Weekday)> {
    let at = text.len().checked_sub(2)?;
    let (nth, name) = (text.get(..at)?, text.get(at..)?);
    let nth = match nth {
        "" => None,
        nth => Some(nth.parse().ok().filter(|n: &i16| *n != 0 && n.abs() <= 53)?),
    };
    Some((nth, weekday(name)?))
}

fn weekday(text: &str) -> Option<Weekday> {
    Some(match text.to_ascii_uppercase().as_str() {
        "MO" => Weekday::Monday,
        "TU" => Weekday::Tuesday,
        "WE" => Weekday::Wednesday,
        "TH" => Weekday::Thursday,
        "FR" => Weekday::Friday,
        "SA" => Weekday::Saturday,
        "SU" => Weekday::Sunday,
        _ => return None,
    })
}
