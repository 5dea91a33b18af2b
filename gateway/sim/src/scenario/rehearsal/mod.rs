//! The stage in virtual time: the core alone. Boards, carriers and people are played here; time
//! passes only where the script says so. A restart is a replay of what a journal would have kept.
//! [`acts`]: what happens there.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use gengfu_core::{
    engine::{decide, due, evolve, next_deadline},
    event::Event,
    id::{ChannelId, DeviceId, PersonId, PlaceId, RosterId, SiteId},
    incident::By,
    input::{Command, Input},
    notification::{outbox::Message, receipt::Receipt},
    person::{Method, Person, Role},
    point::{Kind, NoData, Origin, Reading, Value},
    state::State,
    text::Language,
    time::{Span, Timestamp},
    wiring::Wiring,
};
use gengfu_wire::{
    down::{Lamp, Output},
    up::InputState,
};

mod acts;

pub use acts::alarm_of;

use super::{
    building::{Building, Spot, point_of},
    script::{Act, Script},
    stage::{Stage, Told, Trouble, View},
};

/// Boards give a sign of life this often.
const HEARTBEAT: Span = Span::secs(15);
/// The core may ask to be called again at once this often before it is taken for stuck.
const MOST_TURNS: usize = 1_000;
/// Whoever looks after the building by its page.
const CARETAKER: &str = "admin";

/// What boards show and sound, as the gateway works it out.
pub type Outputs = fn(&State) -> BTreeMap<DeviceId, Output>;

/// A board of the building.
#[derive(Debug)]
struct Board {
    place: PlaceId,
    inputs: Vec<InputState>,
    powered: bool,
    boot: u32,
    seq: u32,
    beat_at: Timestamp,
}

/// The stage.
#[derive(Debug)]
pub struct Rehearsal {
    building: Building,
    wiring: Wiring,
    outputs: Outputs,
    state: State,
    now: Timestamp,
    /// The events that a journal would have kept, as it would have kept them.
    journal: Vec<String>,
    boards: BTreeMap<DeviceId, Board>,
    failing: BTreeSet<ChannelId>,
    told: Vec<Told>,
}

impl Rehearsal {
    /// A gateway that has just been set up for the script's building. `wiring` is what its
    /// configuration file amounts to.
    ///
    /// # Errors
    /// Where the core refuses the building.
    pub fn new(script: &Script, wiring: Wiring, outputs: Outputs) -> Result<Self, Trouble> {
        let building = script.building.clone();
        let now = building.begins();
        let board = |spot: &Spot| {
            let board = Board {
                place: spot.id.clone(),
                inputs: vec![InputState::Idle; spot.contacts.len()],
                powered: true,
                boot: 1,
                seq: 0,
                beat_at: now + HEARTBEAT,
            };
            (spot.board(), board)
        };
        let wired = building.places.iter().filter(|spot| !spot.contacts.is_empty());
        let boards = wired.map(board).collect();
        let mut stage = Self {
            state: State::new(SiteId::from(super::settings::SITE)),
            wiring,
            outputs,
            now,
            journal: vec![],
            boards,
            failing: BTreeSet::new(),
            told: vec![],
            building,
        };
        stage.start()?;
        stage.move_in()?;
        Ok(stage)
    }

    /// The people, rosters and policies of the building.
    fn move_in(&mut self) -> Result<(), Trouble> {
        let person = |id: &str, roles: &[Role], ways: &[ChannelId]| {
            Command::PutPerson(Person {
                id: PersonId::from(id),
                name: id.to_owned(),
                language: Language::En,
                roles: roles.iter().copied().collect(),
                methods: ways.iter().map(|way| method(way, id)).collect(),
                quiet: None,
                home: None,
            })
        };
        let mut commands = vec![person(CARETAKER, &[Role::Admin], &[])];
        let Building { people, rosters, policies, .. } = self.building.clone();
        commands.extend(people.iter().map(|p| person(p.id.as_str(), &[Role::Volunteer], &p.ways)));
        commands.extend(rosters.into_iter().map(Command::PutRoster));
        commands.extend(policies.into_iter().map(Command::PutPolicy));
        for command in commands {
            if let Some(refusal) = self.command(By::gateway(), command)? {
                return Err(format!("the building can't be set up: {refusal}"));
            }
        }
        Ok(())
    }

    fn start(&mut self) -> Result<(), Trouble> {
        self.feed(&Input::Started)?;
        self.feed(&Input::Configure(Box::new(self.wiring.clone())))?;
        for board in self.boards.keys().cloned().collect::<Vec<_>>() {
            self.say_alive(&board)?;
        }
        Ok(())
    }

    /// A board's birth or heartbeat: it is there, and its inputs stand so.
    fn say_alive(&mut self, id: &DeviceId) -> Result<(), Trouble> {
        let now = self.now;
        let Some(board) = self.boards.get_mut(id) else { return Ok(()) };
        board.beat_at = now + HEARTBEAT;
        if !board.powered {
            return Ok(());
        }
        let inputs = board.inputs.clone();
        self.feed(&Input::Heard(id.clone()))?;
        for (n, state) in inputs.into_iter().enumerate() {
            let reading = self.reading(id, n, state, None);
            self.feed(&Input::Reading(reading))?;
        }
        Ok(())
    }

    fn reading(
        &self,
        id: &DeviceId,
        n: usize,
        state: InputState,
        origin: Option<Origin>,
    ) -> Reading {
        let sample = match state {
            InputState::Idle => Ok(Value::Bool(false)),
            InputState::Active => Ok(Value::Bool(true)),
            InputState::Open | InputState::Short | InputState::Drift => Err(NoData::Faulty),
        };
        Reading {
            point: point_of(id, u8::try_from(n + 1).unwrap_or(u8::MAX)),
            sample,
            source_at: origin.map(|_| self.now),
            received_at: self.now,
            kind: if origin.is_some() { Kind::Edge } else { Kind::State },
            origin,
        }
    }

    /// Decides, keeps what a journal keeps, and hands over what is due.
    fn feed(&mut self, input: &Input) -> Result<Option<String>, Trouble> {
        let decision = match decide(&self.state, self.now, input) {
            Ok(decision) => decision,
            Err(refusal) => return Ok(Some(refusal.to_string())),
        };
        self.state = decision.state;
        for event in decision.events.iter().filter(|event| event.is_durable()) {
            let kept = serde_json::to_string(event);
            self.journal.push(kept.map_err(|e| format!("an event can't be kept: {e}"))?);
        }
        if !matches!(input, Input::HandedOver(_) | Input::Receipt { .. }) {
            self.hand_over()?;
        }
        Ok(None)
    }

    fn hand_over(&mut self) -> Result<(), Trouble> {
        for _ in 0..MOST_TURNS {
            let Some(message) = due(&self.state, self.now).first().cloned() else { return Ok(()) };
            self.feed(&Input::HandedOver(message.id))?;
            let receipt = if self.failing.contains(message.channel()) {
                Receipt::Failed { reason: "the network does not answer".into(), retry: true }
            } else {
                self.told.push(self.arrived(&message));
                Receipt::Accepted { carrier_id: None, cost: None }
            };
            self.feed(&Input::Receipt { message: message.id, receipt })?;
        }
        Err("messages are due again and again without end".into())
    }

    fn arrived(&self, message: &Arc<Message>) -> Told {
        let content = &message.content;
        Told {
            at: self.now,
            person: message.person.clone(),
            way: message.channel().clone(),
            purpose: content.purpose.clone(),
            what: content.what.get(Language::En).to_owned(),
            place: content.place.get(Language::En).to_owned(),
            incident: message.incident,
            link: None,
        }
    }

    fn command(&mut self, by: By, command: Command) -> Result<Option<String>, Trouble> {
        self.feed(&Input::Command { by, command })
    }

    /// When something happens next: the core's own deadline or a board's heartbeat.
    fn next(&self) -> Option<Timestamp> {
        let beat = self.boards.values().filter(|b| b.powered).map(|b| b.beat_at).min();
        [beat, next_deadline(&self.state)].into_iter().flatten().min()
    }

    /// Does what is next.
    fn turn(&mut self, at: Timestamp) -> Result<(), Trouble> {
        self.now = self.now.max(at);
        let beat = self.boards.iter().find(|(_, b)| b.powered && b.beat_at <= self.now);
        match beat.map(|(id, _)| id.clone()) {
            Some(board) => self.say_alive(&board),
            None => self.feed(&Input::Tick).map(drop),
        }
    }

    /// The state that a start finds: all events replayed. It must be the state that was left, and a
    /// snapshot of that must be the same state too.
    fn reload(&mut self) -> Result<(), Trouble> {
        let mut state = State::new(self.state.site().clone());
        for kept in &self.journal {
            let event: Event =
                serde_json::from_str(kept).map_err(|e| format!("a kept event is lost: {e}"))?;
            evolve(&mut state, &event);
        }
        let snapshot = serde_json::to_string(&self.state)
            .and_then(|text| serde_json::from_str::<State>(&text))
            .map_err(|e| format!("a snapshot can't be read: {e}"))?;
        if state != self.state {
            return Err("the events, replayed, give another state than before the restart".into());
        }
        if snapshot != self.state {
            return Err("a snapshot gives another state than before the restart".into());
        }
        self.state = state;
        Ok(())
    }
}

/// One way to a person.
fn method(way: &ChannelId, person: &str) -> Method {
    Method::new(way.clone(), format!("http://127.0.0.1/{way}/{person}"))
}

impl Stage for Rehearsal {
    fn now(&self) -> Timestamp {
        self.now
    }

    fn tolerance(&self) -> Span {
        Span::ZERO
    }

    async fn run_until(&mut self, at: Timestamp) -> Result<(), Trouble> {
        let mut turns = 0;
        while let Some(next) = self.next().filter(|next| *next <= at) {
            turns = if next > self.now { 0 } else { turns + 1 };
            if turns > MOST_TURNS {
                return Err("the core asks to be called again at once, without end".into());
            }
            self.turn(next)?;
        }
        self.now = self.now.max(at);
        Ok(())
    }

    async fn pass(&mut self, limit: Timestamp) -> Result<(), Trouble> {
        match self.next().filter(|next| *next <= limit) {
            Some(next) => self.turn(next),
            None => {
                self.now = limit;
                Ok(())
            }
        }
    }

    async fn act(&mut self, act: &Act) -> Result<Option<String>, Trouble> {
        self.happen(act)
    }

    async fn restart(&mut self, off: Span) -> Result<(), Trouble> {
        self.reload()?;
        self.now = self.now + off;
        self.start()
    }

    fn told(&self) -> Vec<Told> {
        self.told.clone()
    }

    async fn look(&mut self) -> Result<View, Trouble> {
        let state = &self.state;
        let at = |device: &DeviceId| self.boards.get(device).map(|board| board.place.clone());
        let open = state.open_incidents().map(|i| (i.id, i.place.clone(), i.phase()));
        let outputs = (self.outputs)(state).into_iter();
        let outputs: BTreeMap<PlaceId, Output> =
            outputs.filter_map(|(device, output)| Some((at(&device)?, output))).collect();
        let lit = outputs.iter().filter(|(_, output)| output.lamp != Lamp::Off);
        let sounds = outputs.iter().filter(|(_, output)| output.sounder);
        Ok(View {
            open: open.collect(),
            lamps: lit.map(|(place, output)| (place.clone(), output.lamp)).collect(),
            sounding: sounds.map(|(place, _)| place.clone()).collect(),
            missing: state.lost.keys().filter_map(at).collect(),
        })
    }

    async fn on_duty(&mut self, id: &RosterId, at: Timestamp) -> Result<Vec<PersonId>, Trouble> {
        let roster = self.state.rosters.get(id).ok_or_else(|| format!("no roster {id}"))?;
        Ok(roster.on_call(at).people)
    }
}
