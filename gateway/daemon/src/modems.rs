//! The channels' modems as devices: what one shows of itself becomes readings.

use gengfu_core::{
    id::{ChannelId, DeviceId},
    input::Input,
    point::{Kind, Reading, Sample},
    time::Timestamp,
};
use parking_lot::RwLock;

use crate::config::{Config, device::Way};

/// Those that the configuration names; changed as a whole by a reload.
#[derive(Default)]
pub struct Modems {
    known: RwLock<Vec<(DeviceId, ChannelId)>>,
}

impl Modems {
    /// Takes over a configuration.
    pub fn set(&self, config: &Config) {
        let modems = config.links.iter().filter_map(|(device, link)| match &link.way {
            Way::Modem { channel } => Some((device.clone(), channel.clone())),
            _ => None,
        });
        *self.known.write() = modems.collect();
    }

    /// What is read where the modem of `channel` shows this; nothing where it is no device.
    pub fn inputs(
        &self,
        channel: &ChannelId,
        point: &str,
        sample: &Sample,
        at: Timestamp,
    ) -> Vec<Input> {
        let known = self.known.read();
        let of_it = known.iter().filter(|(_, of)| of == channel);
        let reading = |(device, _): &(DeviceId, ChannelId)| {
            Input::Reading(Reading {
                point: format!("{device}/{point}").as_str().into(),
                sample: sample.clone(),
                source_at: None,
                received_at: at,
                kind: Kind::State,
                origin: None,
            })
        };
        of_it.map(reading).collect()
    }
}
