//! Events, kept until the gateway's receipt.
//!
//! With flash, what is here is a window: the oldest events of each class, as many as are under way at
//! a time. All others wait in the flash alone. Without flash, this is all there is.

use gengfu_wire::{
    MAX_INPUTS, VERSION,
    up::{Event, InputState},
};
use heapless::Vec;

use crate::flash::record::{Class, Name, Record};

/// An event without a receipt is said again after this long, in milliseconds, then after twice as
/// long each time.
pub const FIRST_PAUSE_MS: u64 = 5_000;
/// The pause grows no longer than this, in milliseconds.
pub const LONGEST_PAUSE_MS: u64 = 30_000;

/// Events that wait to be written: more than happen between two writes, unless the flash refuses.
const FRESH: usize = 24;

/// Where an event is, besides here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Home {
    /// Nowhere.
    Memory,
    Flash,
    /// In the flash still, but the gateway has it: to be removed.
    Received,
}

#[derive(Debug, Clone, Copy)]
struct Waiting {
    event: Record,
    home: Home,
    /// When it is to be said.
    due_ms: u64,
    /// How long it waits after that; 0 where it was not said in this connection.
    pause_ms: u64,
}

/// The events that wait for their receipt, oldest first, `N` of them under way at the most.
#[derive(Debug)]
pub struct Queue<const N: usize> {
    boot: u32,
    last_seq: u32,
    waiting: Vec<Waiting, N>,
    /// Not in the flash yet, and so not to be said.
    fresh: Vec<Record, FRESH>,
    /// Events in the flash, by class; none where there is no flash.
    kept: Option<[u16; 2]>,
    newest: [InputState; MAX_INPUTS],
    /// Inputs that had an event in this start.
    told: [bool; MAX_INPUTS],
    /// How often each input became active, counted round.
    activations: [u16; MAX_INPUTS],
    dropped: u32,
}

impl<const N: usize> Queue<N> {
    /// An empty one without flash, for the board's start number `boot`.
    pub const fn new(boot: u32) -> Self {
        const { assert!(N > 0, "a queue has room for at least one event") };
        Self {
            boot,
            last_seq: 0,
            waiting: Vec::new(),
            fresh: Vec::new(),
            kept: None,
            newest: [InputState::Idle; MAX_INPUTS],
            told: [false; MAX_INPUTS],
            activations: [0; MAX_INPUTS],
            dropped: 0,
        }
    }

    /// One before flash, in which so many events wait by class, and whose inputs stood so.
    pub const fn kept(boot: u32, waiting: [u16; 2], inputs: [InputState; MAX_INPUTS]) -> Self {
        const { assert!(N > 1, "each class needs room") };
        let mut queue = Self::new(boot);
        queue.kept = Some(waiting);
        queue.newest = inputs;
        queue
    }

    /// The board's start, which names each event together with its number.
    pub fn boot(&self) -> u32 {
        self.boot
    }

    /// Events that wait, here or in the flash.
    pub fn len(&self) -> usize {
        let Some([vital, ordinary]) = self.kept else { return self.waiting.len() };
        let in_flash = usize::from(vital) + usize::from(ordinary);
        (in_flash + self.fresh.len() + self.count(Home::Memory, None))
            .saturating_sub(self.count(Home::Received, None))
    }

    /// Nothing waits.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Events that were dropped since the start because there was no room.
    pub fn dropped(&self) -> u32 {
        self.dropped
    }

    /// What the last event of an input said, whether or not it was dropped since, and in an earlier
    /// start too; idle where there was none. Inputs count from 1.
    pub fn newest(&self, input: u8) -> InputState {
        self.newest.get(index(input)).copied().unwrap_or(InputState::Idle)
    }

    /// How often each input became active since the start, counted round at 65,536.
    pub fn activations(&self) -> &[u16; MAX_INPUTS] {
        &self.activations
    }

    /// Whether it is worth an event that an input stands so. What is active at the start is told again
    /// though it was told before the start: one call too many is better than one too few.
    pub fn is_news(&self, input: u8, state: InputState) -> bool {
        let first = !self.told.get(index(input)).copied().unwrap_or(false);
        self.newest(input) != state || (first && state != InputState::Idle)
    }

    /// An input is no longer used: what it said last does not count any more. What waits still does.
    pub fn forget(&mut self, input: u8) {
        if let Some(newest) = self.newest.get_mut(index(input)) {
            *newest = InputState::Idle;
        }
    }

    /// Numbers an event and keeps it. Where there is no room, the oldest event of an input that is
    /// not vital makes it (which may be this one), and a vital one only where nothing else is left.
    pub fn push(&mut self, input: u8, state: InputState, vital: bool, happened_ms: u64) {
        // Four thousand million events: 49 days of one each millisecond. The first number follows
        // the last one, rather than all further events having the same.
        self.last_seq = self.last_seq.checked_add(1).unwrap_or(1);
        if let Some(newest) = self.newest.get_mut(index(input)) {
            *newest = state;
        }
        if let Some(told) = self.told.get_mut(index(input)) {
            *told = true;
        }
        if let Some(times) = self.activations.get_mut(index(input)) {
            *times = times.wrapping_add(u16::from(state == InputState::Active));
        }
        let name = Name { boot: self.boot, seq: self.last_seq };
        let class = if vital { Class::Vital } else { Class::Ordinary };
        let event = Record { name, input, state, class, happened_ms };
        if self.kept.is_none() {
            self.hold(event);
        } else if self.fresh.is_full() {
            self.dropped = self.dropped.saturating_add(1);
            match self.fresh.iter().position(|e| e.class == Class::Ordinary) {
                None if !vital => return,
                ordinary => _ = self.fresh.remove(ordinary.unwrap_or(0)),
            }
            _ = self.fresh.push(event);
        } else {
            _ = self.fresh.push(event);
        }
    }

    /// An event is on the gateway's disk. Receipts come in any order, and more than once.
    pub fn receipt(&mut self, boot: u32, seq: u32) {
        let name = Name { boot, seq };
        for waiting in &mut self.waiting {
            if waiting.event.name == name && waiting.home == Home::Flash {
                waiting.home = Home::Received;
            }
        }
        self.waiting.retain(|w| w.event.name != name || w.home != Home::Memory);
    }

    /// The connection is new: all that waits is to be said at once.
    pub fn say_all_again(&mut self) {
        for waiting in &mut self.waiting {
            (waiting.due_ms, waiting.pause_ms) = (0, 0);
        }
    }

    /// The oldest event under way that is to be said now. It is taken to be said, and comes again
    /// after its pause unless its receipt was there before.
    pub fn next_due(&mut self, now_ms: u64) -> Option<Event> {
        let due = |w: &&mut Waiting| w.due_ms <= now_ms && w.home != Home::Received;
        let waiting = self.waiting.iter_mut().filter(due).min_by_key(|w| w.event.name)?;
        waiting.pause_ms =
            waiting.pause_ms.saturating_mul(2).clamp(FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
        waiting.due_ms = now_ms.saturating_add(waiting.pause_ms);
        let Record { name, input, state, happened_ms, .. } = waiting.event;
        // Nobody knows how long the board was without power: this start is the best that is known.
        let happened_ms = if name.boot == self.boot { happened_ms } else { 0 };
        let age_ms = u32::try_from(now_ms.saturating_sub(happened_ms)).unwrap_or(u32::MAX);
        Some(Event { v: VERSION, boot: name.boot, seq: name.seq, input, state, age_ms })
    }

    /// All inputs, and the last event that any of them had.
    pub(crate) fn inputs(&self) -> (&[InputState; MAX_INPUTS], Name) {
        (&self.newest, Name { boot: self.boot, seq: self.last_seq })
    }

    /// The next event to be removed from the flash.
    pub(crate) fn next_received(&self) -> Option<(Class, Name)> {
        let waiting = self.waiting.iter().find(|w| w.home == Home::Received)?;
        Some((waiting.event.class, waiting.event.name))
    }

    /// It is no longer in the flash.
    pub(crate) fn removed(&mut self, class: Class, name: Name) {
        if let Some(kept) = self.kept_mut(class) {
            *kept = kept.saturating_sub(1);
        }
        self.waiting.retain(|w| w.event.name != name);
    }

    /// It is no longer in the flash, since there was no room.
    pub(crate) fn gave_up(&mut self, class: Class, name: Name) {
        let received = |w: &Waiting| w.event.name == name && w.home == Home::Received;
        if !self.waiting.iter().any(received) {
            self.dropped = self.dropped.saturating_add(1);
        }
        self.removed(class, name);
    }

    /// The next event to be written.
    pub(crate) fn next_fresh(&self) -> Option<Record> {
        self.fresh.first().copied()
    }

    /// It is written, and to be said if it is its turn.
    pub(crate) fn written(&mut self) {
        let Some(event) = self.take_fresh() else { return };
        let is_next = self.behind(event.class) == 0 && self.room(event.class) > 0;
        if let Some(kept) = self.kept_mut(event.class) {
            *kept = kept.saturating_add(1);
        }
        if is_next {
            self.load(event);
        }
    }

    /// It can't be written. Better to be told and perhaps forgotten than not to be told.
    pub(crate) fn not_written(&mut self) {
        let Some(event) = self.take_fresh() else { return };
        // What is in the flash is not lost when it leaves the window. First what the gateway has: it
        // would only be said once more after a restart. Then the newest, so that what stays are still
        // the oldest.
        if self.waiting.is_full() {
            let rank = |w: &Waiting| match w.home {
                Home::Memory => None,
                Home::Flash => Some((false, w.event.name)),
                Home::Received => Some((true, w.event.name)),
            };
            let ranked = self.waiting.iter().enumerate().filter_map(|(at, w)| Some((rank(w)?, at)));
            if let Some((_, at)) = ranked.max() {
                self.waiting.remove(at);
            }
        }
        self.hold(event);
    }

    /// How many events of a class may come from the flash now, and after which.
    pub(crate) fn wanted(&self, class: Class) -> Option<(usize, Option<Name>)> {
        let wanted = self.behind(class).min(self.room(class));
        let of_class = |w: &&Waiting| w.event.class == class && w.home != Home::Memory;
        let last = self.waiting.iter().filter(of_class).map(|w| w.event.name).max();
        (wanted > 0).then_some((wanted, last))
    }

    /// An event from the flash.
    pub(crate) fn load(&mut self, event: Record) {
        let waiting = Waiting { event, home: Home::Flash, due_ms: 0, pause_ms: 0 };
        _ = self.waiting.push(waiting);
    }

    /// Fewer events are in the flash than were thought to be.
    pub(crate) fn no_more(&mut self, class: Class) {
        let here = self.count(Home::Flash, Some(class)) + self.count(Home::Received, Some(class));
        if let Some(kept) = self.kept_mut(class) {
            *kept = u16::try_from(here).unwrap_or(u16::MAX);
        }
    }

    /// Keeps an event in memory alone.
    fn hold(&mut self, event: Record) {
        if self.waiting.is_full() {
            self.dropped = self.dropped.saturating_add(1);
            let in_memory = |w: &Waiting| w.home == Home::Memory;
            let ordinary = |w: &Waiting| in_memory(w) && w.event.class == Class::Ordinary;
            let ordinary = self.waiting.iter().position(ordinary);
            if ordinary.is_none() && event.class == Class::Ordinary {
                return;
            }
            match ordinary.or_else(|| self.waiting.iter().position(in_memory)) {
                Some(at) => _ = self.waiting.remove(at),
                None => return,
            }
        }
        let waiting = Waiting { event, home: Home::Memory, due_ms: 0, pause_ms: 0 };
        // There is room: it was made just now.
        _ = self.waiting.push(waiting);
    }

    fn take_fresh(&mut self) -> Option<Record> {
        (!self.fresh.is_empty()).then(|| self.fresh.remove(0))
    }

    /// Events of a class that are in the flash alone.
    fn behind(&self, class: Class) -> usize {
        let here = self.count(Home::Flash, Some(class)) + self.count(Home::Received, Some(class));
        let kept = match (self.kept, class) {
            (Some([vital, _]), Class::Vital) => vital,
            (Some([_, ordinary]), Class::Ordinary) => ordinary,
            (None, _) => 0,
        };
        usize::from(kept).saturating_sub(here)
    }

    /// Half of the window for each class, so that none waits behind the other.
    fn room(&self, class: Class) -> usize {
        let here = self.count(Home::Flash, Some(class)) + self.count(Home::Received, Some(class));
        (N / 2).saturating_sub(here).min(N - self.waiting.len())
    }

    fn count(&self, home: Home, class: Option<Class>) -> usize {
        let counts = |w: &&Waiting| w.home == home && class.is_none_or(|c| w.event.class == c);
        self.waiting.iter().filter(counts).count()
    }

    fn kept_mut(&mut self, class: Class) -> Option<&mut u16> {
        let [vital, ordinary] = self.kept.as_mut()?;
        Some(match class {
            Class::Vital => vital,
            Class::Ordinary => ordinary,
        })
    }
}

/// Where an input stands in an array; far outside for input 0.
fn index(input: u8) -> usize {
    usize::from(input).wrapping_sub(1)
}
