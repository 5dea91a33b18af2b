//! A contact, believed once it rests.

use embedded_hal::digital::InputPin;
use gengfu_wire::{down::InputConfig, up::InputState};

use crate::supervised::{Loop, judge};

/// What the pin reads while the contact is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wiring {
    /// The contact pulls the pin to ground, against a resistor to the supply: closed is low.
    PullUp,
    /// The contact pulls the pin to the supply, against a resistor to ground: closed is high.
    PullDown,
}

/// What was seen at an input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// An open contact.
    Open,
    /// A closed contact.
    Closed,
    /// The pin could not be read, as when a port expander does not answer.
    Unreadable,
    /// A supervised loop of so many ohms.
    Ohms(u32),
    /// Nobody looked at it at that moment: it says nothing of how it stood.
    Nothing,
}

impl Seen {
    /// Looks at a pin.
    pub fn at<P: InputPin>(pin: &mut P, wiring: Wiring) -> Self {
        match (pin.is_high(), wiring) {
            (Ok(true), Wiring::PullDown) | (Ok(false), Wiring::PullUp) => Seen::Closed,
            (Ok(_), _) => Seen::Open,
            (Err(_), _) => Seen::Unreadable,
        }
    }
}

/// How a contact was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Contact {
    Open,
    Closed,
    Unreadable,
    Supervised(Loop),
}

/// A fault of a loop is believed after this long at the least, in milliseconds: while a contact closes
/// or a plug is put in, a loop passes through all that it can be.
pub const FAULT_DEBOUNCE_MS: u16 = 500;

/// Debounce of an input that is not used, in milliseconds: enough for a sound contact.
const UNUSED_DEBOUNCE_MS: u16 = 50;

/// One input of the board.
///
/// A contact is believed when it was found the same, at every look, for the debounce time. A contact
/// that moves less often than that is therefore never missed, as long as somebody looks at it; one
/// that never rests keeps the state that it had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Input {
    normally_closed: bool,
    bare: bool,
    debounce_ms: u16,
    /// The last contact that rested; none before the first.
    settled: Option<Contact>,
    /// What it is found to be otherwise, and since when.
    moving: Option<(Contact, u64)>,
}

impl Input {
    /// An input that nobody has looked at, not used yet.
    pub const fn new() -> Self {
        Self {
            normally_closed: false,
            bare: false,
            debounce_ms: UNUSED_DEBOUNCE_MS,
            settled: None,
            moving: None,
        }
    }

    /// Uses it so from now on; without a configuration it is watched, as a normally open contact.
    /// Where the contact stands is not forgotten.
    pub fn configure(&mut self, config: Option<&InputConfig>) {
        self.normally_closed = config.is_some_and(|c| c.normally_closed);
        self.bare = config.is_some_and(|c| c.bare);
        self.debounce_ms = config.map_or(UNUSED_DEBOUNCE_MS, |c| c.debounce_ms);
    }

    /// Looks at the contact. Returns since when it stands as it does, if it is believed just now.
    pub fn look<P: InputPin>(&mut self, now_ms: u64, pin: &mut P, wiring: Wiring) -> Option<u64> {
        self.see(now_ms, Seen::at(pin, wiring))
    }

    /// The same, for what was seen at it by other means.
    pub fn see(&mut self, now_ms: u64, seen: Seen) -> Option<u64> {
        let found = match seen {
            Seen::Open => Contact::Open,
            Seen::Closed => Contact::Closed,
            Seen::Unreadable => Contact::Unreadable,
            Seen::Ohms(ohms) => Contact::Supervised(judge(ohms, self.last_loop())),
            Seen::Nothing => return None,
        };
        if self.settled == Some(found) {
            self.moving = None;
            return None;
        }
        let since = match self.moving {
            Some((contact, since)) if contact == found => since,
            _ => now_ms,
        };
        if now_ms.saturating_sub(since) < u64::from(self.debounce_ms(found)) {
            self.moving = Some((found, since));
            return None;
        }
        self.settled = Some(found);
        self.moving = None;
        Some(since)
    }

    /// How it stands since it last rested; none before it first did.
    pub fn settled(&self) -> Option<InputState> {
        self.settled.map(|contact| self.state(contact))
    }

    /// How it stands: as it last rested, and before that as it was last found; none where nobody has
    /// looked.
    pub fn stands(&self) -> Option<InputState> {
        self.settled().or(self.moving.map(|(contact, _)| self.state(contact)))
    }

    /// The loop as it was found last.
    fn last_loop(&self) -> Option<Loop> {
        match self.moving.map(|(contact, _)| contact).or(self.settled)? {
            Contact::Supervised(found) => Some(found),
            _ => None,
        }
    }

    /// How long it must be found so before it is believed.
    fn debounce_ms(&self, found: Contact) -> u16 {
        match (found, self.state(found)) {
            (Contact::Supervised(_), InputState::Idle | InputState::Active) => self.debounce_ms,
            (Contact::Supervised(_), _) => self.debounce_ms.max(FAULT_DEBOUNCE_MS),
            _ => self.debounce_ms,
        }
    }

    /// What a contact means. One that can't be read is a fault of its line, never "nothing to tell".
    fn state(&self, contact: Contact) -> InputState {
        match contact {
            Contact::Unreadable => InputState::Drift,
            Contact::Supervised(found) => match found {
                // A loop's alarm is an alarm: its contact is not turned round.
                Loop::Normal => InputState::Idle,
                Loop::Alarm => InputState::Active,
                Loop::Short if self.bare => InputState::Active,
                Loop::Short => InputState::Short,
                Loop::Cut => InputState::Open,
                Loop::Drift => InputState::Drift,
            },
            Contact::Open if self.normally_closed => InputState::Active,
            Contact::Closed if !self.normally_closed => InputState::Active,
            Contact::Open | Contact::Closed => InputState::Idle,
        }
    }
}

impl Default for Input {
    fn default() -> Self {
        Self::new()
    }
}
