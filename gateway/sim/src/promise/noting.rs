//! Writing down what is seen.

use gengfu_core::{
    alarm::Source,
    danger::Priority,
    event::{Event, What},
    id::{AlarmId, IncidentId, MessageId},
    input::Input,
    notification::receipt::Receipt,
    point::{Kind, Reading},
    time::Span,
    wiring::Wiring,
};

use super::{
    books::{Books, Call, Sent, key},
    case::{Case, NOBODY, incident_of},
};
use crate::world::seen::{Decided, Moment, Seen};

/// Receipted events that are remembered, per device.
const RECEIPTS: usize = 64;

impl Books {
    /// Writes down what was seen.
    pub fn note(&mut self, at: Moment, seen: Seen<'_>) {
        match seen {
            Seen::Time if at.felt > self.listened + Span::secs(1) => self.listened = at.felt,
            Seen::Started { .. } => {
                if self.put_back_unkept {
                    // Of a second crash before anything was kept, only what came since the first counts.
                    let since = self.unknown_until.max(self.last_kept);
                    let unknown = at.felt.as_millis() - since.as_millis();
                    self.unknowable = self.unknowable + Span::millis(unknown);
                    self.unknown_until = at.felt;
                }
                self.up_since = at.felt;
                self.life += 1;
                let lost = std::mem::take(&mut self.with_channel);
                self.due.extend(lost.into_iter().map(|id| (id, at.felt)));
            }
            Seen::Event(decided, event) => self.event(decided, event),
            Seen::Decided(decided) => self.decided(decided),
            Seen::Receipt(device, origin) => {
                let receipts = self.receipts.entry(device.clone()).or_default();
                receipts.push(origin);
                if receipts.len() > RECEIPTS {
                    receipts.remove(0);
                }
            }
            Seen::Given(message) => {
                if let Some(sent) = self.messages.get_mut(&message.id) {
                    (sent.given, sent.failed) = (Some((at.felt, self.life)), false);
                }
                self.due.remove(&message.id);
                self.with_channel.insert(message.id);
                if message.content.purpose.asks()
                    && let Some(incident) = message.incident
                {
                    self.calls.retain(|call| call.incident != incident);
                    if let Some(case) = self.cases.get_mut(&incident) {
                        case.told = true;
                    }
                }
            }
            Seen::Reported(message, failed) => {
                if let Some(sent) = self.messages.get_mut(&message.id) {
                    sent.failed |= failed;
                }
            }
            Seen::Rests(until) => {
                let restless = until.is_some_and(|until| until <= at.clock);
                self.restless = match self.restless {
                    (clock, times) if restless && clock == at.clock => (clock, times + 1),
                    _ => (at.clock, u32::from(restless)),
                };
            }
            _ => {}
        }
    }

    /// How the gateway's clock goes on.
    pub fn passes(&mut self, at: Moment) {
        let went = at.clock.as_millis() - self.moment.clock.as_millis();
        let felt = at.felt.as_millis() - self.moment.felt.as_millis();
        if went < felt.cast_signed() {
            self.put_back += 1;
            self.put_back_unkept = true;
        }
        let by_clock = at.clock.since(self.moment.clock);
        let in_truth = at.now.since(self.moment.now);
        if by_clock > in_truth + Span::secs(1) {
            self.jumped = at.felt;
        }
        self.moment = at;
    }

    fn decided(&mut self, decided: &Decided) {
        let felt = decided.at.felt;
        if !decided.events.is_empty() && decided.kept {
            self.last_kept = felt;
            self.put_back_unkept = false;
        }
        match &decided.input {
            Input::Heard(device) => drop(self.heard.insert(device.clone(), felt)),
            Input::Reading(reading) => {
                if reading.is_sign_of_life() {
                    self.heard.insert(reading.device(), felt);
                }
                if let Some(origin) = reading.origin {
                    if self.is_fresh(reading) && self.calls_for_help(reading) {
                        self.calls_now(decided, reading);
                    }
                    self.taken.insert((reading.device(), origin));
                }
                if reading.kind == Kind::State || !self.overtaken(reading) {
                    let old = self.contacts.get(&reading.point).and_then(|(_, origin)| *origin);
                    let entry = (reading.sample.clone(), reading.origin.or(old));
                    self.contacts.insert(reading.point.clone(), entry);
                }
            }
            _ => {}
        }
    }

    fn calls_now(&mut self, decided: &Decided, reading: &Reading) {
        let alarms: Vec<AlarmId> = self
            .rules_of(&reading.point)
            .map(|(_, r)| Source::Rule(r.id.clone()).alarm())
            .collect();
        for alarm in alarms {
            let incident = decided.state.alarms.get(&alarm).and_then(|a| a.incident);
            let told = |id: &IncidentId| self.cases.get(id).is_some_and(|case| case.told);
            if let Some(incident) = incident.filter(|id| !told(id)) {
                self.calls.push(Call { alarm, incident, since: decided.at.felt });
            }
        }
    }

    fn event(&mut self, decided: &Decided, event: &Event) {
        let felt = decided.at.felt;
        match &event.what {
            What::Configured(wiring) => self.rewire(felt, wiring),
            What::PersonPut { person, .. } => {
                self.people.insert(person.id.clone(), person.clone());
                self.look_whether_reachable(felt);
            }
            What::RosterPut { roster, .. } => {
                self.rosters.insert(roster.id.clone(), roster.clone());
            }
            What::PolicyPut { policy, .. } => {
                self.policies.insert(policy.id.clone(), policy.clone());
            }
            What::DeviceLost { device, .. } => drop(self.lost.insert(device.clone())),
            What::DeviceFound { device } => drop(self.lost.remove(device)),
            What::OutOfService { device, .. } => drop(self.out.insert(device.clone())),
            What::BackInService { device, .. } => drop(self.out.remove(device)),
            What::AlarmRaised { alarm, .. } => self.raised(decided, alarm),
            What::MessageDue(message) => {
                let wait = message.not_before.since(event.at);
                let sent = Sent { posted: felt, given: None, failed: false, called_off: false };
                self.messages.insert(message.id, sent);
                self.due.insert(message.id, felt + wait);
                if let Some(incident) = message.incident {
                    self.told.insert((incident, key(message)));
                }
            }
            What::MessageCancelled { message } => {
                if let Some(sent) = self.messages.get_mut(message) {
                    sent.called_off = true;
                }
                self.done(*message);
            }
            What::MessageRetried { message, not_before } => {
                if let Some(sent) = self.messages.get_mut(message) {
                    sent.failed = true;
                    self.due.insert(*message, felt + not_before.since(event.at));
                }
            }
            What::Receipted { message, receipt } => {
                self.done(*message);
                if let Receipt::Failed { retry: false, .. } = receipt {
                    let incident = decided.state.messages.get(message).and_then(|m| m.incident);
                    if let Some(case) = incident.and_then(|id| self.cases.get_mut(&id)) {
                        case.freed = true;
                    }
                }
            }
            _ => self.incident(decided, event),
        }
    }

    /// A call in an incident that somebody may have left long since is another call.
    fn raised(&mut self, decided: &Decided, alarm: &AlarmId) {
        let felt = decided.at.felt;
        let vital = self.rule(alarm).is_some_and(|rule| rule.danger.is_vital());
        let incident = decided.state.alarms.get(alarm).and_then(|a| a.incident);
        let case = incident.and_then(|id| self.cases.get(&id));
        let Some(left) = case.and_then(Case::left_due) else { return };
        let surely = vital && felt > self.latest(left);
        if let Some(case) = incident.and_then(|id| self.cases.get_mut(&id)) {
            case.called_again = Some(felt).filter(|felt| *felt >= left).or(case.called_again);
            case.told &= !surely;
        }
    }

    fn incident(&mut self, decided: &Decided, event: &Event) {
        let felt = decided.at.felt;
        if let What::IncidentOpened { incident, danger, priority, place, flood, policy, .. } =
            &event.what
        {
            let case = Case::new(*danger, *priority, place.clone(), *flood, policy.clone(), felt);
            self.cases.insert(*incident, case);
            self.open.insert(*incident);
            return;
        }
        let Some((id, case)) =
            incident_of(&event.what).and_then(|id| Some((id, self.cases.get_mut(&id)?)))
        else {
            return;
        };
        case.note(felt, &event.what);
        if case.ended {
            self.open.remove(&id);
            self.calls.retain(|call| call.incident != id);
        } else if !case.going.is_empty() {
            self.calls.retain(|call| call.incident != id);
        }
        if let What::IncidentJoined { alarm, .. } = &event.what {
            let critical = self.rule(alarm).is_some_and(|r| r.danger.is_vital());
            if let Some(case) = self.cases.get_mut(&id)
                && critical
            {
                case.priority = Priority::Critical;
            }
        }
    }

    fn look_whether_reachable(&mut self, felt: Span) {
        let reachable = self.people.keys().any(|person| !self.ways(person).is_empty());
        if reachable && !self.reachable {
            self.reachable_since = felt + NOBODY;
        }
        self.reachable = reachable;
    }

    fn done(&mut self, message: MessageId) {
        self.due.remove(&message);
        self.with_channel.remove(&message);
    }

    fn rewire(&mut self, felt: Span, wiring: &Wiring) {
        for (id, device) in &wiring.devices {
            let old = self.wiring.devices.get(id).and_then(|d| d.supervision);
            if old != device.supervision {
                self.wired.insert(id.clone(), felt);
            }
        }
        self.lost.retain(|id| wiring.devices.contains_key(id));
        self.contacts
            .retain(|point, _| wiring.devices.contains_key(&gengfu_core::point::device_of(point)));
        self.wiring = wiring.clone();
        self.look_whether_reachable(felt);
        // Ways to people may be gone: the next step may begin at once.
        self.cases.values_mut().for_each(|case| case.freed = true);
    }
}
