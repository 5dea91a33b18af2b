//! A plan carried out: one line of events in virtual time, from the first start until the world has
//! settled.

use std::{cmp::Reverse, collections::BTreeMap};

use gengfu_core::{
    id::{IncidentId, SiteId},
    incident::By,
    input::{Command, Input},
    state::State,
    time::{Span, Timestamp},
    wiring::Wiring,
};

use super::{
    around::{Next, Planned, Rest},
    building::Board,
    door::{Arrival, Crashed},
    node::Node,
    plan::Plan,
    rng::Rng,
    seen::Seen,
    site,
};

/// After the last fault, the world has this long to settle: a round of steps, and two loud prompts.
const SETTLING: Span = Span::mins(14);

/// What comes of a run.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// The promise that was broken, and how.
    pub broken: Option<(&'static str, String)>,
    /// How much virtual time went by.
    pub lived: Span,
    /// Faults by kind.
    pub faults: BTreeMap<&'static str, u64>,
    /// Decisions made.
    pub decisions: u64,
    /// Incidents opened.
    pub incidents: u64,
    /// Messages given to channels.
    pub messages: u64,
    /// The history, where it was asked for.
    pub trace: Vec<String>,
}

/// A world.
pub(super) struct World<'p> {
    pub node: Node,
    pub rest: Rest<'p>,
    pub up: bool,
    /// The configuration as it lies in the file.
    pub wiring: Wiring,
    pub calm: bool,
    inbox: Vec<Arrival>,
    turn_planned: bool,
    wake: u64,
    busy_until: Timestamp,
}

/// Carries out a plan; with a trace where `tracing`.
pub fn run(plan: &Plan, tracing: bool) -> Outcome {
    let mut world = World::new(plan, tracing);
    world.begin();
    world.live();
    world.close()
}

impl<'p> World<'p> {
    fn new(plan: &'p Plan, tracing: bool) -> Self {
        let (shape, now) = (&plan.shape, plan.shape.start);
        let rest = Rest::new(plan, tracing);
        let node = Node::new((0..shape.boards).map(|n| site::wire_board(plan, n)).collect());
        let wiring = site::wiring(plan, None);
        Self {
            node,
            rest,
            up: false,
            wiring,
            calm: false,
            inbox: vec![],
            turn_planned: false,
            wake: 0,
            busy_until: now,
        }
    }

    fn begin(&mut self) {
        self.start();
        let plan = self.rest.plan;
        let admin =
            |command| Input::Command { by: By::person(site::person_id(0), "page"), command };
        let mut commands: Vec<Command> =
            (0..plan.shape.people).map(|n| Command::PutPerson(site::person(plan, n, 0))).collect();
        commands.extend((0..2).map(|n| Command::PutRoster(site::roster(plan, n, 0))));
        commands.extend(site::policies(plan, 0).into_iter().map(Command::PutPolicy));
        self.inbox.extend(commands.into_iter().map(|c| Arrival::Input(admin(c))));
        self.turn();
        for board in 0..plan.shape.boards {
            let first =
                Rng::about(plan.seed, &[22, board as u64]).below(plan.shape.beat.as_millis());
            self.rest.after(Span::millis(first), Next::Beat(board));
        }
        for controller in 0..plan.shape.controllers {
            self.rest.after(Span::secs(1), Next::Poll(controller));
        }
        if plan.shape.span >= Span::hours(24) {
            self.rest.after(super::fate::ROUNDS, Next::Rounds);
        }
        for (n, deed) in plan.deeds.iter().enumerate() {
            self.rest.plan(plan.shape.start + deed.at, Next::Deed(n));
        }
        self.rest.plan(plan.shape.calm_at(), Next::Calm);
    }

    fn live(&mut self) {
        let end = self.rest.plan.shape.calm_at() + SETTLING;
        while let Some(Reverse(Planned(at, _, next))) = self.rest.queue.pop() {
            if at > end || self.rest.outcome.broken.is_some() {
                break;
            }
            self.rest.now = self.rest.now.max(at);
            if self.up {
                self.rest.somebody_saw(Seen::Time);
            }
            self.happens(next);
        }
    }

    fn close(mut self) -> Outcome {
        if self.rest.outcome.broken.is_none() {
            let waiting = self.rest.boards.iter().map(Board::waiting).sum();
            let journal = (self.node.disk.size(), self.node.disk.last());
            let state = self.node.state().clone();
            self.rest.somebody_saw(Seen::Over { state: &state, waiting, journal });
            self.replay_prefixes();
        }
        let mut outcome = self.rest.outcome;
        outcome.lived = self.rest.now.since(self.rest.plan.shape.start);
        outcome.decisions = self.node.decisions;
        outcome
    }

    /// The journal once more from its beginning, held against what was live at many moments.
    fn replay_prefixes(&mut self) {
        let mut replayed = State::new(SiteId::from(site::SITE));
        let mut prefixes = std::mem::take(&mut self.node.prefixes).into_iter().peekable();
        let rest = &mut self.rest;
        self.node.disk.events(&SiteId::from(site::SITE), |seq, event| {
            gengfu_core::engine::evolve(&mut replayed, event);
            while let Some((events, lived)) = prefixes.next_if(|(events, _)| *events <= seq) {
                if events == seq {
                    rest.somebody_saw(Seen::Prefix { events, replayed: &replayed, lived: &lived });
                }
            }
        });
    }

    /// Something reaches the gateway, if it is there.
    pub fn arrives(&mut self, arrival: Arrival) -> bool {
        if self.up {
            self.inbox.push(arrival);
            if !self.turn_planned {
                self.turn_planned = true;
                let at = self.busy_until;
                self.rest.plan(at, Next::Turn(None));
            }
        }
        self.up
    }

    /// The gateway's loop turns once.
    pub fn turn(&mut self) {
        self.turn_planned = false;
        if !self.up {
            return;
        }
        let arrivals = std::mem::take(&mut self.inbox);
        let at = self.rest.moment();
        let before = self.node.disk.last();
        let turned = self.node.turn(at, arrivals, &mut self.rest);
        if self.rest.now < self.rest.slow.0 && self.node.disk.last() > before {
            self.busy_until = self.rest.now + self.rest.slow.1;
        }
        self.afterwards(turned);
    }

    fn afterwards(&mut self, turned: Result<(), Crashed>) {
        match turned {
            Ok(()) => self.plan_wake(),
            Err(Crashed) => self.crash(),
        }
    }

    /// Plans when the loop turns by itself.
    pub fn plan_wake(&mut self) {
        if !self.up {
            return;
        }
        self.wake += 1;
        let at = self.rest.moment();
        let wakes = self.node.wakes(at.clock);
        let by_clock = wakes.at.map(|clock| self.rest.clock.when(clock, at.now));
        let within = wakes.within.map(|within| at.now + within);
        if let Some(wake) = by_clock.into_iter().chain(within).min() {
            let least = wakes.not_within.map_or(at.now, |least| at.now + least);
            self.rest.plan(wake.max(least).max(self.busy_until), Next::Turn(Some(self.wake)));
        }
    }

    /// True for the plan to wake that holds.
    pub fn wakes_now(&self, wake: Option<u64>) -> bool {
        wake.is_none_or(|wake| wake == self.wake)
    }

    /// The gateway dies.
    pub fn crash(&mut self) {
        let doom = self.node.doom.take();
        let (torn, down) = doom.map_or((0, Span::secs(1)), |doom| (doom.torn, doom.down));
        self.rest.note(|| format!("the gateway dies; down for {down}"));
        self.node.die(torn, &mut self.rest);
        self.up = false;
        self.inbox.clear();
        self.turn_planned = false;
        self.rest.after(down, Next::Starts);
    }

    /// The gateway starts.
    pub fn start(&mut self) {
        self.up = true;
        self.rest.life += 1;
        self.busy_until = self.rest.now;
        let at = self.rest.moment();
        self.rest.note(|| "the gateway starts".to_owned());
        let wiring = self.wiring.clone();
        let started = self.node.start(at, wiring, &mut self.rest);
        // It comes to its first rest like after any turn.
        let turned = started.and_then(|()| self.node.turn(at, vec![], &mut self.rest));
        self.afterwards(turned);
    }

    /// The process that gave a message still lives.
    pub fn is_of_this_life(&self, life: u64) -> bool {
        self.up && self.rest.life == life
    }

    /// One of the last incidents, counted back.
    pub fn incident(&self, back: u64) -> IncidentId {
        IncidentId(self.node.state().next_incident.0.saturating_sub(1 + back))
    }

    pub fn count_fault(&mut self, kind: &'static str) {
        *self.rest.outcome.faults.entry(kind).or_default() += 1;
    }
}
