//! What changes about what is known of the ways to people.

use crate::{
    event::What,
    id::{MessageId, PersonId},
    notification::{
        receipt::Receipt,
        way::{Broken, Way},
    },
    person::{Method, Person},
    state::State,
    time::Timestamp,
};

pub(super) fn evolve(state: &mut State, at: Timestamp, what: &What) {
    match what {
        What::PersonPut { person, .. } => put(state, at, person),
        What::PersonRemoved { person, .. } => {
            state.ways.remove(person);
        }
        What::Receipted { message, receipt } => match receipt {
            Receipt::Delivered | Receipt::Answered => of_message(state, *message, |way| {
                way.proven_at = Some(at);
                way.broken = None;
            }),
            Receipt::Accepted { .. } => of_message(state, *message, |way| way.broken = None),
            Receipt::Failed { .. } | Receipt::Declined { .. } | Receipt::Gone { .. } => {}
        },
        What::WayBroken { message, reason } => of_message(state, *message, |way| {
            way.broken = Some(Broken { at, reason: reason.clone() });
        }),
        What::WayProven { person, method } => change(state, person, method, |way| {
            way.proven_at = Some(at);
            way.broken = None;
        }),
        _ => {}
    }
}

fn put(state: &mut State, at: Timestamp, person: &Person) {
    let known = state.ways.remove(&person.id).unwrap_or_default();
    let way = |method: &Method| {
        let known = known.iter().find(|way| way.is_of(method));
        known.cloned().unwrap_or_else(|| Way::new(method, at))
    };
    state.ways.insert(person.id.clone(), person.methods.iter().map(way).collect());
}

fn of_message(state: &mut State, id: MessageId, with: impl FnOnce(&mut Way)) {
    let Some(message) = state.messages.get(&id).cloned() else { return };
    change(state, &message.person, &message.method, with);
}

fn change(state: &mut State, person: &PersonId, method: &Method, with: impl FnOnce(&mut Way)) {
    let Some(ways) = state.ways.get_mut(person) else { return };
    let Some(way) = ways.iter_mut().find(|way| way.is_of(method)) else { return };
    let was_in_doubt = way.broken.is_some() || way.proven_at.is_none();
    with(way);
    if was_in_doubt {
        state.live.reach_due = None;
    }
}
