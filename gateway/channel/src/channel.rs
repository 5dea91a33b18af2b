//! The trait behind which every way of reaching a person stands.

use std::{fmt, pin::Pin, sync::Arc};

use gengfu_core::{
    advice::Card,
    id::SiteId,
    incident::Incident,
    notification::{cost::Cost, outbox::Message, receipt::Receipt},
    text::Text,
    time::Span,
};
use url::Url;

use crate::desk::Desk;

/// No send takes longer, whatever the far end does: then it counts as failed and may be tried again.
/// Inside a step's 45 s (no human answer: next person) there must be room for a second try.
pub const SEND_LIMIT: Span = Span::secs(20);

/// A future that a trait object can return.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// One message on its way out, with what the channel needs beside it.
#[derive(Clone)]
pub struct Outgoing {
    /// The idempotency key: the same for every try of the same message, and for no other.
    pub key: String,
    /// The message as the outbox has it.
    pub message: Message,
    /// The site, by its name for programs.
    pub site: SiteId,
    /// The incident that the message is about, as it was known when this was made.
    pub incident: Option<Arc<Incident>>,
    /// What the building says to do first, as it stands when this goes out.
    pub card: Card,
    /// How the site is called.
    pub site_name: Text,
    /// The site's time zone, an IANA name; times are shown in it (in UTC, and said so, if it is unknown).
    pub time_zone: String,
    /// The page to answer on, without signing in; none while `public_url` is not set.
    pub link: Option<Url>,
    /// Where the person's device reports "it is here" by an empty POST.
    pub receipt_link: Option<Url>,
}

/// The carrier took the message. It may still be lost.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accepted {
    /// The carrier's own name for it, if it gave one.
    pub carrier_id: Option<String>,
    /// What it cost, if the carrier says so or the operator knows it.
    pub cost: Option<Cost>,
}

impl Accepted {
    /// The carrier gave it this name, and said nothing of a price.
    pub fn named(carrier_id: Option<String>) -> Self {
        Self { carrier_id, cost: None }
    }
}

/// The message did not go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendError {
    /// Why, and what to do, for people; never with a secret or the person's address in it.
    pub reason: String,
    /// Trying again may help.
    pub retry: bool,
    /// The carrier asked to be left alone for so long.
    pub retry_after: Option<Span>,
    /// What it says of the way to the person.
    pub about: About,
}

/// What a failure says of the way to the person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum About {
    /// Nothing: the carrier or the settings are at fault.
    #[default]
    Carrier,
    /// Nobody is at this address any more.
    Address,
    /// The way is good, and this time nobody took it: busy, refused.
    Person,
}

impl SendError {
    /// A failure that may pass by itself.
    pub fn passing(reason: impl Into<String>) -> Self {
        Self { retry: true, ..Self::lasting(reason) }
    }
    /// A failure that stays until somebody mends it.
    pub fn lasting(reason: impl Into<String>) -> Self {
        Self { reason: reason.into(), retry: false, retry_after: None, about: About::Carrier }
    }
    /// There is nobody at this address, and never will be.
    pub fn gone(reason: impl Into<String>) -> Self {
        Self { about: About::Address, ..Self::lasting(reason) }
    }
    /// The way is good, and nobody took it.
    pub fn declined(reason: impl Into<String>) -> Self {
        Self { about: About::Person, ..Self::lasting(reason) }
    }

    /// What the outbox is told.
    pub fn receipt(self) -> Receipt {
        let Self { reason, retry, about, .. } = self;
        match about {
            About::Carrier => Receipt::Failed { reason, retry },
            About::Address => Receipt::Gone { reason },
            About::Person => Receipt::Declined { reason },
        }
    }
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}
impl std::error::Error for SendError {}

/// How many messages a carrier takes. Fire and trapped go all the same; the others wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// So many messages ...
    pub messages: u32,
    /// ... in any such time.
    pub span: Span,
}

/// One way of reaching a person.
pub trait Channel: Send + Sync {
    /// What kind of channel this is, as in the settings: `phone`, `push`, `http`.
    fn kind(&self) -> &'static str;

    /// Hands the message to the carrier; done within [`SEND_LIMIT`].
    fn send<'a>(&'a self, out: &'a Outgoing) -> BoxFuture<'a, Result<Accepted, SendError>>;

    /// Listens for what comes back and watches the way, for as long as the channel is set up; dropped
    /// at a reload or a stop. A channel that hears nothing never ends this.
    fn listen<'a>(&'a self, desk: &'a Desk) -> BoxFuture<'a, ()> {
        let _ = desk;
        Box::pin(std::future::pending())
    }

    /// Whether a message could go to this address at all; if not, what is wrong with it. Asks nobody.
    fn check_address(&self, address: &str) -> Result<(), String>;

    /// How many messages the carrier takes, if it sets a limit.
    fn pace(&self) -> Option<Pace> {
        None
    }

    /// Whether one more message that can wait should go now. Musters call very many people, and a line
    /// carries only so many calls at once.
    fn has_room(&self) -> bool {
        true
    }

    /// Whether `heard`, as the carrier names who wrote, is the address that stands at a person.
    fn is_same_address(&self, at_person: &str, heard: &str) -> bool {
        at_person == heard
    }
}
