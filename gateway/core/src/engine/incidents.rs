//! From an alarm to an incident, and what people do about it.

use std::sync::Arc;

use crate::{
    alarm::{Alarm, Subject},
    danger::{Danger, Priority},
    escalation::policy::Policy,
    event::What,
    id::{AlarmId, IncidentId, PersonId, PlaceId},
    incident::{By, Cause, Incident},
    notification::outbox::{Message, Purpose},
    planted::{self, Bug},
    refusal::Refusal,
    site,
    text::Text,
};

use super::{Draft, alarms::in_flood};

impl Draft {
    /// Makes an alarm somebody's task, unless it is set aside, too small, or already one.
    pub(super) fn admit(&mut self, id: &AlarmId) {
        let Some(alarm) = self.state.alarms.get(id).cloned() else { return };
        let subject = &alarm.subject;
        let out = self.is_out(&alarm);
        let told = alarm.incident.is_some_and(|id| self.is_part_of(subject, id));
        let stands = alarm.active || alarm.latched;
        if told
            || !stands
            || alarm.chattering_since.is_some()
            || out
            || alarm.shelved.is_some()
            || subject.priority == Priority::Low
        {
            return;
        }
        if self.is_tested(&alarm) {
            return self.admit_to_test(&alarm);
        }
        let passes = subject.must_pass() && !planted::is(Bug::FloodTakesVital);
        let flood = !passes && in_flood(&self.state, self.now);
        let same = |i: &&Arc<Incident>| {
            let real = !i.flood && i.test.is_none();
            real && i.danger == subject.danger && i.place == subject.place
        };
        let open = || self.state.open_incidents();
        let gathers = || open().find(|i| flood && i.flood);
        let joined = open().find(same).or_else(gathers).map(|incident| incident.id);
        if let Some(incident) = joined {
            return self.join(incident, &alarm);
        }
        let root = PlaceId::from(self.state.site().as_str());
        let (danger, place, what) = if flood {
            (Danger::Fault, root, Text::new("短时间内报警过多", "Many alarms at once"))
        } else {
            (subject.danger, subject.place.clone(), subject.name.clone())
        };
        let incident = self.state.next_incident;
        let place_name = place_name(&self.state, &place);
        let policy = self.policy_for(danger, &place);
        let priority = subject.priority;
        self.emit(What::IncidentOpened {
            incident,
            danger,
            priority,
            place,
            place_name,
            what,
            flood,
            policy,
        });
        self.emit(What::IncidentJoined { incident, alarm: id.clone() });
        self.start_step(incident, 0, 0);
    }

    /// An alarm and an incident are of one kind, so that whoever deals with the one deals with the other.
    fn is_part_of(&self, subject: &Subject, incident: IncidentId) -> bool {
        self.state.incidents.get(&incident).is_some_and(|i| match i.flood {
            true => !subject.must_pass(),
            false => i.test.is_some() || i.danger == subject.danger,
        })
    }

    /// An alarm more of an incident that is open.
    fn join(&mut self, id: IncidentId, alarm: &Alarm) {
        let Ok(before) = self.open_incident(id) else { return };
        let subject = &alarm.subject;
        self.emit(What::IncidentJoined { incident: id, alarm: alarm.id.clone() });
        // What wakes people ends the rest that the incident had until now.
        if before.run.rests && subject.must_pass() {
            self.start_step(id, before.run.step, before.run.round);
        }
        self.call_again(id);
        let Ok(incident) = self.open_incident(id) else { return };
        // Whoever is going must know that it has grown, and whoever is asked that it presses more now.
        let mut people: Vec<PersonId> = incident.going.iter().map(|g| g.person.clone()).collect();
        if subject.must_pass() && !before.must_pass() && people.is_empty() && !before.run.rests {
            people = incident.still_asked();
        }
        for person in people.iter().filter(|_| !incident.flood) {
            let purpose = Purpose::Alert { step: incident.run.step, round: incident.run.round };
            self.tell_about(id, person, purpose, Some(subject.name.clone()));
        }
    }

    fn policy_for(&self, danger: Danger, place: &PlaceId) -> Policy {
        policy_for(&self.state, danger, place)
    }

    pub(super) fn open_incident(&self, id: IncidentId) -> Result<Arc<Incident>, Refusal> {
        let incident = self
            .state
            .incidents
            .get(&id)
            .ok_or_else(|| Refusal::Unknown { what: "incident", name: id.to_string() })?;
        match &incident.ended {
            Some(end) => Err(Refusal::Ended(end.at)),
            None => Ok(incident.clone()),
        }
    }

    /// "I'm going."
    pub(super) fn acknowledge(&mut self, id: IncidentId, by: &By) -> Result<(), Refusal> {
        let incident = self.open_incident(id)?;
        let person = self.known(by)?;
        if incident.going.iter().any(|g| g.person == person) {
            return Ok(());
        }
        self.emit(What::Acknowledged { incident: id, person: person.clone(), by: by.clone() });
        self.after_answer(&incident, &person);
        Ok(())
    }

    /// "I'm there."
    pub(super) fn arrive(&mut self, id: IncidentId, by: &By) -> Result<(), Refusal> {
        let incident = self.open_incident(id)?;
        let person = self.known(by)?;
        if incident.going.iter().any(|g| g.person == person && g.arrived_at.is_some()) {
            return Ok(());
        }
        self.emit(What::Arrived { incident: id, person: person.clone(), by: by.clone() });
        self.after_answer(&incident, &person);
        Ok(())
    }

    /// The first answer calls off what is still to be sent, and tells those who were asked.
    fn after_answer(&mut self, before: &Incident, person: &PersonId) {
        self.mark_answered(before.id, person);
        if planted::is(Bug::NotCalledOff) {
            return;
        }
        self.cancel(before.id, |purpose| {
            !purpose.outlives_answer() || matches!(purpose, Purpose::Taken { .. })
        });
        self.quieten(before.id);
        if before.going.is_empty() {
            let name = self.person_name(person);
            let purpose = Purpose::Taken { person: person.clone(), name };
            self.tell_told(before.id, Some(person), &purpose);
        }
    }

    /// What asked this person is answered; what was only about to ask them is not needed.
    fn mark_answered(&mut self, id: IncidentId, person: &PersonId) {
        let asked =
            self.messages_of(id).filter(|m| m.person == *person && m.content.purpose.asks());
        let asked: Vec<Arc<Message>> = asked.cloned().collect();
        self.note_answered(&asked);
    }

    /// "I can't": to a named person, or to whoever is next.
    pub(super) fn hand_over(
        &mut self,
        id: IncidentId,
        to: Option<&PersonId>,
        by: &By,
    ) -> Result<(), Refusal> {
        let incident = self.open_incident(id)?;
        let from = self.known(by)?;
        if let Some(to) = to
            && !self.state.people.contains_key(to)
        {
            return Err(Refusal::Unknown { what: "person", name: to.to_string() });
        }
        let was_going = incident.going.iter().any(|g| g.person == from);
        let waiting = incident.still_asked();
        let in_turn = was_going || waiting.contains(&from);
        let open_question = self
            .messages_of(id)
            .any(|m| m.person == from && m.content.purpose.asks() && m.may_reach());
        // The same link pressed twice, or by somebody whom nobody asks: there is nothing to hand over.
        if to.is_none() && !in_turn && !open_question {
            return Ok(());
        }
        // A test asks nobody else.
        if incident.test.is_some() {
            self.mark_answered(id, &from);
            return Ok(());
        }
        let step = incident.policy.steps.get(incident.run.step);
        let next_step_at = self.now + step.map_or(super::steps::MIN_WAIT, |s| s.wait);
        self.emit(What::IncidentHandedOver {
            incident: id,
            to: to.cloned(),
            by: by.clone(),
            next_step_at,
        });
        self.mark_answered(id, &from);
        // Somebody who sleeps, or whose ways are closed at this hour, would be asked in the morning.
        if let Some(to) = to.filter(|to| self.can_be_asked(to, &incident)) {
            let from_name = self.person_name(&from);
            self.tell_about(id, to, Purpose::HandedOver { from: Some(from), from_name }, None);
            return Ok(());
        }
        // Others who were asked with them still have their time.
        let others = !was_going && waiting.iter().any(|person| *person != from);
        if in_turn && !others && self.open_incident(id)?.going.is_empty() {
            self.start_step(id, incident.run.step + 1, incident.run.round);
        }
        Ok(())
    }

    /// End of alarm, by whom and why.
    pub(super) fn end(&mut self, id: IncidentId, cause: Cause, note: String, by: By) {
        self.cancel(id, |_| true);
        let who = by.person.clone();
        let test = self.state.incidents.get(&id).is_some_and(|i| i.test.is_some());
        let cause = if test { Cause::Drill } else { cause };
        self.emit(What::IncidentEnded { incident: id, cause, note, by: by.clone() });
        // Who tests knows, and has a message for every input already.
        if !test {
            self.tell_told(id, who.as_ref(), &Purpose::Over { cause });
        }
        self.end_musters_of(id, &by);
        self.quieten(id);
    }

    pub(super) fn known(&self, by: &By) -> Result<PersonId, Refusal> {
        let person = by.person.as_ref().ok_or(Refusal::NoPerson)?;
        match self.state.people.get(person) {
            Some(known) => Ok(known.id.clone()),
            None => Err(Refusal::Unknown { what: "person", name: person.to_string() }),
        }
    }
}

/// The policy that such an alarm would follow: the one that fits it most closely, the first by name
/// among equals; where none fits, everybody is asked.
pub fn policy_for(state: &crate::state::State, danger: Danger, place: &PlaceId) -> Policy {
    let fit = |p: &Policy| p.fit(danger, site::around(&state.wiring.places, place));
    let mut best: Option<(u32, &Arc<Policy>)> = None;
    for policy in state.policies.values() {
        if let Some(score) = fit(policy)
            && best.is_none_or(|(most, _)| (score > most) != planted::is(Bug::WrongPolicy))
        {
            best = Some((score, policy));
        }
    }
    best.map_or_else(|| Policy::everyone(danger), |(_, policy)| policy.as_ref().clone())
}

/// How a place is called in messages: by the way to it.
pub(super) fn place_name(state: &crate::state::State, place: &PlaceId) -> Text {
    if place.as_str() == state.site().as_str() && !state.wiring.places.contains_key(place) {
        return state.wiring.name.clone();
    }
    site::path(&state.wiring.places, place)
}
