//! Reliefs: the instants at which people come on duty and go off it, who with whom.

use super::{Roster, ShiftSpan};
use crate::{
    id::PersonId,
    time::{Span, Timestamp},
};

/// So far ahead is looked for the end of a shift; one that lasts longer has none to be told.
const LOOK_AHEAD: Span = Span::hours(62 * 24);
/// The same in spans, for a roster in which others come and go all the time.
const SPANS: usize = 500;

/// A change of who is on call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Relief {
    /// When.
    pub at: Timestamp,
    /// Who comes on duty.
    pub come: Vec<PersonId>,
    /// Who goes off it.
    pub go: Vec<PersonId>,
    /// Who is on duty from then on, those who come among them.
    pub then: Vec<PersonId>,
}

impl Relief {
    /// From those on call until `at` to those on call from then on; none where they are the same.
    pub fn between(at: Timestamp, before: &[PersonId], then: &[PersonId]) -> Option<Self> {
        let only = |these: &[PersonId], those: &[PersonId]| {
            these.iter().filter(|person| !those.contains(person)).cloned().collect::<Vec<_>>()
        };
        let (come, go) = (only(then, before), only(before, then));
        let changes = !come.is_empty() || !go.is_empty();
        changes.then(|| Self { at, come, go, then: then.to_vec() })
    }
}

impl Roster {
    /// The changes after `after`, up to and including `until`.
    pub fn reliefs(&self, after: Timestamp, until: Timestamp) -> Vec<Relief> {
        let spans: Vec<ShiftSpan> = self.shifts(after, until + Span::millis(1)).collect();
        let pairs = spans.windows(2);
        pairs.filter_map(|p| Relief::between(p[1].start, &p[0].people, &p[1].people)).collect()
    }

    /// Until when somebody who is on call at `from` stays so; none for longer than two months.
    pub fn on_call_until(&self, person: &PersonId, from: Timestamp) -> Option<Timestamp> {
        let limit = from + LOOK_AHEAD;
        let mut spans = self.shifts(from, limit).take(SPANS);
        spans.find(|span| !span.people.contains(person)).map(|span| span.start)
    }
}
