//! The way to an output: the bus that its device is on, or a message at a broker.

use gengfu_core::{id::PointId, point::device_of};
use gengfu_field::{
    adapter::{Publication, json::topic_of},
    mqtt::Outbound,
    profile::Source,
    switch::Switch,
};
use tokio::sync::mpsc;

use crate::{
    config::{Config, device::Way},
    field::Field,
};

/// The way to an output.
pub enum WayTo {
    /// The bus that its device is on writes it.
    Bus(mpsc::Sender<Switch>),
    /// A message switches it.
    Topic {
        /// To the broker.
        outbound: Box<Outbound>,
        /// The broker is reached now.
        is_connected: bool,
        /// What switches it on.
        on: Publication,
        /// What switches it off.
        off: Publication,
    },
}

impl Field {
    /// The way to an output, if one of the devices that are spoken with has it.
    pub fn way_to(&self, config: &Config, output: &PointId) -> Option<WayTo> {
        let link = config.links.get(&device_of(output))?;
        match (&link.way, &link.source) {
            (Way::Modbus { bus, .. }, Source::Modbus { .. }) => {
                let bus = self.buses.get(bus)?;
                Some(WayTo::Bus(bus.handle.switches.clone()))
            }
            (Way::Json { broker, topic }, Source::Json { points, .. }) => {
                let mqtt = match broker {
                    Some(name) => self.brokers.get(name)?.source()?,
                    None => &self.mqtt,
                };
                let point = points.iter().find(|point| point.point == *output)?;
                let commanded = point.switch.as_ref()?;
                // What switches on is sent once at most: a copy that comes late must open nothing.
                let publication = |payload: &str, at_least_once: bool| Publication {
                    topic: topic_of(&commanded.topic, topic),
                    payload: payload.into(),
                    retain: false,
                    at_least_once,
                };
                Some(WayTo::Topic {
                    outbound: Box::new(mqtt.outbound.clone()),
                    is_connected: mqtt.is_connected(),
                    on: publication(&commanded.on, false),
                    off: publication(&commanded.off, true),
                })
            }
            _ => None,
        }
    }
}
