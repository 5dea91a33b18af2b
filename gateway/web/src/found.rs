//! Devices that announce themselves over MQTT, as they do for Home Assistant, and what an installer
//! says of one that is taken in.

use gengfu_core::{
    danger::{Danger, Priority},
    id::{DeviceId, PlaceId},
    text::Text,
    time::{Span, Timestamp},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Everything that was found.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Found {
    /// The gateway listens for such devices: `discover` in `[homeassistant]`.
    pub listening: bool,
    /// So many announcements found no room since the start.
    pub refused: u64,
    /// The devices, and those that were taken in and are not announced any more.
    pub devices: Vec<FoundDevice>,
}

/// A device that announces itself.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FoundDevice {
    /// Its name for programs: the same whenever it announces itself.
    pub id: String,
    /// What it calls itself.
    pub name: String,
    /// Who made it; empty where it does not say.
    pub maker: String,
    /// What it is; empty where it does not say.
    pub model: String,
    /// When an announcement came last, since the gateway started; none where none came.
    #[schema(required)]
    pub seen: Option<Timestamp>,
    /// Longest silence that is believed to be health, unless the installer says otherwise.
    #[schema(required)]
    pub supervision: Option<Span>,
    /// What it offers.
    pub entities: Vec<FoundEntity>,
    /// The device that it is here; none while nobody took it in.
    #[schema(required)]
    pub adopted: Option<DeviceId>,
    /// It announces itself otherwise than when it was taken in: adopting it again under the same id takes
    /// that over.
    pub changed: bool,
}

/// One point that a device offers.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FoundEntity {
    /// Its name for people.
    pub name: Text,
    /// Its device class, as Home Assistant calls it.
    pub class: String,
    /// Where its value comes.
    #[schema(required)]
    pub topic: Option<String>,
    /// The alarm that it would raise; none for a value that is only recorded.
    #[schema(required)]
    pub alarm: Option<FoundAlarm>,
    /// Why it can't be taken in.
    #[schema(required)]
    pub trouble: Option<Text>,
}

/// An alarm that a point would raise.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FoundAlarm {
    /// What it says.
    pub name: Text,
    /// The kind of danger.
    pub danger: Danger,
    /// How much it presses.
    pub priority: Priority,
}

/// What an installer says of a device that is taken in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Adoption {
    /// Its name for programs.
    pub id: DeviceId,
    /// Its name for people.
    pub name: Text,
    /// Where it hangs.
    pub place: PlaceId,
    /// Longest silence that is believed to be health, where it is to be another one than offered.
    #[serde(default)]
    pub supervision: Option<Span>,
}
