//! Reach: whether somebody can be asked at this hour, and whether those whose shift it is can be
//! reached at all.

use jiff::tz::TimeZone;

use crate::{
    alarm::Source,
    danger::{Danger, Priority},
    event::What,
    id::{MessageId, PersonId},
    incident::Incident,
    input::Command,
    notification::way::Way,
    person::{Method, Person},
    refusal::Refusal,
    text::Text,
    time::{Span, Timestamp},
};

use super::Draft;

/// So long before a shift begins it is looked whether those on it can be reached: time to mend it.
const AHEAD: Span = Span::hours(24);
/// How often it is looked.
const EVERY: Span = Span::hours(1);

/// Fire, trapped and whatever is critical: for these nobody has quiet hours.
pub(super) fn is_pressing(danger: Danger, priority: Priority) -> bool {
    danger.is_vital() || priority == Priority::Critical
}

impl Draft {
    /// The methods of a person that may be used for this incident now: best first, none twice, each
    /// with a channel that is set up.
    pub(super) fn methods_for(&self, person: &Person, incident: &Incident) -> Vec<Method> {
        let mut methods = self.fitting(person, incident);
        let zone = self.zone();
        if !is_pressing(incident.danger, incident.priority) {
            methods.retain(|m| m.hours.is_none_or(|hours| hours.contain(&zone, self.now)));
        }
        methods
    }

    /// The methods that may be used for this incident at some hour. Where everything that a person has
    /// is for more pressing things, it is used all the same: a wish for quiet must not lose an alarm.
    fn fitting(&self, person: &Person, incident: &Incident) -> Vec<Method> {
        let methods = self.methods(person);
        let fits = |m: &&Method| m.least.is_none_or(|least| incident.priority >= least);
        let fitting: Vec<Method> = methods.iter().filter(fits).cloned().collect();
        let all = is_pressing(incident.danger, incident.priority) || fitting.is_empty();
        if all { methods } else { fitting }
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
            Some(quiet) if !is_pressing(incident.danger, incident.priority) => {
                quiet.over_at(&self.zone(), at)
            }
            _ => at,
        }
    }

    fn zone(&self) -> TimeZone {
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

    /// Tries or proves one way of a person.
    pub(super) fn mind_way(&mut self, command: &Command) -> Result<(), Refusal> {
        let (Command::TestWay { person, method } | Command::ProveWay { person, method }) = command
        else {
            return Err(Refusal::Invalid(format!("not a command for here: {command:?}")));
        };
        let unknown = || Refusal::Unknown { what: "person", name: person.to_string() };
        let known = self.state.people.get(person).cloned().ok_or_else(unknown)?;
        let Some(way) = self.methods(&known).into_iter().find(|m| m.is_same_way(method)) else {
            let channel = &method.channel;
            let message = format!("{} has no such way through \"{channel}\"", known.name);
            return Err(Refusal::Invalid(message));
        };
        match command {
            Command::TestWay { .. } => self.post_test_by(way, &known),
            _ => self.emit(What::WayProven { person: person.clone(), method: way }),
        }
        Ok(())
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
