//! What contacts did while nobody could look at them: on a small chip the arithmetic of a TLS handshake holds
//! everything else up for most of a second, and a press of the button is shorter than that. An interrupt
//! notes each change with its time, and the board is shown them in their order afterwards.

use heapless::Deque;

/// Changes of contacts, each a bit of a word; so many of them have room.
#[derive(Debug)]
pub struct Meanwhile<const CHANGES: usize> {
    changes: Deque<(u64, u32), CHANGES>,
    /// As they were noted last, and as they were shown last.
    noted: Option<u32>,
    shown: Option<u32>,
    /// What is shown next, where a change has just been led up to.
    next: Option<(u64, u32)>,
}

impl<const CHANGES: usize> Meanwhile<CHANGES> {
    /// Nobody has looked yet.
    pub const fn new() -> Self {
        Self { changes: Deque::new(), noted: None, shown: None, next: None }
    }

    /// The interrupt found them so. Where there is no room, what they were first is worth more than what
    /// they became: that can still be seen.
    pub fn note(&mut self, now_ms: u64, closed: u32) {
        if self.noted != Some(closed) && self.changes.push_back((now_ms, closed)).is_ok() {
            self.noted = Some(closed);
        }
    }

    /// What the board is to be shown next, and of when; at the end, how they stand now. Before each change
    /// it is shown how long they had stood as they did, since it believes a contact that rests.
    pub fn show(&mut self, now_ms: u64) -> Shown {
        let change = self.next.take().or_else(|| {
            let (at_ms, closed) = self.changes.pop_front()?;
            let before = self.shown.filter(|before| *before != closed);
            self.next = before.map(|_| (at_ms, closed));
            Some(before.map_or((at_ms, closed), |before| (at_ms.saturating_sub(1), before)))
        });
        match change {
            Some((at_ms, closed)) => {
                self.shown = Some(closed);
                Shown { at_ms, closed: Some(closed), is_last: false }
            }
            None => Shown { at_ms: now_ms, closed: self.noted, is_last: true },
        }
    }
}

impl<const CHANGES: usize> Default for Meanwhile<CHANGES> {
    fn default() -> Self {
        Self::new()
    }
}

/// How contacts stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shown {
    /// When, in milliseconds since the start.
    pub at_ms: u64,
    /// Which were closed; none where nobody has looked yet.
    pub closed: Option<u32>,
    /// There is nothing after it: they stand so now.
    pub is_last: bool,
}
