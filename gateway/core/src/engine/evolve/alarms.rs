//! What changes about alarms.

use std::sync::Arc;

use imbl::OrdMap;

use crate::{
    alarm::{Alarm, CHATTER_COUNT, CHATTER_WINDOW, Shelf, Source},
    event::What,
    front::Front,
    id::AlarmId,
    incident::{By, Happened},
    planted::{self, Bug},
    state::State,
    time::Timestamp,
};

use super::{building, incidents::note, keep};
use crate::engine::alarms::{FLOOD_COUNT, FLOOD_WINDOW};

/// Alarms whose last raisings are remembered after they went; more than these are a storm, which
/// the flood guard deals with.
const SETTLED_LIMIT: usize = 1000;

pub(super) fn evolve(state: &mut State, at: Timestamp, what: &What) {
    match what {
        What::AlarmRaised { alarm: id, subject } => {
            // What somebody raises to see whether it rings neither chatters nor floods.
            let tested = subject.device.as_ref().is_some_and(|d| state.test_of(d, at).is_some());
            let mut alarm = state.alarms.get(id).map_or_else(
                || Alarm {
                    id: id.clone(),
                    subject: subject.clone(),
                    active: false,
                    acknowledged: false,
                    latched: false,
                    shelved: None,
                    chattering_since: None,
                    raised_at: at,
                    cleared_at: None,
                    raisings: state.settled.get(id).cloned().unwrap_or_default(),
                    incident: None,
                },
                |alarm| alarm.as_ref().clone(),
            );
            // Once its incident is over, another call of a stuck button is a new one.
            alarm.acknowledged &= alarm.active && alarm.incident.is_some();
            alarm.subject = subject.clone();
            alarm.active = true;
            alarm.latched = subject.latching;
            alarm.raised_at = at;
            alarm.cleared_at = None;
            if !tested {
                alarm.raisings.push(at);
            }
            if alarm.raisings.len() > CHATTER_COUNT {
                alarm.raisings.remove(0);
            }
            if let Some(incident) = alarm.incident {
                let happened = Happened::AlarmRaised { alarm: id.clone() };
                note(state, incident, at, happened, By::gateway());
            }
            state.settled.remove(id);
            state.alarms.insert(id.clone(), Arc::new(alarm));
            if !subject.must_pass() && !tested {
                state.raisings.push_back(at);
                while state.raisings.len() > FLOOD_COUNT + 1
                    || state.raisings.front().is_some_and(|first| at.since(*first) > FLOOD_WINDOW)
                {
                    state.raisings.pop_front();
                }
            }
        }
        What::AlarmCleared { alarm: id } => {
            change(state, id, |alarm| {
                alarm.active = false;
                alarm.cleared_at = Some(at);
            });
            if let Some(incident) = state.alarms.get(id).and_then(|a| a.incident) {
                let happened = Happened::AlarmCleared { alarm: id.clone() };
                note(state, incident, at, happened, By::gateway());
            }
            if let Some(Source::Gateway(part)) = state.alarms.get(id).map(|a| &a.subject.source) {
                building::uncover(state, at, &Front::Part(part.clone()));
            }
            drop_normal(state, at, id);
        }
        What::AlarmAcknowledged { alarm, .. } => {
            change(state, alarm, |alarm| {
                alarm.acknowledged = true;
                // Without an incident to end, acknowledging is also the explicit reset.
                alarm.latched &= alarm.active || alarm.incident.is_some();
            });
            drop_normal(state, at, alarm);
        }
        What::AlarmShelved { alarm, until, by } => {
            change(state, alarm, |a| {
                a.shelved = Some(Shelf { until: *until, by: by.person.clone() })
            });
        }
        What::AlarmUnshelved { alarm, .. } => {
            change(state, alarm, |a| a.shelved = None);
            drop_normal(state, at, alarm);
        }
        What::AlarmChatters { alarm } => change(state, alarm, |a| a.chattering_since = Some(at)),
        What::AlarmSettled { alarm } => {
            change(state, alarm, |a| a.chattering_since = None);
            drop_normal(state, at, alarm);
        }
        _ => {}
    }
}

pub(super) fn change(state: &mut State, id: &AlarmId, with: impl FnOnce(&mut Alarm)) {
    if let Some(alarm) = state.alarms.get_mut(id) {
        with(Arc::make_mut(alarm));
    }
}

/// An alarm that is wholly normal again is forgotten: memory stays bounded by what is wrong. Its
/// last raisings are kept as long as they tell whether it chatters.
pub(super) fn drop_normal(state: &mut State, at: Timestamp, id: &AlarmId) {
    let normal = state.alarms.get(id).is_some_and(|a| {
        !a.stands() && a.acknowledged && a.shelved.is_none() && a.incident.is_none()
    });
    let normal = normal && !planted::is(Bug::NormalKept);
    if let Some(alarm) = state.alarms.get(id).filter(|_| normal).cloned() {
        state.alarms.remove(id);
        state.settled.insert(id.clone(), alarm.raisings.clone());
        if state.settled.len() > SETTLED_LIMIT {
            let fresh = |raisings: &Vec<Timestamp>| {
                raisings.last().is_some_and(|last| at.since(*last) <= CHATTER_WINDOW)
            };
            keep(&mut state.settled, |_, raisings| fresh(raisings));
            if state.settled.len() > SETTLED_LIMIT {
                state.settled = OrdMap::new();
            }
        }
    }
}
