//! A device in a house of its own, in virtual time: what it says is decided on by core, as in a gateway.

use std::sync::Arc;

use gengfu_core::{
    alarm::Source,
    device::Device,
    engine::{decide, next_deadline},
    event::What,
    input::Input,
    point::{Kind, Reading},
    site::Place,
    state::State,
    text::Text,
    time::{Span, Timestamp},
    wiring::Wiring,
};

use super::told::{Raised, Read, Told};

/// Nobody's device is silent in a trial: what it said last stays so.
const NEVER: Span = Span::hours(24 * 365);

/// Waited for beyond the longest delay of a rule: a device that is gone has a grace of 20 s.
const MARGIN: Span = Span::mins(1);

/// So often at most does time go on to the next deadline: a trial ends, whatever falls due.
const STEPS: usize = 10_000;

/// A device that is tried.
#[derive(Debug)]
pub struct Trial {
    device: Device,
    state: State,
    now: Timestamp,
    /// When the last thing was said.
    said: Timestamp,
    told: Told,
}

impl Trial {
    /// Hangs the device into an empty house.
    pub fn new(device: &Device) -> Self {
        let mut device = device.clone();
        device.supervision = device.supervision.map(|_| NEVER);
        let mut wiring = Wiring::new("trial".into());
        let place = device.place.clone();
        let name = Text::from(place.as_str());
        wiring.places.insert(place.clone(), Place { id: place, name, inside: None });
        wiring.devices.insert(device.id.clone(), Arc::new(device.clone()));
        let now = Timestamp::from_millis(0) + Span::hours(24);
        let state = State::new("trial".into());
        let mut trial = Self { device, state, now, said: now, told: Told::default() };
        trial.take(&Input::Configure(Box::new(wiring)));
        trial.take(&Input::Started);
        trial
    }

    /// What time it is in the trial.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// What the field side made of something that the device said.
    pub fn tell(&mut self, inputs: &[Input]) {
        self.said = self.now;
        for input in inputs {
            self.note_input(input);
            self.take(input);
        }
    }

    /// Something that could not be used.
    pub fn note(&mut self, note: String) {
        self.told.notes.push(note);
    }

    /// Lets time pass, as long as any rule may wait, and tells all that came of it.
    pub fn rest(mut self) -> Told {
        let longest = self.device.rules.iter().map(|rule| rule.on_delay).max();
        let end = self.now + longest.unwrap_or(Span::ZERO) + MARGIN;
        for _ in 0..STEPS {
            match next_deadline(&self.state).filter(|at| *at <= end) {
                Some(at) => self.now = self.now.max(at),
                None => break,
            }
            self.take(&Input::Tick);
        }
        self.told
    }

    fn take(&mut self, input: &Input) {
        // Only what a person commands can be refused.
        let Ok(decision) = decide(&self.state, self.now, input) else { return };
        self.state = decision.state;
        for event in decision.events {
            if let What::AlarmRaised { subject, .. } = event.what
                && subject.device.as_ref() == Some(&self.device.id)
            {
                let alarm = match &subject.source {
                    Source::Rule(id) => local(id.as_str()),
                    _ => "(silence)".into(),
                };
                if self.told.alarms.iter().any(|known| known.alarm == alarm) {
                    continue;
                }
                self.told.alarms.push(Raised {
                    alarm,
                    danger: subject.danger,
                    priority: subject.priority,
                    after: event.at.since(self.said),
                    latched: subject.latching,
                    name: subject.name,
                });
            }
        }
    }

    fn note_input(&mut self, input: &Input) {
        let read = match input {
            Input::Reading(Reading { point, sample, kind, .. }) => {
                let known = self.device.points.iter().find(|p| p.id == *point);
                Read {
                    point: local(point.as_str()),
                    value: sample.clone().ok(),
                    no_data: sample.as_ref().err().copied(),
                    unit: known.map(|p| p.unit.clone()).unwrap_or_default(),
                    name: known.map(|p| p.name.as_ref().clone()).unwrap_or_default(),
                    retained: *kind == Kind::Retained,
                }
            }
            Input::Gone { reason, .. } => Read {
                point: "(device)".into(),
                value: None,
                no_data: Some(*reason),
                unit: String::new(),
                name: self.device.name.clone(),
                retained: false,
            },
            _ => return,
        };
        self.told.readings.push(read);
    }
}

/// The part of an id behind the device's.
fn local(id: &str) -> String {
    id.rsplit('/').next().unwrap_or(id).to_owned()
}
