//! Escalation: the next step, the loud prompt, the reminders, and those who did not arrive.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    escalation::policy::{Policy, Target},
    event::What,
    id::{IncidentId, PersonId, PlaceId, PointId},
    incident::{Going, Incident},
    notification::outbox::Purpose,
    person::Person,
    planted::{self, Bug},
    site,
    state::State,
    time::{Span, Timestamp},
};

use super::Draft;

/// No step is shorter than this, whatever a policy says: people need time to find their glasses.
pub(super) const MIN_WAIT: Span = Span::secs(5);
/// With nobody to be reached at all, it is looked again after this long.
const NOBODY_WAIT: Span = Span::secs(45);
/// So long after somebody said "I'm there" they are taken to be there without another word. People are out
/// of a lift within 5 minutes of that (field reports); what is left open for longer was mostly forgotten.
const STAYS: Span = Span::hours(1);
/// Loud prompts are at least this far apart.
pub(super) const MIN_PROMPT: Span = Span::secs(30);

impl Draft {
    /// Starts the first step at or after `from` that reaches anybody. Steps with nobody on them
    /// cost no time.
    pub(super) fn start_step(&mut self, id: IncidentId, from: usize, round: u32) {
        let Ok(incident) = self.open_incident(id) else { return };
        // A test asks who tests, and nobody after them.
        if incident.test.is_some() {
            return;
        }
        let steps = &incident.policy.steps;
        let count = steps.len().max(1);
        let mut found = None;
        let mut called: Vec<&Target> = Vec::new();
        let mut switched: Vec<PointId> = Vec::new();
        for ahead in 0..count {
            let at = from.saturating_add(ahead);
            let turn = round.saturating_add(u32::try_from(at / count).unwrap_or(0));
            let index = at % count;
            let people = steps.get(index).map(|s| resolve(&self.state, &s.targets, self.now));
            let people: Vec<PersonId> = people
                .unwrap_or_default()
                .into_iter()
                .filter(|p| self.can_be_asked(p, &incident) || planted::is(Bug::AsksTheUnreachable))
                .collect();
            if turn == 0 {
                called.extend(steps.get(index).map(|s| s.muster.as_slice()).unwrap_or_default());
            }
            switched.extend(steps.get(index).map(|s| s.switch_on.clone()).unwrap_or_default());
            if !people.is_empty() || planted::is(Bug::EmptyStepWaits) {
                found = Some((index, turn, people));
                break;
            }
        }
        let (step, turn, people) = found.unwrap_or((from % count, round.saturating_add(1), vec![]));
        if people.is_empty()
            && let Some(until) = self.wakes(&incident)
        {
            return self.emit(What::Rested { incident: id, until });
        }
        let wait = if people.is_empty() { NOBODY_WAIT } else { steps[step].wait.max(MIN_WAIT) };
        let wait = match () {
            () if planted::is(Bug::StepTooEarly) => Span::millis(wait.as_millis() - 1_000),
            () if planted::is(Bug::StepTooLate) => wait + Span::secs(5),
            () => wait,
        };
        self.emit(What::StepStarted {
            incident: id,
            step,
            round: turn,
            people: people.clone(),
            next_step_at: self.now + wait,
        });
        let called: Vec<Target> = called.into_iter().cloned().collect();
        self.muster_by_step(&incident, &called);
        self.switch_by_step(id, &switched);
        // Everybody was tried once, or nobody can be: time to be loud, if it has not been yet.
        let first = turn > 0 && incident.run.prompts == 0;
        if first || incident.run.next_prompt_at.is_some_and(|at| at <= self.now) {
            // The prompt reaches these people too: it asks them for this step.
            return self.prompt(id);
        }
        // What an earlier round has not sent yet is asked by this one.
        self.cancel(id, |p| matches!(p, Purpose::Alert { round, .. } if *round < turn));
        for person in &people {
            self.tell_about(id, person, Purpose::Alert { step, round: turn }, None);
        }
    }

    /// When the first of the policy's people may be disturbed, where their quiet hours are what keeps
    /// everybody away.
    fn wakes(&self, incident: &Incident) -> Option<Timestamp> {
        let targets: Vec<Target> =
            incident.policy.steps.iter().flat_map(|s| s.targets.clone()).collect();
        let named = resolve(&self.state, &targets, self.now);
        let people = named.iter().filter_map(|id| self.state.people.get(id));
        people.filter_map(|p| self.wakes_at(p, incident)).min().filter(|at| *at > self.now)
    }

    /// Everything about open incidents whose time has come.
    pub(super) fn escalate(&mut self) {
        for id in self.state.open.iter().copied().collect::<Vec<_>>() {
            self.lapse(id);
            let Ok(incident) = self.open_incident(id) else { continue };
            let now = self.now;
            if incident.run.next_step_at.is_some_and(|at| at <= now) {
                let ahead = if incident.run.rests { 0 } else { 1 };
                let step = incident.run.step.saturating_add(ahead);
                self.start_step(id, step, incident.run.round);
            }
            let Ok(incident) = self.open_incident(id) else { continue };
            if incident.run.next_prompt_at.is_some_and(|at| at <= now) {
                self.prompt(id);
            }
            self.remind(id);
        }
    }

    /// "It is not over." Of those that were missed while the gateway stood still, the last is told.
    fn remind(&mut self, id: IncidentId) {
        let mut last = None;
        while let Ok(incident) = self.open_incident(id)
            && let Some(at) = next_reminder(&incident).filter(|at| *at <= self.now)
        {
            let minutes = at.since(incident.opened_at).as_millis() / 60_000;
            self.emit(What::Reminded { incident: id, minutes });
            last = Some(minutes);
        }
        if let Some(minutes) = last {
            self.tell_told(id, None, &Purpose::NotOver { minutes });
        }
    }

    /// The loud prompt, to everybody whom the policy names, through all they have.
    fn prompt(&mut self, id: IncidentId) {
        let Ok(incident) = self.open_incident(id) else { return };
        let count = incident.run.prompts.saturating_add(1);
        self.emit(What::Prompted { incident: id, count });
        self.cancel(id, |p| matches!(p, Purpose::Alert { .. } | Purpose::NobodyAnswered { .. }));
        for person in self.everybody(&incident.policy) {
            // Whoever sleeps now is asked in the morning.
            if !self.can_be_asked(&person, &incident) {
                continue;
            }
            self.tell_by_all(id, &person, &Purpose::NobodyAnswered { count });
        }
    }

    /// Everybody whom any step of the policy names and who can be reached; all people where that is
    /// nobody.
    fn everybody(&self, policy: &Policy) -> Vec<PersonId> {
        let targets: Vec<Target> = policy.steps.iter().flat_map(|s| s.targets.clone()).collect();
        let mut named = resolve(&self.state, &targets, self.now);
        named.retain(|person| self.is_reachable(person));
        if named.is_empty() { resolve(&self.state, &[Target::Everyone], self.now) } else { named }
    }

    /// Those who said "I'm going" and did not arrive are asked again, and the next is asked too.
    fn lapse(&mut self, id: IncidentId) {
        let Ok(incident) = self.open_incident(id) else { return };
        if lapses_at(&incident).is_none_or(|at| at > self.now) || planted::is(Bug::LapseForgotten) {
            return;
        }
        let late =
            incident.going.iter().filter(|g| g.since + incident.policy.arrive_within <= self.now);
        for person in late.map(|g| g.person.clone()).collect::<Vec<_>>() {
            self.emit(What::Lapsed { incident: id, person: person.clone() });
            self.cancel_asked(id, &person);
            self.tell_about(id, &person, Purpose::AskAgain, None);
        }
    }
}

impl Draft {
    /// Whoever is removed goes nowhere any more: where nobody else does, the next is asked.
    pub(super) fn let_go(&mut self, person: &PersonId) {
        let goes = |incident: &&Arc<Incident>| {
            incident.test.is_none() && incident.going.iter().any(|g| g.person == *person)
        };
        for incident in self.state.open_incidents().filter(goes).map(|i| i.id).collect::<Vec<_>>() {
            self.emit(What::Lapsed { incident, person: person.clone() });
        }
    }

    /// A call where somebody has been for very long: they may have left without a word, and this may be
    /// another danger. They are told that it is not over, and the next is asked as after a lapse.
    pub(super) fn call_again(&mut self, id: IncidentId) {
        let Ok(incident) = self.open_incident(id) else { return };
        let may_be_there = |g: &Going| self.now.since(g.arrived_at.unwrap_or(g.since)) < STAYS;
        if !incident.must_pass()
            || incident.test.is_some()
            || incident.going.iter().any(may_be_there)
            || planted::is(Bug::ForgottenHidesCalls)
        {
            return;
        }
        let minutes = self.now.since(incident.opened_at).as_millis() / 60_000;
        for person in incident.going.iter().map(|g| g.person.clone()) {
            self.emit(What::Lapsed { incident: id, person: person.clone() });
            self.tell_about(id, &person, Purpose::NotOver { minutes }, None);
        }
    }
}

/// When the first of those who are going is late; never once somebody is there.
pub(super) fn lapses_at(incident: &Incident) -> Option<Timestamp> {
    if incident.going.iter().any(|g| g.arrived_at.is_some()) {
        return None;
    }
    incident.going.iter().map(|g| g.since + incident.policy.arrive_within).min()
}

/// When the next reminder is due.
pub(super) fn next_reminder(incident: &Incident) -> Option<Timestamp> {
    let after = incident.policy.reminders.get(incident.run.reminded)?;
    Some(incident.opened_at + *after)
}

/// Whom these targets ask to go at this instant, in order, nobody twice.
pub(super) fn resolve(state: &State, targets: &[Target], at: Timestamp) -> Vec<PersonId> {
    named(state, targets, at, Person::is_asked)
}

/// Whom these targets call at this instant, in order, nobody twice.
pub(super) fn called(state: &State, targets: &[Target], at: Timestamp) -> Vec<PersonId> {
    named(state, targets, at, |_| true)
}

/// `everyone`: who counts where a target names everybody.
fn named(
    state: &State,
    targets: &[Target],
    at: Timestamp,
    everyone: impl Fn(&Person) -> bool,
) -> Vec<PersonId> {
    let mut people: Vec<PersonId> = Vec::new();
    let mut known = BTreeSet::new();
    for target in targets {
        let found = match target {
            Target::OnCall(id) => {
                state.rosters.get(id).map(|r| r.on_call(at).people).unwrap_or_default()
            }
            Target::Person(id) => vec![id.clone()],
            Target::Team(id) => state.rosters.get(id).map(|r| r.people()).unwrap_or_default(),
            Target::Residents(place) => residents(state, place),
            Target::Everyone => {
                let all = state.people.values().filter(|person| everyone(person));
                all.map(|person| person.id.clone()).collect()
            }
        };
        for person in found {
            if state.people.contains_key(&person) && known.insert(person.clone()) {
                people.push(person);
            }
        }
    }
    people
}

/// Everybody who lives at a place, or at one inside it; at the site itself, everybody who lives anywhere.
fn residents(state: &State, place: &PlaceId) -> Vec<PersonId> {
    let is_site = place.as_str() == state.site().as_str();
    let lives_there = |home: &PlaceId| {
        is_site || site::around(&state.wiring.places, home).any(|around| around == place)
    };
    let people = state.people.values().filter(|p| p.home.as_ref().is_some_and(lives_there));
    people.map(|person| person.id.clone()).collect()
}
