//! What changes about walk tests, and what receipts and answers tick off in them.

use std::sync::Arc;

use crate::{
    escalation::policy::Policy,
    event::{WalkTest as News, What},
    id::{DeviceId, IncidentId},
    incident::Incident,
    notification::receipt::Receipt,
    state::State,
    time::Timestamp,
    walk_test::{TestEnd, Ticks, WalkTest},
};

use super::incidents;

pub(super) fn evolve(state: &mut State, at: Timestamp, what: &What) {
    match what {
        What::WalkTest(news) => decided(state, at, news),
        What::Receipted { message, receipt } => {
            let message = state.messages.get(message).filter(|message| message.content.test);
            let Some(message) = message.cloned() else { return };
            match receipt {
                Receipt::Accepted { .. } => tick(state, message.incident, |ticks| {
                    ticks.carried.get_or_insert(at);
                }),
                Receipt::Delivered | Receipt::Answered => {
                    reached(state, at, message.incident, message.channel().as_str());
                }
                _ => {}
            }
        }
        What::Acknowledged { incident, by, .. } | What::Arrived { incident, by, .. } => {
            reached(state, at, Some(*incident), &by.through);
        }
        _ => {}
    }
}

fn decided(state: &mut State, at: Timestamp, news: &News) {
    match news {
        News::Begun { device, until, by } => {
            let running = state.test_of(device, at).is_some();
            match state.tests.get_mut(device).filter(|_| running) {
                Some(test) => Arc::make_mut(test).until = *until,
                None => {
                    let test = WalkTest {
                        by: by.clone(),
                        since: at,
                        until: *until,
                        ended: None,
                        inputs: Default::default(),
                    };
                    state.tests.insert(device.clone(), Arc::new(test));
                }
            }
        }
        News::Touched { device, point, active } => change(state, device, |test| {
            let ticks = test.inputs.entry(point.clone()).or_default();
            let seen = if *active { &mut ticks.active } else { &mut ticks.idle };
            seen.get_or_insert(at);
        }),
        News::Opened { device, incident, points, .. } => {
            open(state, at, news);
            change(state, device, |test| {
                for point in points {
                    let ticks = test.inputs.entry(point.clone()).or_default();
                    ticks.raised.get_or_insert(at);
                    ticks.incident = Some(*incident);
                }
            });
        }
        News::Ended { device, by, measured } => {
            if state.device(device).is_none() {
                state.tests.remove(device);
            }
            change(state, device, |test| {
                test.ended = Some(TestEnd { at, by: by.clone(), measured: measured.clone() });
            });
        }
    }
}

/// An incident as any other, but that nobody is asked for it but who tests, and nothing of it falls due.
fn open(state: &mut State, at: Timestamp, news: &News) {
    let News::Opened { device, incident, alarm, danger, priority, place, place_name, what, .. } =
        news
    else {
        return;
    };
    let tester = state.tests.get(device).and_then(|test| test.by.person.clone());
    let people: Vec<_> = tester.into_iter().collect();
    let (id, alarm) = (*incident, alarm.clone());
    let opened = What::IncidentOpened {
        incident: id,
        danger: *danger,
        priority: *priority,
        place: place.clone(),
        place_name: place_name.clone(),
        what: what.clone(),
        flood: false,
        policy: Policy::walk_test(&people),
    };
    let joined = What::IncidentJoined { incident: id, alarm };
    let asked = What::StepStarted { incident: id, step: 0, round: 0, people, next_step_at: at };
    for step in [opened, joined, asked] {
        incidents::evolve(state, at, &step);
    }
    incidents::change(state, id, |incident: &mut Incident| {
        incident.test = Some(device.clone());
        incident.run.next_step_at = None;
        incident.run.next_prompt_at = None;
    });
}

fn reached(state: &mut State, at: Timestamp, incident: Option<IncidentId>, through: &str) {
    tick(state, incident, |ticks| {
        if ticks.reached.is_none() {
            ticks.reached = Some(at);
            ticks.through = Some(through.to_owned());
        }
    });
}

/// Ticks the inputs whose alarm opened this test incident.
fn tick(state: &mut State, incident: Option<IncidentId>, with: impl Fn(&mut Ticks)) {
    let Some(id) = incident else { return };
    let device = state.incidents.get(&id).and_then(|incident| incident.test.clone());
    let Some(device) = device else { return };
    change(state, &device, |test| {
        test.inputs.values_mut().filter(|ticks| ticks.incident == Some(id)).for_each(with);
    });
}

fn change(state: &mut State, device: &DeviceId, with: impl FnOnce(&mut WalkTest)) {
    if let Some(test) = state.tests.get_mut(device) {
        with(Arc::make_mut(test));
    }
}
