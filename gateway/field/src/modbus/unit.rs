//! One unit on a bus: what is read from it, and what its points say when it is not heard.

use gengfu_core::{id::DeviceId, point::NoData, time::Span};

use super::field::Field;
use crate::profile::{Expanded, Knobs, Source};

/// A device on a bus.
#[derive(Debug, Clone, PartialEq)]
pub struct Unit {
    /// The device.
    pub device: DeviceId,
    /// Its number on the bus, 1 to 247; 255 or 0 where a Modbus TCP device wants it.
    pub unit_id: u8,
    /// How it wants to be asked.
    pub knobs: Knobs,
    /// Its points.
    pub fields: Vec<Field>,
    /// Longest silence that is believed to be health.
    pub supervision: Option<Span>,
}

impl Unit {
    /// The unit of a device made from a Modbus profile, under its own number or the profile's;
    /// `None` for another kind of device.
    pub fn new(expanded: &Expanded, unit_id: Option<u8>) -> Option<Self> {
        let Source::Modbus { knobs, fields } = &expanded.source else { return None };
        Some(Self {
            device: expanded.device.id.clone(),
            unit_id: unit_id.unwrap_or(knobs.unit_id),
            knobs: knobs.clone(),
            fields: fields.clone(),
            supervision: expanded.device.supervision,
        })
    }
}

/// What a point of a unit that does not answer says.
pub(super) fn reason(failure: &super::connection::Failure) -> NoData {
    use super::connection::Failure;
    match failure {
        // A gateway's word that the unit behind it did not answer.
        Failure::Exception(tokio_modbus::ExceptionCode::GatewayTargetDevice) => NoData::Timeout,
        Failure::Exception(_) => NoData::Refused,
        Failure::Silence(_) | Failure::Lost(_) => NoData::Timeout,
        Failure::Garbled(_) => NoData::Garbled,
    }
}
