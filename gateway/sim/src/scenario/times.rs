//! Days and times of day, as a script writes them.

use gengfu_core::roster::Weekday;
use jiff::civil::{Date, DateTime, Time};

use super::{mistake::Mistake, reader::Reader, script::At};

const DAYS: [(&str, Weekday); 7] = [
    ("Monday", Weekday::Monday),
    ("Tuesday", Weekday::Tuesday),
    ("Wednesday", Weekday::Wednesday),
    ("Thursday", Weekday::Thursday),
    ("Friday", Weekday::Friday),
    ("Saturday", Weekday::Saturday),
    ("Sunday", Weekday::Sunday),
];

impl Reader {
    /// A day: `2026-11-23`.
    pub fn date(&mut self) -> Result<Date, Mistake> {
        match self.peek().and_then(|word| word.parse().ok()) {
            Some(date) => self.word("a day").map(|_| date),
            None => Err(self.expected(&["a day like 2026-11-23"])),
        }
    }

    /// A time of day: `14:03:20` or `14:03`.
    pub fn time(&mut self) -> Result<Time, Mistake> {
        let parse = |word: &str| -> Option<Time> {
            let parts: Vec<i8> = word.split(':').map(|p| p.parse().ok()).collect::<Option<_>>()?;
            match parts[..] {
                [hour, minute] => Time::new(hour, minute, 0, 0).ok(),
                [hour, minute, second] => Time::new(hour, minute, second, 0).ok(),
                _ => None,
            }
        };
        match self.peek().and_then(parse) {
            Some(time) => self.word("a time").map(|_| time),
            None => Err(self.expected(&["a time of day like 14:03:20"])),
        }
    }

    /// A day with a time of day.
    pub fn date_time(&mut self) -> Result<DateTime, Mistake> {
        let date = self.date()?;
        self.eat("at");
        Ok(date.to_datetime(self.time()?))
    }

    /// What follows `at`: a time, a day before it, and which of two that the clock shows.
    pub fn at(&mut self) -> Result<At, Mistake> {
        let day = if self.peek().is_some_and(|word| word.contains('-')) {
            Some(self.date()?)
        } else {
            None
        };
        let time = self.time()?;
        Ok(At { day, time, again: self.eat("for the second time") })
    }

    pub fn weekday(&mut self) -> Result<Weekday, Mistake> {
        self.known("day of the week", DAYS.map(|(name, day)| (name.to_owned(), day)))
    }
}
