//! Supervision: a device that goes quiet is an alarm of its own.

use std::sync::Arc;

use crate::{
    alarm::{Source, Subject},
    danger::Danger,
    device::Device,
    event::What,
    front::Front,
    id::DeviceId,
    planted::{self, Bug},
    point::NoData,
    text::Text,
    time::Span,
    wiring::Wiring,
};

use super::Draft;

/// A board whose will arrived may only be changing its cable: it has this long to come back.
const LEAVING_GRACE: Span = Span::secs(20);

/// A look that comes later than this after its time says nothing about the device.
const LATE: Span = Span::secs(30);

impl Draft {
    pub(super) fn configure(&mut self, wiring: &Wiring) {
        if *self.state.wiring == *wiring {
            // What was read back from the journal is a second copy of what the sender holds: one is let go.
            self.state.wiring = Arc::new(wiring.clone());
            self.state.reindex();
            return;
        }
        let mut wiring = wiring.clone();
        // A setpoint that is no number can't be kept in the journal, nor ever be reached.
        for (id, device) in wiring.devices.clone() {
            if device.rules.iter().any(|r| !r.when.is_finite()) {
                let rules = device.rules.iter().filter(|r| r.when.is_finite()).cloned().collect();
                let device = Device { rules, ..device.as_ref().clone() };
                wiring.devices.insert(id, Arc::new(device));
            }
        }
        self.emit(What::Configured(Box::new(wiring)));
        self.clear_orphans();
        self.forget_outputs();
        self.fail_orphans();
        self.evaluate_all();
        self.renew_alarms();
    }

    /// Alarms whose rule, device or channel is gone from the configuration can't clear by themselves.
    pub(super) fn clear_orphans(&mut self) {
        let state = self.state.clone();
        let orphans = self.alarms(|alarm| match &alarm.subject.source {
            Source::Rule(rule) => !state.index.rules.contains_key(rule),
            Source::Quiet(device) => state.device(device).is_none(),
            Source::Channel(channel) | Source::Line(channel) | Source::PathTest(channel) => {
                !state.wiring.channels.contains_key(channel)
            }
            Source::Person(_) | Source::Gateway(_) => false,
        });
        for alarm in orphans {
            self.clear(&alarm);
        }
        self.end_void_walk_tests(&Self::gateway());
        // Nobody misses a device any more that is no longer supervised.
        let supervised =
            |d: &DeviceId| self.state.device(d).is_some_and(|d| d.supervision.is_some());
        let unwatched: Vec<DeviceId> =
            self.state.lost.keys().filter(|d| !supervised(d)).cloned().collect();
        for device in unwatched {
            self.find(&device);
        }
    }

    pub(super) fn hear(&mut self, device: &DeviceId) {
        if self.state.device(device).is_some() {
            self.find(device);
            self.find_fronts(device);
            if planted::is(Bug::HeartbeatUnheard) {
                return;
            }
            self.emit(What::Heard { device: device.clone() });
        }
    }

    /// A sign of life of a device that was lost.
    pub(super) fn find(&mut self, device: &DeviceId) {
        if self.state.lost.contains_key(device) {
            self.emit(What::DeviceFound { device: device.clone() });
            self.clear(&Source::Quiet(device.clone()).alarm());
            // What it said before is believed again, until it says otherwise.
            self.evaluate_device(device);
            self.uncover(&Front::Device(device.clone()));
        }
    }

    pub(super) fn leave(&mut self, device: &DeviceId, reason: NoData) {
        let Some(known) = self.state.device(device) else { return };
        // A second report does not start the grace anew.
        let going = self.state.live.leaving.contains_key(device);
        if known.supervision.is_some() && !self.state.lost.contains_key(device) && !going {
            let until = self.now + LEAVING_GRACE;
            self.emit(What::Leaving { device: device.clone(), reason, until });
        }
    }

    /// Devices whose time has come: heard meanwhile, or lost.
    pub(super) fn supervise(&mut self) {
        let gone: Vec<(DeviceId, NoData)> = self
            .state
            .live
            .leaving
            .iter()
            .filter(|(_, (_, until))| *until <= self.now)
            .map(|(device, (reason, _))| (device.clone(), *reason))
            .collect();
        for (device, reason) in gone {
            // What its own word is worth shows when what stands in front of it is there again.
            if self.is_covered(&device) {
                self.emit(What::Leaving { device, reason, until: self.now + LEAVING_GRACE });
            } else {
                self.lose(&device, reason);
            }
        }
        while let Some((at, device)) = self.state.live.watch.get_min().cloned() {
            if at > self.now {
                break;
            }
            // Whoever looks late (a process that stood still, a clock that leapt) can't tell a
            // silent device from a silent gateway: it has its time once more.
            if self.now.since(at) > LATE {
                self.emit(What::Rechecked { device });
                continue;
            }
            let supervision = self.state.device(&device).and_then(|d| d.supervision);
            let live = &self.state.live;
            let heard = live.awaited_since(&device).max(live.started_at);
            let deaf = planted::is(Bug::DeafToSilence) || self.is_covered(&device);
            if deaf || supervision.is_some_and(|limit| self.now.since(heard) < limit) {
                self.emit(What::Rechecked { device });
            } else {
                self.lose(&device, NoData::Silent);
            }
        }
    }

    fn lose(&mut self, id: &DeviceId, reason: NoData) {
        self.emit(What::DeviceLost { device: id.clone(), reason });
        let Some(device) = self.state.device(id).cloned() else { return };
        let silent = |name: &str, words: &str| format!("{name}{words}");
        self.raise(Subject {
            source: Source::Quiet(id.clone()),
            name: Text {
                zh: silent(device.name.get(crate::text::Language::Zh), "没有信号"),
                en: silent(device.name.get(crate::text::Language::En), " is silent"),
            },
            danger: Danger::Fault,
            priority: device.silence_priority,
            place: device.place.clone(),
            device: Some(id.clone()),
            latching: false,
        });
        self.evaluate_device(id);
    }
}
