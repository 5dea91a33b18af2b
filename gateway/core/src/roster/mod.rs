//! Rosters: who is on call, at any instant, by the wall clock. Computed, never stored.
//!
//! A [`Roster`] is the union of its layers, [`Rotation`]s and [`Shift`]s, changed by its
//! [`Exception`]s in the order they are listed. In reading order:
//! - `weekday`, `civil`: days and times of day as people write them.
//! - `wall`: what the clock on the wall shows at an instant, and when it first shows a time.
//! - `rotation`, `shift`, `exception`: the parts of a roster, each asked by the wall clock.
//! - `oncall`: the answers: on call at an instant, the next change, the shifts of a period.
//! - `reason`: why they are, in words.
//! - `relief`: who comes on duty and who goes off it, when.
//! - `swap`: shifts that people ask one another to do.
//! - `ahead`: what lies ahead of one person.
//! - `problem`: what is wrong with a roster, all of it at once.

mod ahead;
mod civil;
mod exception;
mod oncall;
mod problem;
mod reason;
mod relief;
mod rotation;
mod shift;
mod swap;
#[cfg(test)]
mod tests;
mod wall;
mod weekday;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use self::{
    ahead::Ahead,
    exception::Exception,
    oncall::{OnCall, ShiftSpan, Shifts},
    problem::Problem,
    reason::{Did, Reason},
    relief::Relief,
    rotation::{Handover, Rotation},
    shift::Shift,
    swap::{Ended, Outcome, Swap, Turn},
    weekday::Weekday,
};
use crate::{
    id::{PersonId, RosterId},
    time::Span,
};

/// Who is on call, and when: layers of duty and the exceptions to them, in one time zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Roster {
    /// What policies call it.
    pub id: RosterId,
    /// What people call it.
    pub name: String,
    /// The IANA time zone whose wall clock every time in here is read from, as `Asia/Shanghai`.
    /// An unknown one is taken for UTC, and reported by [`Roster::validate`].
    #[cfg_attr(feature = "schema", schema(example = "Asia/Shanghai"))]
    pub time_zone: String,
    /// The duties; whoever any of them names is on call.
    #[serde(default)]
    pub layers: Vec<Layer>,
    /// Changes to the union of the layers, made in this order.
    #[serde(default)]
    pub exceptions: Vec<Exception>,
    /// So long before somebody comes on duty they are reminded of it, and who goes off duty is told that
    /// it is over; nobody is told anything without it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schema(value_type = Option<String>, example = "30m"))]
    pub remind_before: Option<Span>,
}

/// One duty of a roster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Layer {
    /// People take turns.
    Rotation(Rotation),
    /// The same people on the same days of the week.
    Shift(Shift),
}

impl Layer {
    /// What people call it.
    pub fn name(&self) -> &str {
        match self {
            Layer::Rotation(rotation) => &rotation.name,
            Layer::Shift(shift) => &shift.name,
        }
    }

    /// Everybody it names, in order.
    pub fn people(&self) -> &[PersonId] {
        match self {
            Layer::Rotation(rotation) => &rotation.people,
            Layer::Shift(shift) => &shift.people,
        }
    }
}

impl Roster {
    /// Everybody the roster names, in its layers and then in its exceptions, each once.
    pub fn people(&self) -> Vec<PersonId> {
        let layers = self.layers.iter().flat_map(|layer| layer.people());
        let exceptions = self.exceptions.iter().flat_map(Exception::people);
        let mut seen = BTreeSet::new();
        layers.chain(exceptions).filter(|person| seen.insert(*person)).cloned().collect()
    }
}
