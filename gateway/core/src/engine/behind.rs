//! Devices behind another one, or behind a broker: when what stands in front of them is there again.

use crate::{front::Front, id::DeviceId};

use super::Draft;

impl Draft {
    /// True while something in front of the device is away, or said good-bye just now: its silence is
    /// no news then.
    pub(super) fn is_covered(&self, device: &DeviceId) -> bool {
        let is_going = |front: &Front| match front {
            Front::Device(front) => self.state.live.leaving.contains_key(front),
            Front::Part(_) => false,
        };
        self.state.cover(device).is_some() || self.state.fronts(device).any(is_going)
    }

    /// What came through a device proves that it is there.
    pub(super) fn find_fronts(&mut self, device: &DeviceId) {
        let lost = |front: &Front| match front {
            Front::Device(front) if self.state.lost.contains_key(front) => Some(front.clone()),
            _ => None,
        };
        let lost: Vec<DeviceId> = self.state.fronts(device).filter_map(lost).collect();
        // The farthest first: nothing is believed as long as anything in front is away.
        for front in lost.iter().rev() {
            self.find(front);
        }
    }

    /// What stood in front is there again: what the devices behind it said before is believed again,
    /// until they say otherwise.
    pub(super) fn uncover(&mut self, front: &Front) {
        for device in self.state.behind(front) {
            self.evaluate_device(&device);
        }
    }
}
