//! News of shifts on their way to people: by their ways, in their hours, and never in front of an alarm.

use crate::{
    danger::{Danger, Priority},
    event::What,
    id::{MessageId, PersonId},
    notification::{
        duty::DutyNews,
        outbox::{Content, Message, Purpose},
    },
    person::{Method, Person},
    roster::Roster,
    text::Text,
    time::Timestamp,
};

use super::{Draft, messages::throttle};

impl Draft {
    /// Tells a person, by the first of their ways, once their quiet hours are over.
    pub(super) fn tell_duty(&mut self, person: &PersonId, roster: &Roster, news: DutyNews) {
        let Some(person) = self.state.people.get(person).cloned() else { return };
        let at = self.duty_at(&person);
        let Some(method) = self.duty_ways(&person, at).into_iter().next() else { return };
        let content = Content {
            purpose: Purpose::Duty(news),
            what: Text::from(roster.name.as_str()),
            place: self.state.wiring.name.clone(),
            since: self.now,
            danger: Danger::Fault,
            priority: Priority::Low,
            test: false,
        };
        self.post(None, &person, method, content, at);
    }

    /// The next way after one failed: the first that was not tried for this.
    pub(super) fn fall_back_duty(&mut self, failed: &Message) -> bool {
        let Some(person) = self.state.people.get(&failed.person).cloned() else { return false };
        let at = self.duty_at(&person);
        let tried: Vec<Method> = self
            .state
            .messages
            .values()
            .filter(|m| m.person == failed.person && m.content == failed.content)
            .map(|m| m.method.clone())
            .collect();
        let mut ways = self.duty_ways(&person, at).into_iter();
        let next = ways.find(|m| !tried.iter().any(|tried| tried.is_same_way(m)));
        let Some(method) = next else { return false };
        self.post(None, &person, method, failed.content.clone(), at);
        true
    }

    /// Takes back news that were not sent yet.
    pub(super) fn cancel_duty(&mut self, which: impl Fn(&PersonId, &DutyNews) -> bool) {
        let is_one = |id: &&MessageId| {
            self.state.messages.get(*id).is_some_and(|m| match &m.content.purpose {
                Purpose::Duty(news) => which(&m.person, news),
                _ => false,
            })
        };
        for message in self.state.due.iter().filter(is_one).copied().collect::<Vec<_>>() {
            self.emit(What::MessageCancelled { message });
        }
    }

    /// The ways that may be used at an instant, best first; where all are for more pressing things, or
    /// closed at that hour, all.
    fn duty_ways(&self, person: &Person, at: Timestamp) -> Vec<Method> {
        let ways = self.methods(person);
        let zone = self.zone();
        let fits = |m: &&Method| {
            m.least.is_none_or(|least| least <= Priority::Low)
                && m.hours.is_none_or(|hours| hours.contain(&zone, at))
        };
        let fitting: Vec<Method> = ways.iter().filter(fits).cloned().collect();
        if fitting.is_empty() { ways } else { fitting }
    }

    /// When the next news of shifts may go to this person: not in quiet hours, and not while they have
    /// had many messages. An alarm does not wait for these in turn.
    pub(super) fn duty_at(&self, person: &Person) -> Timestamp {
        let loose = self
            .state
            .messages
            .values()
            .filter(|m| m.person == person.id && matches!(m.content.purpose, Purpose::Duty(_)));
        let turns = self.state.turns.get(&person.id).map(Vec::as_slice).unwrap_or_default();
        let mut turns: Vec<Timestamp> =
            turns.iter().copied().chain(loose.map(|m| m.not_before)).collect();
        turns.sort_unstable();
        let at = throttle(&turns, self.now);
        person.quiet.map_or(at, |quiet| quiet.over_at(&self.zone(), at))
    }
}
