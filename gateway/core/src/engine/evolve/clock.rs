//! What a clock that was put back changes: every time that core itself measured or planned moves
//! with it, so that what was to happen in ten seconds happens in ten seconds. Times that people
//! chose, as the end of a shelf, stay what the wall clock shows.

use std::sync::Arc;

use imbl::OrdMap;

use crate::{
    alarm::Alarm,
    device::Presence,
    incident::Incident,
    notification::{outbox::Message, way::Way},
    output::{Order, Orders},
    state::{Live, Path, Reliefs, RuleState, State},
    time::{Span, Timestamp},
    walk_test::WalkTest,
};

/// A clock that is put back by more than this was far ahead: what was told of by its hours was no hand-over.
/// By less, an hour that comes twice is told of once.
const FAR: Span = Span::hours(2);

pub(super) fn put_back(state: &mut State, by: Span) {
    let back = |at: Timestamp| at - by;
    if by > FAR {
        state.reliefs = each(&state.reliefs, |told: &Reliefs| Reliefs {
            upto: back(told.upto),
            reminded: told.reminded.clone(),
        });
    }
    state.rules =
        each(&state.rules, |rule: &RuleState| RuleState { due: rule.due.map(back), ..*rule });
    state.lost = each(&state.lost, |presence| match presence {
        Presence::Lost { since, reason } => Presence::Lost { since: back(*since), reason: *reason },
        Presence::Present => Presence::Present,
    });
    state.alarms = each(&state.alarms, |alarm: &Arc<Alarm>| {
        Arc::new(Alarm {
            raised_at: back(alarm.raised_at),
            cleared_at: alarm.cleared_at.map(back),
            chattering_since: alarm.chattering_since.map(back),
            raisings: alarm.raisings.iter().copied().map(back).collect(),
            ..alarm.as_ref().clone()
        })
    });
    for id in state.open.clone() {
        super::incidents::change(state, id, |incident| put_back_incident(incident, by));
    }
    for id in state.due.clone() {
        if let Some(message) = state.messages.get_mut(&id) {
            let message: &mut Message = Arc::make_mut(message);
            message.not_before = back(message.not_before);
        }
    }
    let all = |times: &Vec<Timestamp>| times.iter().copied().map(back).collect::<Vec<_>>();
    state.turns = each(&state.turns, all);
    state.settled = each(&state.settled, all);
    state.raisings = state.raisings.iter().copied().map(back).collect();
    state.paths = each(&state.paths, |path| Path {
        since: back(path.since),
        tested_at: path.tested_at.map(back),
        proven_at: path.proven_at.map(back),
    });
    state.ways = each(&state.ways, |ways: &Vec<Way>| {
        let known = |way: &Way| Way {
            since: back(way.since),
            proven_at: way.proven_at.map(back),
            ..way.clone()
        };
        ways.iter().map(known).collect::<Vec<_>>()
    });
    state.outputs = each(&state.outputs, |orders: &Arc<Orders>| {
        let moved = |order: &Order| Order {
            at: back(order.at),
            until: order.until.map(back),
            ..order.clone()
        };
        Arc::new(Orders(orders.0.iter().map(moved).collect()))
    });
    state.tests = each(&state.tests, |test: &Arc<WalkTest>| {
        // No clock makes a running test longer.
        let moved = |at: Timestamp| if test.ended.is_none() { back(at) } else { at };
        let (since, until) = (moved(test.since), moved(test.until));
        Arc::new(WalkTest { since, until, ..test.as_ref().clone() })
    });
    put_back_live(&mut state.live, by);
}

fn put_back_incident(incident: &mut Incident, by: Span) {
    let back = |at: Timestamp| at - by;
    incident.opened_at = back(incident.opened_at);
    incident.run.next_step_at = incident.run.next_step_at.map(back);
    incident.run.next_prompt_at = incident.run.next_prompt_at.map(back);
    for going in &mut incident.going {
        going.since = back(going.since);
        going.arrived_at = going.arrived_at.map(back);
    }
}

fn put_back_live(live: &mut Live, by: Span) {
    let back = |at: Timestamp| at - by;
    live.started_at = back(live.started_at);
    live.reliefs_due = None;
    live.heard = each(&live.heard, |at| back(*at));
    live.watch = live.watch.iter().map(|(at, device)| (back(*at), device.clone())).collect();
    live.watched = each(&live.watched, |at| back(*at));
    live.uncovered = each(&live.uncovered, |at| back(*at));
    live.leaving = each(&live.leaving, |(reason, until)| (*reason, back(*until)));
    live.handed_over = each(&live.handed_over, |at| back(*at));
}

fn each<K: Ord + Clone, V: Clone>(map: &OrdMap<K, V>, change: impl Fn(&V) -> V) -> OrdMap<K, V> {
    map.iter().map(|(key, value)| (key.clone(), change(value))).collect()
}
