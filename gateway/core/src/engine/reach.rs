//! Reach: whether somebody can be asked at this hour, and whether those whose shift it is can be
//! reached at all.

use jiff::tz::TimeZone;

use crate::{
    alarm::Source,
    danger::Priority,
    event::What,
    id::{MessageId, PersonId},
    incident::Incident,
    notification::way::Way,
    person::{Method, Person},
    text::Text,
    time::{Span, Timestamp},
};

use super::Draft;

/// So long before a shift begins it is looked whether those on it can be reached: time to mend it.
const AHEAD: Span = Span::hours(24);
/// How often it is looked.
const EVERY: Span = Span::hours(1);

impl Draft {
    /// The methods of a person that may be used for this incident now: best first, none twice, each
    /// with a channel that is set up.
    pub(super) fn methods_for(&self, person: &Person, incident: &Incident) -> Vec<Method> {
        let mut methods = self.fitting(person, incident);
        if !incident.must_pass() {
            let zone = self.zone();
            methods.retain(|m| m.hours.is_none_or(|hours| hours.contain(&zone, self.now)));
        }
        methods
    }

    /// The methods that may be used for this incident at some hour. Where everything that a person has
    /// is for more pressing things, it is used all the same: a wish for quiet must not lose an alarm.
    fn fitting(&self, person: &Person, incident: &Incident) -> Vec<Method> {
        let mut methods = self.methods(person);
        let fits = |m: &Method| m.least.is_none_or(|least| incident.priority >= least);
        if !incident.must_pass() && methods.iter().any(fits) {
            methods.retain(fits);
        }
        methods
    }

    /// The person can be asked about this now.
    pub(super) fn can_be_asked(&self, person: &PersonId, incident: &Incident) -> bool {
        let Some(person) = self.state.people.get(person) else { return false };
        !self.methods_for(person, incident).is_empty()
            && self.after_quiet(person, incident, self.now) <= self.now
    }

    /// The first instant from now on at which the person can be asked about this; none without any way.
    pub(super) fn wakes_at(&self, person: &Person, incident: &Incident) -> Option<Timestamp> {
        let methods = self.fitting(person, incident);
        let zone = self.zone();
        let mut at = self.now;
        // Quiet hours may end within hours at which no way is open, and those open within quiet ones.
        for _ in 0..4 {
            at = self.after_quiet(person, incident, at);
            let opens =
                methods.iter().map(|m| m.hours.map_or(at, |h| h.begin_at(&zone, at))).min()?;
            if opens <= at {
                return Some(at);
            }
            at = opens;
        }
        Some(at)
    }

    /// The first instant from `at` on at which the person's quiet hours let this through.
    pub(super) fn after_quiet(
        &self,
        person: &Person,
        incident: &Incident,
        at: Timestamp,
    ) -> Timestamp {
        match person.quiet {
            Some(quiet) if !incident.must_pass() => quiet.over_at(&self.zone(), at),
            _ => at,
        }
    }

    pub(super) fn zone(&self) -> TimeZone {
        TimeZone::get(&self.state.wiring.time_zone).unwrap_or(TimeZone::UTC)
    }

    /// A carrier refused a message for good: the way leads nowhere, until something arrives by it.
    pub(super) fn way_is_broken(&mut self, message: MessageId, reason: &str) {
        let Some(of) = self.state.messages.get(&message) else { return };
        let ways = self.state.ways.get(&of.person);
        let way = ways.and_then(|ways| ways.iter().find(|way| way.is_of(&of.method)));
        if way.is_some_and(|way| way.broken.is_none()) {
            self.emit(What::WayBroken { message, reason: reason.to_owned() });
        }
    }

    /// Who has a shift now or soon, and no way that can be counted on.
    pub(super) fn check_reach(&mut self) {
        if self.state.live.reach_due.is_some_and(|due| due > self.now) {
            return;
        }
        self.emit(What::ReachChecked { next: self.now + EVERY });
        let until = self.now + AHEAD;
        let mut on_duty: Vec<PersonId> = Vec::new();
        for roster in self.state.rosters.values() {
            for person in roster.shifts(self.now, until).flat_map(|shift| shift.people) {
                if !on_duty.contains(&person) {
                    on_duty.push(person);
                }
            }
        }
        let source = |person: &PersonId| Source::Person(person.clone());
        let mended = self.alarms(|alarm| match &alarm.subject.source {
            Source::Person(person) => {
                alarm.active && !(on_duty.contains(person) && self.reach_fault(person).is_some())
            }
            _ => false,
        });
        for alarm in mended {
            self.clear(&alarm);
        }
        for person in on_duty {
            let Some((name, priority)) = self.reach_fault(&person) else { continue };
            let alarm = source(&person).alarm();
            let stands = self.alarm(&alarm).filter(|alarm| alarm.active);
            match stands.map(|alarm| alarm.subject.name == name) {
                Some(true) => {}
                // It has become another matter, and may press more.
                Some(false) => {
                    self.clear(&alarm);
                    self.raise_fault(source(&person), name, priority);
                }
                None => self.raise_fault(source(&person), name, priority),
            }
        }
    }

    /// What is wrong with how this person is reached, if they could not be, and how much it presses.
    fn reach_fault(&self, person: &PersonId) -> Option<(Text, Priority)> {
        let known = self.state.people.get(person)?;
        let ways = self.state.ways.get(person).map(Vec::as_slice).unwrap_or_default();
        let channels = &self.state.wiring.channels;
        let name = &known.name;
        let known: Vec<&Way> =
            ways.iter().filter(|way| channels.contains_key(&way.channel)).collect();
        if known.iter().all(|way| way.broken.is_some()) {
            let none = Text {
                zh: format!("{name}要值班，但没有一种联系方式是通的"),
                en: format!("{name} has a shift and no way of being reached"),
            };
            return Some((none, Priority::High));
        }
        let answerable = |way: &&&Way| {
            way.broken.is_none() && channels.get(&way.channel).is_some_and(|c| c.answerable)
        };
        if known.iter().find(answerable).is_none() {
            let mute = Text {
                zh: format!("{name}要值班，但收到消息后没有办法回答"),
                en: format!("{name} has a shift and could answer through none of their ways"),
            };
            return Some((mute, Priority::High));
        }
        // Nobody is woken for what is probably well: it stands on the page until it is tried.
        let untried = !known.iter().any(|way| way.counts(self.now));
        untried.then(|| {
            let untried = Text {
                zh: format!("{name}要值班，但联系方式都没有试过：请试一试"),
                en: format!("{name} has a shift and no way that is known to work: test them"),
            };
            (untried, Priority::Low)
        })
    }
}
