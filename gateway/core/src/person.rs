//! People, how to reach them, and what they may do.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    danger::Priority,
    hours::Hours,
    id::{ChannelId, PersonId, PlaceId},
    text::Language,
    time::{Span, Timestamp},
};

/// A neighbour, a maintainer, an installer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Person {
    /// The name they sign in with.
    pub id: PersonId,
    /// What others call them.
    pub name: String,
    /// The language they read.
    #[serde(default)]
    pub language: Language,
    /// What they may do.
    #[serde(default)]
    pub roles: BTreeSet<Role>,
    /// Where they live: whom a muster of that building calls.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub home: Option<PlaceId>,
    /// How to reach them, best first. A vital alarm starts the first two at once.
    #[serde(default)]
    pub methods: Vec<Method>,
    /// Hours of the site's day at which they are not disturbed: what happens then waits for the
    /// morning, or is asked of somebody else. Fire, trapped and what is critical wake them all the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, example = "22:00-06:00"))]
    pub quiet: Option<Hours>,
}

impl Person {
    /// May be asked to go: not a mere resident.
    pub fn is_asked(&self) -> bool {
        self.roles.is_empty() || self.roles.iter().any(|role| *role != Role::Resident)
    }
}

/// What a person may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything, people and their roles included.
    Admin,
    /// Telemetry, shelving, out of service, rosters and policies.
    Maintainer,
    /// Boards and their commissioning.
    Installer,
    /// Incidents: I'm going, I'm there, hand over, end.
    Volunteer,
    /// Nothing but to be called with everybody: lives here, and is never asked to go.
    Resident,
}

/// One way of reaching a person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Method {
    /// The configured channel.
    pub channel: ChannelId,
    /// Where on it: an e-mail address, a topic, a push subscription as JSON. Taken as a secret.
    pub address: String,
    /// So long after the person was asked this way is taken too, unless somebody has answered by
    /// then: "call after 20 s". Without it this way is kept for when those before it fail. The
    /// first way never waits, and a vital alarm's first two channels don't either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, example = "20s"))]
    pub after: Option<Span>,
    /// Only for what presses at least so much. Fire, trapped and what is critical come by every way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub least: Option<Priority>,
    /// Only at these hours of the site's day, as `08:00-22:00`; the same exceptions hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, example = "08:00-22:00"))]
    pub hours: Option<Hours>,
}

impl Method {
    /// A way that is taken at once, at any hour, for everything.
    pub fn new(channel: ChannelId, address: impl Into<String>) -> Self {
        Self { channel, address: address.into(), after: None, least: None, hours: None }
    }

    /// The same channel to the same address, whenever it is taken.
    pub fn is_same_way(&self, other: &Method) -> bool {
        (&self.channel, &self.address) == (&other.channel, &other.address)
    }
}

/// No way waits longer than this, whatever its delay says: what is asked for later than that is no
/// longer about this call.
pub const LONGEST_DELAY: Span = Span::mins(10);

/// How a person proves who they are. Kept apart from [`Person`] so that it never leaves by the API.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// Argon2 hash in PHC form; none until an invitation was used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_hash: Option<String>,
    /// The open invitation: SHA-256 of its token (hex), and when it lapses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation: Option<(String, Timestamp)>,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login")
            .field("password", &self.password_hash.is_some())
            .field("invitation", &self.invitation.as_ref().map(|(_, until)| until))
            .finish()
    }
}

/// A signed-in browser: who, and until when. Its key in the state is the SHA-256 of the cookie (hex).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    /// Who signed in.
    pub person: PersonId,
    /// When it ends by itself.
    pub until: Timestamp,
}
