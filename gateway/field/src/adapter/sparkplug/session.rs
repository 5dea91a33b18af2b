//! What is known of a node from its birth to its death: which birth it was, the next message's number,
//! and the certificates of the node and its devices.

use std::collections::BTreeMap;

use super::{birth::Birth, payload::Payload};

/// The metric by which a death belongs to a birth.
const BIRTH_NUMBER: &str = "bdSeq";
/// Messages are counted up to here, without.
const ROUND: u64 = 256;

/// A node's session.
#[derive(Debug, Clone, Default)]
pub(super) struct Session {
    /// The number of its birth; none before one was heard.
    number: Option<u64>,
    /// The number of the next message; none before a birth.
    next: Option<u64>,
    /// The certificates: the node's under none, the devices' under their names.
    births: BTreeMap<Option<String>, Birth>,
}

impl Session {
    /// A birth of the node: all that was known before is void.
    pub fn begin(&mut self, payload: &Payload) {
        *self = Self {
            number: birth_number(payload),
            next: Some((payload.seq.unwrap_or_default() % ROUND + 1) % ROUND),
            births: BTreeMap::from([(None, Birth::read(payload))]),
        };
    }

    /// A birth of a device below it.
    pub fn add(&mut self, member: &str, payload: &Payload) {
        self.births.insert(Some(member.to_owned()), Birth::read(payload));
    }

    /// A device's death.
    pub fn remove(&mut self, member: &str) {
        self.births.remove(&Some(member.to_owned()));
    }

    /// Nothing is known any more: something was missed, or the node is dead.
    pub fn forget(&mut self) {
        *self = Self::default();
    }

    /// True for a death of this session; one of an earlier session comes late and means nothing. A
    /// death that does not say, or before a birth was heard, is believed.
    pub fn is_ended_by(&self, payload: &Payload) -> bool {
        match (self.number, birth_number(payload)) {
            (Some(born), Some(died)) => born == died,
            _ => true,
        }
    }

    /// Takes the number of a message that is no birth of the node. False where one before it is
    /// missing: certificates may have been among them, so that no number of a metric is believed any
    /// more.
    pub fn count(&mut self, payload: &Payload) -> bool {
        let Some(seq) = payload.seq.map(|seq| seq % ROUND) else { return true };
        let follows = self.next == Some(seq);
        if !follows {
            let born = self.number;
            self.forget();
            // A death of this session may still come.
            self.number = born;
        }
        self.next = Some((seq + 1) % ROUND);
        follows
    }

    /// The certificate of the node or a device.
    pub fn birth(&self, member: Option<&str>) -> Option<&Birth> {
        self.births.get(&member.map(ToOwned::to_owned))
    }
}

/// Which birth a certificate is, or a death belongs to.
fn birth_number(payload: &Payload) -> Option<u64> {
    use super::payload::metric::Value;
    let metric = payload.metrics.iter().find(|m| m.name.as_deref() == Some(BIRTH_NUMBER))?;
    match metric.value {
        Some(Value::Long(number)) => Some(number),
        Some(Value::Int(number)) => Some(number.into()),
        _ => None,
    }
}
