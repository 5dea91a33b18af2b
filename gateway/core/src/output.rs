//! Outputs: what can be switched in the building, where a profile names it: a gate, a siren, a relay.
//!
//! An output is on for a limited time only, and off by itself afterwards: off is its safe state. An
//! order is a wish that is kept first and carried out then, and it says what became of it. One that
//! switches on counts for a moment only: a gate that could not be reached must not open by itself
//! ten minutes later. One that switches off is tried until it is done.

use serde::{Deserialize, Serialize};

use crate::{
    id::{IncidentId, OrderId, PointId},
    incident::By,
    text::Text,
    time::{Span, Timestamp},
};

/// An order to switch on that nothing was heard of for so long is not carried out any more.
pub const ORDER_LIMIT: Span = Span::secs(15);
/// An output that could not be brought to its safe state within this long is an alarm.
pub const SAFE_LIMIT: Span = Span::secs(60);
/// So many orders of each output are kept in memory; the journal has them all.
pub const ORDERS_KEPT: usize = 20;
/// The longest reason, in characters.
pub const REASON_LIMIT: usize = 500;

/// Something of a device that can be switched. It is a point too, whose value says how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// The point that says whether it is on.
    pub id: PointId,
    /// What it is.
    pub kind: OutputKind,
    /// It stays on for so long unless somebody says otherwise.
    pub hold: Span,
    /// It stays on for so long at most, whoever asks.
    pub most: Span,
}

/// What an output is, so that people are asked the right question before it is switched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OutputKind {
    /// Opens a gate, a barrier or a door.
    Gate,
    /// Sounds.
    Siren,
    /// Flashes.
    Strobe,
    /// Lights.
    Lamp,
    /// Anything else.
    Relay,
}

impl OutputKind {
    /// Calls for help: over as soon as somebody is on the way.
    pub fn calls(self) -> bool {
        matches!(self, Self::Siren | Self::Strobe)
    }
}

/// A wish that an output be on or off, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Order {
    /// Its number.
    pub id: OrderId,
    /// On, or off.
    pub on: bool,
    /// When it was given.
    pub at: Timestamp,
    /// When it is off again, for one that switches on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// Why, in somebody's own words or in the gateway's.
    pub reason: Text,
    /// Who gave it.
    pub by: By,
    /// The incident that it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentId>,
    /// What became of it; none while nothing is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outcome: Option<Outcome>,
}

/// What became of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Outcome {
    /// How it ended.
    pub end: OrderEnd,
    /// What went wrong, for people.
    #[serde(default)]
    pub why: Text,
    /// When that was known.
    pub at: Timestamp,
}

/// How an order ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum OrderEnd {
    /// The output was read back and stands as it was wished.
    Done,
    /// It never reached the device, or the device did nothing: nothing was switched.
    Failed,
    /// It was sent, and what stands now is not known.
    Unclear,
}

impl Order {
    /// It was to switch on and never reached the device.
    fn is_void(&self) -> bool {
        self.on && self.outcome.as_ref().is_some_and(|outcome| outcome.end == OrderEnd::Failed)
    }

    /// Still to be carried out: an order to switch on until something is known of it, one to switch off
    /// until it is done.
    pub fn is_pending(&self) -> bool {
        match &self.outcome {
            None => true,
            Some(outcome) => !self.on && outcome.end != OrderEnd::Done,
        }
    }
}

/// What was ordered of an output, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Orders(pub Vec<Order>);

impl Orders {
    /// The one that counts: the newest, but that one which never reached the device changes nothing of
    /// what was ordered before. A gate that could not be held open for longer closes when it was to.
    pub fn standing(&self) -> Option<&Order> {
        self.0.iter().find(|order| !order.is_void())
    }

    /// Adds one; of those that are forgotten none is the one that counts, or counts again where what
    /// was ordered since never reaches the device.
    pub(crate) fn add(&mut self, order: Order) {
        self.0.insert(0, order);
        while self.0.len() > ORDERS_KEPT {
            let may_be_void =
                |order: &Order| order.is_void() || order.on && order.outcome.is_none();
            let counts = self.0.iter().position(|order| !may_be_void(order));
            let last = self.0.len() - 1;
            self.0.remove(if counts == Some(last) { last - 1 } else { last });
        }
    }

    /// The output is on at this instant, as far as the orders go.
    pub fn is_on(&self, at: Timestamp) -> bool {
        self.standing().is_some_and(|order| {
            let unclear = order.outcome.as_ref().is_some_and(|o| o.end != OrderEnd::Done);
            order.on && !unclear && order.until.is_none_or(|until| until > at)
        })
    }
}
