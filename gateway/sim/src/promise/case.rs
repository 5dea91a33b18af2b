//! One incident, as a bystander follows it.

use std::collections::BTreeSet;

use gengfu_core::{
    danger::{Danger, Priority},
    escalation::policy::Policy,
    event::What,
    id::{IncidentId, PersonId, PlaceId},
    time::Span,
};

/// No step is shorter than this.
const SHORTEST_STEP: Span = Span::secs(5);
/// With nobody to be asked, it is looked again after this long.
pub const NOBODY: Span = Span::secs(45);
/// Loud prompts are at least this far apart.
const SHORTEST_PROMPT: Span = Span::secs(30);

/// So long after they came people are taken to be there still, when another call comes.
const STAYS: Span = Span::hours(1);

/// Somebody on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Going {
    /// Who.
    pub person: PersonId,
    /// Since when.
    pub since: Span,
    /// They are there, and since when.
    pub there: Option<Span>,
}

/// A step that was begun.
#[derive(Debug, Clone)]
pub struct Step {
    /// From 0.
    pub step: usize,
    /// From 0.
    pub round: u32,
    /// When.
    pub at: Span,
    /// Who was asked.
    pub people: BTreeSet<PersonId>,
}

/// One incident.
#[derive(Debug, Clone)]
pub struct Case {
    /// What kind of danger.
    pub danger: Danger,
    /// How much it presses.
    pub priority: Priority,
    /// Where.
    pub place: PlaceId,
    /// It gathers a flood.
    pub flood: bool,
    /// The policy at its opening.
    pub policy: Policy,
    /// When it was opened.
    pub opened: Span,
    /// Who is going.
    pub going: Vec<Going>,
    /// Who ever was.
    pub answers: BTreeSet<PersonId>,
    /// When somebody said so last.
    pub answered: Span,
    /// The last step.
    pub step: Option<Step>,
    /// When the next step is due, while nobody is going.
    pub step_due: Span,
    /// The next step may begin before its time: somebody said no, or can't be reached.
    pub freed: bool,
    /// Loud prompts so far.
    pub prompts: u32,
    /// When the next is due, while nobody is going.
    pub prompt_due: Span,
    /// Somebody was told.
    pub told: bool,
    /// When another call came after those who were there may have left.
    pub called_again: Option<Span>,
    /// It is over.
    pub ended: bool,
}

impl Case {
    /// An incident at its opening.
    pub fn new(
        danger: Danger,
        priority: Priority,
        place: PlaceId,
        flood: bool,
        policy: Policy,
        at: Span,
    ) -> Self {
        Self {
            danger,
            priority,
            place,
            flood,
            opened: at,
            going: vec![],
            answers: BTreeSet::new(),
            answered: at,
            step: None,
            step_due: at,
            freed: false,
            prompts: 0,
            prompt_due: at + policy.prompt_after,
            policy,
            told: false,
            called_again: None,
            ended: false,
        }
    }

    /// How long those have who are asked now.
    fn wait(&self) -> Span {
        match &self.step {
            Some(step) if step.people.is_empty() => NOBODY,
            _ => self.policy_wait(),
        }
    }

    /// How long the policy gives those of this step.
    fn policy_wait(&self) -> Span {
        let step = self.step.as_ref().and_then(|s| self.policy.steps.get(s.step));
        step.map_or(NOBODY, |s| s.wait).max(SHORTEST_STEP)
    }

    /// When the first of those who are going is late.
    pub fn lapse_due(&self) -> Option<Span> {
        if self.going.iter().any(|g| g.there.is_some()) {
            return None;
        }
        self.going.iter().map(|g| g.since + self.policy.arrive_within).min()
    }

    /// From when on the last of those who went may have left.
    pub fn left_due(&self) -> Option<Span> {
        self.going.iter().map(|g| g.there.unwrap_or(g.since) + STAYS).max()
    }

    /// This person is going.
    pub fn goes(&self, person: &PersonId) -> bool {
        self.going.iter().any(|g| g.person == *person)
    }

    /// Writes down what happened to it.
    pub fn note(&mut self, at: Span, what: &What) {
        match what {
            What::StepStarted { step, round, people, .. } => {
                let people = people.iter().cloned().collect();
                self.step = Some(Step { step: *step, round: *round, at, people });
                self.freed = false;
                self.step_due = at + self.wait();
            }
            What::Acknowledged { person, .. } => self.answers(person, at, false),
            What::Arrived { person, .. } => self.answers(person, at, true),
            What::IncidentHandedOver { by, .. } => {
                self.freed = true;
                if let Some(person) = &by.person {
                    // Whom they name, or whoever is asked already, has a step's time.
                    self.leaves(person, at, at + self.policy_wait());
                }
            }
            What::Lapsed { person, .. } => {
                self.freed = true;
                self.leaves(person, at, at);
            }
            What::Prompted { count, .. } => {
                self.prompts = *count;
                self.prompt_due = at + self.policy.prompt_every.max(SHORTEST_PROMPT);
            }
            What::IncidentEnded { .. } => self.ended = true,
            _ => {}
        }
    }

    fn answers(&mut self, person: &PersonId, at: Span, there: bool) {
        self.answered = at;
        self.answers.insert(person.clone());
        match self.going.iter_mut().find(|g| g.person == *person) {
            Some(going) => going.there = going.there.or(there.then_some(at)),
            None => {
                let there = there.then_some(at);
                self.going.push(Going { person: person.clone(), since: at, there });
            }
        }
    }

    fn leaves(&mut self, person: &PersonId, at: Span, next: Span) {
        let was_going = !self.going.is_empty();
        self.going.retain(|g| g.person != *person);
        if was_going && self.going.is_empty() {
            self.prompt_due = at + self.policy.prompt_after;
            self.step_due = next;
        }
    }
}

/// The incident that an event is about.
pub fn incident_of(what: &What) -> Option<IncidentId> {
    match what {
        What::IncidentOpened { incident, .. }
        | What::IncidentJoined { incident, .. }
        | What::StepStarted { incident, .. }
        | What::Acknowledged { incident, .. }
        | What::Arrived { incident, .. }
        | What::IncidentHandedOver { incident, .. }
        | What::Lapsed { incident, .. }
        | What::Prompted { incident, .. }
        | What::Reminded { incident, .. }
        | What::IncidentEnded { incident, .. } => Some(*incident),
        _ => None,
    }
}
