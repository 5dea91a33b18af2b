//! The gateway: the real core, journal codec, outbox and wire decoding, joined as the daemon joins
//! them, and stopped between any two steps.

use std::rc::Rc;

use gengfu_core::{
    event::Event,
    id::SiteId,
    input::Input,
    state::State,
    time::{Span, Timestamp},
    turn::{Answer, Offer, Turn},
    wiring::Wiring,
};
use gengfu_field::adapter::{Publication, board::Board};

use super::{
    disk::Disk,
    door::{Arrival, Crashed, Doom, Outside, Wakes},
    seen::{Decided, Moment, Seen},
    site::SITE,
};

/// With the disk refusing to write, it is tried again this often.
const RETRY: Span = Span::secs(1);
/// With the way to the channels clogged, it is tried again this often.
const CLOGGED: Span = Span::millis(100);

/// Who waits for a decision to be kept.
enum Asker {
    /// A board, and what it is told then.
    Board(usize, Vec<Publication>),
    /// Whoever sent this.
    Sender(Input),
}

/// A decision whose events have not been seen yet: they are when they are written.
struct Draft {
    at: Moment,
    input: Input,
    /// The state after it.
    state: Rc<State>,
    /// How many events waited for the disk after it.
    backlog: usize,
}

/// A gateway.
pub struct Node {
    site: SiteId,
    boards: Vec<Board>,
    /// Its disk, which outlives it.
    pub disk: Disk,
    turn: Turn<Asker>,
    /// Its death to come.
    pub doom: Option<Doom>,
    dying: bool,
    clogged: bool,
    drafts: Vec<Draft>,
    /// The last state that was shown, and how many events waited for the disk then.
    latest: (usize, Rc<State>),
    /// Events of the backlog that were shown already, while they were in memory only.
    shown: usize,
    /// Decided and written, but not known to be safe yet.
    written: Vec<Decided>,
    kept: (u64, State),
    unsafe_kept: Option<(u64, State)>,
    started: bool,
    /// How many decisions it has made.
    pub decisions: u64,
    /// Moments at which the journal was whole: how many events it held, and the state.
    pub prefixes: Vec<(u64, State)>,
}

impl Node {
    /// A gateway of these boards with an empty disk.
    pub fn new(boards: Vec<Board>) -> Self {
        let site = SiteId::from(SITE);
        let state = State::new(site.clone());
        Self {
            boards,
            disk: Disk::default(),
            kept: (0, state.clone()),
            turn: Turn::new(state),
            doom: None,
            dying: false,
            clogged: false,
            drafts: vec![],
            latest: (0, Rc::new(State::new(SiteId::from(SITE)))),
            shown: 0,
            written: vec![],
            unsafe_kept: None,
            started: false,
            decisions: 0,
            prefixes: vec![],
            site,
        }
    }

    /// What readers of its pages see.
    pub fn state(&self) -> &State {
        self.turn.state()
    }

    /// Starts, from what the disk holds.
    ///
    /// # Errors
    /// Where it dies meanwhile.
    pub fn start(
        &mut self,
        at: Moment,
        wiring: Wiring,
        out: &mut dyn Outside,
    ) -> Result<(), Crashed> {
        let recovered = self.disk.recover(&self.site);
        let survived = self.unsafe_kept.take().filter(|(last, _)| *last == recovered.last);
        let written = std::mem::take(&mut self.written);
        // What was written, and survived though it was not safe yet, is what happened.
        if let Some(kept) = survived {
            self.kept = kept;
            show(written, true, out);
        }
        out.saw(Seen::Started {
            state: &recovered.state,
            replayed: &recovered.replayed,
            lived: self.started.then_some(&self.kept.1),
            damage: recovered.damage.as_deref(),
        });
        self.prefixes.retain(|(events, _)| *events <= recovered.last);
        self.kept = (recovered.last, recovered.state.clone());
        self.latest = (0, Rc::new(recovered.state.clone()));
        self.turn = Turn::new(recovered.state);
        (self.shown, self.clogged, self.started, self.dying) = (0, false, true, false);
        self.drafts.clear();
        self.decide(at, Input::Started, None);
        self.settle(at, out)?;
        self.decide(at, Input::Configure(Box::new(wiring)), None);
        self.settle(at, out)
    }

    /// The power goes.
    pub fn die(&mut self, torn: u64, out: &mut dyn Outside) {
        self.disk.lose_power(torn);
        self.doom = None;
        out.saw(Seen::Crashed);
    }

    /// One turn of the loop: takes what has come, keeps what it means, tells whoever waits.
    ///
    /// # Errors
    /// Where it dies meanwhile.
    pub fn turn(
        &mut self,
        at: Moment,
        arrivals: Vec<Arrival>,
        out: &mut dyn Outside,
    ) -> Result<(), Crashed> {
        if arrivals.is_empty() {
            self.decide(at, Input::Tick, None);
        }
        for arrival in arrivals {
            self.take(at, arrival);
            self.step()?;
        }
        self.settle(at, out)?;
        if !self.clogged {
            out.saw(Seen::Rests(self.turn.next_at(at.clock)));
        }
        Ok(())
    }

    /// When it wants to be woken: by its own clock, and after so long at the most or at the least.
    pub fn wakes(&self, clock: Timestamp) -> Wakes {
        Wakes {
            at: self.turn.next_at(clock),
            within: self.turn.is_refused().then_some(RETRY),
            not_within: self.clogged.then_some(CLOGGED),
        }
    }

    /// Takes a snapshot, where the journal holds all that was decided.
    pub fn snapshot(&mut self, torn: Option<u64>, out: &mut dyn Outside) {
        if self.turn.backlog() == 0
            && !self.turn.is_refused()
            && let Err(what) = self.disk.snapshot(self.turn.state(), torn)
        {
            out.saw(Seen::SnapshotRefused(&what));
        }
    }

    /// One step further towards its death.
    fn step(&mut self) -> Result<(), Crashed> {
        match &mut self.doom {
            Some(Doom { steps: 0, .. }) => self.dying = true,
            Some(doom) => doom.steps -= 1,
            None => {}
        }
        if self.dying { Err(Crashed) } else { Ok(()) }
    }

    fn take(&mut self, at: Moment, arrival: Arrival) {
        match arrival {
            Arrival::Input(input) => {
                let asker = Asker::Sender(input.clone());
                self.decide(at, input, Some(asker));
            }
            Arrival::Board { number, what, payload } => {
                let board = &self.boards[number];
                // Nothing that is set up publishes there any more.
                if self.turn.state().device(&board.device).is_none() {
                    return;
                }
                let understood = board.read(SITE, what, &payload, false, at.clock);
                // What is garbled is acknowledged and set aside.
                let Ok(understood) = understood else { return };
                let mut inputs = understood.inputs.into_iter().peekable();
                let mut asker = Some(Asker::Board(number, understood.then));
                while let Some(input) = inputs.next() {
                    // The board is answered when the last of them is durable.
                    let asker = asker.take_if(|_| inputs.peek().is_none());
                    self.decide(at, input, asker);
                }
            }
        }
    }

    fn decide(&mut self, at: Moment, input: Input, asker: Option<Asker>) {
        self.decisions += 1;
        self.turn.take(at.clock, &input, asker);
        self.drafted(at, input);
    }

    fn drafted(&mut self, at: Moment, input: Input) {
        let backlog = self.turn.backlog();
        // What only touched what is live shows nothing new.
        if backlog != self.latest.0 {
            self.latest = (backlog, Rc::new(self.turn.state().clone()));
        }
        let state = self.latest.1.clone();
        self.drafts.push(Draft { at, input, state, backlog });
    }

    /// Makes durable what was decided, and only then tells anybody.
    fn settle(&mut self, at: Moment, out: &mut dyn Outside) -> Result<(), Crashed> {
        self.keep(at, out)?;
        self.hand_over(at, out)?;
        let answers: Vec<(Asker, Answer)> = self.turn.tell().collect();
        for (asker, answer) in answers {
            self.step()?;
            match asker {
                Asker::Sender(input) => out.saw(Seen::Answered(&input, &answer, self.turn.state())),
                // With a disk that refuses, boards keep their copy.
                Asker::Board(board, then) if answer == Answer::Kept => {
                    then.into_iter().for_each(|publication| out.publish(board, publication));
                }
                Asker::Board(..) => {}
            }
        }
        Ok(())
    }

    fn keep(&mut self, at: Moment, out: &mut dyn Outside) -> Result<(), Crashed> {
        let before = (self.turn.backlog() > 0).then(|| self.turn.state().clone());
        let mut writes: Vec<Write> = vec![];
        let Self { turn, disk, doom, dying, .. } = self;
        let mut alive = || match doom {
            Some(Doom { steps: 0, .. }) => {
                *dying = true;
                false
            }
            Some(doom) => {
                doom.steps -= 1;
                true
            }
            None => true,
        };
        let _said = turn.keep(at.clock, |events| {
            let safe = match disk.write(SITE, events) {
                Err(_) => Some(false),
                Ok(()) if alive() => {
                    disk.sync();
                    Some(true)
                }
                Ok(()) => None,
            };
            writes.push(Write { events: events.to_vec(), safe, last: disk.last() });
            if safe == Some(true) { Ok(()) } else { Err(()) }
        });
        let wrote = !writes.is_empty();
        for (n, write) in writes.into_iter().enumerate() {
            // A second write is that of the turn's own word that the disk takes events again.
            let led_to =
                before.clone().filter(|_| n == 0).unwrap_or_else(|| self.turn.state().clone());
            let decided = self.drawn_up(at, &write.events);
            match write.safe {
                Some(safe) => {
                    self.shown = if safe { 0 } else { write.events.len() };
                    if safe {
                        self.kept = (write.last, led_to);
                    }
                    show(decided, safe, out);
                }
                None => {
                    self.unsafe_kept = Some((write.last, led_to));
                    self.written = decided;
                    return Err(Crashed);
                }
            }
        }
        if self.turn.backlog() == 0 {
            let decided = self.drawn_up(at, &[]);
            show(decided, true, out);
            if wrote {
                self.latest = (0, Rc::new(self.kept.1.clone()));
            }
            if self.prefixes.last().is_none_or(|(events, _)| events + 40 <= self.disk.last()) {
                self.prefixes.push(self.kept.clone());
            }
        } else if self.turn.is_refused() {
            // What the turn decided by itself: that the disk refuses.
            let events = self.turn.held().to_vec();
            let decided = self.drawn_up(at, &events);
            self.shown = events.len();
            show(decided, false, out);
        }
        self.step()
    }

    /// The drafts with their events, now that these are seen.
    fn drawn_up(&mut self, at: Moment, events: &[Event]) -> Vec<Decided> {
        let mut from = self.shown.min(events.len());
        let mut decided: Vec<Decided> = vec![];
        for Draft { at, input, state, backlog } in self.drafts.drain(..) {
            let to = backlog.clamp(from, events.len());
            decided.push(Decided {
                at,
                input,
                events: events[from..to].to_vec(),
                state,
                kept: false,
            });
            from = to;
        }
        if from < events.len() {
            let (input, state) = (Input::Tick, Rc::new(self.turn.state().clone()));
            decided.push(Decided {
                at,
                input,
                events: events[from..].to_vec(),
                state,
                kept: false,
            });
        }
        decided
    }

    fn hand_over(&mut self, at: Moment, out: &mut dyn Outside) -> Result<(), Crashed> {
        let Self { turn, doom, dying, .. } = self;
        let all = turn.hand_over(at.clock, |message| {
            match doom {
                Some(Doom { steps: 0, .. }) => *dying = true,
                Some(doom) => doom.steps -= 1,
                None => {}
            }
            if *dying || !out.has_room() {
                return Offer::Full;
            }
            out.give(message);
            Offer::Taken
        });
        self.clogged = !all;
        self.drafted(at, Input::Tick);
        self.step()
    }
}

/// One attempt to write; safe, refused, or cut short by death.
struct Write {
    events: Vec<Event>,
    safe: Option<bool>,
    /// The number of the last event on the disk after it.
    last: u64,
}

fn show(decided: Vec<Decided>, kept: bool, out: &mut dyn Outside) {
    for decided in decided {
        out.saw(Seen::Decided(&Decided { kept, ..decided }));
    }
}
