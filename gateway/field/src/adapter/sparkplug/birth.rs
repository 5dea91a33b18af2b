//! A birth certificate: what the numbers stand for that follow in its node's or device's messages.

use std::collections::BTreeMap;

use super::payload::{Metric, Payload};

/// What a certificate says of its metrics.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Birth {
    names: BTreeMap<u64, String>,
    types: BTreeMap<String, u32>,
}

/// A metric of a message with its name and type; no type where nobody has said it.
pub(super) struct Known<'m> {
    pub name: &'m str,
    pub datatype: Option<u32>,
}

impl Birth {
    /// Reads one.
    pub fn read(payload: &Payload) -> Self {
        let mut birth = Self::default();
        for metric in &payload.metrics {
            let Some(name) = named(metric) else { continue };
            if let Some(alias) = metric.alias {
                birth.names.insert(alias, name.to_owned());
            }
            if let Some(datatype) = metric.datatype {
                birth.types.insert(name.to_owned(), datatype);
            }
        }
        birth
    }

    /// The name and the type of a metric; none for a number that the certificate does not hold.
    pub fn knows<'m>(&'m self, metric: &'m Metric) -> Option<Known<'m>> {
        let name = match (named(metric), metric.alias) {
            (Some(name), _) => name,
            (None, Some(alias)) => self.names.get(&alias)?,
            (None, None) => return None,
        };
        let datatype = metric.datatype.filter(|known| *known != 0);
        Some(Known { name, datatype: datatype.or_else(|| self.types.get(name).copied()) })
    }
}

/// Some send an empty name where they mean none.
fn named(metric: &Metric) -> Option<&str> {
    metric.name.as_deref().filter(|name| !name.is_empty())
}
