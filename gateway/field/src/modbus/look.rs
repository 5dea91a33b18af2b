//! A look at a running bus by hand: one question of somebody at a page, over the connection that the bus has
//! anyway, since a serial line has one master. Looks take a fifth of the bus's time at the most where it has
//! units of its own to ask, so that nobody's curiosity delays an alarm.

use std::time::Duration;

use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until},
};

use super::{
    bus::Bus,
    connection::{Failure, Values},
    plan::Block,
    publish::Closed,
};

/// For each second that a look took, the next one waits so many.
const REST: u32 = 4;

/// One question, and where its answer goes. It is not asked any more when nobody waits for that.
#[derive(Debug)]
pub struct Look {
    /// The unit.
    pub unit: u8,
    /// What is read.
    pub block: Block,
    /// Longest wait for the answer.
    pub limit: Duration,
    /// Takes it.
    pub answer: oneshot::Sender<Result<Values, Failure>>,
}

/// The looks that wait for their bus.
#[derive(Debug)]
pub(super) struct Looks {
    wishes: mpsc::Receiver<Look>,
    free_at: Instant,
}

impl Looks {
    pub fn new(wishes: mpsc::Receiver<Look>) -> Self {
        Self { wishes, free_at: Instant::now() }
    }

    /// The next one, as soon as one may be asked.
    pub async fn next(&mut self) -> Option<Look> {
        sleep_until(self.free_at).await;
        self.wishes.recv().await
    }
}

impl Bus {
    /// Asks what somebody wants to know, and answers.
    pub(super) async fn look(&mut self, look: Look) -> Result<(), Closed> {
        let Look { unit, block, limit, answer } = look;
        if answer.is_closed() {
            return Ok(());
        }
        let started = Instant::now();
        let lost = || Err(Failure::Lost("the bus can't be reached".into()));
        // A bus that is away is tried at its own times, however often somebody looks.
        let is_early = self.reconnect_at.is_some_and(|at| started < at);
        if self.connection.is_none() && (is_early || !self.connect().await?) {
            // Whoever asked may have gone.
            let _ = answer.send(lost());
            return Ok(());
        }
        let Some(connection) = &mut self.connection else {
            let _ = answer.send(lost());
            return Ok(());
        };
        let pause = self.units.iter().map(|polled| polled.unit.knobs.pause).max();
        let pause = pause.unwrap_or_default().to_std();
        let read = connection.read(unit, &block, limit, pause).await;
        let holds = match &read {
            Ok(_) => true,
            Err(failure) => connection.recover(failure).await,
        };
        // Where nothing is asked all the time, nothing is kept open either.
        let closes = self.units.is_empty()
            || self.units.iter().any(|polled| polled.unit.knobs.close_after_poll);
        if !holds || closes {
            self.connection = None;
        }
        if !self.units.is_empty() {
            let now = Instant::now();
            self.looks.free_at = now + (now - started) * REST;
        }
        let _ = answer.send(read);
        Ok(())
    }
}
