//! What each thing that is planned does when its time has come.

use gengfu_core::{
    event::What as Happened,
    incident::{By, Cause},
    input::{Command, Input},
    notification::receipt::Receipt,
    point::NoData,
    time::Span,
};
use gengfu_wire::topic::Up;

use super::{
    around::Next,
    building::{Board, Net},
    door::{Arrival, Doom},
    person,
    plan::{What, Whim},
    run::World,
    seen::{Decided, Seen},
    site,
};

/// In worlds of days and years, a caretaker ends what is still open this often.
pub(super) const ROUNDS: Span = Span::mins(45);
/// A configuration with something missing is put right after this long.
const PUT_RIGHT: Span = Span::mins(8);
/// How often somebody tries whom the gateway does not answer.
const TRIES: u32 = 3;

impl World<'_> {
    pub(super) fn happens(&mut self, next: Next) {
        match next {
            Next::Deed(n) => self.deed(n),
            Next::Contact { board, input, closed } => {
                let now = self.rest.now;
                if self.rest.boards[board].contact(input, closed, now) {
                    self.rest.note(|| {
                        format!(
                            "board-{board} in{input} {}",
                            if closed { "closes" } else { "opens" }
                        )
                    });
                    self.rest.says_due(board);
                }
            }
            Next::Beat(board) => {
                let now = self.rest.now;
                if self.rest.boards[board].powered {
                    let beat = self.rest.boards[board].heartbeat(now);
                    self.rest.says(board, Up::Heartbeat, beat);
                }
                let every = self.rest.plan.shape.beat;
                self.rest.after(every, Next::Beat(board));
            }
            Next::Resend(board) => {
                self.rest.boards[board].resends = false;
                self.rest.says_due(board);
            }
            Next::PowerOn(board) => self.power_on(board),
            Next::ToGateway { board, what, payload } => {
                self.arrives(Arrival::Board { number: board, what, payload });
            }
            Next::ToBoard { board, publication } => {
                if let Some(origin) = super::door::receipted(&publication) {
                    self.rest.boards[board].receipt(origin);
                }
            }
            Next::Poll(controller) => self.poll(controller),
            Next::Shows { controller, fault } => self.rest.controllers[controller].fault = fault,
            Next::Answer { life, message, receipt } => {
                if self.is_of_this_life(life) {
                    self.reported(&message, receipt);
                }
            }
            Next::Report { message, receipt } => self.reported(&message, receipt),
            Next::Rings(message) => {
                let plan = self.rest.plan;
                let people: Vec<_> = (0..plan.shape.people).map(site::person_id).collect();
                for (after, input) in person::reacts(plan.seed, &message, &people) {
                    self.rest.after(after, Next::Acts { input: Box::new(input), tries: TRIES });
                }
            }
            Next::Acts { input, tries } => {
                if !self.arrives(Arrival::Input(input.as_ref().clone())) && tries > 1 {
                    self.rest.after(Span::secs(7), Next::Acts { input, tries: tries - 1 });
                }
            }
            Next::Turn(wake) => {
                if self.wakes_now(wake) {
                    self.turn();
                }
            }
            Next::Starts => {
                if !self.up {
                    self.start();
                }
            }
            Next::PutRight => self.configure(None),
            Next::Rounds => {
                for incident in self.node.state().open.clone() {
                    let note = "on the rounds".to_owned();
                    self.commands(0, Command::End { incident, cause: Cause::Other, note });
                }
                self.rest.after(ROUNDS, Next::Rounds);
            }
            Next::Room => self.node.disk.full = false,
            Next::Calm => self.calm_down(),
        }
    }

    fn reported(&mut self, message: &gengfu_core::notification::outbox::Message, receipt: Receipt) {
        if self.up {
            let failed = matches!(receipt, Receipt::Failed { .. });
            self.rest.somebody_saw(Seen::Reported(message, failed));
        }
        self.arrives(Arrival::Input(Input::Receipt { message: message.id, receipt }));
    }

    fn poll(&mut self, controller: usize) {
        self.poll_now(controller);
        let every = if self.rest.plan.shape.span < Span::hours(24) { 10 } else { 1_800 };
        self.rest.after(Span::secs(every), Next::Poll(controller));
    }

    fn poll_now(&mut self, controller: usize) {
        let at = self.rest.moment();
        let seed = self.rest.plan.seed;
        for reading in self.rest.controllers[controller].poll(at.now, at.clock, seed) {
            self.arrives(Arrival::Input(Input::Reading(reading)));
        }
    }

    fn power_on(&mut self, board: usize) {
        let now = self.rest.now;
        if self.rest.boards[board].powered {
            return;
        }
        self.rest.boards[board].power_on(now);
        self.rest.note(|| format!("board-{board} has power"));
        let [presence, birth] = self.rest.boards[board].birth();
        self.rest.says(board, Up::Presence, presence);
        self.rest.says(board, Up::Birth, birth);
        self.rest.says_due(board);
    }

    fn calm_down(&mut self) {
        self.calm = true;
        self.rest.note(|| "from here on nothing fails any more".to_owned());
        let now = self.rest.now;
        self.node.disk.full = false;
        self.node.disk.fails = (0, 0);
        self.node.doom = None;
        self.rest.clogged_until = now;
        self.rest.slow.0 = now;
        self.rest.carriers.iter_mut().for_each(|c| c.mood.1 = now);
        for board in 0..self.rest.boards.len() {
            self.rest.boards[board].net.until = now;
            self.rest.boards[board].mute_until = now;
            self.power_on(board);
        }
        if !self.up {
            self.start();
        }
        self.configure(None);
        self.rest.somebody_saw(Seen::Calm);
    }

    /// The configuration is read again.
    fn configure(&mut self, nonce: Option<u64>) {
        self.wiring = site::wiring(self.rest.plan, nonce);
        let wiring = Box::new(self.wiring.clone());
        self.arrives(Arrival::Input(Input::Configure(wiring)));
    }

    fn deed(&mut self, n: usize) {
        let what = self.rest.plan.deeds[n].what.clone();
        if let Some(kind) = what.fault() {
            self.count_fault(kind);
        }
        if !matches!(what, What::Press { .. }) {
            self.rest.note(|| format!("{what:?}"));
        }
        let now = self.rest.now;
        match what {
            What::Press { board, input, hold, times } => {
                let whole = hold + Span::millis(400);
                for n in 0..u64::from(times) {
                    self.contact(board, input, whole.times(n), hold);
                }
            }
            What::Bounce { board, input, count, every } => {
                for n in 0..u64::from(count) {
                    self.contact(board, input, every.times(2 * n), every);
                }
            }
            What::Cut { board, length } => {
                self.rest.boards[board].powered = false;
                self.rest.after(length, Next::PowerOn(board));
                // The broker notices later, and speaks for it.
                let payload = Board::will();
                self.rest
                    .after(Span::secs(22), Next::ToGateway { board, what: Up::Presence, payload });
            }
            What::Mute { board, length } => self.rest.boards[board].mute_until = now + length,
            What::Exactly { controller } => {
                self.rest.controllers[controller].fault = 55;
                self.poll_now(controller);
                self.rest.after(Span::secs(15), Next::Shows { controller, fault: 0 });
            }
            What::Flap { controller, count, every } => {
                for n in 0..u64::from(count) {
                    let fault = 41 + n.cast_signed() % 2;
                    self.rest.after(every.times(2 * n), Next::Shows { controller, fault });
                    self.rest.after(every.times(2 * n + 1), Next::Shows { controller, fault: 0 });
                }
            }
            What::Sag { controller, length } => {
                self.rest.controllers[controller].sags = Some((now, now + length));
            }
            What::Deaf { controller, length } => {
                self.rest.controllers[controller].deaf_until = now + length;
            }
            What::Net { board, length, loss, twice, delay } => {
                self.rest.boards[board].net = Net { until: now + length, loss, twice, delay };
            }
            What::Garbage { board } => {
                let payload = b"{\"v\":1,\"boot\":1,\"seq\":".to_vec();
                self.arrives(Arrival::Board { number: board, what: Up::Event, payload });
            }
            What::Carrier { channel, mood, length } => {
                self.rest.carriers[channel].mood = (mood, now + length);
            }
            What::Unasked { person, whim, back, to } => self.whim(person, whim, back, to),
            What::Shelve { person, alarm, length } => self.shelve(person, alarm, length),
            What::OutOfService { person, board, length } => {
                let until = self.rest.moment().clock + length;
                let device = site::board(board);
                let reason = "maintenance".to_owned();
                self.commands(person, Command::OutOfService { device, until, reason });
            }
            What::Roster { nonce } => {
                let roster = site::roster(self.rest.plan, nonce % 2, nonce);
                self.commands(0, Command::PutRoster(roster));
            }
            What::Policy { nonce } => {
                for policy in site::policies(self.rest.plan, nonce) {
                    self.commands(0, Command::PutPolicy(policy));
                }
            }
            What::Methods { person, nonce } => {
                self.commands(0, Command::PutPerson(site::person(self.rest.plan, person, nonce)));
            }
            What::Crash { steps, torn, down } => {
                self.node.doom = Some(Doom { steps, torn, down });
            }
            What::Full { length } => {
                self.node.disk.full = true;
                self.rest.after(length, Next::Room);
            }
            What::WriteFails { times, torn } => self.node.disk.fails = (times, torn),
            What::SlowDisk { length, pause } => self.rest.slow = (now + length, pause),
            What::ClockForward { by } => self.tamper(|clock| clock.put_forward(now, by)),
            What::ClockBack { by } => self.tamper(|clock| clock.put_back(now, by)),
            What::ClockStands { length } => self.tamper(|clock| clock.stop(now, length)),
            What::Reload { nonce } => {
                self.configure(Some(nonce));
                self.rest.after(PUT_RIGHT, Next::PutRight);
            }
            What::Snapshot { torn } => {
                if self.up {
                    self.node.snapshot(torn, &mut self.rest);
                }
            }
            // Not again at once: each time is shorter than what is promised, all of them are not.
            What::Clogged { length } if now.since(self.rest.clogged_until) > Span::secs(3) => {
                self.rest.clogged_until = now + length;
            }
            What::Clogged { .. } => {}
        }
    }

    fn contact(&mut self, board: usize, input: u8, after: Span, hold: Span) {
        self.rest.after(after, Next::Contact { board, input, closed: true });
        self.rest.after(after + hold, Next::Contact { board, input, closed: false });
    }

    /// The loop turns at least every two seconds, whatever its clock shows.
    fn tamper(&mut self, with: impl FnOnce(&mut super::clock::Clock)) {
        self.turn();
        with(&mut self.rest.clock);
        self.rest.after(Span::secs(2), Next::Turn(None));
    }

    fn commands(&mut self, person: usize, command: Command) {
        let by = By::person(site::person_id(person), "page");
        self.arrives(Arrival::Input(Input::Command { by, command }));
    }

    fn whim(&mut self, person: usize, whim: Whim, back: u64, to: usize) {
        let incident = self.incident(back);
        let to = Some(site::person_id(to));
        let command = match whim {
            Whim::Goes => Command::Acknowledge(incident),
            Whim::Arrives => Command::Arrive(incident),
            Whim::Declines => Command::HandOver { incident, to: None },
            Whim::Names => Command::HandOver { incident, to },
            Whim::Ends => Command::End { incident, cause: Cause::FalseAlarm, note: String::new() },
        };
        self.commands(person, command);
    }

    fn shelve(&mut self, person: usize, alarm: usize, length: Span) {
        let alarms = &self.node.state().alarms;
        let Some(alarm) = alarms.keys().nth(alarm % alarms.len().max(1)).cloned() else { return };
        let until = self.rest.moment().clock + length;
        self.commands(person, Command::Shelve { alarm, until });
    }
}

/// A decision for the trace.
pub(super) fn tell(decided: &Decided, say: &mut impl FnMut(String)) {
    let kept = if decided.kept { "" } else { " (from memory)" };
    match &decided.input {
        Input::Receipt { message, receipt } => say(format!("of message {message}: {receipt:?}")),
        Input::Gone { device, reason: NoData::Offline } => say(format!("{device} is offline")),
        _ => {}
    }
    for event in &decided.events {
        let line = match &event.what {
            Happened::Heard { .. } | Happened::Sampled(_) | Happened::Rechecked { .. } => continue,
            Happened::PersonPut { .. } | Happened::RosterPut { .. } => continue,
            Happened::Configured(_) => "configured".to_owned(),
            Happened::MessageDue(m) => {
                format!("due {}: {} by {}, {:?}", m.id, m.person, m.channel(), m.content.purpose)
            }
            Happened::PointChanged(r) => format!("{} is {:?} {:?}", r.point, r.sample, r.origin),
            what => format!("{:.300}", format!("{what:?}")),
        };
        say(format!("  [{}] {line}{kept}", event.at));
    }
}
