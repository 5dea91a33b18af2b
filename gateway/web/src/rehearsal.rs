//! "What would happen if this rang at 03:00 on Sunday?": answered by the core itself, on a copy of the
//! site's people, rosters and policies, in a building where nothing else goes on and nobody answers.
//! Nothing is sent, and nothing is kept.

use std::{collections::BTreeSet, sync::Arc};

use gengfu_core::{
    danger::{Danger, Priority},
    device::Device,
    engine::{decide, due, next_deadline},
    event::{Event, Output, What},
    id::{ChannelId, DeviceId, IncidentId, PersonId, PlaceId, PointId, RuleId},
    input::Input,
    notification::receipt::Receipt,
    point::{Kind, Point, Reading, Value},
    rule::{Condition, Rule},
    state::State,
    text::Text,
    time::{Span, Timestamp},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::views::{PersonRef, ToldPurpose, name_of, told_purpose};

/// It is looked so far ahead; a policy begins again from its first step long before.
const HORIZON: Span = Span::mins(60);
/// Decisions at most: no policy needs as many.
const TURNS: usize = 5_000;

/// What is to ring.
#[derive(Debug, Clone)]
pub(crate) struct Ringing {
    /// The kind of danger.
    pub danger: Danger,
    /// How much it presses.
    pub priority: Priority,
    /// Where.
    pub place: PlaceId,
    /// When.
    pub at: Timestamp,
}

/// What would happen.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RehearsalView {
    /// When it rings.
    pub at: Timestamp,
    /// The policy that would hold, by its name for people.
    pub policy: String,
    /// Its name for programs; `everyone` where nobody has written one for this.
    pub policy_id: String,
    /// What happens, first to last, until everybody has been asked once or an hour is over.
    pub lines: Vec<RehearsedLine>,
    /// Nobody at all would be told.
    pub nobody: bool,
}

/// One thing that would happen.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct RehearsedLine {
    /// When.
    pub at: Timestamp,
    /// So many seconds after it rang.
    pub after_s: u64,
    /// What.
    #[serde(flatten)]
    pub what: Rehearsed,
}

/// What would happen at one moment.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Rehearsed {
    /// A step begins: these are asked.
    Step {
        /// The step, from 0.
        step: usize,
        /// The round, from 0.
        round: u32,
        /// Who; nobody where this is empty.
        people: Vec<PersonRef>,
    },
    /// A message goes to its channel.
    Message {
        /// To whom.
        person: PersonRef,
        /// Through what.
        channel: ChannelId,
        /// Why.
        purpose: ToldPurpose,
    },
    /// Everybody who could be asked has quiet hours.
    Rested {
        /// Until when it waits.
        until: Timestamp,
    },
    /// The loud prompt to call 119 or 96333.
    Prompted {
        /// The how-manieth, from 1.
        count: u32,
    },
    /// Everybody told is reminded that it is not over.
    Reminded {
        /// Minutes since the opening.
        minutes: u64,
    },
    /// Everybody of a building or a group is called.
    Mustered {
        /// How many.
        people: usize,
    },
    /// Something in the building is switched on.
    Switched {
        /// What it is called.
        name: Text,
    },
}

/// Lets it ring. The error is for people.
pub(crate) fn rehearse(site: &State, ringing: &Ringing) -> Result<RehearsalView, String> {
    let mut stage = Stage::new(site, ringing)?;
    stage.ring()?;
    let end = ringing.at + HORIZON;
    for _ in 0..TURNS {
        stage.carry()?;
        if stage.is_round_over() {
            break;
        }
        let Some(next) = next_deadline(&stage.state).filter(|next| *next <= end) else { break };
        stage.now = next.max(stage.now);
        stage.input(&Input::Tick)?;
    }
    Ok(stage.finish(ringing))
}

/// A building with nothing in it but what rings.
struct Stage {
    state: State,
    now: Timestamp,
    begun: Timestamp,
    incident: Option<IncidentId>,
    /// Steps of later rounds say nothing new.
    rounds: u32,
    lines: Vec<RehearsedLine>,
    told: BTreeSet<PersonId>,
}

impl Stage {
    fn new(site: &State, ringing: &Ringing) -> Result<Self, String> {
        let mut state = State::new(site.site().clone());
        state.people = site.people.clone();
        state.rosters = site.rosters.clone();
        state.policies = site.policies.clone();
        state.ways = site.ways.clone();
        state.clock = ringing.at;
        let mut stage = Self {
            state,
            now: ringing.at,
            begun: ringing.at,
            incident: None,
            rounds: 0,
            lines: vec![],
            told: BTreeSet::new(),
        };
        let mut wiring = site.wiring.as_ref().clone();
        wiring.devices = site
            .devices()
            .map(|device| {
                // What can be switched is there; nothing else raises an alarm.
                let quiet = Device { supervision: None, rules: vec![], ..device.clone() };
                (quiet.id.clone(), Arc::new(quiet))
            })
            .collect();
        let bell = bell(ringing);
        wiring.devices.insert(bell.id.clone(), Arc::new(bell));
        stage.input(&Input::Started)?;
        stage.input(&Input::Configure(Box::new(wiring)))?;
        stage.lines.clear();
        Ok(stage)
    }

    fn ring(&mut self) -> Result<(), String> {
        let reading = Reading {
            point: point(),
            sample: Ok(Value::Bool(true)),
            source_at: None,
            received_at: self.now,
            kind: Kind::Edge,
            origin: None,
        };
        self.input(&Input::Reading(reading))
    }

    fn input(&mut self, input: &Input) -> Result<(), String> {
        let decision =
            decide(&self.state, self.now, input).map_err(|refusal| refusal.to_string())?;
        self.state = decision.state;
        decision.events.iter().for_each(|event| self.note(event));
        Ok(())
    }

    /// Carriers take every message, and nobody answers.
    fn carry(&mut self) -> Result<(), String> {
        for message in due(&self.state, self.now) {
            let purpose = told_purpose(&message.content.purpose);
            if let Some(purpose) = purpose.filter(|_| message.incident == self.incident) {
                let person = self.person(&message.person);
                self.told.insert(message.person.clone());
                let channel = message.channel().clone();
                self.push(Rehearsed::Message { person, channel, purpose });
            }
            self.input(&Input::HandedOver(message.id))?;
            let receipt = Receipt::Accepted { carrier_id: None, cost: None };
            self.input(&Input::Receipt { message: message.id, receipt })?;
        }
        Ok(())
    }

    fn note(&mut self, event: &Event) {
        match &event.what {
            What::IncidentJoined { incident, alarm }
                if alarm.as_str() == format!("rule:{}", rule()) =>
            {
                self.incident = Some(*incident);
            }
            What::StepStarted { incident, step, round, people, .. } if self.is_ours(*incident) => {
                self.rounds = self.rounds.max(*round);
                let people = people.iter().map(|id| self.person(id)).collect();
                self.push(Rehearsed::Step { step: *step, round: *round, people });
            }
            What::Rested { incident, until } if self.is_ours(*incident) => {
                self.push(Rehearsed::Rested { until: *until });
            }
            What::Prompted { incident, count } if self.is_ours(*incident) => {
                self.push(Rehearsed::Prompted { count: *count });
            }
            What::Reminded { incident, minutes } if self.is_ours(*incident) => {
                self.push(Rehearsed::Reminded { minutes: *minutes });
            }
            What::Muster(gengfu_core::event::Muster::Called { people, .. }) => {
                self.push(Rehearsed::Mustered { people: people.len() });
            }
            What::Output(Output::Ordered { output, order }) if order.on => {
                let name = self.state.output_name(output);
                self.push(Rehearsed::Switched { name });
            }
            _ => {}
        }
    }

    /// The first steps begin before the alarm is known to have joined.
    fn is_ours(&self, incident: IncidentId) -> bool {
        self.incident.is_none_or(|ours| ours == incident)
    }

    /// All steps were gone through, and the loud prompt sounded once.
    fn is_round_over(&self) -> bool {
        let prompted =
            self.lines.iter().any(|line| matches!(line.what, Rehearsed::Prompted { .. }));
        self.rounds > 0 && prompted
    }

    fn person(&self, id: &PersonId) -> PersonRef {
        PersonRef { id: id.clone(), name: name_of(&self.state, id) }
    }

    fn push(&mut self, what: Rehearsed) {
        let after_s = self.now.since(self.begun).as_millis() / 1_000;
        self.lines.push(RehearsedLine { at: self.now, after_s, what });
    }

    fn finish(self, ringing: &Ringing) -> RehearsalView {
        let policy = self
            .incident
            .and_then(|id| self.state.incidents.get(&id))
            .map(|incident| incident.policy.clone());
        RehearsalView {
            at: ringing.at,
            policy: policy.as_ref().map(|p| p.name.clone()).unwrap_or_default(),
            policy_id: policy.map(|p| p.id.to_string()).unwrap_or_default(),
            nobody: self.told.is_empty(),
            lines: self.lines,
        }
    }
}

fn point() -> PointId {
    PointId::from("rehearsal/bell")
}

fn rule() -> RuleId {
    RuleId::from("rehearsal/rings")
}

/// What rings: one contact, and one rule about it.
fn bell(ringing: &Ringing) -> Device {
    let words = ringing.danger.words();
    let name = Arc::new(words.clone());
    Device {
        id: DeviceId::from("rehearsal"),
        name: words,
        place: ringing.place.clone(),
        profile: String::new(),
        supervision: None,
        silence_priority: Priority::Low,
        behind: None,
        options: String::new(),
        points: vec![Point {
            id: point(),
            name: name.clone(),
            unit: String::new(),
            diagnostic: false,
        }],
        words: Default::default(),
        outputs: vec![],
        rules: vec![Rule {
            id: rule(),
            name,
            danger: ringing.danger,
            priority: ringing.priority,
            when: Condition::Equals { point: point(), value: Value::Bool(true) },
            on_delay: Span::ZERO,
            off_delay: Span::ZERO,
            latched: true,
        }],
    }
}
