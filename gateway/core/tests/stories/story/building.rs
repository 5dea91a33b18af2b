//! What happens in the building: contacts, polls, heartbeats, and the wiring itself.

use std::sync::Arc;

use gengfu_core::{
    device::Device,
    id::{DeviceId, PointId},
    input::Input,
    point::{Kind, NoData, Origin, Reading, Sample, Value},
    wiring::Wiring,
};

use super::Story;

impl Story {
    /// A contact closes: `device/point`.
    pub fn press(&mut self, point: &str) -> &mut Self {
        self.edge(point, true)
    }

    /// A contact opens.
    pub fn release(&mut self, point: &str) -> &mut Self {
        self.edge(point, false)
    }

    fn edge(&mut self, point: &str, closed: bool) -> &mut Self {
        let device = DeviceId::from(point.rsplit_once('/').unwrap().0);
        let number = self.numbers.entry(device).or_insert(Origin { boot: 1, seq: 0 });
        number.seq += 1;
        let number = *number;
        self.numbered(point, closed, number)
    }

    /// An event with a number of the story's choice: a duplicate, or one that was overtaken.
    pub fn numbered(&mut self, point: &str, closed: bool, origin: Origin) -> &mut Self {
        let reading = Reading {
            kind: Kind::Edge,
            origin: Some(origin),
            ..self.reading(point, Ok(Value::Bool(closed)))
        };
        self.tell(Input::Reading(reading))
    }

    /// A value that was polled.
    pub fn poll(&mut self, point: &str, value: impl Into<Polled>) -> &mut Self {
        let reading = self.reading(point, Ok(value.into().0));
        self.tell(Input::Reading(reading))
    }

    /// A poll that gave nothing.
    pub fn poll_fails(&mut self, point: &str, reason: NoData) -> &mut Self {
        let reading = self.reading(point, Err(reason));
        self.tell(Input::Reading(reading))
    }

    /// A value that a broker has retained.
    pub fn remembers(&mut self, point: &str, closed: bool) -> &mut Self {
        let reading =
            Reading { kind: Kind::Retained, ..self.reading(point, Ok(Value::Bool(closed))) };
        self.tell(Input::Reading(reading))
    }

    fn reading(&self, point: &str, sample: Sample) -> Reading {
        Reading {
            point: PointId::from(point),
            sample,
            source_at: None,
            received_at: self.now,
            kind: Kind::State,
            origin: None,
        }
    }

    /// From now on this device beats.
    pub fn beats(&mut self, device: &str) -> &mut Self {
        self.beating.insert(device.into());
        self.tell(Input::Heard(device.into()))
    }

    /// From now on it is silent.
    pub fn silence(&mut self, device: &str) -> &mut Self {
        self.beating.remove(&DeviceId::from(device));
        self
    }

    /// Puts other wiring in place.
    pub fn rewire(&mut self, change: impl FnOnce(&mut Wiring)) -> &mut Self {
        let mut wiring = self.state.wiring.as_ref().clone();
        change(&mut wiring);
        self.tell(Input::Configure(Box::new(wiring)))
    }

    /// Changes one device of the wiring.
    pub fn change(&mut self, device: &str, change: impl FnOnce(&mut Device)) -> &mut Self {
        self.rewire(|wiring| {
            change(Arc::make_mut(wiring.devices.get_mut(&DeviceId::from(device)).unwrap()))
        })
    }
}

/// A value as a poll gives it.
pub struct Polled(Value);
impl From<bool> for Polled {
    fn from(value: bool) -> Self {
        Self(Value::Bool(value))
    }
}
impl From<i64> for Polled {
    fn from(value: i64) -> Self {
        Self(Value::Int(value))
    }
}
impl From<f64> for Polled {
    fn from(value: f64) -> Self {
        Self(Value::Float(value))
    }
}
