//! A roster as a calendar (iCalendar, RFC 5545), so that people see their shifts where they see everything
//! else. Times are in UTC: whoever reads it shows them in its own zone, and no rule of a zone can be
//! misunderstood.

pub mod import;

use std::fmt::Write as _;

use gengfu_core::{
    id::PersonId,
    roster::{Roster, ShiftSpan},
    text::Language,
    time::{Span, Timestamp},
};
use jiff::{ToSpan, tz::TimeZone};

/// No line is longer, in bytes; the rest goes on the next one, behind a space (RFC 5545 3.1).
const LINE: usize = 75;

/// A calendar begins with what was going on so long ago ...
const BEFORE: Span = Span::hours(7 * 24);
/// ... and goes on for at least so long.
const AHEAD: Span = Span::hours(120 * 24);
/// So far back is looked for where a shift began.
const LOOK_BACK: Span = Span::hours(31 * 24);

/// What a time without anybody on duty is called: in Chinese, in English, and for who knows whom.
const NOBODY: [&str; 3] = ["无人值班！", "Nobody on duty!", "无人值班! Nobody on duty!"];

fn nobody(language: Option<Language>) -> &'static str {
    let [chinese, english, both] = NOBODY;
    match language {
        Some(Language::Zh) => chinese,
        Some(Language::En) => english,
        None => both,
    }
}

/// The shifts that a calendar made at `now` shows: from a week ago until four months ahead, each from its
/// own beginning, so that it stays one and the same entry however often the calendar is made. What goes on
/// for longer is cut where a month begins.
pub fn shifts_around(roster: &Roster, now: Timestamp) -> impl Iterator<Item = ShiftSpan> + '_ {
    let since = now - BEFORE;
    let zone = TimeZone::get(&roster.time_zone).unwrap_or(TimeZone::UTC);
    let month = |at: Timestamp, later: i64| {
        let first = zone.to_datetime(at.to_jiff()).date().first_of_month();
        let first = first.checked_add(later.months()).unwrap_or(first);
        let begins = zone.to_timestamp(first.to_datetime(jiff::civil::Time::midnight()));
        begins.map_or(at, Timestamp::from)
    };
    let (from, to) = (month(since - LOOK_BACK, 0), month(now + AHEAD, 1));
    roster.shifts(from, to).skip_while(move |shift| shift.end <= since)
}

/// The calendar of these shifts, made at `now`; `name` is what a person is called, `language` what the reader
/// reads, where that is known. A time without anybody on duty is an entry too: a gap is to be seen before it
/// comes.
pub fn calendar(
    roster: &Roster,
    shifts: impl IntoIterator<Item = ShiftSpan>,
    name: impl Fn(&PersonId) -> String,
    language: Option<Language>,
    now: Timestamp,
) -> String {
    let mut lines = Lines::default();
    lines.add("BEGIN", "VCALENDAR");
    lines.add("VERSION", "2.0");
    lines.add("PRODID", "-//Gengfu//Roster//EN");
    lines.add("METHOD", "PUBLISH");
    lines.add("X-WR-CALNAME", &escaped(&roster.name));
    lines.add("X-WR-TIMEZONE", &roster.time_zone);
    for shift in shifts {
        let people: Vec<String> = shift.people.iter().map(&name).collect();
        let summary =
            if people.is_empty() { nobody(language).to_owned() } else { people.join(", ") };
        lines.add("BEGIN", "VEVENT");
        // The same shift has the same name in every calendar that is made, so that none stands twice.
        lines.add("UID", &format!("{}-{}@gengfu", roster.id, shift.start.as_millis()));
        lines.add("DTSTAMP", &instant(now));
        lines.add("DTSTART", &instant(shift.start));
        lines.add("DTEND", &instant(shift.end));
        lines.add("SUMMARY", &escaped(&summary));
        let why = roster.reasons(shift.start);
        let why = why.iter().map(|why| why.words(&name, language.unwrap_or_default()));
        let why: Vec<String> = why.collect();
        if !why.is_empty() {
            lines.add("DESCRIPTION", &escaped(&why.join("\n")));
        }
        lines.add("TRANSP", "TRANSPARENT");
        lines.add("END", "VEVENT");
    }
    lines.add("END", "VCALENDAR");
    lines.0
}

#[derive(Default)]
struct Lines(String);

impl Lines {
    fn add(&mut self, name: &str, value: &str) {
        let mut rest = format!("{name}:{value}");
        // The lines after the first begin with a space, which counts.
        let mut room = LINE;
        while rest.len() > room {
            let (line, after) = rest.split_at(rest.floor_char_boundary(room));
            // Writing to a string can't fail.
            let _ = write!(self.0, "{line}\r\n ");
            rest = after.to_owned();
            room = LINE - 1;
        }
        self.0 += &rest;
        self.0 += "\r\n";
    }
}

fn instant(at: Timestamp) -> String {
    at.to_jiff().strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace(';', "\\;").replace(',', "\\,");
    text.replace("\r\n", "\\n").replace(['\n', '\r'], "\\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_kind_of_line_end_ends_a_line_of_the_calendar() {
        assert_eq!(escaped("a\r\nb\rc\nd"), "a\\nb\\nc\\nd");
    }

    #[test]
    fn a_shift_is_the_same_entry_whenever_the_calendar_is_made() {
        let roster = |from: &str, to: &str| -> Roster {
            serde_json::from_value(serde_json::json!({
                "id": "nights", "name": "夜班", "time_zone": "Asia/Shanghai", "layers": [
                    { "kind": "shift", "name": "n", "from": from, "to": to, "people": ["wang"],
                      "days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] } ] }))
            .unwrap()
        };
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let spans = |roster: &Roster, now: &str| -> Vec<(Timestamp, Timestamp)> {
            shifts_around(roster, at(now)).map(|shift| (shift.start, shift.end)).collect()
        };
        // In the middle of a night a week later, to the second.
        let nights = roster("20:00", "08:00");
        let first = spans(&nights, "2026-11-30T14:00:07Z");
        assert_eq!(first[0], (at("2026-11-23T12:00:00Z"), at("2026-11-24T00:00:00Z")));
        assert_eq!(first, spans(&nights, "2026-11-30T14:00:09Z"));
        // On duty for ever: whole months, the same all month long.
        let always = roster("00:00", "00:00");
        let whole = spans(&always, "2026-11-10T14:00:07Z");
        assert_eq!(whole, [(at("2026-09-30T16:00:00Z"), at("2027-03-31T16:00:00Z"))]);
        assert_eq!(whole, spans(&always, "2026-11-29T01:00:00Z"));
    }

    #[test]
    fn a_long_line_is_folded_between_letters_and_nothing_in_it_is_misread() {
        let mut lines = Lines::default();
        let names = "王阿姨, 李叔; \\".repeat(10);
        lines.add("SUMMARY", &escaped(&names));
        for line in lines.0.split_terminator("\r\n") {
            assert!(line.len() <= LINE, "{} bytes: {line}", line.len());
        }
        let unfolded = lines.0.replace("\r\n ", "");
        assert!(unfolded.starts_with("SUMMARY:王阿姨\\, 李叔\\; \\\\王阿姨"), "{unfolded}");
    }
}
