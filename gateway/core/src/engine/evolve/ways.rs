//! What changes about what is known of the ways to people, and when it is to be looked anew whether
//! those on duty can be reached.

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
            Receipt::Delivered | Receipt::Answered => {
                return of_message(state, *message, |way| way.prove(at));
            }
            Receipt::Accepted { .. } => {
                return of_message(state, *message, |way| way.broken = None);
            }
            Receipt::Failed { .. } | Receipt::Declined { .. } | Receipt::Gone { .. } => return,
        },
        What::WayBroken { message, reason } => {
            let broken = Broken { at, reason: reason.clone() };
            return of_message(state, *message, |way| way.broken = Some(broken));
        }
        What::WayProven { person, method } => {
            return change(state, person, method, |way| way.prove(at));
        }
        What::ReachChecked { next } => {
            state.live.reach_due = Some(*next);
            return;
        }
        What::ClockPutBack { .. }
        | What::Configured(_)
        | What::RosterPut { .. }
        | What::RosterRemoved { .. } => {}
        _ => return,
    }
    state.live.reach_due = None;
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
    let ways = state.ways.get(person).map(Vec::as_slice).unwrap_or_default();
    let Some(at) = ways.iter().position(|way| way.is_of(method)) else { return };
    let mut way = ways[at].clone();
    with(&mut way);
    // Most receipts tell nothing new, and what readers look at is copied only for what does.
    if way == ways[at] {
        return;
    }
    if way.standing() != ways[at].standing() {
        state.live.reach_due = None;
    }
    if let Some(ways) = state.ways.get_mut(person) {
        ways[at] = way;
    }
}
