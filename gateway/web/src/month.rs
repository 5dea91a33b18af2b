//! A month of a roster on a sheet of paper (A4): weeks as rows, who is on duty from when to when, gaps in
//! bold. Names and nothing else of people; no script.

use std::fmt::Write as _;

use gengfu_core::{id::PersonId, roster::Roster, text::Language, time::Timestamp};
use jiff::{ToSpan, civil::Date, tz::TimeZone};

/// The sheet's style; served as `/month.css`.
pub const STYLE: &str = include_str!("pages/month.css");
/// No month has more spans on its sheet.
const SPANS: usize = 2_000;

/// Where the sheet's style is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// At [`STYLE`]'s address on the gateway.
    Linked,
    /// In the page itself, for a file.
    Inside,
}

/// The first day of a month written `2026-12`.
pub fn first_day(month: &str) -> Option<Date> {
    let (year, month) = month.split_once('-')?;
    if (year.len(), month.len()) != (4, 2) {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, 1).ok()
}

/// The page of the month that begins on `first`, printed at `now`; `name` is what a person is called.
pub fn page(
    roster: &Roster,
    first: Date,
    language: Language,
    name: impl Fn(&PersonId) -> String,
    now: Timestamp,
    style: Style,
) -> String {
    let zone = TimeZone::get(&roster.time_zone).unwrap_or(TimeZone::UTC);
    let say = |zh: &'static str, en: &'static str| match language {
        Language::Zh => zh,
        Language::En => en,
    };
    let title = match language {
        Language::Zh => format!("{} {}年{}月", roster.name, first.year(), first.month()),
        Language::En => format!("{}, {}", roster.name, first.strftime("%B %Y")),
    };
    let style = match style {
        Style::Linked => "<link rel=\"stylesheet\" href=\"/month.css\">".to_owned(),
        Style::Inside => format!("<style>{STYLE}</style>"),
    };
    let mut out = format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{}</title>\n{style}\n</head>\n<body>\n<h1>{}</h1>\n<table>\n<thead><tr><th></th>",
        say("zh-CN", "en"),
        escaped(&title),
        escaped(&title),
    );
    for day in say("一 二 三 四 五 六 日", "Mon Tue Wed Thu Fri Sat Sun").split(' ') {
        let _ = write!(out, "<th>{}{day}</th>", say("周", ""));
    }
    out += "</tr></thead>\n<tbody>\n";
    let sheet = Sheet { roster, zone: &zone, language };
    let mut entries = 0;
    for monday in weeks(first) {
        let week = monday.iso_week_date().week();
        let _ = match language {
            Language::Zh => write!(out, "<tr><th>{week}周</th>"),
            Language::En => write!(out, "<tr><th>W{week}</th>"),
        };
        for day in (0..7).filter_map(|n| monday.checked_add(n.days()).ok()) {
            if day.month() != first.month() {
                out += "<td class=\"other\"></td>";
                continue;
            }
            let _ = write!(out, "<td><b>{}</b>", day.day());
            for entry in sheet.of(day).into_iter().take(SPANS.saturating_sub(entries)) {
                entries += 1;
                let people: Vec<String> = entry.people.iter().map(&name).collect();
                let (class, who) = match people.is_empty() {
                    true => ("gap", say("无人值班", "Nobody").to_owned()),
                    false => ("on", people.join(say("、", ", "))),
                };
                let _ = write!(
                    out,
                    "<p class=\"{class}\"><span>{}</span> {}</p>",
                    entry.hours,
                    escaped(&who)
                );
            }
            out += "</td>";
        }
        out += "</tr>\n";
    }
    let printed = zone.to_datetime(now.to_jiff());
    let _ = write!(
        out,
        "</tbody>\n</table>\n<footer>{} {} · {} {}</footer>\n</body>\n</html>\n",
        say("时区", "Time zone"),
        escaped(&roster.time_zone),
        say("截至", "As of"),
        printed.strftime("%Y-%m-%d %H:%M"),
    );
    out
}

/// The Mondays of the weeks that a month lies in.
fn weeks(first: Date) -> impl Iterator<Item = Date> {
    let back = i64::from(first.weekday().to_monday_zero_offset());
    let monday = first.checked_sub(back.days()).ok();
    let last = first.last_of_month();
    std::iter::successors(monday, |monday| monday.checked_add(7.days()).ok())
        .take_while(move |monday| *monday <= last)
}

struct Sheet<'a> {
    roster: &'a Roster,
    zone: &'a TimeZone,
    language: Language,
}

struct Entry {
    hours: String,
    people: Vec<PersonId>,
}

impl Sheet<'_> {
    /// Who is on duty through a day, midnight to midnight by the roster's clock.
    fn of(&self, day: Date) -> Vec<Entry> {
        let midnight = |day: Date| {
            let at = self.zone.to_timestamp(day.to_datetime(jiff::civil::Time::midnight()));
            at.ok().map(Timestamp::from)
        };
        let tomorrow = day.tomorrow().ok().and_then(midnight);
        let Some((from, to)) = midnight(day).zip(tomorrow) else { return Vec::new() };
        let mut spans: Vec<(Timestamp, Timestamp, Vec<PersonId>)> = Vec::new();
        for shift in self.roster.shifts(from, to).take(SPANS) {
            match spans.last_mut() {
                // Only the reason changes.
                Some((_, end, people)) if *people == shift.people => *end = shift.end,
                _ => spans.push((shift.start, shift.end, shift.people)),
            }
        }
        let entry = |(start, end, people): (Timestamp, Timestamp, Vec<PersonId>)| Entry {
            hours: match (start == from, end == to) {
                (true, true) => match self.language {
                    Language::Zh => "全天".to_owned(),
                    Language::En => "All day".to_owned(),
                },
                (_, last) => {
                    let end = if last { "24:00".to_owned() } else { self.hour(end) };
                    format!("{}–{end}", self.hour(start))
                }
            },
            people,
        };
        spans.into_iter().map(entry).collect()
    }

    fn hour(&self, at: Timestamp) -> String {
        self.zone.to_datetime(at.to_jiff()).strftime("%H:%M").to_string()
    }
}

fn escaped(text: &str) -> String {
    text.chars().fold(String::with_capacity(text.len()), |mut out, c| {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nights(zone: &str) -> Roster {
        serde_json::from_value(serde_json::json!({
            "id": "nights", "name": "夜班 <b>", "time_zone": zone, "layers": [
                { "kind": "shift", "name": "n", "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
                  "from": "20:00", "to": "08:00", "people": ["wang"] } ] }))
        .unwrap()
    }

    fn made(zone: &str, month: &str, language: Language) -> String {
        let now = Timestamp::from_millis(1_795_000_000_000);
        let name = |id: &PersonId| format!("{id} & co");
        page(&nights(zone), first_day(month).unwrap(), language, name, now, Style::Linked)
    }

    #[test]
    fn every_day_of_the_month_is_there_with_its_gaps_and_nothing_is_markup_that_should_not_be() {
        let page = made("Asia/Shanghai", "2026-12", Language::Zh);
        assert_eq!(page.matches("<td><b>").count(), 31);
        assert_eq!(
            page.matches("class=\"other\"").count(),
            4,
            "from Monday 30 November to 3 January"
        );
        assert_eq!(
            page.matches("<p class=\"gap\"><span>08:00–20:00</span> 无人值班</p>").count(),
            31
        );
        assert_eq!(
            page.matches("<p class=\"on\"><span>20:00–24:00</span> wang &amp; co</p>").count(),
            31
        );
        assert!(page.contains("夜班 &lt;b&gt; 2026年12月") && !page.contains("<script"), "{page}");
        assert!(made("Asia/Shanghai", "2026-02", Language::En).contains("February 2026"));
    }

    #[test]
    fn the_day_on_which_the_clock_jumps_is_as_long_as_it_is() {
        let page = made("Europe/Berlin", "2027-03", Language::En);
        assert_eq!(page.matches("<span>00:00–08:00</span>").count(), 31);
        assert_eq!(page.matches("Nobody").count(), 31);
    }

    #[test]
    fn a_month_is_written_as_it_is_written() {
        let first = |text: &str| first_day(text).map(|day| day.to_string());
        assert_eq!(first("2026-12").as_deref(), Some("2026-12-01"));
        for wrong in ["2026", "2026-13", "2026-1", "26-12", "2026-12-01", "x", ""] {
            assert_eq!(first(wrong), None, "{wrong}");
        }
    }
}
