//! The outbox: every message and what became of it. What is due is read from here, never returned
//! on the side; so a restart is a replay plus the ordinary loop.

use serde::{Deserialize, Serialize};

use crate::{
    danger::{Danger, Priority},
    id::{ChannelId, IncidentId, MessageId, MusterId, PersonId},
    incident::Cause,
    notification::{cost::Cost, duty::DutyNews},
    person::Method,
    text::{Language, Text},
    time::{Span, Timestamp},
};

/// Without a receipt for this long a channel is at fault (EN 54-21: fault within 100 s).
pub const RECEIPT_LIMIT: Span = Span::secs(100);
/// Waits before the second, third and fourth try of a message: inside a step's 45 s.
pub const RETRY_WAITS: [Span; 3] = [Span::secs(2), Span::secs(6), Span::secs(15)];
/// A carrier that keeps a try for so long before it fails is hanging, and gets one more try at the
/// most: all of them together would outlast a step's 45 s, and the next way would never be taken.
pub const HANGS: Span = Span::secs(10);

/// One message to one person through one method.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Its number; with the site and the try-independent rest it makes the idempotency key.
    pub id: MessageId,
    /// What it is about; none for a test.
    pub incident: Option<IncidentId>,
    /// To whom.
    pub person: PersonId,
    /// Through what and to which address.
    pub method: Method,
    /// The language that they read.
    pub language: Language,
    /// What it says.
    pub content: Content,
    /// When it was made.
    pub made_at: Timestamp,
    /// Not to be sent before then: a retry's wait, a throttle.
    pub not_before: Timestamp,
    /// Failed tries so far.
    pub failures: u32,
    /// What became of it.
    pub status: Status,
    /// What it cost so far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Cost>,
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "status")]
pub enum Status {
    /// To be sent (again).
    Due,
    /// The carrier has it.
    Accepted {
        /// Since when.
        at: Timestamp,
    },
    /// It is on the person's device.
    Delivered {
        /// Since when.
        at: Timestamp,
    },
    /// The person reacted to it.
    Answered {
        /// When.
        at: Timestamp,
    },
    /// It did not go, and will not be tried again.
    Failed {
        /// When the last try failed.
        at: Timestamp,
        /// Why.
        reason: String,
    },
    /// Nobody needs it any more: answered, handed over or ended before it was sent.
    Cancelled {
        /// Since when.
        at: Timestamp,
    },
}

/// What a message says. The words are made by the channels, in the person's language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// Why it is sent.
    pub purpose: Purpose,
    /// What happened, as the alarm is called.
    pub what: Text,
    /// Where, outermost place first.
    pub place: Text,
    /// Since when.
    pub since: Timestamp,
    /// The kind of danger.
    pub danger: Danger,
    /// How much it presses.
    pub priority: Priority,
    /// Nothing happened: the person who gets it tests a device. It begins with that word everywhere.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub test: bool,
}

/// Why a message is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", tag = "purpose")]
pub enum Purpose {
    /// "Can you go?"
    Alert {
        /// The policy's step, from 0.
        step: usize,
        /// The round, from 0.
        round: u32,
    },
    /// "Somebody handed this over to you. Can you go?"
    HandedOver {
        /// Who handed it over.
        from: Option<PersonId>,
        /// That person's name.
        from_name: String,
    },
    /// "You said you were going. Are you there?"
    AskAgain,
    /// "Somebody is going; you need not."
    Taken {
        /// Who.
        person: PersonId,
        /// Their name.
        name: String,
    },
    /// "Nobody has answered. Call 119 or 96333."
    NobodyAnswered {
        /// The how-manieth time, from 1.
        count: u32,
    },
    /// "It is not over after so many minutes."
    NotOver {
        /// Minutes since the opening.
        minutes: u64,
    },
    /// "It is over."
    Over {
        /// Why.
        cause: Cause,
    },
    /// "Everybody is called. Are you safe?"
    Muster {
        /// Which muster.
        muster: MusterId,
    },
    /// "This neighbour needs help": for whoever is going, and whoever called the muster.
    NeedsHelp {
        /// Which muster.
        muster: MusterId,
        /// Who.
        name: String,
        /// Where they live, where that is known.
        home: Option<Text>,
    },
    /// "The muster is over."
    MusterOver {
        /// Which muster.
        muster: MusterId,
    },
    /// "This is a test of the way to you."
    PathTest,
    /// News of shifts: never an alarm.
    Duty(DutyNews),
}

impl Purpose {
    /// It asks the person to act and carries a link to answer with.
    pub fn asks(&self) -> bool {
        matches!(
            self,
            Purpose::Alert { .. }
                | Purpose::HandedOver { .. }
                | Purpose::AskAgain
                | Purpose::NobodyAnswered { .. }
                | Purpose::NotOver { .. }
                | Purpose::Muster { .. }
        )
    }
    /// It calls everybody: very many go out at once, and none of them may hold up an alarm.
    pub fn is_muster(&self) -> bool {
        matches!(self, Purpose::Muster { .. } | Purpose::MusterOver { .. })
    }
    /// The muster that it belongs to.
    pub fn muster(&self) -> Option<MusterId> {
        match self {
            Purpose::Muster { muster }
            | Purpose::NeedsHelp { muster, .. }
            | Purpose::MusterOver { muster } => Some(*muster),
            _ => None,
        }
    }
    /// Still wanted after somebody said "I'm going".
    pub fn outlives_answer(&self) -> bool {
        !matches!(
            self,
            Purpose::Alert { .. } | Purpose::NobodyAnswered { .. } | Purpose::HandedOver { .. }
        )
    }
}

impl Message {
    /// The channel that it goes through.
    pub fn channel(&self) -> &ChannelId {
        &self.method.channel
    }
    /// Neither sent for good nor given up.
    pub fn is_due(&self) -> bool {
        self.status == Status::Due
    }
}
