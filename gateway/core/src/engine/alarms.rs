//! From a rule that holds, or a silence, to an alarm; and from an alarm to an incident.

use std::collections::BTreeSet;

use crate::{
    alarm::{Alarm, CHATTER_COUNT, CHATTER_QUIET, CHATTER_WINDOW, Source, Subject},
    danger::{Danger, Priority},
    event::What,
    front::Front,
    id::{AlarmId, DeviceId, IncidentId, PlaceId},
    incident::{By, Cause},
    index::RuleOf,
    planted::{self, Bug},
    state::State,
    text::Text,
    time::{Span, Timestamp},
};

use super::Draft;

/// More alarms than this within [`FLOOD_WINDOW`] are a flood (ISA-18.2: 10 in 10 min).
pub(super) const FLOOD_COUNT: usize = 10;
/// See [`FLOOD_COUNT`].
pub(super) const FLOOD_WINDOW: Span = Span::mins(10);

impl RuleOf {
    /// The alarm that this rule raises.
    pub(super) fn alarm(&self) -> AlarmId {
        Source::Rule(self.rule().id.clone()).alarm()
    }
}

impl Draft {
    pub(super) fn raise_rule(&mut self, of: &RuleOf) {
        self.raise(self.subject_of(of));
    }

    fn subject_of(&self, of: &RuleOf) -> Subject {
        let rule = of.rule();
        let place = self.place_of(of.device());
        Subject {
            source: Source::Rule(rule.id.clone()),
            name: rule.name.as_ref().clone(),
            danger: rule.danger,
            priority: if rule.danger.is_vital() { Priority::Critical } else { rule.priority },
            place,
            device: Some(of.device().clone()),
            // Trapped and fire stay until an explicit end of alarm (EN 81-28).
            latching: rule.latched || rule.danger.is_vital(),
        }
    }

    /// An alarm of the gateway's own making: at the site as a whole, of kind fault.
    pub(super) fn raise_fault(&mut self, source: Source, name: Text, priority: Priority) {
        let place = PlaceId::from(self.state.site().as_str());
        let subject = Subject {
            source,
            name,
            danger: Danger::Fault,
            priority,
            place,
            device: None,
            latching: false,
        };
        self.raise(subject);
    }

    pub(super) fn raise(&mut self, subject: Subject) {
        let id = subject.source.alarm();
        let fresh = self.alarm(&id).is_none_or(|a| !a.active);
        let must_pass = subject.must_pass() && !planted::is(Bug::VitalChatters);
        let is_more = self.alarm(&id).is_some_and(|a| subject.is_more_than(&a.subject));
        self.emit(What::AlarmRaised { alarm: id.clone(), subject });
        if is_more {
            self.bring_back(&id);
        }
        if let Some(incident) = self.alarm(&id).and_then(|a| a.incident) {
            self.call_again(incident);
        }
        let Some(alarm) = self.alarm(&id) else { return };
        let chatters = alarm.raisings.len() >= CHATTER_COUNT
            && alarm.raisings.first().is_some_and(|first| self.now.since(*first) <= CHATTER_WINDOW);
        let known = alarm.chattering_since.is_some();
        let tested = self.is_tested(alarm);
        // The raising that makes it chatter opens the incident that stands for all that follow.
        self.admit(&id);
        if chatters && fresh && !must_pass && !known && !tested {
            self.emit(What::AlarmChatters { alarm: id });
        }
    }

    /// What was set aside was something smaller.
    fn bring_back(&mut self, id: &AlarmId) {
        let Some(alarm) = self.alarm(id) else { return };
        let (shelved, chatters) = (alarm.shelved.is_some(), alarm.chattering_since.is_some());
        if shelved {
            self.emit(What::AlarmUnshelved { alarm: id.clone(), by: Self::gateway() });
        }
        if chatters {
            self.emit(What::AlarmSettled { alarm: id.clone() });
        }
    }

    /// Rules that hold, and that tell of another danger or press more since the configuration changed:
    /// that is another alarm.
    pub(super) fn renew_alarms(&mut self) {
        let index = self.state.index.clone();
        for of in index.rules.values() {
            let new = self.subject_of(of);
            let stands = self.alarm(&of.alarm()).filter(|alarm| alarm.active);
            if stands.is_some_and(|alarm| new.is_more_than(&alarm.subject)) {
                self.clear(&of.alarm());
                self.raise(new);
            }
        }
    }

    pub(super) fn clear(&mut self, id: &AlarmId) {
        let Some(alarm) = self.alarm(id).filter(|a| a.active) else { return };
        let incident = alarm.incident;
        self.emit(What::AlarmCleared { alarm: id.clone() });
        if let Some(incident) = incident {
            self.end_if_over(incident);
        }
    }

    /// A part of the gateway itself fails or works again.
    pub(super) fn health(&mut self, part: &str, fault: Option<&Text>) {
        let source = Source::Gateway(part.into());
        match fault {
            Some(words) if self.alarm(&source.alarm()).is_none_or(|a| !a.active) => {
                self.raise_fault(source, words.clone(), Priority::High);
            }
            Some(_) => {}
            None => {
                self.clear(&source.alarm());
                self.uncover(&Front::Part(part.into()));
            }
        }
    }

    /// Shelves, out-of-service times and chattering that are over: what still stands is told now.
    pub(super) fn end_shelves(&mut self) {
        let now = self.now;
        let shelved: Vec<AlarmId> =
            self.alarms(|a| a.shelved.as_ref().is_some_and(|s| s.until <= now));
        for alarm in shelved {
            self.emit(What::AlarmUnshelved { alarm: alarm.clone(), by: Self::gateway() });
            self.admit(&alarm);
        }
        let over = self.state.out_of_service.iter().filter(|(_, o)| o.until <= now);
        for device in over.map(|(d, _)| d.clone()).collect::<Vec<_>>() {
            self.emit(What::BackInService { device: device.clone(), by: Self::gateway() });
            self.admit_device(&device);
        }
        for alarm in self.alarms(|a| chatter_ends(a).is_some_and(|end| end <= now)) {
            let incident = self.alarm(&alarm).and_then(|a| a.incident);
            self.emit(What::AlarmSettled { alarm: alarm.clone() });
            if let Some(incident) = incident {
                self.end_if_over(incident);
            }
            self.admit(&alarm);
        }
    }

    pub(super) fn admit_device(&mut self, device: &DeviceId) {
        for alarm in self.alarms(|a| a.subject.device.as_ref() == Some(device)) {
            self.admit(&alarm);
        }
    }

    pub(super) fn alarm(&self, id: &AlarmId) -> Option<&Alarm> {
        self.state.alarms.get(id).map(AsRef::as_ref)
    }

    pub(super) fn alarms(&self, which: impl Fn(&Alarm) -> bool) -> Vec<AlarmId> {
        self.state.alarms.values().filter(|a| which(a)).map(|a| a.id.clone()).collect()
    }

    fn place_of(&self, device: &DeviceId) -> PlaceId {
        self.state
            .device(device)
            .map_or_else(|| PlaceId::from(self.state.site().as_str()), |d| d.place.clone())
    }

    /// Ends an incident whose alarms have all gone by themselves; never a fire or a trapped one.
    fn end_if_over(&mut self, id: IncidentId) {
        if self.is_over(id, Alarm::stands) {
            self.end(id, Cause::Cleared, String::new(), Self::gateway());
        }
    }

    /// What was set aside by a person is nobody's task until its time aside is over: an incident of
    /// which nothing else is left ends, in that person's name.
    pub(super) fn end_if_aside(&mut self, alarms: &[AlarmId], words: &str, by: &By) {
        let incidents: BTreeSet<IncidentId> =
            alarms.iter().filter_map(|id| self.alarm(id)?.incident).collect();
        for id in incidents {
            let stands = |a: &Alarm| a.stands() && a.shelved.is_none() && !self.is_out(a);
            if self.is_over(id, stands) {
                self.end(id, Cause::Other, words.to_owned(), by.clone());
            }
        }
    }

    fn is_over(&self, id: IncidentId, stands: impl Fn(&Alarm) -> bool) -> bool {
        let Some(incident) = self.state.incidents.get(&id).filter(|i| i.is_open()) else {
            return false;
        };
        // One that became another danger belongs to another incident since.
        let is_its = |a: &Alarm| a.incident == Some(id) && stands(a);
        let left = |alarm: &AlarmId| self.alarm(alarm).is_some_and(is_its);
        let vital = incident.danger.is_vital();
        if planted::is(Bug::RecoveryEndsVital) && vital {
            return !incident.alarms.iter().any(|a| self.alarm(a).is_some_and(|a| a.active));
        }
        !vital && !incident.alarms.iter().any(left)
    }

    /// Its device is out of service.
    pub(super) fn is_out(&self, alarm: &Alarm) -> bool {
        alarm.subject.device.as_ref().is_some_and(|d| self.state.out_of_service.contains_key(d))
    }
}

/// When a chattering alarm is believed again: after it has neither come nor gone for so long.
pub(super) fn chatter_ends(alarm: &Alarm) -> Option<Timestamp> {
    let since = alarm.chattering_since?;
    let last = alarm.cleared_at.unwrap_or(since).max(alarm.raised_at);
    Some(last + CHATTER_QUIET)
}

/// Many alarms came within a short time: the next ordinary one joins the others.
pub(super) fn in_flood(state: &State, now: Timestamp) -> bool {
    state.raisings.iter().filter(|at| now.since(**at) <= FLOOD_WINDOW).count() > FLOOD_COUNT
}
