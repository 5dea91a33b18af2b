//! Before a channel: who may go now. Ordinary messages wait for a free place and for the carrier's pace;
//! fire and trapped wait for neither, and count. What calls everybody has places of its own, and takes
//! half of the carrier's pace at the most, so that everything else still goes.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
};

use gengfu_channel::Pace;
use gengfu_core::id::ChannelId;
use parking_lot::Mutex;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep_until},
};

/// Ordinary messages under way at once on one channel.
const AT_ONCE: usize = 16;
/// Of what a carrier takes, so many of four are for fire and trapped alone.
const KEPT: u32 = 1;

/// One queue a channel.
#[derive(Default)]
pub struct Queues(Mutex<BTreeMap<ChannelId, Arc<Queue>>>);

impl Queues {
    /// The queue before this channel.
    pub fn of(&self, channel: &ChannelId) -> Arc<Queue> {
        self.0.lock().entry(channel.clone()).or_default().clone()
    }
}

/// The queue before one channel.
pub struct Queue {
    places: Arc<Semaphore>,
    /// Places of messages that call everybody.
    crowd: Arc<Semaphore>,
    /// When messages went, the oldest first; none is kept longer than the carrier counts it.
    went: Mutex<VecDeque<Instant>>,
}

impl Default for Queue {
    fn default() -> Self {
        let places = || Arc::new(Semaphore::new(AT_ONCE));
        Self { places: places(), crowd: places(), went: Mutex::default() }
    }
}

impl Queue {
    /// A message goes at once, whatever the carrier will say.
    pub fn pass(&self, pace: Option<Pace>) {
        if let Some(pace) = pace {
            let mut went = self.went.lock();
            forget(&mut went, pace);
            went.push_back(Instant::now());
        }
    }

    /// Waits for a place and the carrier's pace; the place is free again once this is dropped.
    pub async fn wait(&self, pace: Option<Pace>) -> Option<OwnedSemaphorePermit> {
        // Never closed.
        let place = self.places.clone().acquire_owned().await.ok();
        if let Some(pace) = pace {
            let room = (pace.messages - pace.messages * KEPT / 4).max(1);
            while let Err(until) = self.go(pace, room) {
                sleep_until(until).await;
            }
        }
        place
    }

    /// A place for a message that calls everybody, if there is one now and the carrier's pace allows it.
    pub fn take_place(&self, pace: Option<Pace>) -> Option<OwnedSemaphorePermit> {
        let place = self.crowd.clone().try_acquire_owned().ok()?;
        let goes = pace.is_none_or(|pace| self.go(pace, (pace.messages / 2).max(1)).is_ok());
        goes.then_some(place)
    }

    /// Goes now, where fewer than `room` went in the pace's time, or tells when to ask again.
    fn go(&self, pace: Pace, room: u32) -> Result<(), Instant> {
        let room = room as usize;
        let mut went = self.went.lock();
        forget(&mut went, pace);
        match went.len().checked_sub(room).and_then(|over| went.get(over)) {
            Some(at) => Err(*at + pace.span.to_std()),
            None => {
                went.push_back(Instant::now());
                Ok(())
            }
        }
    }
}

fn forget(went: &mut VecDeque<Instant>, pace: Pace) {
    while went.front().is_some_and(|at| at.elapsed() >= pace.span.to_std()) {
        went.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use gengfu_core::time::Span;

    use super::*;

    const PACE: Option<Pace> = Some(Pace { messages: 20, span: Span::mins(1) });

    #[tokio::test(start_paused = true)]
    async fn ordinary_messages_keep_the_pace_and_leave_room_for_fire() {
        let queue = Queue::default();
        let begun = Instant::now();
        for _ in 0..15 {
            drop(queue.wait(PACE).await);
        }
        assert_eq!(begun.elapsed().as_secs(), 0);
        // Fire passes ahead of the sixteenth, and takes a place of what the carrier counts.
        queue.pass(PACE);
        drop(queue.wait(PACE).await);
        assert_eq!(begun.elapsed().as_secs(), 60);
        assert!(queue.went.lock().len() <= 20);
    }

    #[tokio::test(start_paused = true)]
    async fn a_crowd_leaves_half_of_the_pace_and_every_place_to_the_others() {
        let queue = Queue::default();
        let mut held: Vec<_> = (0..30).map_while(|_| queue.take_place(PACE)).collect();
        assert_eq!(held.len(), 10);
        for _ in 0..5 {
            held.push(queue.wait(PACE).await.unwrap());
        }
        assert_eq!(queue.places.available_permits(), AT_ONCE - 5);
        tokio::time::advance(std::time::Duration::from_secs(60)).await;
        assert!(queue.take_place(PACE).is_some());
        let crowd: Vec<_> = (0..30).map_while(|_| queue.take_place(None)).collect();
        assert_eq!(crowd.len(), AT_ONCE - 10, "places are free again once their messages are gone");
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_pace_only_places_count() {
        let queue = Queue::default();
        let mut held = Vec::new();
        for _ in 0..AT_ONCE {
            held.push(queue.wait(None).await);
        }
        let waits = queue.wait(None);
        tokio::pin!(waits);
        assert!(futures::poll!(&mut waits).is_pending());
        held.pop();
        assert!(waits.await.is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn a_carrier_that_takes_one_is_given_one() {
        let queue = Queue::default();
        let pace = Some(Pace { messages: 1, span: Span::secs(10) });
        let begun = Instant::now();
        for _ in 0..3 {
            drop(queue.wait(pace).await);
        }
        assert_eq!(begun.elapsed().as_secs(), 20);
    }
}
