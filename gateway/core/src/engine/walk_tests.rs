//! Walk tests: who may begin one, what is seen in it, whom its alarms reach, and that nothing real is
//! lost by it.

use std::sync::Arc;

use crate::{
    alarm::{Alarm, Source},
    event::{WalkTest as News, What},
    id::{DeviceId, IncidentId, PointId},
    incident::{By, Cause},
    notification::outbox::{Content, Purpose},
    point::Reading,
    refusal::Refusal,
    state::State,
    time::Timestamp,
    walk_test::{LONGEST, SHORTEST, WalkTest, comparisons, marked},
};

use super::{Draft, incidents::place_name};

impl Draft {
    pub(super) fn begin_walk_test(
        &mut self,
        device: &DeviceId,
        until: Timestamp,
        by: &By,
    ) -> Result<(), Refusal> {
        self.known_device(device)?;
        let person = self.known(by)?;
        if until < self.now + SHORTEST || until > self.now + LONGEST {
            let words = format!("a walk test lasts {SHORTEST} to {LONGEST}");
            return Err(Refusal::Invalid(words));
        }
        if let Some(out) = self.state.out_of_service.get(device) {
            return Err(Refusal::Invalid(format!(
                "{device} is out of service, so none of its alarms is raised: {}. Put it back into service first",
                out.reason
            )));
        }
        if let Some(other) = self.state.tester(device, self.now).filter(|other| **other != person) {
            return Err(Refusal::InUse {
                what: "device",
                name: device.to_string(),
                user: format!("the walk test of {}", self.person_name(other)),
            });
        }
        // What is real stays real, and is dealt with first.
        if let Some(incident) = self.real_incident_of(device) {
            return Err(Refusal::InUse {
                what: "device",
                name: device.to_string(),
                user: format!("incident {incident}, which is no test and is not over"),
            });
        }
        let (device, by) = (device.clone(), by.clone());
        self.emit(What::WalkTest(News::Begun { device, until, by }));
        Ok(())
    }

    pub(super) fn stop_walk_test(&mut self, device: &DeviceId, by: &By) -> Result<(), Refusal> {
        self.known(by)?;
        if self.state.test_of(device, self.now).is_none() {
            return Err(Refusal::Unknown { what: "walk test", name: device.to_string() });
        }
        self.end_walk_test(device, by);
        Ok(())
    }

    fn real_incident_of(&self, device: &DeviceId) -> Option<IncidentId> {
        let its = |alarm: &&Arc<Alarm>| alarm.subject.device.as_ref() == Some(device);
        let mut incidents = self.state.alarms.values().filter(its).filter_map(|a| a.incident);
        incidents.find(|id| self.state.incidents.get(id).is_some_and(|i| i.test.is_none()))
    }

    /// Notes what a reading shows of an input of a device that is tested.
    pub(super) fn touch(&mut self, device: &DeviceId, reading: &Reading) {
        let Some(test) = self.state.test_of(device, self.now) else { return };
        let point = &reading.point;
        let Some(active) = self.state.is_active(device, point, &reading.sample) else { return };
        let ticks = test.inputs.get(point).cloned().unwrap_or_default();
        if (if active { ticks.active } else { ticks.idle }).is_none() {
            let (device, point) = (device.clone(), point.clone());
            self.emit(What::WalkTest(News::Touched { device, point, active }));
        }
    }

    /// True where an alarm belongs to a test that is running. What stood before it is real, as what
    /// comes off the shelf meanwhile.
    pub(super) fn is_tested(&self, alarm: &Alarm) -> bool {
        let device = alarm.subject.device.as_ref();
        let test = device.and_then(|device| self.state.test_of(device, self.now));
        test.is_some_and(|test| alarm.raised_at >= test.since)
    }

    /// An alarm of a device that is tested: an incident of its own, and only who tests is told, through
    /// all they have. They are awake, and it is no part of what may be sent to them otherwise.
    pub(super) fn admit_to_test(&mut self, alarm: &Alarm) {
        let subject = &alarm.subject;
        let Some(device) = subject.device.clone() else { return };
        let Some(tester) = self.state.tester(&device, self.now).cloned() else { return };
        let incident = self.state.next_incident;
        let place_name = place_name(&self.state, &subject.place);
        self.emit(What::WalkTest(News::Opened {
            points: self.points_behind(&device, alarm),
            device,
            incident,
            alarm: alarm.id.clone(),
            danger: subject.danger,
            priority: subject.priority,
            place: subject.place.clone(),
            place_name: place_name.clone(),
            what: marked(&subject.name),
        }));
        let Some(person) = self.state.people.get(&tester).cloned() else { return };
        for method in self.methods(&person) {
            let content = Content {
                purpose: Purpose::Alert { step: 0, round: 0 },
                what: marked(&subject.name),
                place: place_name.clone(),
                since: self.now,
                danger: subject.danger,
                priority: subject.priority,
                test: true,
            };
            self.post(Some(incident), &person, method, content, self.now);
        }
    }

    /// The inputs that raised an alarm: those that are as it wants them, or where none is so any more
    /// (an old press that came late), those that were.
    fn points_behind(&self, device: &DeviceId, alarm: &Alarm) -> Vec<PointId> {
        let state = &self.state;
        let Source::Rule(rule) = &alarm.subject.source else { return vec![] };
        let Some(of) = state.index.rules.get(rule) else { return vec![] };
        let when = &of.rule().when;
        let mut asked: Vec<PointId> = when
            .points()
            .into_iter()
            .filter(|point| state.index.device_of.get(*point) == Some(device))
            .filter(|point| !comparisons(when, point).is_empty())
            .cloned()
            .collect();
        asked.sort();
        asked.dedup();
        let holds = |point: &&PointId| {
            let now = |id: &PointId| (id == *point).then(|| state.sample(id)).flatten();
            comparisons(when, point).iter().any(|c| c.holds(false, &now) == Some(true))
        };
        let active: Vec<PointId> = asked.iter().filter(holds).cloned().collect();
        if !active.is_empty() {
            return active;
        }
        let test = state.tests.get(device);
        let was = |point: &PointId| {
            test.and_then(|t| t.inputs.get(point)).is_some_and(|ticks| ticks.active.is_some())
        };
        asked.retain(was);
        asked
    }

    /// Tests whose time is over.
    pub(super) fn end_walk_tests(&mut self) {
        let now = self.now;
        let over = self.state.tests.iter().filter(|(_, t)| t.ended.is_none() && t.until <= now);
        for device in over.map(|(device, _)| device.clone()).collect::<Vec<_>>() {
            self.end_walk_test(&device, &Self::gateway());
        }
    }

    /// Tests of devices that are gone, or that nobody hears an alarm of any more: nor does a tester who
    /// is removed.
    pub(super) fn end_void_walk_tests(&mut self, by: &By) {
        let state = &self.state;
        let void = |device: &DeviceId, test: &WalkTest| {
            let tester = test.by.person.as_ref();
            state.device(device).is_none()
                || state.out_of_service.contains_key(device)
                || !tester.is_some_and(|person| state.people.contains_key(person))
        };
        let running = state.tests.iter().filter(|(_, test)| test.ended.is_none());
        let void: Vec<DeviceId> =
            running.filter(|(d, test)| void(d, test)).map(|(d, _)| d.clone()).collect();
        for device in void {
            self.end_walk_test(&device, by);
        }
    }

    /// The test is over, and with it everything that it opened. What was raised in it and is still so is
    /// an alarm like any other from now on: those on duty are told at once.
    fn end_walk_test(&mut self, device: &DeviceId, by: &By) {
        let Some(test) = self.state.tests.get(device).filter(|test| test.ended.is_none()) else {
            return;
        };
        let since = test.since;
        let measured = self.state.device(device).map(|known| self.state.measured(known));
        let measured = measured.unwrap_or_default();
        self.emit(What::WalkTest(News::Ended { device: device.clone(), by: by.clone(), measured }));
        let its = |incident: &IncidentId| {
            let incident = self.state.incidents.get(incident);
            incident.is_some_and(|incident| incident.test.as_ref() == Some(device))
        };
        let opened: Vec<IncidentId> = self.state.open.iter().copied().filter(its).collect();
        for incident in opened {
            self.end(incident, Cause::Drill, String::new(), by.clone());
        }
        let stands = self.alarms(|alarm| {
            let raised = alarm.active && alarm.incident.is_none() && alarm.raised_at >= since;
            raised && alarm.subject.device.as_ref() == Some(device)
        });
        for alarm in stands {
            if let Some(alarm) = self.alarm(&alarm).cloned() {
                self.raise(alarm.subject);
            }
        }
    }
}

/// When the first test ends by itself.
pub(super) fn next_end(state: &State) -> Option<Timestamp> {
    state.tests.values().filter(|test| test.ended.is_none()).map(|test| test.until).min()
}
