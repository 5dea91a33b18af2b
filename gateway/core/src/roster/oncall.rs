//! On call: who, at an instant, until when, and all through a period.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{
    Exception, Layer, Reason, Roster,
    wall::{Clock, Wall},
};
use crate::{id::PersonId, time::Timestamp};

/// At most so many beginnings and ends of duties are looked through for one that changes who is
/// on call: eleven years of daily ones. Without a limit, a rotation among people who are all on call
/// anyway, by another layer, could hold up the gateway until the year 9999.
const QUIET_BOUNDARIES: usize = 4_096;

/// Who is on call at an instant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OnCall {
    /// Each once, in the order of the layers and of the people in them.
    pub people: Vec<PersonId>,
    /// The names of the layers on duty, then what the exceptions changed: `wang for li (ill)`.
    pub why: Vec<String>,
}

/// A time through which the same people are on call for the same reason: `[start, end)`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct ShiftSpan {
    /// From this instant on.
    pub start: Timestamp,
    /// Up to this one, not including it.
    pub end: Timestamp,
    /// Who; nobody where this is empty.
    pub people: Vec<PersonId>,
    /// As in [`OnCall::why`].
    pub why: Vec<String>,
}

impl Roster {
    /// Who is on call at an instant. Takes the same few steps for any instant, however far off.
    pub fn on_call(&self, at: Timestamp) -> OnCall {
        self.on_call_by(Clock::of(&self.time_zone).furthest(at))
    }

    /// The next instant after `after` at which the people on call change, or the reason why they
    /// are. None where nothing changes any more. No change is ever skipped; in a roster with
    /// thousands of hand-overs that change nothing, the instant may be of one of these.
    pub fn next_change(&self, after: Timestamp) -> Option<Timestamp> {
        let clock = Clock::of(&self.time_zone);
        let now = self.on_call_by(clock.furthest(after));
        self.change_from(&clock, &now, after).map(|(at, _)| at)
    }

    /// The spans that make up `[from, to)`, in order, without a gap: where nobody is on call there
    /// is a span without people. Neighbours that are equal are one span, but for the limit told at
    /// [`Roster::next_change`]. Nothing is computed ahead, so any period can be asked for.
    pub fn shifts(&self, from: Timestamp, to: Timestamp) -> Shifts<'_> {
        let clock = Clock::of(&self.time_zone);
        let now = self.on_call_by(clock.furthest(from));
        Shifts { roster: self, clock, at: from, to, now }
    }

    /// Why those on call at an instant are: the layers on duty, then what the exceptions changed.
    pub fn reasons(&self, at: Timestamp) -> Vec<Reason> {
        self.looked_up(Clock::of(&self.time_zone).furthest(at)).1
    }

    fn on_call_by(&self, wall: Wall) -> OnCall {
        let (people, why) = self.looked_up(wall);
        OnCall { people, why: why.iter().map(ToString::to_string).collect() }
    }

    fn looked_up(&self, wall: Wall) -> (Vec<PersonId>, Vec<Reason>) {
        let (mut on_call, mut why) = (Vec::new(), Vec::new());
        let mut seen = BTreeSet::new();
        for layer in &self.layers {
            let people = match layer {
                Layer::Rotation(rotation) => {
                    rotation.on_call(wall).map_or(&[][..], std::slice::from_ref)
                }
                Layer::Shift(shift) if shift.covers(wall) => &shift.people,
                Layer::Shift(_) => &[],
            };
            if !people.is_empty() {
                why.push(Reason::Layer(layer.name().to_owned()));
            }
            on_call.extend(people.iter().filter(|person| seen.insert(*person)).cloned());
        }
        let changes = self.exceptions.iter();
        why.extend(changes.filter_map(|change| change.apply(wall, &mut on_call)));
        (on_call, why)
    }

    /// The next instant after `after` with another answer than `now`, and that answer.
    fn change_from(
        &self,
        clock: &Clock,
        now: &OnCall,
        after: Timestamp,
    ) -> Option<(Timestamp, OnCall)> {
        let mut wall = clock.furthest(after);
        let mut last = None;
        for _ in 0..QUIET_BOUNDARIES {
            let next = self.next_boundary(wall)?;
            let at = clock.first_shows(next)?;
            // Where the clock jumps, this lies past the boundary, and past those skipped with it.
            wall = clock.furthest(at).max(next);
            // A boundary the clock has passed is behind us, whatever a zone's odd past may do.
            if at > after {
                let then = self.on_call_by(wall);
                if then != *now {
                    return Some((at, then));
                }
                last = Some((at, then));
            }
        }
        last
    }

    /// The next wall time after `wall` at which a duty or an exception begins or ends.
    fn next_boundary(&self, wall: Wall) -> Option<Wall> {
        let layers = self.layers.iter().filter_map(|layer| match layer {
            Layer::Rotation(rotation) => rotation.next_change(wall),
            Layer::Shift(shift) => shift.next_change(wall),
        });
        let exceptions =
            self.exceptions.iter().filter_map(|change: &Exception| change.next_change(wall));
        layers.chain(exceptions).min()
    }
}

/// The spans of a period, computed one by one: see [`Roster::shifts`].
#[derive(Debug, Clone)]
pub struct Shifts<'r> {
    roster: &'r Roster,
    clock: Clock,
    at: Timestamp,
    to: Timestamp,
    now: OnCall,
}

impl Iterator for Shifts<'_> {
    type Item = ShiftSpan;

    fn next(&mut self) -> Option<ShiftSpan> {
        if self.at >= self.to {
            return None;
        }
        let change = self.roster.change_from(&self.clock, &self.now, self.at);
        let (end, then) = match change {
            Some((at, then)) if at < self.to => (at, then),
            _ => (self.to, OnCall::default()),
        };
        let OnCall { people, why } = std::mem::replace(&mut self.now, then);
        let start = std::mem::replace(&mut self.at, end);
        Some(ShiftSpan { start, end, people, why })
    }
}
