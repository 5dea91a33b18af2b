//! The loop that joins everything: wait, decide, append and fsync, publish, acknowledge, hand over.
//! It makes no decisions of its own.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use gengfu_core::{
    input::Input,
    point::Reading,
    refusal::Refusal,
    state::State,
    text::Text,
    time::{Span, Timestamp},
    turn::{Answer, Disk, Offer, Turn},
};
use gengfu_field::lane::{Done, Envelope, Outcome};
use gengfu_store::journal::Journal;
use tokio::sync::{mpsc, oneshot};

use crate::{
    log::Throttle,
    meters::Meters,
    outbox::Outbox,
    published::Published,
    supervisor::{Supervisor, Watchdog},
};

/// Inputs that share one fsync at the most.
const BATCH: usize = 512;
/// Among so many inputs, one is a person's, if any waits.
const COMMAND_EVERY: usize = 32;
/// A snapshot is asked for after this many events: replaying them takes about a tenth of a second.
const SNAPSHOT_EVERY: u64 = 50_000;
/// With the disk refusing to write, it is tried again this often.
const RETRY: Duration = Duration::from_secs(1);
/// Events that are kept in memory while the disk refuses; after that, senders have to wait.
const BACKLOG: usize = 100_000;
/// With the sender's queue full, it is tried again this often.
const CLOGGED: Duration = Duration::from_millis(100);
/// The loop turns at least this often, so that the supervisor sees it alive.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// A command and whom to tell what became of it.
pub struct Job {
    /// The command, as an input.
    pub input: Input,
    /// Answered once it is durable, or refused.
    pub done: oneshot::Sender<Result<(), Refusal>>,
}

/// What the engine is given.
pub struct Parts {
    /// The journal, already loaded.
    pub journal: Box<dyn Journal>,
    /// From the building and the channels.
    pub alarms: mpsc::Receiver<Envelope>,
    /// From people.
    pub commands: mpsc::Receiver<Job>,
    /// Where the state is shown.
    pub published: Arc<Published>,
    /// To the channels.
    pub outbox: Outbox,
    /// Counters.
    pub meters: Arc<Meters>,
    /// The supervisor's watchdog, fed by this loop and nothing else.
    pub watchdog: Watchdog,
    /// The service manager.
    pub supervisor: Arc<Supervisor>,
    /// Ends the loop when it is dropped or used.
    pub stop: oneshot::Receiver<()>,
}

/// Who asked.
enum Asker {
    Field(Done),
    Person(oneshot::Sender<Result<(), Refusal>>),
}

impl Asker {
    /// With a disk that refuses, what was decided counts all the same: boards hear that they must
    /// keep their copy, and people are not kept waiting.
    fn tell(self, answer: Answer) {
        match (self, answer) {
            (Asker::Field(done), Answer::Kept) => done(Outcome::Kept),
            (Asker::Field(done), Answer::InMemory) => done(Outcome::InMemory),
            (Asker::Field(done), Answer::Refused(why)) => done(Outcome::Refused(why.to_string())),
            // Whoever asked may have gone; the command stands all the same.
            (Asker::Person(done), Answer::Refused(why)) => drop(done.send(Err(why))),
            (Asker::Person(done), _) => drop(done.send(Ok(()))),
        }
    }
}

struct Engine {
    parts: Parts,
    turn: Turn<Asker>,
    /// The sender has no room for everything: what is due waits for the next turn.
    clogged: bool,
    /// Readings of unknown points are told of once a minute.
    unknown: Throttle,
    /// What the journal found wrong with itself, as it was told last.
    trouble: Option<String>,
    snapshot_at: u64,
}

/// Runs the loop on its own thread, from `state` on, until it is told to stop.
///
/// # Errors
/// Where the thread can't be started.
pub fn start(parts: Parts, state: State) -> std::io::Result<std::thread::JoinHandle<()>> {
    std::thread::Builder::new().name("engine".into()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        match runtime {
            Ok(runtime) => runtime.block_on(Engine::new(parts, state).run()),
            Err(error) => tracing::error!(%error, "the engine could not start"),
        }
    })
}

/// What time it is.
pub fn now() -> Timestamp {
    jiff::Timestamp::now().into()
}

impl Engine {
    fn new(parts: Parts, state: State) -> Self {
        let snapshot_at = parts.journal.last_seq() + SNAPSHOT_EVERY;
        Self {
            parts,
            turn: Turn::new(state),
            clogged: false,
            unknown: Throttle::new(Span::secs(60)),
            trouble: None,
            snapshot_at,
        }
    }

    async fn run(mut self) {
        self.decide(Input::Started, None);
        self.settle();
        loop {
            let Some(stopping) = self.wait().await else { break };
            self.gather();
            self.look_after_journal();
            self.settle();
            self.parts.watchdog.fed(&self.parts.supervisor, now());
            if stopping {
                break;
            }
        }
        self.finish();
    }

    /// Waits for an input or the deadline; none to stop at once, true to stop after this turn.
    async fn wait(&mut self) -> Option<bool> {
        let pause = match self.turn.next_at(now()) {
            Some(at) => at.since(now()).to_std().min(HEARTBEAT),
            None => HEARTBEAT,
        };
        let pause = if self.turn.is_refused() { pause.min(RETRY) } else { pause };
        // Messages that can't be handed over stay due: without a pause the loop would spin on them.
        let pause = if self.clogged { pause.max(CLOGGED) } else { pause };
        let full = self.turn.backlog() >= BACKLOG;
        tokio::select! {
            biased;
            _ = &mut self.parts.stop => return Some(true),
            Some(envelope) = self.parts.alarms.recv(), if !full => self.take(envelope),
            Some(job) = self.parts.commands.recv() => self.take_job(job),
            () = tokio::time::sleep(pause) => self.decide(Input::Tick, None),
        }
        Some(false)
    }

    /// Takes what else is there already: many inputs share one fsync. Alarms go first.
    fn gather(&mut self) {
        let full = self.turn.backlog() >= BACKLOG;
        for turn in 0..BATCH {
            // People are heard between alarms, however many of these there are.
            if turn % COMMAND_EVERY == 0
                && let Ok(job) = self.parts.commands.try_recv()
            {
                self.take_job(job);
            } else if full {
                break;
            } else if let Ok(envelope) = self.parts.alarms.try_recv() {
                self.take(envelope);
            } else if let Ok(job) = self.parts.commands.try_recv() {
                self.take_job(job);
            } else {
                break;
            }
        }
    }

    fn take(&mut self, Envelope { input, done }: Envelope) {
        match input {
            Input::Reading(reading) if !self.turn.state().knows(&reading.point) => {
                self.set_aside(&reading, done);
            }
            input => self.decide(input, Some(Asker::Field(done))),
        }
    }

    /// A reading of a point that no device has says that its device lives, and nothing else. Whoever
    /// sent it is answered: said again, it would mean as little.
    fn set_aside(&mut self, reading: &Reading, done: Done) {
        self.parts.meters.unknown_points.add(1);
        if self.unknown.pass("unknown point", now()).is_some() {
            tracing::warn!(point = %reading.point,
                "a reading of a point that no device has: does its profile still name it? \
                 gengfu_unknown_points_total counts them");
        }
        if reading.is_sign_of_life() {
            self.decide(Input::Heard(reading.device()), None);
        }
        done(Outcome::Refused(format!("no device has a point \"{}\"", reading.point)));
    }

    fn take_job(&mut self, Job { input, done }: Job) {
        self.decide(input, Some(Asker::Person(done)));
    }

    fn decide(&mut self, input: Input, asker: Option<Asker>) {
        self.turn.take(now(), &input, asker);
        self.parts.meters.inputs.add(1);
    }

    /// Makes durable what was decided, and only then tells anybody: first who is to help.
    fn settle(&mut self) {
        self.keep();
        self.parts.published.show(self.turn.state().clone());
        self.hand_over();
        self.turn.tell().for_each(|(asker, answer)| asker.tell(answer));
        self.parts.published.tell_of_change();
        self.snapshot();
    }

    fn keep(&mut self) {
        let begun = Instant::now();
        let journal = &mut self.parts.journal;
        match self.turn.keep(now(), |events| journal.append(events).map(drop)) {
            Ok(Disk::Took(0)) => {}
            Ok(Disk::Took(count)) => self.parts.meters.appended(count, begun.elapsed()),
            Ok(Disk::Recovered(count)) => {
                self.parts.meters.appended(count, begun.elapsed());
                tracing::info!("the journal can be written again; nothing was lost");
            }
            Err(why) => {
                self.parts.meters.refused_writes.add(1);
                if let Some(error) = why {
                    tracing::error!(%error, "the journal can't be written: watching goes on from memory, \
                        boards get no receipts. Make room on the disk of the data folder");
                }
            }
        }
    }

    /// What the journal finds wrong with itself is an alarm like any other.
    fn look_after_journal(&mut self) {
        let trouble = self.parts.journal.trouble();
        if trouble == self.trouble {
            return;
        }
        let fault = trouble.as_ref().map(|words| {
            tracing::error!(trouble = %words, "the journal is damaged");
            Text {
                zh: format!("值班记录有损坏：{words}"),
                en: format!("The journal is damaged: {words}"),
            }
        });
        self.trouble = trouble;
        self.decide(Input::Health { part: "journal-file".into(), fault }, None);
    }

    /// What is due goes to the channels: after the fsync, or from memory while the disk refuses.
    fn hand_over(&mut self) {
        let Parts { outbox, meters, .. } = &self.parts;
        let all = self.turn.hand_over(now(), |message| {
            let offer = outbox.offer(message);
            if offer == Offer::Taken {
                meters.inputs.add(1);
                meters.handed_over.add(1);
            }
            offer
        });
        self.clogged = !all;
    }

    fn snapshot(&mut self) {
        let last = self.parts.journal.last_seq();
        if self.turn.is_refused() || self.turn.backlog() > 0 || last < self.snapshot_at {
            return;
        }
        match self.parts.journal.snapshot(self.turn.state(), last) {
            Ok(true) => self.snapshot_at = last + SNAPSHOT_EVERY,
            // One is being written still: ask again after a while, not with every turn.
            Ok(false) => self.snapshot_at = last + SNAPSHOT_EVERY / 10,
            Err(error) => {
                self.snapshot_at = last + SNAPSHOT_EVERY;
                tracing::warn!(%error, "no snapshot could be written; the journal itself is whole");
            }
        }
    }

    /// The last turn: what was decided is kept, and a snapshot makes the next start quick.
    fn finish(mut self) {
        self.keep();
        if self.turn.backlog() > 0 {
            tracing::error!(
                events = self.turn.backlog(),
                "the disk refused to the end: these events are lost; \
                boards still hold theirs and send them again"
            );
        }
        if self.turn.is_refused() {
            return;
        }
        self.turn.tell().for_each(|(asker, answer)| asker.tell(answer));
        let last = self.parts.journal.last_seq();
        let written = self
            .parts
            .journal
            .snapshot(self.turn.state(), last)
            .and_then(|_| self.parts.journal.settle());
        if let Err(error) = written {
            tracing::warn!(%error, "no snapshot could be written; the journal itself is whole");
        }
    }
}

#[cfg(test)]
mod tests {
    use gengfu_core::point::Kind;
    use gengfu_store::SqliteJournal;

    use super::*;

    #[tokio::test]
    async fn a_reading_of_a_point_that_nobody_has_is_counted_and_not_called_kept() {
        let folder = tempfile::tempdir().unwrap();
        let journal = SqliteJournal::open(folder.path(), &"site".into()).unwrap();
        let meters = Arc::new(Meters::default());
        let (alarm, alarms) = mpsc::channel(8);
        let (_commands, commands) = mpsc::channel(8);
        let (outbox, _outbox) = Outbox::new(Arc::default(), Arc::default());
        let (end, stop) = oneshot::channel();
        let parts = Parts {
            journal: Box::new(journal),
            alarms,
            commands,
            published: Published::new(State::new("site".into())),
            outbox,
            meters: meters.clone(),
            watchdog: Watchdog::from_environment(),
            supervisor: Arc::new(Supervisor::from_environment().unwrap()),
            stop,
        };
        let engine = start(parts, State::new("site".into())).unwrap();
        let reading = Reading {
            point: "lift-1/in9".into(),
            sample: Ok(gengfu_core::point::Value::Bool(true)),
            source_at: None,
            received_at: now(),
            kind: Kind::Edge,
            origin: None,
        };
        let (done, answer) = oneshot::channel();
        let done = Box::new(move |outcome| done.send(outcome).unwrap());
        alarm.send(Envelope { input: Input::Reading(reading), done }).await.ok().unwrap();
        let Outcome::Refused(why) = answer.await.unwrap() else { panic!("called kept") };
        assert!(why.contains("lift-1/in9"), "{why}");
        assert_eq!(meters.unknown_points.get(), 1);
        end.send(()).unwrap();
        engine.join().unwrap();
    }
}
