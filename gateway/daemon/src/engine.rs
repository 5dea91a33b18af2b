//! The loop that joins everything: wait, decide, append and fsync, publish, acknowledge, hand over.
//! It makes no decisions of its own.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use gengfu_core::{
    engine::{decide, due, next_deadline},
    event::Event,
    input::Input,
    notification::outbox::Message,
    refusal::Refusal,
    state::State,
    text::Text,
    time::Timestamp,
};
use gengfu_field::lane::{Done, Envelope, Outcome};
use gengfu_store::journal::Journal;
use tokio::sync::{mpsc, oneshot};

use crate::{
    meters::Meters,
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
    /// The state that was loaded from it.
    pub state: State,
    /// From the building and the channels.
    pub alarms: mpsc::Receiver<Envelope>,
    /// From people.
    pub commands: mpsc::Receiver<Job>,
    /// Where the state is shown.
    pub published: Arc<Published>,
    /// To the channels.
    pub outbox: mpsc::Sender<Arc<Message>>,
    /// Counters.
    pub meters: Arc<Meters>,
    /// The supervisor's watchdog, fed by this loop and nothing else.
    pub watchdog: Watchdog,
    /// The service manager.
    pub supervisor: Arc<Supervisor>,
    /// Ends the loop when it is dropped or used.
    pub stop: oneshot::Receiver<()>,
}

/// Whom to tell when a batch is durable.
enum Waiting {
    Field(Done, Outcome),
    Person(oneshot::Sender<Result<(), Refusal>>, Result<(), Refusal>),
}

impl Waiting {
    /// With a disk that refuses, what was decided counts all the same: boards hear that they must
    /// keep their copy, and people are not kept waiting.
    fn tell(self, refused: bool) {
        match self {
            Waiting::Field(done, Outcome::Kept) if refused => done(Outcome::InMemory),
            Waiting::Field(done, outcome) => done(outcome),
            // Whoever asked may have gone; the command stands all the same.
            Waiting::Person(done, result) => drop(done.send(result)),
        }
    }
}

struct Engine {
    parts: Parts,
    /// Events that the disk has not taken yet; empty while it works.
    backlog: Vec<Event>,
    /// Those who wait for them.
    waiting: Vec<Waiting>,
    /// The disk refused the last time.
    refused: bool,
    /// The sender has no room: what is due waits for the next turn.
    clogged: bool,
    /// What the journal found wrong with itself, as it was told last.
    trouble: Option<String>,
    snapshot_at: u64,
}

/// Runs the loop on its own thread until it is told to stop.
///
/// # Errors
/// Where the thread can't be started.
pub fn start(parts: Parts) -> std::io::Result<std::thread::JoinHandle<()>> {
    std::thread::Builder::new().name("engine".into()).spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        match runtime {
            Ok(runtime) => runtime.block_on(Engine::new(parts).run()),
            Err(error) => tracing::error!(%error, "the engine could not start"),
        }
    })
}

/// What time it is.
pub fn now() -> Timestamp {
    jiff::Timestamp::now().into()
}

impl Engine {
    fn new(parts: Parts) -> Self {
        let snapshot_at = parts.journal.last_seq() + SNAPSHOT_EVERY;
        Self {
            parts,
            backlog: vec![],
            waiting: vec![],
            refused: false,
            clogged: false,
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
        let pause = match next_deadline(&self.parts.state) {
            Some(at) => at.since(now()).to_std().min(HEARTBEAT),
            None => HEARTBEAT,
        };
        let pause = if self.backlog.is_empty() { pause } else { pause.min(RETRY) };
        // Messages that can't be handed over stay due: without a pause the loop would spin on them.
        let pause = if self.clogged { pause.max(CLOGGED) } else { pause };
        let full = self.backlog.len() >= BACKLOG;
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
        let full = self.backlog.len() >= BACKLOG;
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
        self.decide(input, Some(Asker::Field(done)));
    }

    fn take_job(&mut self, Job { input, done }: Job) {
        self.decide(input, Some(Asker::Person(done)));
    }

    fn decide(&mut self, input: Input, asker: Option<Asker>) {
        let result = match decide(&self.parts.state, now(), &input) {
            Ok(decision) => {
                self.parts.state = decision.state;
                let durable = decision.events.into_iter().filter(Event::is_durable);
                self.backlog.extend(durable);
                Ok(())
            }
            Err(refusal) => Err(refusal),
        };
        self.parts.meters.inputs.add(1);
        self.waiting.extend(asker.map(|asker| asker.answer(result)));
    }

    /// Makes durable what was decided, and only then tells anybody.
    fn settle(&mut self) {
        self.append();
        self.parts.published.show(self.parts.state.clone());
        let refused = self.refused;
        self.waiting.drain(..).for_each(|waiting| waiting.tell(refused));
        self.hand_over();
        self.snapshot();
    }

    fn append(&mut self) {
        if self.backlog.is_empty() && !self.refused {
            return;
        }
        let begun = Instant::now();
        match self.parts.journal.append(&self.backlog) {
            Ok(_) => {
                self.parts.meters.appended(self.backlog.len(), begun.elapsed());
                self.backlog.clear();
                if self.refused {
                    self.refused = false;
                    tracing::info!("the journal can be written again; nothing was lost");
                    self.decide(Input::Health { part: "journal".into(), fault: None }, None);
                    self.append();
                }
            }
            Err(error) => {
                self.parts.meters.refused_writes.add(1);
                if !self.refused {
                    self.refused = true;
                    tracing::error!(%error, "the journal can't be written: watching goes on from memory, \
                        boards get no receipts. Make room on the disk of the data folder");
                    let fault = Some(Text::new(
                        "值班记录写不进磁盘：请清理磁盘空间",
                        "The journal can't be written: make room on the disk",
                    ));
                    self.decide(Input::Health { part: "journal".into(), fault }, None);
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
        self.clogged = false;
        for message in due(&self.parts.state, now()) {
            match self.parts.outbox.try_send(message.clone()) {
                Ok(()) => {
                    self.decide(Input::HandedOver(message.id), None);
                    self.parts.meters.handed_over.add(1);
                }
                // It stays due: the next turn tries again.
                Err(mpsc::error::TrySendError::Full(_)) => {
                    self.clogged = true;
                    return;
                }
                Err(mpsc::error::TrySendError::Closed(_)) => {
                    tracing::error!("the sender has stopped: messages stay in the outbox");
                    self.clogged = true;
                    return;
                }
            }
        }
    }

    fn snapshot(&mut self) {
        let last = self.parts.journal.last_seq();
        if self.refused || !self.backlog.is_empty() || last < self.snapshot_at {
            return;
        }
        match self.parts.journal.snapshot(&self.parts.state, last) {
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
        self.append();
        if !self.backlog.is_empty() {
            tracing::error!(
                events = self.backlog.len(),
                "the disk refused to the end: these events are lost; \
                boards still hold theirs and send them again"
            );
        }
        if !self.refused {
            self.waiting.drain(..).for_each(|waiting| waiting.tell(false));
            let last = self.parts.journal.last_seq();
            let written = self
                .parts
                .journal
                .snapshot(&self.parts.state, last)
                .and_then(|_| self.parts.journal.settle());
            if let Err(error) = written {
                tracing::warn!(%error, "no snapshot could be written; the journal itself is whole");
            }
        }
    }
}

/// Who asked.
enum Asker {
    Field(Done),
    Person(oneshot::Sender<Result<(), Refusal>>),
}

impl Asker {
    fn answer(self, result: Result<(), Refusal>) -> Waiting {
        match self {
            Asker::Field(done) => {
                let outcome = match result {
                    Ok(()) => Outcome::Kept,
                    Err(refusal) => Outcome::Refused(refusal.to_string()),
                };
                Waiting::Field(done, outcome)
            }
            Asker::Person(done) => Waiting::Person(done, result),
        }
    }
}
