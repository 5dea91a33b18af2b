//! What changes about incidents.

use std::sync::Arc;

use crate::{
    escalation::run::Run,
    event::What,
    id::{IncidentId, PersonId},
    incident::{By, End, Going, Happened, Incident, Moment, TIMELINE_LIMIT},
    planted::{self, Bug},
    state::{ENDED_LIMIT, State},
    time::{Span, Timestamp},
};

use super::{alarms, messages};
use crate::engine::steps::MIN_PROMPT;

pub(super) fn evolve(state: &mut State, at: Timestamp, what: &What) {
    match what {
        What::IncidentOpened {
            incident: id,
            danger,
            priority,
            place,
            place_name,
            what,
            flood,
            policy,
        } => {
            let late = if planted::is(Bug::PromptLate) { Span::mins(1) } else { Span::ZERO };
            let incident = Incident {
                id: *id,
                danger: *danger,
                priority: *priority,
                place: place.clone(),
                place_name: place_name.clone(),
                what: what.clone(),
                opened_at: at,
                flood: *flood,
                test: None,
                alarms: vec![],
                run: Run {
                    rests: false,
                    step: 0,
                    round: 0,
                    next_step_at: None,
                    next_prompt_at: Some(at + policy.prompt_after + late),
                    prompts: 0,
                    reminded: 0,
                },
                policy: policy.clone(),
                going: vec![],
                ended: None,
                timeline: vec![],
                messages: vec![],
            };
            state.incidents.insert(*id, Arc::new(incident));
            state.open.insert(*id);
            state.next_incident = IncidentId(state.next_incident.0.max(id.0.saturating_add(1)));
            note(state, *id, at, Happened::Opened, By::gateway());
        }
        What::IncidentJoined { incident: id, alarm } => {
            alarms::change(state, alarm, |a| a.incident = Some(*id));
            let priority = state.alarms.get(alarm).map(|a| a.subject.priority);
            change(state, *id, |incident| {
                if !incident.alarms.contains(alarm) {
                    incident.alarms.push(alarm.clone());
                }
                incident.priority = incident.priority.max(priority.unwrap_or(incident.priority));
            });
            note(state, *id, at, Happened::AlarmRaised { alarm: alarm.clone() }, By::gateway());
        }
        What::StepStarted { incident: id, step, round, people, next_step_at } => {
            change(state, *id, |incident| {
                incident.run.step = *step;
                incident.run.round = *round;
                incident.run.next_step_at = Some(*next_step_at);
                incident.run.rests = false;
            });
            let happened =
                Happened::StepStarted { step: *step, round: *round, people: people.clone() };
            note(state, *id, at, happened, By::gateway());
        }
        What::Rested { incident: id, until } => {
            change(state, *id, |incident| {
                incident.run.next_step_at = Some(*until);
                incident.run.next_prompt_at = Some(*until + incident.policy.prompt_after);
                incident.run.rests = true;
            });
            note(state, *id, at, Happened::Rested { until: *until }, By::gateway());
        }
        What::Acknowledged { incident: id, person, by } => {
            go(state, *id, at, person, false);
            note(state, *id, at, Happened::Acknowledged, by.clone());
        }
        What::Arrived { incident: id, person, by } => {
            go(state, *id, at, person, true);
            note(state, *id, at, Happened::Arrived, by.clone());
        }
        What::IncidentHandedOver { incident: id, to, by, next_step_at } => {
            if let Some(person) = &by.person
                && !planted::is(Bug::HandOverIgnored)
            {
                stop_going(state, *id, at, person, *next_step_at);
            }
            note(state, *id, at, Happened::HandedOver { to: to.clone() }, by.clone());
        }
        What::Lapsed { incident: id, person } => {
            stop_going(state, *id, at, person, at);
            note(state, *id, at, Happened::Lapsed { person: person.clone() }, By::gateway());
        }
        What::Prompted { incident: id, count } => {
            change(state, *id, |incident| {
                incident.run.prompts = *count;
                let next = at + incident.policy.prompt_every.max(MIN_PROMPT);
                incident.run.next_prompt_at = incident.run.next_prompt_at.and(Some(next));
                if planted::is(Bug::PromptOnce) {
                    incident.run.next_prompt_at = None;
                }
            });
            note(state, *id, at, Happened::Prompted { count: *count }, By::gateway());
        }
        What::Reminded { incident: id, minutes } => {
            change(state, *id, |incident| incident.run.reminded += 1);
            note(state, *id, at, Happened::Reminded { minutes: *minutes }, By::gateway());
        }
        What::IncidentEnded { incident: id, cause, note: words, by } => {
            change(state, *id, |incident| {
                incident.run.next_step_at = None;
                incident.run.next_prompt_at = None;
                incident.ended =
                    Some(End { at, cause: *cause, note: words.clone(), by: by.clone() });
            });
            note(state, *id, at, Happened::Ended { cause: *cause }, by.clone());
            end_alarms(state, at, *id, by.person.is_some());
            state.open.remove(id);
            forget_oldest(state);
        }
        _ => {}
    }
}

pub(super) fn change(state: &mut State, id: IncidentId, with: impl FnOnce(&mut Incident)) {
    if let Some(incident) = state.incidents.get_mut(&id) {
        with(Arc::make_mut(incident));
    }
}

pub(super) fn note(state: &mut State, id: IncidentId, at: Timestamp, happened: Happened, by: By) {
    change(state, id, |incident| {
        incident.timeline.push(Moment { at, happened, by });
        if incident.timeline.len() > TIMELINE_LIMIT {
            // The opening stays. What goes is the oldest word of a contact that flaps, so that what
            // people did is kept; where there is none, the oldest of the long middle.
            let flaps = |m: &Moment| {
                matches!(m.happened, Happened::AlarmRaised { .. } | Happened::AlarmCleared { .. })
            };
            let oldest = incident.timeline.iter().skip(2).position(flaps);
            incident.timeline.remove(oldest.map_or(1, |at| at + 2));
        }
    });
}

fn go(state: &mut State, id: IncidentId, at: Timestamp, person: &PersonId, there: bool) {
    let Some(incident) = state.incidents.get(&id) else { return };
    let alarms = incident.alarms.clone();
    change(state, id, |incident| {
        let arrived_at = there.then_some(at);
        match incident.going.iter_mut().find(|g| g.person == *person) {
            Some(going) => going.arrived_at = going.arrived_at.or(arrived_at),
            None if planted::is(Bug::AcknowledgeIgnored) && incident.run.round > 0 => {}
            None => incident.going.push(Going { person: person.clone(), since: at, arrived_at }),
        }
        if !planted::is(Bug::EscalatesAfterAcknowledge) {
            incident.run.next_step_at = None;
        }
        incident.run.next_prompt_at = None;
    });
    for alarm in &alarms {
        alarms::change(state, alarm, |a| a.acknowledged = true);
    }
}

fn stop_going(
    state: &mut State,
    id: IncidentId,
    at: Timestamp,
    person: &PersonId,
    next: Timestamp,
) {
    change(state, id, |incident| {
        incident.going.retain(|g| g.person != *person);
        // Nobody is asked for a test.
        if incident.going.is_empty() && incident.is_open() && incident.test.is_none() {
            // Somebody who was still being asked and says no puts off neither step nor prompt.
            incident.run.next_step_at =
                Some(incident.run.next_step_at.map_or(next, |at| at.min(next)));
            incident.run.next_prompt_at =
                incident.run.next_prompt_at.or(Some(at + incident.policy.prompt_after));
        }
    });
}

/// The end of alarm releases every latch; whoever ended it has seen them.
fn end_alarms(state: &mut State, at: Timestamp, id: IncidentId, by_person: bool) {
    let mut alarms = state.incidents.get(&id).map(|i| i.alarms.clone()).unwrap_or_default();
    // One that became another danger belongs to another incident since.
    alarms.retain(|alarm| state.alarms.get(alarm).is_some_and(|a| a.incident == Some(id)));
    for alarm in &alarms {
        alarms::change(state, alarm, |a| {
            a.latched = false;
            a.acknowledged |= by_person;
            a.incident = None;
        });
        alarms::drop_normal(state, at, alarm);
    }
}

fn forget_oldest(state: &mut State) {
    let ended = state.incidents.len().saturating_sub(state.open.len());
    if ended <= ENDED_LIMIT {
        return;
    }
    let oldest = state.incidents.values().find(|i| !i.is_open()).cloned();
    if let Some(oldest) = oldest {
        for message in &oldest.messages {
            messages::forget(state, *message);
        }
        state.incidents.remove(&oldest.id);
    }
}
