//! What a board's flash holds: the events that wait for their receipt.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use gengfu_wire::{
    VERSION,
    up::{Event, InputState},
};

/// Events that a board's flash holds.
pub const CAPACITY: usize = 500;

/// An event that waits for its receipt.
#[derive(Debug, Clone)]
struct Waiting {
    boot: u32,
    seq: u32,
    input: u8,
    state: InputState,
    vital: bool,
    happened: Instant,
    sent: Option<Instant>,
}

/// The events that wait, oldest first. It outlives a power cut.
#[derive(Debug)]
pub struct Queue {
    boot: u32,
    seq: u32,
    waiting: VecDeque<Waiting>,
    dropped: u64,
}

impl Queue {
    /// An empty one, at this start of the board.
    pub fn new(boot: u32) -> Self {
        Self { boot, seq: 0, waiting: VecDeque::new(), dropped: 0 }
    }

    /// How often the board has started.
    pub fn boot(&self) -> u32 {
        self.boot
    }

    /// The board has started again: numbers begin anew, what waited still waits.
    pub fn restart(&mut self) {
        self.boot += 1;
        self.seq = 0;
        self.forget_sent();
    }

    /// Events that wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// True where nothing waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Events that a full queue had to drop.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }

    /// Keeps a change. A full queue drops its oldest ordinary event, and a vital one only where it
    /// holds nothing else.
    pub fn push(&mut self, input: u8, state: InputState, vital: bool, now: Instant) {
        if self.waiting.len() >= CAPACITY {
            let ordinary = self.waiting.iter().position(|w| !w.vital).unwrap_or(0);
            self.waiting.remove(ordinary);
            self.dropped += 1;
        }
        self.seq += 1;
        let (boot, seq) = (self.boot, self.seq);
        let happened = now;
        self.waiting.push_back(Waiting { boot, seq, input, state, vital, happened, sent: None });
    }

    /// The gateway has it: true where it still waited.
    pub fn receipt(&mut self, boot: u32, seq: u32) -> bool {
        let before = self.waiting.len();
        self.waiting.retain(|w| (w.boot, w.seq) != (boot, seq));
        self.waiting.len() < before
    }

    /// The events that are to be sent now: those never sent, and those whose receipt is overdue.
    pub fn due(&mut self, now: Instant, resend: Duration) -> Vec<Event> {
        let overdue =
            |w: &&mut Waiting| w.sent.is_none_or(|sent| now.duration_since(sent) >= resend);
        let send = |w: &mut Waiting| {
            w.sent = Some(now);
            let age = now.duration_since(w.happened).as_millis();
            Event {
                v: VERSION,
                boot: w.boot,
                seq: w.seq,
                input: w.input,
                state: w.state,
                age_ms: u32::try_from(age).unwrap_or(u32::MAX),
            }
        };
        self.waiting.iter_mut().filter(overdue).map(send).collect()
    }

    /// When the next receipt will be overdue.
    pub fn next_due(&self, resend: Duration) -> Option<Instant> {
        self.waiting.iter().map(|w| w.sent.map_or(w.happened, |sent| sent + resend)).min()
    }

    /// The connection is new: whatever was under way is sent again.
    pub fn forget_sent(&mut self) {
        self.waiting.iter_mut().for_each(|w| w.sent = None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESEND: Duration = Duration::from_secs(5);

    fn numbers(events: &[Event]) -> Vec<(u32, u32)> {
        events.iter().map(|e| (e.boot, e.seq)).collect()
    }

    #[test]
    fn an_event_is_sent_until_its_receipt_comes() {
        let (mut queue, start) = (Queue::new(3), Instant::now());
        queue.push(1, InputState::Active, true, start);
        queue.push(1, InputState::Idle, true, start + Duration::from_secs(1));
        let first = queue.due(start + Duration::from_secs(1), RESEND);
        assert_eq!(numbers(&first), [(3, 1), (3, 2)]);
        assert_eq!(first[0].age_ms, 1_000);
        assert!(queue.due(start + Duration::from_secs(2), RESEND).is_empty(), "not yet overdue");
        assert!(queue.receipt(3, 1) && !queue.receipt(3, 1));
        assert_eq!(numbers(&queue.due(start + Duration::from_secs(6), RESEND)), [(3, 2)]);
        assert!(queue.receipt(3, 2) && queue.is_empty());
    }

    #[test]
    fn what_waited_survives_a_power_cut_under_its_old_number() {
        let (mut queue, start) = (Queue::new(3), Instant::now());
        queue.push(1, InputState::Active, true, start);
        queue.due(start, RESEND);
        queue.restart();
        queue.push(1, InputState::Idle, true, start);
        assert_eq!(numbers(&queue.due(start, RESEND)), [(3, 1), (4, 1)]);
    }

    #[test]
    fn a_full_queue_drops_ordinary_events_before_vital_ones() {
        let (mut queue, start) = (Queue::new(1), Instant::now());
        queue.push(1, InputState::Active, true, start);
        for _ in 0..2 * CAPACITY {
            queue.push(3, InputState::Active, false, start);
        }
        let kept = queue.due(start, RESEND);
        assert_eq!(kept.len(), CAPACITY);
        assert_eq!(numbers(&kept)[0], (1, 1), "the call for help is still there");
        assert_eq!(queue.dropped(), CAPACITY as u64 + 1);
    }
}
