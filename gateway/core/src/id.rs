//! Names of things. Each kind of name is a type of its own, so that a point can't be taken for a device.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

/// Why a text can't serve as a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" can't be a name: use 1 to 128 letters, digits and . _ - : / (not first or last, never twice)"
)]
pub struct BadId(pub String);

/// The longest name, in bytes.
pub(crate) const LONGEST: usize = 128;
/// An alarm's name is that of its source behind a word, as `path-test:`: the longest of these, in bytes.
const BEFORE: usize = 16;

/// True for 1 to 128 letters, digits, `.`, `_`, `-`, `:` and single inner `/`.
///
/// The set keeps a name safe inside an MQTT topic, a URL path and a file name's stem.
pub fn is_valid(text: &str) -> bool {
    is_name(text, LONGEST)
}

fn is_name(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len())
        && !text.starts_with('/')
        && !text.ends_with('/')
        && !text.contains("//")
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | ':' | '/'))
}

macro_rules! name {
    ($longest:expr; $(#[$doc:meta] $name:ident)+) => {$(
        #[$doc]
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Arc<str>);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str { &self.0 }
        }
        /// For names that are known to be well formed; text from outside goes through [`FromStr`].
        impl From<&str> for $name {
            fn from(text: &str) -> Self { Self(text.into()) }
        }
        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                if is_name(text, $longest) { Ok(Self(text.into())) } else { Err(BadId(text.into())) }
            }
        }
        impl TryFrom<String> for $name {
            type Error = BadId;
            fn try_from(text: String) -> Result<Self, BadId> { text.parse() }
        }
        impl From<$name> for String {
            fn from(id: $name) -> String { id.0.as_ref().to_owned() }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { write!(f, "{:?}", self.0) }
        }
        #[cfg(feature = "schema")]
        impl utoipa::PartialSchema for $name {
            fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                <String as utoipa::PartialSchema>::schema()
            }
        }
        #[cfg(feature = "schema")]
        impl utoipa::ToSchema for $name {}
    )+};
}

name! {
    LONGEST + BEFORE;
    /// An alarm, named after what raises it: `rule:lift-1/trapped`, `quiet:board-7`, `journal`.
    AlarmId
}

name! {
    LONGEST;
    /// A site: one engine, one journal, one order of events.
    SiteId
    /// A place inside a site: compound, building, stairwell, lift, door.
    PlaceId
    /// A device: a board, a lift controller, a panel, a sensor.
    DeviceId
    /// A point: one measured or switched value, `device/point`.
    PointId
    /// A rule that turns readings into an alarm, `device/rule`.
    RuleId
    /// A person.
    PersonId
    /// A roster.
    RosterId
    /// An escalation policy.
    PolicyId
    /// A configured way of reaching people: `push`, `ntfy`, `mail`.
    ChannelId
}

macro_rules! number {
    ($(#[$doc:meta] $name:ident)+) => {$(
        #[$doc]
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(pub u64);
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { self.0.fmt(f) }
        }
    )+};
}

number! {
    /// An incident, counted from 1 within its site.
    IncidentId
    /// A muster, counted from 1 within its site.
    MusterId
    /// A message in the outbox, counted from 1 within its site.
    MessageId
    /// An order to switch an output, counted from 1 within its site.
    OrderId
    /// A swap of shifts that somebody asked for, counted from 1 within its site.
    SwapId
}
