//! All that lies around the gateway: what is going to happen, the ways to boards and people, and
//! whoever looks on.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    sync::Arc,
};

use gengfu_core::{
    id::MessageId,
    input::Input,
    notification::{outbox::Message, receipt::Receipt},
    time::{Span, Timestamp},
};
use gengfu_field::adapter::Publication;
use gengfu_wire::topic::Up;

use super::{
    building::{Board, Controller},
    carrier::Carrier,
    clock::Clock,
    door::{Outside, receipted},
    plan::{Mood, Plan},
    rng::Rng,
    run::Outcome,
    seen::{Moment, Seen},
    site,
};
use crate::promise::Judge;

/// What is to happen at some time.
#[derive(Debug)]
pub(super) enum Next {
    /// The so manieth deed of the plan.
    Deed(usize),
    /// A contact moves.
    Contact { board: usize, input: u8, closed: bool },
    /// A board beats.
    Beat(usize),
    /// A board looks at what waits.
    Resend(usize),
    /// A board gets power.
    PowerOn(usize),
    /// A message of a board reaches the gateway.
    ToGateway { board: usize, what: Up, payload: Vec<u8> },
    /// A message of the gateway reaches a board.
    ToBoard { board: usize, publication: Publication },
    /// A controller is polled.
    Poll(usize),
    /// A controller shows another fault.
    Shows { controller: usize, fault: i64 },
    /// A carrier answers the process that gave it a message.
    Answer { life: u64, message: Arc<Message>, receipt: Receipt },
    /// A carrier reports by the front door.
    Report { message: Arc<Message>, receipt: Receipt },
    /// A telephone rings.
    Rings(Arc<Message>),
    /// Somebody acts; they try so often.
    Acts { input: Box<Input>, tries: u32 },
    /// The gateway's loop turns; of this plan to wake, or for whatever has come.
    Turn(Option<u64>),
    /// The gateway starts.
    Starts,
    /// The configuration is put right again.
    PutRight,
    /// A caretaker looks after everything that is still open.
    Rounds,
    /// There is room on the disk again.
    Room,
    /// Faults are over.
    Calm,
}

/// Something planned: when, in which order among what is planned for the same time, and what.
pub(super) struct Planned(pub Timestamp, pub u64, pub Next);
impl PartialEq for Planned {
    fn eq(&self, other: &Self) -> bool {
        (self.0, self.1) == (other.0, other.1)
    }
}
impl Eq for Planned {}
impl PartialOrd for Planned {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Planned {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.0, self.1).cmp(&(other.0, other.1))
    }
}

/// All that lies around the gateway.
pub(super) struct Rest<'p> {
    pub plan: &'p Plan,
    pub now: Timestamp,
    pub clock: Clock,
    pub queue: BinaryHeap<Reverse<Planned>>,
    pub count: u64,
    pub boards: Vec<Board>,
    pub controllers: Vec<Controller>,
    pub carriers: Vec<Carrier>,
    pub clogged_until: Timestamp,
    /// The disk is slow until then, by so much.
    pub slow: (Timestamp, Span),
    pub given: BTreeMap<MessageId, u64>,
    pub life: u64,
    pub judge: Judge,
    pub outcome: Outcome,
    pub tracing: bool,
}

impl<'p> Rest<'p> {
    pub fn new(plan: &'p Plan, tracing: bool) -> Self {
        let shape = &plan.shape;
        let now = shape.start;
        Self {
            plan,
            now,
            clock: Clock::new(now),
            queue: BinaryHeap::new(),
            count: 0,
            boards: (0..shape.boards).map(|n| Board::new(n, now)).collect(),
            controllers: (0..shape.controllers).map(Controller::new).collect(),
            carriers: site::CHANNELS
                .map(|_| Carrier { mood: (Mood::Works, Timestamp::default()) })
                .into(),
            clogged_until: Timestamp::default(),
            slow: (Timestamp::default(), Span::ZERO),
            given: BTreeMap::new(),
            life: 0,
            judge: Judge::new(plan),
            outcome: Outcome::default(),
            tracing,
        }
    }
}

impl Rest<'_> {
    pub fn moment(&mut self) -> Moment {
        let clock = self.clock.look(self.now);
        Moment { now: self.now, clock, felt: self.clock.felt() }
    }

    pub fn plan(&mut self, at: Timestamp, next: Next) {
        self.count += 1;
        self.queue.push(Reverse(Planned(at.max(self.now), self.count, next)));
    }

    pub fn after(&mut self, span: Span, next: Next) {
        self.plan(self.now + span, next);
    }

    pub fn note(&mut self, words: impl FnOnce() -> String) {
        if self.tracing {
            let line = format!("{} {}", self.now, words());
            self.outcome.trace.push(line);
        }
    }

    /// A message on the way between a board and the gateway: when it arrives, if at all, and how
    /// often.
    fn way(&mut self, board: usize, down: bool) -> Vec<Span> {
        let (now, seed) = (self.now, self.plan.seed);
        let board_is = &mut self.boards[board];
        board_is.said += 1;
        let mut rng = Rng::about(seed, &[21, board as u64, u64::from(down), board_is.said]);
        if !board_is.powered || now < board_is.mute_until {
            return vec![];
        }
        let usual = Span::millis(rng.between(2, 30));
        let net = board_is.net;
        if now >= net.until {
            return vec![usual];
        }
        let mut times = vec![];
        for _ in 0..1 + u64::from(rng.percent(net.twice)) {
            if !rng.percent(net.loss) {
                times.push(usual + Span::millis(rng.below(net.delay.as_millis() + 1)));
            }
        }
        times
    }

    /// A board says something.
    pub fn says(&mut self, board: usize, what: Up, payload: Vec<u8>) {
        for after in self.way(board, false) {
            self.after(after, Next::ToGateway { board, what, payload: payload.clone() });
        }
    }

    /// A board says what waits, and plans to look again.
    pub fn says_due(&mut self, board: usize) {
        for payload in self.boards[board].due(self.now) {
            self.says(board, Up::Event, payload);
        }
        if self.boards[board].waiting() > 0 && !self.boards[board].resends {
            self.boards[board].resends = true;
            self.after(super::building::RESEND, Next::Resend(board));
        }
    }

    pub fn somebody_saw(&mut self, seen: Seen<'_>) {
        let moment = self.moment();
        if self.outcome.broken.is_none()
            && let Err((promise, how)) = self.judge.look(moment, seen)
        {
            self.note(|| format!("BROKEN {promise}: {how}"));
            self.outcome.broken = Some((promise, format!("{how} (at {})", moment.now)));
        }
    }
}

impl Outside for Rest<'_> {
    fn saw(&mut self, seen: Seen<'_>) {
        if let Seen::Decided(decided) = seen {
            if self.tracing {
                super::fate::tell(decided, &mut |line| self.note(|| line));
            }
            self.outcome.incidents = self.outcome.incidents.max(decided.state.next_incident.0 - 1);
        }
        self.somebody_saw(seen);
    }

    fn publish(&mut self, board: usize, publication: Publication) {
        if let Some(origin) = receipted(&publication) {
            self.note(|| format!("receipt for board-{board} {}.{}", origin.boot, origin.seq));
            let device = self.boards[board].device.clone();
            self.somebody_saw(Seen::Receipt(&device, origin));
        }
        for after in self.way(board, true) {
            let publication = publication.clone();
            self.after(after, Next::ToBoard { board, publication });
        }
    }

    fn give(&mut self, message: &Arc<Message>) {
        self.outcome.messages += 1;
        self.note(|| {
            let (id, purpose) = (message.id, &message.content.purpose);
            format!("message {id} to {} by {}: {purpose:?}", message.person, message.channel())
        });
        self.somebody_saw(Seen::Given(message));
        let given = self.given.entry(message.id).or_default();
        *given += 1;
        let given = *given;
        let Some(number) = site::CHANNELS.iter().position(|c| *c == message.channel().as_str())
        else {
            return;
        };
        let fate = self.carriers[number].takes(self.plan.seed, message, self.now, given);
        let life = self.life;
        for (after, receipt) in fate.answers {
            self.after(after, Next::Answer { life, message: message.clone(), receipt });
        }
        for (after, receipt) in fate.reports {
            self.after(after, Next::Report { message: message.clone(), receipt });
        }
        for after in fate.rings {
            self.after(after, Next::Rings(message.clone()));
        }
    }

    fn has_room(&self) -> bool {
        self.now >= self.clogged_until
    }
}
