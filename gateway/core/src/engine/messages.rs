//! Messages: made for a person, through the ways that this person has.

use std::sync::Arc;

use crate::{
    danger::{Danger, Priority},
    event::What,
    id::{ChannelId, IncidentId, MessageId, PersonId},
    incident::Incident,
    notification::{
        outbox::{Content, Message, Purpose, Status},
        receipt::Receipt,
    },
    person::{LONGEST_DELAY, Method, Person},
    planted::{self, Bug},
    state::State,
    text::Text,
    time::{Span, Timestamp},
};

use super::Draft;

/// An ordinary incident sends one person at most this many messages in [`THROTTLE_WINDOW`]; what is
/// more waits. Fire and trapped are never held back.
pub(super) const THROTTLE_COUNT: usize = 10;
/// See [`THROTTLE_COUNT`].
const THROTTLE_WINDOW: Span = Span::mins(10);

/// What is to be sent at `now`: the most pressing first, then the oldest; what calls everybody comes
/// after all that.
pub fn due(state: &State, now: Timestamp) -> Vec<Arc<Message>> {
    let mut due: Vec<Arc<Message>> = state
        .due
        .iter()
        .filter(|id| !state.live.handed_over.contains_key(*id))
        .filter_map(|id| state.messages.get(id))
        .filter(|m| m.not_before <= now)
        .cloned()
        .collect();
    due.sort_by_key(|m| {
        (m.content.purpose.is_muster(), std::cmp::Reverse(m.content.priority), m.id)
    });
    due
}

/// When the next of many messages may go, after those whose turns were these, oldest first.
pub(super) fn throttle(turns: &[Timestamp], now: Timestamp) -> Timestamp {
    match turns.len().checked_sub(THROTTLE_COUNT) {
        Some(at) => now.max(turns[at] + THROTTLE_WINDOW),
        None => now,
    }
}

impl Message {
    /// The person may have it, or may still get it.
    pub(super) fn may_reach(&self) -> bool {
        matches!(self.status, Status::Due | Status::Accepted { .. } | Status::Delivered { .. })
    }
}

impl Draft {
    pub(super) fn messages_of(&self, id: IncidentId) -> impl Iterator<Item = &Arc<Message>> {
        let ids = self.state.incidents.get(&id).map(|i| i.messages.as_slice()).unwrap_or_default();
        ids.iter().filter_map(|m| self.state.messages.get(m))
    }

    pub(super) fn person_name(&self, id: &PersonId) -> String {
        self.state.people.get(id).map_or_else(|| id.to_string(), |p| p.name.clone())
    }

    /// The methods of a person whose channel is set up, best first, none twice.
    pub(super) fn methods(&self, person: &Person) -> Vec<Method> {
        let mut methods: Vec<Method> = Vec::new();
        for method in &person.methods {
            let known = self.state.wiring.channels.contains_key(&method.channel);
            if known && !methods.iter().any(|m| m.is_same_way(method)) {
                methods.push(method.clone());
            }
        }
        methods
    }

    pub(super) fn is_reachable(&self, person: &PersonId) -> bool {
        self.state.people.get(person).is_some_and(|p| !self.methods(p).is_empty())
    }

    /// Tells a person about an incident: a vital one through two channels at once.
    pub(super) fn tell_about(
        &mut self,
        id: IncidentId,
        person: &PersonId,
        purpose: Purpose,
        what: Option<Text>,
    ) {
        let Ok(incident) = self.open_incident(id) else { return };
        let Some(person) = self.state.people.get(person).cloned() else { return };
        let methods = self.methods_for(&person, &incident);
        let Some(first) = methods.first().cloned() else { return };
        let second = methods.iter().find(|m| m.channel != first.channel).cloned();
        let both =
            incident.danger.is_vital() && purpose.asks() && !planted::is(Bug::ForgetsSecondChannel);
        let at_once: Vec<Method> =
            [Some(first), second.filter(|_| both)].into_iter().flatten().collect();
        for method in &at_once {
            self.send(&incident, &person, method.clone(), purpose.clone(), what.clone());
        }
        // What somebody's answer would not take back is not repeated through a later way.
        if purpose.outlives_answer() {
            return;
        }
        for method in methods.into_iter().filter(|m| !at_once.contains(m)) {
            if let Some(delay) = method.after {
                let at = self.now + delay.min(LONGEST_DELAY);
                self.send_at(&incident, &person, method, purpose.clone(), what.clone(), at);
            }
        }
    }

    /// It is with nobody: neither sent nor on its way.
    pub(super) fn is_unsent(&self, message: &Message) -> bool {
        message.is_due() && !self.state.live.handed_over.contains_key(&message.id)
    }

    /// Whoever was asked by these has answered; what was only about to ask them is not needed.
    pub(super) fn note_answered(&mut self, asked: &[Arc<Message>]) {
        for message in asked.iter().filter(|message| message.may_reach()) {
            let (unsent, message) = (self.is_unsent(message), message.id);
            self.emit(if unsent {
                What::MessageCancelled { message }
            } else {
                What::Receipted { message, receipt: Receipt::Answered }
            });
        }
    }

    /// It was made with a delay, which is not over: nothing was tried through it.
    fn still_waits(&self, message: &Message) -> bool {
        self.is_unsent(message)
            && message.method.after.is_some()
            && message.failures == 0
            && message.not_before > self.now
    }

    /// Through everything that a person has.
    pub(super) fn tell_by_all(&mut self, id: IncidentId, person: &PersonId, purpose: &Purpose) {
        let Ok(incident) = self.open_incident(id) else { return };
        let Some(person) = self.state.people.get(person).cloned() else { return };
        for method in self.methods_for(&person, &incident) {
            self.send(&incident, &person, method, purpose.clone(), None);
            if planted::is(Bug::PromptOneWay) {
                break;
            }
        }
    }

    /// Tells those who were asked how it went on, through what reached them first.
    pub(super) fn tell_told(
        &mut self,
        id: IncidentId,
        except: Option<&PersonId>,
        purpose: &Purpose,
    ) {
        let Some(incident) = self.state.incidents.get(&id).cloned() else { return };
        let mut told: Vec<(PersonId, Method)> = Vec::new();
        for message in self.messages_of(id) {
            let known = told.iter().any(|(person, _)| *person == message.person);
            if self.has_reached(message) && !known && Some(&message.person) != except {
                told.push((message.person.clone(), message.method.clone()));
            }
        }
        for (person, reached) in told {
            let Some(person) = self.state.people.get(&person).cloned() else { continue };
            let methods = self.methods_for(&person, &incident);
            // Who has changed how to be reached since then is told in the new way.
            let method = methods.iter().find(|m| m.is_same_way(&reached)).or(methods.first());
            if let Some(method) = method {
                self.send(&incident, &person, method.clone(), purpose.clone(), None);
            }
        }
    }

    /// As far as is known, the person has it, or it is on its way to them.
    pub(super) fn has_reached(&self, message: &Message) -> bool {
        matches!(
            message.status,
            Status::Accepted { .. } | Status::Delivered { .. } | Status::Answered { .. }
        ) || self.state.live.handed_over.contains_key(&message.id)
    }

    /// The next way to a person after one failed: the first that was not tried for this.
    pub(super) fn fall_back(&mut self, failed: &Message) -> bool {
        if matches!(failed.content.purpose, Purpose::Duty(_)) {
            return self.fall_back_duty(failed);
        }
        let Some(incident) = failed.incident.and_then(|id| self.state.incidents.get(&id)).cloned()
        else {
            return false;
        };
        let Some(person) = self.state.people.get(&failed.person).cloned() else { return false };
        // A carrier's late word must not ask anew what is answered, nor what is over.
        let purpose = &failed.content.purpose;
        let goes = incident.going.iter().any(|g| g.person == person.id);
        let answered = !incident.going.is_empty() && !goes && !purpose.outlives_answer();
        if answered || !(incident.is_open() || matches!(purpose, Purpose::Over { .. })) {
            return false;
        }
        // A way that waits for its time is not tried yet: it is taken now instead of then.
        let (waiting, tried): (Vec<Arc<Message>>, Vec<Arc<Message>>) = self
            .messages_of(incident.id)
            .filter(|m| m.person == failed.person && m.content.purpose == failed.content.purpose)
            .filter(|m| m.content.what == failed.content.what)
            .cloned()
            .partition(|m| self.still_waits(m));
        let next = self.methods_for(&person, &incident).into_iter().find(|m| {
            !tried.iter().any(|t| t.method.is_same_way(m))
                || planted::is(Bug::AsksTheSameAgain) && failed.failures < 2
        });
        let Some(method) = next else { return false };
        for early in waiting.iter().filter(|w| w.method.is_same_way(&method)) {
            self.emit(What::MessageCancelled { message: early.id });
        }
        let what = Some(failed.content.what.clone());
        self.send(&incident, &person, method, failed.content.purpose.clone(), what);
        true
    }

    fn send(
        &mut self,
        incident: &Incident,
        person: &Person,
        method: Method,
        purpose: Purpose,
        what: Option<Text>,
    ) {
        self.send_at(incident, person, method, purpose, what, self.now);
    }

    /// Not before `at`; an ordinary one not before its turn either.
    fn send_at(
        &mut self,
        incident: &Incident,
        person: &Person,
        method: Method,
        purpose: Purpose,
        what: Option<Text>,
        at: Timestamp,
    ) {
        let pressing = incident.must_pass() && !planted::is(Bug::ThrottlesVital);
        // Who is on the way is awake.
        let at = match purpose {
            Purpose::AskAgain => at,
            _ => self.after_quiet(person, incident, at),
        };
        let content = Content {
            purpose,
            what: what.unwrap_or_else(|| incident.what.clone()),
            place: incident.place_name.clone(),
            since: incident.opened_at,
            danger: incident.danger,
            priority: incident.priority,
            test: incident.test.is_some(),
        };
        let not_before = if pressing { at } else { self.throttled(&person.id).max(at) };
        self.post(Some(incident.id), person, method, content, not_before);
    }

    /// Puts a message into the outbox.
    pub(super) fn post(
        &mut self,
        incident: Option<IncidentId>,
        person: &Person,
        method: Method,
        content: Content,
        not_before: Timestamp,
    ) {
        self.emit(What::MessageDue(Message {
            id: self.state.next_message,
            incident,
            person: person.id.clone(),
            method,
            language: person.language,
            content,
            made_at: self.now,
            not_before,
            failures: 0,
            status: Status::Due,
            cost: None,
        }));
    }

    /// When the next ordinary message may go to this person.
    fn throttled(&self, person: &PersonId) -> Timestamp {
        let turns = self.state.turns.get(person).map(Vec::as_slice).unwrap_or_default();
        throttle(turns, self.now)
    }

    /// Takes back what was not sent yet and is not needed any more.
    pub(super) fn cancel(&mut self, id: IncidentId, which: impl Fn(&Purpose) -> bool) {
        let unsent: Vec<MessageId> = self
            .messages_of(id)
            .filter(|m| m.is_due() && which(&m.content.purpose))
            .map(|m| m.id)
            .collect();
        for message in unsent {
            self.emit(What::MessageCancelled { message });
        }
    }

    /// What only asked somebody because they were going is not sent once they are not.
    pub(super) fn cancel_asked(&mut self, id: IncidentId, person: &PersonId) {
        let unsent: Vec<MessageId> = self
            .messages_of(id)
            .filter(|m| m.person == *person && m.is_due() && !m.content.purpose.outlives_answer())
            .map(|m| m.id)
            .collect();
        for message in unsent {
            self.emit(What::MessageCancelled { message });
        }
    }

    /// Nothing more goes to somebody who is removed.
    pub(super) fn cancel_for(&mut self, person: &PersonId) {
        let of = |id: &MessageId| self.state.messages.get(id).is_some_and(|m| m.person == *person);
        for message in self.state.due.iter().copied().filter(of).collect::<Vec<_>>() {
            self.emit(What::MessageCancelled { message });
        }
    }

    /// Sends a test of a channel's whole path to a person who can be reached through it.
    pub(super) fn post_test(&mut self, channel: &ChannelId, person: &Person) -> bool {
        let way = self.methods(person).into_iter().find(|m| m.channel == *channel);
        let Some(way) = way else { return false };
        self.post_test_by(way, person);
        true
    }

    /// Sends a test of one way to a person.
    pub(super) fn post_test_by(&mut self, way: Method, person: &Person) {
        let content = Content {
            purpose: Purpose::PathTest,
            what: Text::new("通知路径测试", "Test of the way to you"),
            place: self.state.wiring.name.clone(),
            since: self.now,
            danger: Danger::Fault,
            priority: Priority::Low,
            test: false,
        };
        self.post(None, person, way, content, self.now);
    }
}
