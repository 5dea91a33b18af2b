//! What stands in front of a device: all that it says comes through that, as through a Zigbee bridge or
//! a broker. While it is away nothing is known of those behind it, and their silence is no news of
//! their own: people hear of the one thing that is away.

use serde::{Deserialize, Serialize};

use crate::{alarm::Source, device::Presence, id::DeviceId, point::NoData, state::State};

/// What all of a device's words come through.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Front {
    /// Another device, as a bridge.
    Device(DeviceId),
    /// A part of the gateway, named as in its alarm: a broker.
    Part(String),
}

/// So many may stand one behind the other; what is further in front is not looked at, so that a loop
/// has an end.
pub const MAX_FRONTS: usize = 4;

impl State {
    /// What stands in front of a device, the nearest first.
    pub(crate) fn fronts<'a>(&'a self, device: &DeviceId) -> impl Iterator<Item = &'a Front> {
        let behind = |device: &DeviceId| self.device(device).and_then(|d| d.behind.as_ref());
        let mut next = behind(device);
        std::iter::from_fn(move || {
            let front = next?;
            next = match front {
                Front::Device(device) => behind(device),
                Front::Part(_) => None,
            };
            Some(front)
        })
        .take(MAX_FRONTS)
    }

    /// That a device can't be heard because something in front of it is away, and since when. What
    /// it said after a part of the gateway failed came through all the same, and is believed.
    pub(crate) fn cover(&self, device: &DeviceId) -> Option<Presence> {
        self.fronts(device).find_map(|front| match front {
            Front::Device(front) => self.lost.get(front).copied(),
            Front::Part(part) => {
                let id = Source::Gateway(part.clone()).alarm();
                let since = self.alarms.get(&id).filter(|alarm| alarm.active)?.raised_at;
                let heard = self.live.heard.get(device).is_some_and(|heard| *heard >= since);
                (!heard).then_some(Presence::Lost { since, reason: NoData::Offline })
            }
        })
    }

    /// The devices that have this in front of them, near or far.
    pub(crate) fn behind(&self, front: &Front) -> Vec<DeviceId> {
        let is = |device: &&crate::device::Device| self.fronts(&device.id).any(|f| f == front);
        self.devices().filter(|d| d.behind.is_some()).filter(is).map(|d| d.id.clone()).collect()
    }
}
