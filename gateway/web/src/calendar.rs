//! A roster as a calendar (iCalendar, RFC 5545), so that people see their shifts where they see everything
//! else. Times are in UTC: whoever reads it shows them in its own zone, and no rule of a zone can be
//! misunderstood.

pub mod import;

use std::fmt::Write as _;

use gengfu_core::{
    id::PersonId,
    roster::{Roster, ShiftSpan},
    time::Timestamp,
};

/// No line is longer, in bytes; the rest goes on the next one, behind a space (RFC 5545 3.1).
const LINE: usize = 75;

/// What a time without anybody on duty is called.
const NOBODY: &str = "无人值班! Nobody on duty!";

/// The calendar of these shifts, made at `now`; `name` is what a person is called. A time without anybody on
/// duty is an entry too: a gap is to be seen before it comes.
pub fn calendar(
    roster: &Roster,
    shifts: impl IntoIterator<Item = ShiftSpan>,
    name: impl Fn(&PersonId) -> String,
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
        let summary = if people.is_empty() { NOBODY.to_owned() } else { people.join(", ") };
        lines.add("BEGIN", "VEVENT");
        // The same shift has the same name in every calendar that is made, so that none stands twice.
        lines.add("UID", &format!("{}-{}@gengfu", roster.id, shift.start.as_millis()));
        lines.add("DTSTAMP", &instant(now));
        lines.add("DTSTART", &instant(shift.start));
        lines.add("DTEND", &instant(shift.end));
        lines.add("SUMMARY", &escaped(&summary));
        if !shift.why.is_empty() {
            lines.add("DESCRIPTION", &escaped(&shift.why.join("\n")));
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
