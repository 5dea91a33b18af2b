//! Incidents as alerts by the Common Alerting Protocol 1.2 (OASIS, 1 July 2010), for programs of others:
//! a district's platform, a sign in the hall, a feed reader.
//!
//! An incident is one alert and what follows it. The first message is an `Alert`; what matters later is an
//! `Update` that refers to all messages before it: somebody is going, is there, is not going after all,
//! nobody has answered, it is over. The end is an `Update` whose response type is `AllClear`: the danger was
//! real and has gone. A false alarm is a `Cancel`: what was said before is taken back. `incidents` binds all
//! of them together. Names of people, addresses, and links by which one could answer are in none of them.
//!
//! A message is made of the incident and the building's card for it, so that it is the same whoever asks, and
//! after a restart; a card that is edited meanwhile changes the instruction, and nothing else.
//!
//! - [`message`]: what an incident says, and when. [`levels`]: how urgent, how severe, how certain.
//! - [`xml`]: how it is written. [`feed`](mod@feed): all of them as a feed.

mod feed;
mod levels;
mod message;
mod xml;

pub use feed::{FEED_TYPE, feed};
pub use message::{Alert, Issuer, Stage};

/// Its media type.
pub const MEDIA_TYPE: &str = "application/cap+xml";
/// Its namespace.
pub const NAMESPACE: &str = "urn:oasis:names:tc:emergency:cap:1.2";
