//! An incident as a line of a list: what, where, since when, who is going. What whoever deals with it needs
//! besides is told by the one incident alone.

use gengfu_core::{
    danger::{Danger, Priority},
    id::{IncidentId, PlaceId},
    incident::{Incident, Phase},
    state::State,
    text::Text,
    time::Timestamp,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    danger_name,
    incident::{EndView, GoingView},
};

/// An incident in a list.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct IncidentLine {
    /// Counted from 1.
    pub id: IncidentId,
    /// The kind of danger.
    pub danger: Danger,
    /// The plain words for it.
    pub danger_name: Text,
    /// How much it presses.
    pub priority: Priority,
    /// Where it stands.
    pub phase: Phase,
    /// Where.
    pub place: PlaceId,
    /// Where, in words, outermost place first.
    pub place_name: Text,
    /// What the first alarm said.
    pub what: Text,
    /// Since when.
    pub opened_at: Timestamp,
    /// What time it is at the gateway: a page's clock runs from here, not from the phone's.
    pub now: Timestamp,
    /// It gathers the alarms of a flood, of whatever kind and place.
    pub flood: bool,
    /// Nothing happened: somebody tests a device.
    pub test: bool,
    /// Who is on the way or there, first to last.
    pub going: Vec<GoingView>,
    /// How it ended.
    #[schema(required)]
    pub ended: Option<EndView>,
}

impl IncidentLine {
    /// The incident as it stands in `state` at `now`.
    pub fn new(state: &State, incident: &Incident, now: Timestamp) -> Self {
        Self {
            id: incident.id,
            danger: incident.danger,
            danger_name: danger_name(incident),
            priority: incident.priority,
            phase: incident.phase(),
            place: incident.place.clone(),
            place_name: incident.place_name.clone(),
            what: incident.what.clone(),
            opened_at: incident.opened_at,
            now,
            flood: incident.flood,
            test: incident.test.is_some(),
            going: GoingView::all(state, incident),
            ended: EndView::of(state, incident),
        }
    }
}
