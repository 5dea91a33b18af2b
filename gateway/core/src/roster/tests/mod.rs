//! Stories of rosters, as an operator would write them, and properties that hold for any roster.

mod exceptions;
mod layers;
mod mistakes;
mod oracle;
mod wall_clock;

use super::Roster;
use crate::time::Timestamp;

/// A roster in `zone` with layers and exceptions as TOML.
fn roster(zone: &str, parts: &str) -> Roster {
    toml::from_str(&format!(
        "id = 'neighbours'\nname = 'Neighbours'\ntime_zone = '{zone}'\n{parts}"
    ))
    .unwrap()
}

/// A roster of one rotation.
fn rotation(zone: &str, people: &str, handover: &str, starts: &str) -> Roster {
    let people: Vec<_> = people.split_whitespace().collect();
    roster(
        zone,
        &format!(
            "[[layers]]\nkind = 'rotation'\nname = 'Turns'\npeople = {people:?}\n\
             handover = {{ {handover} }}\nstarts = '{starts}'\n"
        ),
    )
}

/// A roster of one shift of the person `a`.
fn shift(zone: &str, days: &str, from: &str, to: &str) -> Roster {
    let days: Vec<_> = days.split_whitespace().collect();
    roster(
        zone,
        &format!(
            "[[layers]]\nkind = 'shift'\nname = 'Shift'\ndays = {days:?}\n\
             from = '{from}'\nto = '{to}'\npeople = ['a']\n"
        ),
    )
}

fn at(instant: &str) -> Timestamp {
    instant.parse().unwrap()
}

/// Who is on call, as words: "li wang", or "" for nobody.
fn on_call(roster: &Roster, instant: &str) -> String {
    names(&roster.on_call(at(instant)).people)
}

fn names(people: &[crate::id::PersonId]) -> String {
    people.iter().map(|person| person.as_str()).collect::<Vec<_>>().join(" ")
}

/// The spans of a period, each as "start people"; nobody is "-".
fn spans(roster: &Roster, from: &str, to: &str) -> Vec<String> {
    let spans: Vec<_> = roster.shifts(at(from), at(to)).collect();
    assert_eq!(spans.first().map(|span| span.start), Some(at(from)));
    assert_eq!(spans.last().map(|span| span.end), Some(at(to)));
    spans
        .iter()
        .map(|span| {
            let people = names(&span.people);
            format!("{} {}", span.start, if people.is_empty() { "-" } else { &people })
        })
        .collect()
}
