//! One unit on a bus: what is read from it, when it is asked next, and what is left out.

use gengfu_core::{id::DeviceId, point::NoData, time::Span};
use tokio::time::Instant;

use super::{
    field::Field,
    plan::{Block, Limits, plan},
};
use crate::profile::{Expanded, Knobs, Source};

/// A range that the device refused is asked for again after this long: it may have been restarted
/// with another configuration.
const ASK_REFUSED_AGAIN: Span = Span::mins(10);

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

/// A block, and when it is left out.
#[derive(Debug)]
pub(super) struct Asked {
    pub block: Block,
    /// Refused as a configuration error: left out until then.
    pub refused_until: Option<Instant>,
}

/// The requests of a unit and its own clock.
#[derive(Debug)]
pub(super) struct Schedule {
    pub blocks: Vec<Asked>,
    pub next: Instant,
    pub failures: u32,
    poll: Span,
    probe_max: Span,
}

impl Schedule {
    pub fn new(unit: &Unit, probe_max: Span, now: Instant) -> Self {
        let limits = Limits {
            registers: unit.knobs.max_registers,
            bits: unit.knobs.max_bits,
            hole: unit.knobs.max_hole,
        };
        let blocks = plan(&unit.fields, limits)
            .into_iter()
            .map(|block| Asked { block, refused_until: None })
            .collect();
        Self { blocks, next: now, failures: 0, poll: unit.knobs.poll, probe_max }
    }

    /// The unit answered: it is asked again one poll after this one was due, at the soonest now.
    pub fn succeed(&mut self, now: Instant) {
        self.failures = 0;
        self.next = (self.next + self.poll.to_std()).max(now);
    }

    /// The unit did not answer: each time it is asked more rarely, so that it takes no time from
    /// the others, but never given up.
    pub fn fail(&mut self, now: Instant) {
        let doubled = self.poll.times(1_u64 << self.failures.min(16));
        let wait = doubled.as_millis().min(self.probe_max.as_millis().max(self.poll.as_millis()));
        self.failures = self.failures.saturating_add(1);
        self.next = now + Span::millis(wait).to_std();
    }

    /// Leaves a block out, or puts its halves in its place; true where it was split.
    pub fn refuse(&mut self, at: usize, fields: &[Field], now: Instant) -> bool {
        let Some(asked) = self.blocks.get_mut(at) else { return false };
        match asked.block.split(fields) {
            Some((left, right)) => {
                asked.block = left;
                self.blocks.insert(at + 1, Asked { block: right, refused_until: None });
                true
            }
            None => {
                asked.refused_until = Some(now + ASK_REFUSED_AGAIN.to_std());
                false
            }
        }
    }
}

/// What a point of a unit that does not answer says.
pub(super) fn reason(failure: &super::connection::Failure) -> NoData {
    use super::connection::Failure;
    match failure {
        // A gateway's word that the unit behind it did not answer.
        Failure::Exception(tokio_modbus::ExceptionCode::GatewayTargetDevice) => NoData::Timeout,
        Failure::Exception(_) => NoData::Refused,
        Failure::Silence(_) => NoData::Timeout,
        Failure::Garbled(_) => NoData::Garbled,
    }
}
