//! One turn of the watch: decide, keep, and only then tell anybody. What the daemon's loop and the
//! simulated world have in common, so that the order of these steps is proven where it is used.
//!
//! ```text
//! take ─▶ take ─▶ … ─▶ keep (one write for all of them) ─▶ hand over ─▶ tell
//! ```
//!
//! A disk that refuses stops none of it: deciding goes on from memory, messages still go out, and
//! whoever asked hears [`Answer::InMemory`], so that a board goes on holding its copy.

use std::sync::Arc;

use crate::{
    engine::{decide, due, next_deadline},
    event::Event,
    input::Input,
    notification::outbox::Message,
    planted::{self, Bug},
    refusal::Refusal,
    state::State,
    text::Text,
    time::Timestamp,
};

/// What whoever sent an input is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It is durable.
    Kept,
    /// It counts, but only in memory: the disk refuses. Who can, keeps a copy and sends it again.
    InMemory,
    /// Nothing happened.
    Refused(Refusal),
}

/// What becomes of a message that is offered to its channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Offer {
    /// It goes.
    Taken,
    /// This one has no room yet and stays due; others may have it.
    Waits,
    /// There is no room for any: all stay due.
    Full,
}

/// What a write changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disk {
    /// It took everything; so many events.
    Took(usize),
    /// It takes events again, after having refused them.
    Recovered(usize),
}

/// The state, and what hangs on the next write: events, and those who wait for them (`A`).
#[derive(Debug)]
pub struct Turn<A> {
    state: State,
    /// Decided, and not on the disk yet.
    backlog: Vec<Event>,
    waiting: Vec<(A, Result<(), Refusal>)>,
    /// The disk refused the last time.
    refused: bool,
}

impl<A> Turn<A> {
    /// Begins with what the journal led to.
    pub fn new(state: State) -> Self {
        Self { state, backlog: vec![], waiting: vec![], refused: false }
    }

    /// What everything decided so far has led to.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Events that the disk has not taken yet.
    pub fn backlog(&self) -> usize {
        self.backlog.len()
    }

    /// These events, for whoever looks on.
    pub fn held(&self) -> &[Event] {
        &self.backlog
    }

    /// True from a write that failed to the next that succeeds.
    pub fn is_refused(&self) -> bool {
        self.refused
    }

    /// When something falls due by itself: `now` at once where events wait for a disk that works.
    pub fn next_at(&self, now: Timestamp) -> Option<Timestamp> {
        if !self.backlog.is_empty() && !self.refused {
            return Some(now);
        }
        next_deadline(&self.state)
    }

    /// Decides what an input means. Its sender, if anybody waits, is told by [`Turn::tell`].
    pub fn take(&mut self, now: Timestamp, input: &Input, asker: Option<A>) {
        let result = decide(&self.state, now, input).map(|decision| {
            self.state = decision.state;
            let kept = |event: &Event| event.is_durable() && !planted::forgets(&event.what);
            self.backlog.extend(decision.events.into_iter().filter(kept));
        });
        if result.is_err() {
            // Nothing happened but that time has passed: whoever is refused again and again must not
            // hold up what falls due.
            self.take(now, &Input::Tick, None);
        }
        self.waiting.extend(asker.map(|asker| (asker, result)));
    }

    /// Makes durable what was decided, in one write. A refusal, and its end, are health of the
    /// gateway itself, and so alarms like any other.
    ///
    /// # Errors
    /// As `append` says, and once only: `None` while the disk goes on refusing.
    pub fn keep<E>(
        &mut self,
        now: Timestamp,
        mut append: impl FnMut(&[Event]) -> Result<(), E>,
    ) -> Result<Disk, Option<E>> {
        if self.backlog.is_empty() && !self.refused {
            return Ok(Disk::Took(0));
        }
        if planted::is(Bug::ToldBeforeKept) && self.backlog.len() < 3 {
            return Ok(Disk::Took(0));
        }
        if let Err(error) = append(&self.backlog) {
            if self.refused {
                return Err(None);
            }
            self.refused = true;
            let fault = Text::new(
                "值班记录写不进磁盘：请清理磁盘空间",
                "The journal can't be written: make room on the disk",
            );
            self.health(now, Some(fault));
            return Err(Some(error));
        }
        let count = self.backlog.len();
        self.backlog.clear();
        if !self.refused {
            return Ok(Disk::Took(count));
        }
        self.refused = false;
        self.health(now, None);
        match self.keep(now, append)? {
            Disk::Took(more) | Disk::Recovered(more) => Ok(Disk::Recovered(count + more)),
        }
    }

    fn health(&mut self, now: Timestamp, fault: Option<Text>) {
        self.take(now, &Input::Health { part: "journal".into(), fault }, None);
    }

    /// Offers every message that is due, first to last, until there is no room for one. False where
    /// any stays due.
    pub fn hand_over(
        &mut self,
        now: Timestamp,
        mut offer: impl FnMut(&Arc<Message>) -> Offer,
    ) -> bool {
        let mut all = true;
        for message in due(&self.state, now) {
            match offer(&message) {
                Offer::Taken => self.take(now, &Input::HandedOver(message.id), None),
                Offer::Waits => all = false,
                Offer::Full => return false,
            }
        }
        all
    }

    /// Those who waited for the last write, and what each is told.
    pub fn tell(&mut self) -> impl Iterator<Item = (A, Answer)> {
        let refused = self.refused && !planted::is(Bug::ToldKeptFromMemory);
        std::mem::take(&mut self.waiting).into_iter().map(move |(asker, result)| {
            let answer = match result {
                Ok(()) if refused => Answer::InMemory,
                Ok(()) => Answer::Kept,
                Err(refusal) => Answer::Refused(refusal),
            };
            (asker, answer)
        })
    }
}
