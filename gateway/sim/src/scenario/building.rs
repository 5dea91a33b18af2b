//! The house that a script happens in.

use gengfu_core::{
    escalation::policy::Policy,
    id::{ChannelId, DeviceId, PersonId, PlaceId, PointId},
    roster::Roster,
    time::Timestamp,
};
use jiff::{civil::DateTime, tz::TimeZone};

/// The house, its people and their duties.
#[derive(Debug, Clone)]
pub struct Building {
    /// What it is called.
    pub name: String,
    /// The zone's name, as `Europe/Berlin`.
    pub zone_name: String,
    /// Its wall clock.
    pub zone: TimeZone,
    /// What that shows when the story begins.
    pub starts: DateTime,
    /// The ways of reaching people.
    pub ways: Vec<ChannelId>,
    /// Its places; each has a board of its own where it has contacts.
    pub places: Vec<Spot>,
    /// Its people.
    pub people: Vec<Reached>,
    /// Who is on duty when.
    pub rosters: Vec<Roster>,
    /// Who is asked in which order.
    pub policies: Vec<Policy>,
    /// The hour of the daily test, where the script says one.
    pub test_hour: Option<i8>,
}

/// A place with contacts on a board.
#[derive(Debug, Clone)]
pub struct Spot {
    /// Its name.
    pub id: PlaceId,
    /// Its contacts; the first one is the board's input 1.
    pub contacts: Vec<Contact>,
}

/// A person and the ways to them, best first.
#[derive(Debug, Clone)]
pub struct Reached {
    /// Their name.
    pub id: PersonId,
    /// The ways.
    pub ways: Vec<ChannelId>,
}

/// What a contact tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contact {
    /// What it is called in a script.
    pub words: &'static str,
    /// Its role in the board's profile.
    pub role: &'static str,
    /// The end of its rule's name.
    pub rule: &'static str,
}

/// Everything that a board's contact can be.
pub const CONTACTS: [Contact; 10] = [
    Contact { words: "call button", role: "call", rule: "trapped" },
    Contact { words: "fire contact", role: "fire", rule: "fire" },
    Contact { words: "smoke contact", role: "fire", rule: "fire" },
    Contact { words: "fault contact", role: "lift_fault", rule: "fault" },
    Contact { words: "water contact", role: "water", rule: "water" },
    Contact { words: "gas contact", role: "gas", rule: "gas" },
    Contact { words: "gate contact", role: "gate", rule: "open" },
    Contact { words: "mains contact", role: "mains", rule: "mains" },
    Contact { words: "tamper contact", role: "tamper", rule: "tamper" },
    // No role of the profile: a rule of the site's own, that stays until somebody resets it.
    Contact { words: "battery contact", role: "contact", rule: "battery" },
];

impl Spot {
    /// Its board's name.
    pub fn board(&self) -> DeviceId {
        board_of(&self.id)
    }

    /// The number of a contact's input, from 1; none if it has no such contact.
    pub fn input(&self, contact: &Contact) -> Option<u8> {
        let index = self.contacts.iter().position(|c| c == contact)?;
        u8::try_from(index + 1).ok()
    }
}

/// The name of a place's board.
pub fn board_of(place: &PlaceId) -> DeviceId {
    DeviceId::from(format!("board-{place}").as_str())
}

/// The point of a board's input.
pub fn point_of(board: &DeviceId, input: u8) -> PointId {
    PointId::from(format!("{board}/in{input}").as_str())
}

impl Building {
    /// A place by its name.
    pub fn spot(&self, place: &PlaceId) -> Option<&Spot> {
        self.places.iter().find(|spot| spot.id == *place)
    }

    /// When the story begins.
    pub fn begins(&self) -> Timestamp {
        self.instant(self.starts, false)
    }

    /// When the wall clock shows this; the second time, where it shows it twice.
    pub fn instant(&self, shown: DateTime, again: bool) -> Timestamp {
        let shown = self.zone.to_ambiguous_timestamp(shown);
        let at = if again { shown.later() } else { shown.compatible() };
        at.unwrap_or_default().into()
    }

    /// What the wall clock shows then.
    pub fn shows(&self, at: Timestamp) -> DateTime {
        self.zone.to_datetime(at.to_jiff())
    }

    /// The wall clock as people read it.
    pub fn in_words(&self, at: Timestamp) -> String {
        self.shows(at).strftime("%Y-%m-%d %H:%M:%S").to_string()
    }
}
