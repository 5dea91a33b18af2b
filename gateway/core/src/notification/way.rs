//! Ways: one channel to one address of a person, and what is known of it. A way that was proven has
//! told this very person something once; a broken one was refused for good.

use serde::{Deserialize, Serialize};

use crate::{
    id::ChannelId,
    person::Method,
    time::{Span, Timestamp},
};

/// A new way counts as working for so long without a proof (EN 81-28: a path is tested within 72 h).
pub const TRIAL: Span = Span::hours(72);

/// What is known of one way to a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    /// The channel.
    pub channel: ChannelId,
    /// Where on it. Taken as a secret.
    pub address: String,
    /// Since when the person has it.
    pub since: Timestamp,
    /// When something last arrived by it, as far as is known: the device or the person said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proven_at: Option<Timestamp>,
    /// Why it leads nowhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub broken: Option<Broken>,
}

/// Why a way leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Broken {
    /// Since when it is known.
    pub at: Timestamp,
    /// What the carrier said.
    pub reason: String,
}

impl Way {
    /// A way that nothing is known of yet.
    pub fn new(method: &Method, since: Timestamp) -> Self {
        let (channel, address) = (method.channel.clone(), method.address.clone());
        Self { channel, address, since, proven_at: None, broken: None }
    }

    /// It is what this method leads by.
    pub fn is_of(&self, method: &Method) -> bool {
        (&self.channel, &self.address) == (&method.channel, &method.address)
    }

    /// Something arrived by it.
    pub fn prove(&mut self, at: Timestamp) {
        self.proven_at = Some(at);
        self.broken = None;
    }

    /// All that counting on it depends on, but for its age: broken, ever proven.
    pub fn standing(&self) -> (bool, bool) {
        (self.broken.is_some(), self.proven_at.is_some())
    }

    /// It may be counted on: not broken, and proven or still new.
    pub fn counts(&self, now: Timestamp) -> bool {
        self.broken.is_none() && (self.proven_at.is_some() || now.since(self.since) < TRIAL)
    }
}
