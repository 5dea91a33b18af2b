//! What lies ahead of one person: until when they are on call, when they are next, and who follows those
//! on call now.

use super::{Relief, Roster, Turn};
use crate::{
    id::PersonId,
    time::{Span, Timestamp},
};

/// So far ahead is looked; a shift that goes on for longer has no end to be told.
const LOOK_AHEAD: Span = Span::hours(62 * 24);
/// The same in spans, for a roster in which people come and go all the time.
const SPANS: usize = 500;

/// What lies ahead of one person, as far as two months from an instant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ahead {
    /// The next change of who is on call.
    pub relief: Option<Relief>,
    /// Until when the person is on call, if they are now and it ends.
    pub until: Option<Timestamp>,
    /// Their first shift that begins later, if it ends.
    pub next: Option<Turn>,
}

impl Roster {
    /// What lies ahead of `person` at `at`.
    pub fn ahead(&self, person: &PersonId, at: Timestamp) -> Ahead {
        let is_named = self.people().contains(person);
        let mut spans = self.shifts(at, at + LOOK_AHEAD).take(SPANS);
        let mut ahead = Ahead::default();
        let Some(now) = spans.next() else { return ahead };
        let is_on_now = now.people.contains(person);
        let mut begun = None;
        for span in spans {
            if ahead.relief.is_none() {
                ahead.relief = Relief::between(span.start, &now.people, &span.people);
            }
            let is_on = span.people.contains(person);
            if is_on_now && !is_on && ahead.until.is_none() {
                ahead.until = Some(span.start);
            }
            let is_off_first = !is_on_now || ahead.until.is_some();
            match begun {
                None if is_on && is_off_first => begun = Some(span.start),
                Some(from) if !is_on => ahead.next = Some(Turn { from, to: span.start }),
                _ => {}
            }
            // Whoever is not in the roster has nothing more to look for.
            if ahead.relief.is_some() && (ahead.next.is_some() || !is_named) {
                break;
            }
        }
        ahead
    }
}
