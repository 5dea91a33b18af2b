//! An alarm, with its ISA-18.2 state derived.

use gengfu_core::{
    alarm::{Alarm, AlarmState, Source},
    danger::{Danger, Priority},
    id::{AlarmId, DeviceId, IncidentId, PlaceId},
    state::State,
    text::Text,
    time::Timestamp,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{name_of, place_name};

/// An alarm.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AlarmView {
    /// Its name for programs.
    pub id: AlarmId,
    /// What it says.
    pub name: Text,
    /// What raises it.
    pub source: Source,
    /// The kind of danger.
    pub danger: Danger,
    /// How much it presses.
    pub priority: Priority,
    /// The state of ISA-18.2 that an operator's list shows.
    pub state: AlarmState,
    /// The condition holds.
    pub active: bool,
    /// Somebody has seen it.
    pub acknowledged: bool,
    /// Held by its latch until somebody ends it.
    pub latched: bool,
    /// Set aside by a person.
    #[schema(required)]
    pub shelved: Option<ShelfView>,
    /// May be set aside by a person: fire and trapped may not.
    pub can_shelve: bool,
    /// Set aside by logic since then, because it chatters.
    #[schema(required)]
    pub chattering_since: Option<Timestamp>,
    /// When it was raised last.
    pub raised_at: Timestamp,
    /// When its condition went last.
    #[schema(required)]
    pub cleared_at: Option<Timestamp>,
    /// Where.
    pub place: PlaceId,
    /// Where, in words, outermost place first.
    pub place_name: Text,
    /// The device that it comes from.
    #[schema(required)]
    pub device: Option<DeviceId>,
    /// That device's name.
    #[schema(required)]
    pub device_name: Option<Text>,
    /// The open incident that it belongs to.
    #[schema(required)]
    pub incident: Option<IncidentId>,
}

/// Who set an alarm aside, and until when.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ShelfView {
    /// Until then.
    pub until: Timestamp,
    /// Who did it.
    #[schema(required)]
    pub by_name: Option<String>,
}

impl AlarmView {
    /// The alarm as it stands in `state`.
    pub fn new(state: &State, alarm: &Alarm) -> Self {
        let subject = &alarm.subject;
        let out = subject.device.as_ref().is_some_and(|d| state.out_of_service.contains_key(d));
        Self {
            id: alarm.id.clone(),
            name: subject.name.clone(),
            source: subject.source.clone(),
            danger: subject.danger,
            priority: subject.priority,
            state: alarm.state(out),
            active: alarm.active,
            acknowledged: alarm.acknowledged,
            latched: alarm.latched,
            shelved: alarm.shelved.as_ref().map(|shelf| ShelfView {
                until: shelf.until,
                by_name: shelf.by.as_ref().map(|person| name_of(state, person)),
            }),
            can_shelve: !subject.danger.is_vital(),
            chattering_since: alarm.chattering_since,
            raised_at: alarm.raised_at,
            cleared_at: alarm.cleared_at,
            place: subject.place.clone(),
            place_name: place_name(state, &subject.place),
            device_name: subject
                .device
                .as_ref()
                .and_then(|d| state.device(d))
                .map(|d| d.name.clone()),
            device: subject.device.clone(),
            incident: alarm.incident,
        }
    }
}
