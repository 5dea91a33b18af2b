//! People, how to reach them, and what they may do.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::{
    id::{ChannelId, PersonId},
    text::Language,
    time::Timestamp,
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
    /// How to reach them, best first. A vital alarm starts the first two at once.
    #[serde(default)]
    pub methods: Vec<Method>,
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
}

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
