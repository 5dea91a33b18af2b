//! The telephones in the lifts' cars: which device a number belongs to, and what its calls mean.

use gengfu_channel::{Car, is_same_number};
use gengfu_core::{
    id::{DeviceId, MessageId},
    input::Input,
    point::{Kind, Reading, Value},
    state::State,
    time::Timestamp,
};
use parking_lot::RwLock;

use crate::config::{Config, device::Way};

/// Those that the configuration names; changed as a whole by a reload.
#[derive(Default)]
pub struct CarPhones {
    known: RwLock<Vec<(DeviceId, String)>>,
}

impl CarPhones {
    /// Takes over a configuration.
    pub fn set(&self, config: &Config) {
        let phones = config.links.iter().filter_map(|(device, link)| match &link.way {
            Way::Call { number } => Some((device.clone(), number.clone())),
            _ => None,
        });
        *self.known.write() = phones.collect();
    }

    /// What a call from this number tells; none from a stranger's.
    pub fn input(&self, number: &str, car: Car, at: Timestamp) -> Option<Input> {
        let known = self.known.read();
        let (device, _) = known.iter().find(|(_, known)| is_same_number(known, number))?;
        let calls = match car {
            Car::Tests => return Some(Input::Heard(device.clone())),
            Car::Calls => true,
            Car::HungUp => false,
        };
        Some(Input::Reading(Reading {
            point: format!("{device}/call").as_str().into(),
            sample: Ok(Value::Bool(calls)),
            source_at: None,
            received_at: at,
            kind: Kind::Edge,
            origin: None,
        }))
    }

    /// The telephone in the car that a message is about: the one that called, or else the one at the
    /// place of the incident.
    pub fn of_message(&self, state: &State, message: MessageId) -> Option<String> {
        let incident = state.messages.get(&message)?.incident?;
        let incident = state.incidents.get(&incident)?;
        let alarms = incident.alarms.iter().filter_map(|id| state.alarms.get(id));
        let devices: Vec<&DeviceId> =
            alarms.filter_map(|alarm| alarm.subject.device.as_ref()).collect();
        let known = self.known.read();
        let calls = known.iter().find(|(device, _)| devices.contains(&device));
        let is_there = |device: &DeviceId| {
            state.device(device).is_some_and(|device| device.place == incident.place)
        };
        let found = calls.or_else(|| known.iter().find(|(device, _)| is_there(device)));
        found.map(|(_, number)| number.clone())
    }
}
