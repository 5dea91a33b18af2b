//! A contact, believed once it rests.

use embedded_hal::digital::InputPin;
use gengfu_wire::{down::InputConfig, up::InputState};

/// What the pin reads while the contact is closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wiring {
    /// The contact pulls the pin to ground, against a resistor to the supply: closed is low.
    PullUp,
    /// The contact pulls the pin to the supply, against a resistor to ground: closed is high.
    PullDown,
}

/// How a contact was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Contact {
    Open,
    Closed,
    /// The pin could not be read, as when a port expander does not answer.
    Unreadable,
}

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
            debounce_ms: UNUSED_DEBOUNCE_MS,
            settled: None,
            moving: None,
        }
    }

    /// Uses it so from now on; without a configuration it is watched, as a normally open contact.
    /// Where the contact stands is not forgotten.
    pub fn configure(&mut self, config: Option<&InputConfig>) {
        self.normally_closed = config.is_some_and(|c| c.normally_closed);
        self.debounce_ms = config.map_or(UNUSED_DEBOUNCE_MS, |c| c.debounce_ms);
    }

    /// Looks at the contact. Returns since when it stands as it does, if it is believed just now.
    pub fn look<P: InputPin>(&mut self, now_ms: u64, pin: &mut P, wiring: Wiring) -> Option<u64> {
        let found = match (pin.is_high(), wiring) {
            (Ok(true), Wiring::PullDown) | (Ok(false), Wiring::PullUp) => Contact::Closed,
            (Ok(_), _) => Contact::Open,
            (Err(_), _) => Contact::Unreadable,
        };
        if self.settled == Some(found) {
            self.moving = None;
            return None;
        }
        let since = match self.moving {
            Some((contact, since)) if contact == found => since,
            _ => now_ms,
        };
        if now_ms.saturating_sub(since) < u64::from(self.debounce_ms) {
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

    /// What a contact means. One that can't be read is a fault of its line, never "nothing to tell".
    fn state(&self, contact: Contact) -> InputState {
        match contact {
            Contact::Unreadable => InputState::Drift,
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
