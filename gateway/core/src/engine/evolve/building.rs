//! What changes about the building: wiring, devices, points, rules.

use std::sync::Arc;

use imbl::OrdSet;

use crate::{
    device::Presence,
    event::What,
    front::Front,
    id::DeviceId,
    planted::{self, Bug},
    point::Reading,
    state::{Board, Live, OutOfService, RuleState, State},
    time::{Span, Timestamp},
};

use super::keep;

/// Between two looks at a device lies at least this.
const SHORTEST: Span = Span::secs(1);

pub(super) fn evolve(state: &mut State, at: Timestamp, what: &What) {
    match what {
        What::Started => {
            state.live = Live { started_at: at, ..Live::default() };
            watch_all(state, at);
        }
        What::Heard { device } => hear(state, at, device),
        What::Leaving { device, reason, until } => {
            state.live.leaving.insert(device.clone(), (*reason, *until));
        }
        What::Sampled(reading) => {
            hear_point(state, at, reading);
            state.live.values.insert(reading.point.clone(), Arc::new(reading.clone()));
        }
        What::Rechecked { device } => {
            unwatch(state, device);
            watch(state, at, device);
        }
        What::Configured(wiring) => {
            state.wiring = Arc::new(wiring.as_ref().clone());
            keep(&mut state.paths, |channel, _| wiring.channels.contains_key(channel));
            for channel in wiring.channels.keys() {
                let path = state.paths.entry(channel.clone()).or_default();
                if path.since == Timestamp::default() {
                    path.since = at;
                }
            }
            rewire(state, at);
        }
        What::DevicePut { device, verifier, .. } => {
            let old = state.boards.get(&device.id).and_then(|board| board.verifier.clone());
            let shared = Arc::new(device.as_ref().clone());
            let board = Board { device: shared, verifier: verifier.clone().or(old) };
            // Another credential goes into another board, which counts its starts from 1 again.
            if state.boards.get(&device.id).is_some_and(|old| old.verifier != board.verifier) {
                state.seen.remove(&device.id);
                state.forget_origins(&device.id);
            }
            state.boards.insert(device.id.clone(), Arc::new(board));
            rewire(state, at);
        }
        What::DeviceRemoved { device, .. } => {
            state.boards.remove(device);
            state.seen.remove(device);
            state.out_of_service.remove(device);
            rewire(state, at);
        }
        What::PointChanged(reading) => {
            hear_point(state, at, reading);
            // An event that was overtaken by a newer one is kept, but does not turn the point back.
            let newest = !state.overtaken(reading);
            if let Some(origin) = reading.origin {
                state.seen.entry(reading.device()).or_default().insert(origin);
            }
            if newest {
                let reading = Arc::new(reading.clone());
                state.points.insert(reading.point.clone(), reading.clone());
                state.live.values.insert(reading.point.clone(), reading);
            }
        }
        What::RulePending { rule, due, .. } => {
            let entry =
                state.rules.entry(rule.clone()).or_insert(RuleState { holds: false, due: None });
            entry.due = Some(*due);
        }
        What::RuleKept { rule } => match state.rules.get(rule).map(|r| r.holds) {
            Some(true) => {
                state.rules.insert(rule.clone(), RuleState { holds: true, due: None });
            }
            _ => {
                state.rules.remove(rule);
            }
        },
        What::RuleSettled { rule, holds: true } => {
            state.rules.insert(rule.clone(), RuleState { holds: true, due: None });
        }
        What::RuleSettled { rule, holds: false } => {
            state.rules.remove(rule);
        }
        What::DeviceLost { device, reason } => {
            unwatch(state, device);
            state.live.leaving.remove(device);
            state.lost.insert(device.clone(), Presence::Lost { since: at, reason: *reason });
        }
        What::DeviceFound { device } => {
            state.lost.remove(device);
            state.live.heard.insert(device.clone(), at);
            watch(state, at, device);
            uncover(state, at, &Front::Device(device.clone()));
        }
        What::OutOfService { device, until, reason, by } => {
            let entry =
                OutOfService { since: at, until: *until, reason: reason.clone(), by: by.clone() };
            state.out_of_service.insert(device.clone(), entry);
        }
        What::BackInService { device, .. } => {
            state.out_of_service.remove(device);
        }
        _ => {}
    }
}

/// Any word of a device is a sign of life, an old one that was queued as well.
fn hear_point(state: &mut State, at: Timestamp, reading: &Reading) {
    if reading.is_sign_of_life() {
        let device = state.index.device_of.get(&reading.point).cloned();
        hear(state, at, &device.unwrap_or_else(|| reading.device()));
    }
}

fn hear(state: &mut State, at: Timestamp, device: &DeviceId) {
    if state.live.leaving.remove(device).is_some() {
        state.live.deadline = None;
    }
    state.live.heard.insert(device.clone(), at);
    // Its word came through what stands in front of it.
    let through = |front: &Front| match front {
        Front::Device(front) => Some(front.clone()),
        Front::Part(_) => None,
    };
    let fronts: Vec<DeviceId> = state.fronts(device).filter_map(through).collect();
    for front in fronts {
        if state.live.leaving.remove(&front).is_some() {
            state.live.deadline = None;
        }
        state.live.heard.insert(front, at);
    }
}

/// What stood in front of devices is there again: each has its whole supervision time from now on, once
/// between two words of its own. Otherwise a bridge that starts anew every night would put off for ever
/// that a dead sensor behind it is missed.
pub(super) fn uncover(state: &mut State, at: Timestamp, front: &Front) {
    for device in state.behind(front) {
        let last = state.live.uncovered.get(&device);
        let heard = state.live.heard.get(&device);
        if last.is_none_or(|last| heard.is_some_and(|heard| heard > last)) {
            state.live.uncovered.insert(device.clone(), at);
        }
        unwatch(state, &device);
        watch(state, at, &device);
    }
}

/// After the wiring or the boards changed: look-ups, what is no longer there, and who is watched.
fn rewire(state: &mut State, at: Timestamp) {
    state.reindex();
    let index = state.index.clone();
    keep(&mut state.rules, |rule, _| index.rules.contains_key(rule));
    keep(&mut state.points, |point, _| index.device_of.contains_key(point));
    keep(&mut state.live.values, |point, _| index.device_of.contains_key(point));
    let known: OrdSet<DeviceId> = state.devices().map(|d| d.id.clone()).collect();
    keep(&mut state.lost, |device, _| known.contains(device));
    // One that is running ends first, and its incidents with it.
    keep(&mut state.tests, |device, test| test.ended.is_none() || known.contains(device));
    keep(&mut state.live.heard, |device, _| known.contains(device));
    keep(&mut state.live.leaving, |device, _| known.contains(device));
    keep(&mut state.live.uncovered, |device, _| known.contains(device));
    rewatch(state, at);
}

fn watch_all(state: &mut State, at: Timestamp) {
    let devices: Vec<DeviceId> = state.devices().map(|d| d.id.clone()).collect();
    for device in &devices {
        watch(state, at, device);
    }
}

/// Keeps the looks that are planned. A device that is new, or has less time than before, gets that
/// time in full from now on; one that has more is found to have been heard when its look comes.
fn rewatch(state: &mut State, at: Timestamp) {
    let planned = std::mem::take(&mut state.live.watched);
    state.live.watch = OrdSet::new();
    let supervised: Vec<(DeviceId, Span)> =
        state.devices().filter_map(|d| Some((d.id.clone(), d.supervision?))).collect();
    for (device, supervision) in supervised {
        let full = at + supervision;
        let look = planned.get(&device).map_or(full, |planned| full.min(*planned));
        if !state.lost.contains_key(&device) {
            look_at(state, look, &device);
        }
    }
}

/// Looks at a supervised device again when it could first be missed. One that was heard too long
/// ago, or not since the start, has its full time from now.
fn watch(state: &mut State, at: Timestamp, device: &DeviceId) {
    let supervision = state.device(device).and_then(|d| d.supervision);
    let (Some(supervision), false) = (supervision, state.lost.contains_key(device)) else { return };
    // What was not heard since the start is missed from then on, however often it is looked at.
    let heard = state.live.awaited_since(device);
    let factor = if planted::is(Bug::SilenceTwiceAsLong) { 2 } else { 1 };
    let missed = heard + supervision.times(factor);
    // Never at this very instant: with no time at all it would be looked at for ever.
    let full = at + supervision.max(SHORTEST);
    look_at(state, if missed > at { missed } else { full }, device);
}

fn look_at(state: &mut State, when: Timestamp, device: &DeviceId) {
    unwatch(state, device);
    state.live.watch.insert((when, device.clone()));
    state.live.watched.insert(device.clone(), when);
}

fn unwatch(state: &mut State, device: &DeviceId) {
    if let Some(when) = state.live.watched.remove(device) {
        state.live.watch.remove(&(when, device.clone()));
    }
}
