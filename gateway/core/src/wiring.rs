//! The fixed wiring: what the operator's configuration file says hangs where.

use std::{collections::BTreeMap, sync::Arc};

use imbl::OrdMap;
use serde::{Deserialize, Serialize};

use crate::{
    device::Device,
    id::{ChannelId, DeviceId, PersonId, PlaceId, SiteId},
    site::Place,
    text::{Language, Text},
    time::Span,
};

/// Everything that the configuration file tells core. A reload replaces it as a whole.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wiring {
    /// The site's name for programs.
    pub site: SiteId,
    /// The site's name for people.
    pub name: Text,
    /// IANA time zone, in which times are shown and the daily test is held.
    pub time_zone: String,
    /// The language of those whose own is not known.
    pub language: Language,
    /// Places by id.
    pub places: OrdMap<PlaceId, Place>,
    /// Devices by id, shared by all that know them. Boards that were added through the API are kept
    /// apart, in the state.
    pub devices: OrdMap<DeviceId, Arc<Device>>,
    /// The ways of reaching people that are set up.
    pub channels: OrdMap<ChannelId, ChannelInfo>,
    /// When and how the path to people is tested.
    pub path_test: PathTest,
}

/// What core must know of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct ChannelInfo {
    /// People can answer through it (a link they can reach, a reply, a key); otherwise it is one-way.
    pub answerable: bool,
}

/// The daily test of every channel's whole path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct PathTest {
    /// Time between two tests of a channel; daily.
    pub every: Span,
    /// A channel without a passed test for this long raises an alarm; 72 h (EN 81-28).
    pub limit: Span,
    /// Hour of the site's day at which it is held, 0 to 23.
    pub hour: i8,
    /// Who gets it, by channel; of one that is not named, the first who cares for the gateway.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub to: BTreeMap<ChannelId, Tester>,
}

/// Who gets a channel's daily test.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Tester {
    /// Somebody; another person, while this one has no way by the channel.
    Person(PersonId),
    /// An address that stands at nobody: a mailbox of its own, a number that echoes.
    Address {
        /// The address. Taken as a secret.
        address: String,
        /// That the carrier took it is not enough: it must arrive, as a call does that is picked up.
        must_arrive: bool,
    },
}

impl Default for PathTest {
    fn default() -> Self {
        Self { every: Span::hours(24), limit: Span::hours(72), hour: 10, to: BTreeMap::new() }
    }
}

impl Wiring {
    /// An empty site.
    pub fn new(site: SiteId) -> Self {
        Self {
            name: Text::from(site.as_str()),
            site,
            time_zone: "Asia/Shanghai".into(),
            language: Language::default(),
            places: OrdMap::new(),
            devices: OrdMap::new(),
            channels: OrdMap::new(),
            path_test: PathTest::default(),
        }
    }
}
