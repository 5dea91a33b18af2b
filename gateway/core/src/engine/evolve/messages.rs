//! What changes about messages and the paths that they take.

use std::sync::Arc;

use crate::{
    event::What,
    id::{IncidentId, MessageId},
    notification::{
        outbox::{Message, Status},
        receipt::Receipt,
    },
    planted::{self, Bug},
    state::State,
    time::Timestamp,
};

use super::{incidents, musters};
use crate::engine::messages::THROTTLE_COUNT;

/// Messages of one incident that are kept in memory; the journal has them all.
const PER_INCIDENT: usize = 200;
/// The same for a site with very many people, per person.
const PER_PERSON: usize = 4;
/// Messages without an incident (tests) that are kept in memory.
const WITHOUT_INCIDENT: usize = 50;

pub(super) fn evolve(state: &mut State, at: Timestamp, what: &What) {
    match what {
        What::HandedOver { message } if state.messages.contains_key(message) => {
            state.live.handed_over.insert(*message, at);
        }
        What::MessageDue(message) => add(state, message),
        What::Receipted { message, receipt } => {
            state.live.handed_over.remove(message);
            settle(state, *message, |m| m.take(at, receipt));
        }
        What::MessageRetried { message, not_before } => {
            settle(state, *message, |m| m.not_before = *not_before);
        }
        What::MessageCancelled { message } => {
            give_back_turn(state, *message);
            settle(state, *message, |m| m.status = Status::Cancelled { at });
        }
        What::PathTested { .. } if planted::is(Bug::NeverRests) => {}
        What::PathTested { channel } => {
            state.paths.entry(channel.clone()).or_default().tested_at = Some(at);
        }
        What::PathProven { channel } => {
            state.paths.entry(channel.clone()).or_default().proven_at = Some(at);
        }
        _ => {}
    }
}

fn add(state: &mut State, message: &Message) {
    let id = message.id;
    state.messages.insert(id, Arc::new(message.clone()));
    state.due.insert(id);
    if message.incident.is_some() && !message.content.test {
        let turns = state.turns.entry(message.person.clone()).or_default();
        let at = turns.partition_point(|turn| *turn <= message.not_before);
        turns.insert(at, message.not_before);
        if turns.len() > THROTTLE_COUNT {
            turns.remove(0);
        }
    }
    state.next_message = MessageId(state.next_message.0.max(id.0.saturating_add(1)));
    match message.incident {
        Some(incident) => {
            incidents::change(state, incident, |incident| incident.messages.push(id));
            trim(state, incident);
        }
        None => {
            let muster = message.content.purpose.muster();
            if !muster.is_some_and(|muster| musters::add_message(state, muster, id)) {
                trim_tests(state);
            }
        }
    }
}

/// Forgets the oldest messages of an incident that are done. What is still to be sent is never
/// forgotten, nor who was told, however many people a policy names.
fn trim(state: &mut State, id: IncidentId) {
    let limit = PER_INCIDENT.max(PER_PERSON * state.people.len());
    while let Some(incident) = state.incidents.get(&id)
        && incident.messages.len() > limit
        && let Some(at) = incident.messages.iter().position(|m| !state.due.contains(m))
    {
        let surplus = incident.messages[at];
        incidents::change(state, id, |incident| incident.messages.retain(|m| *m != surplus));
        forget(state, surplus);
    }
}

fn trim_tests(state: &mut State) {
    let musters = |m: &Message| m.content.purpose.muster();
    let is_loose = |m: &Message| {
        m.incident.is_none() && musters(m).is_none_or(|id| !state.musters.contains_key(&id))
    };
    let loose = || state.messages.values().filter(|m| is_loose(m));
    if loose().count() > WITHOUT_INCIDENT
        && let Some(surplus) = loose().find(|m| !m.is_due()).map(|m| m.id)
    {
        forget(state, surplus);
    }
}

pub(super) fn forget(state: &mut State, id: MessageId) {
    state.messages.remove(&id);
    state.due.remove(&id);
    state.live.handed_over.remove(&id);
}

/// What was called off before its first try counts for nothing.
fn give_back_turn(state: &mut State, id: MessageId) {
    let counts = |m: &&Arc<Message>| m.failures == 0 && !m.content.test;
    let Some(message) = state.messages.get(&id).filter(counts) else { return };
    if let Some(turns) = state.turns.get_mut(&message.person)
        && let Some(at) = turns.iter().position(|turn| *turn == message.not_before)
    {
        turns.remove(at);
    }
}

fn settle(state: &mut State, id: MessageId, with: impl FnOnce(&mut Message)) {
    let Some(message) = state.messages.get_mut(&id) else { return };
    let message = Arc::make_mut(message);
    with(message);
    let incident = message.incident;
    if message.is_due() {
        state.due.insert(id);
    } else {
        state.due.remove(&id);
        if let Some(incident) = incident {
            trim(state, incident);
        }
    }
}

impl Message {
    /// What a receipt makes of it. Receipts may come late, twice, or in the wrong order: what is
    /// known only grows.
    fn take(&mut self, at: Timestamp, receipt: &Receipt) {
        let known = match &self.status {
            Status::Answered { .. } => 3,
            Status::Delivered { .. } => 2,
            Status::Accepted { .. } => 1,
            Status::Due | Status::Failed { .. } | Status::Cancelled { .. } => 0,
        };
        if let Receipt::Accepted { cost: Some(cost), .. } = receipt
            && (known < 1 || self.cost.is_none())
        {
            self.cost = Some(cost.clone().after(self.cost.take()));
        }
        match receipt {
            Receipt::Accepted { .. } if known < 1 => self.status = Status::Accepted { at },
            Receipt::Delivered if known < 2 => self.status = Status::Delivered { at },
            Receipt::Answered if known < 3 => self.status = Status::Answered { at },
            // A carrier may find out later that it can't deliver what it took.
            Receipt::Failed { reason, retry: false } if known == 1 => {
                self.failures += 1;
                self.status = Status::Failed { at, reason: reason.clone() };
            }
            Receipt::Failed { reason, retry } if matches!(self.status, Status::Due) => {
                self.failures += 1;
                if !retry {
                    self.status = Status::Failed { at, reason: reason.clone() };
                }
            }
            _ => {}
        }
    }
}
