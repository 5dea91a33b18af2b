//! The whole building as it stands, in as few bytes as a page needs to keep thousands of points up to
//! date: what never changes from one minute to the next is read once, from devices, points and places.

use std::collections::BTreeMap;

use gengfu_core::{
    danger::{Danger, Priority},
    device::{Device, Presence},
    id::{DeviceId, IncidentId, PlaceId, PointId},
    incident::Phase,
    point::{NoData, Value as PointValue},
    state::State,
    text::Text,
    time::Timestamp,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::point::said;

/// How everything stands, or what has changed of it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LiveView {
    /// What time it is at the gateway.
    pub now: Timestamp,
    /// True: this is all there is, and what is not here is no more. False: the rest stands as it was.
    pub whole: bool,
    /// Devices.
    pub devices: Vec<LiveDevice>,
    /// Points.
    pub points: Vec<LivePoint>,
    /// Every open incident, oldest first; none where nothing changed about them.
    #[schema(required)]
    pub incidents: Option<Vec<LiveIncident>>,
}

/// A device as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LiveDevice {
    /// Its name for programs.
    pub id: DeviceId,
    /// Whether it is heard.
    pub presence: Presence,
    /// When it was heard last, since the gateway started, as of this change.
    #[schema(required)]
    pub heard_at: Option<Timestamp>,
    /// It is out of service.
    pub out_of_service: bool,
    /// It is tested until then, unless somebody ends it before.
    #[schema(required)]
    pub tested_until: Option<Timestamp>,
    /// So many of its alarms are not wholly normal.
    pub alarms: usize,
    /// The highest priority among them.
    #[schema(required)]
    pub priority: Option<Priority>,
}

/// A point as it stands. Exactly one of `value` and `no_data` is set.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LivePoint {
    /// Its name for programs.
    pub id: PointId,
    /// The last value.
    #[schema(required)]
    pub value: Option<PointValue>,
    /// What people call the value, where it is a word.
    #[schema(required)]
    pub word: Option<Text>,
    /// Why there is no value.
    #[schema(required)]
    pub no_data: Option<NoData>,
    /// When the gateway received it, as of this change.
    #[schema(required)]
    pub received_at: Option<Timestamp>,
}

/// An open incident, in short.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct LiveIncident {
    /// Its number.
    pub id: IncidentId,
    /// The kind of danger.
    pub danger: Danger,
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
    /// Nothing happened: somebody tests a device.
    pub test: bool,
    /// Since when.
    pub opened_at: Timestamp,
}

impl LiveView {
    /// All of `state` at `now`.
    pub fn whole(state: &State, now: Timestamp) -> Self {
        let mut alarms: BTreeMap<&DeviceId, (usize, Priority)> = BTreeMap::new();
        for subject in state.alarms.values().map(|alarm| &alarm.subject) {
            let Some(device) = &subject.device else { continue };
            let entry = alarms.entry(device).or_insert((0, subject.priority));
            *entry = (entry.0 + 1, entry.1.max(subject.priority));
        }
        let device = |device: &Device| {
            let standing = alarms.get(&device.id);
            LiveDevice {
                id: device.id.clone(),
                presence: state.presence(&device.id),
                heard_at: state.live.heard.get(&device.id).copied(),
                out_of_service: state.out_of_service.contains_key(&device.id),
                tested_until: state.test_of(&device.id, now).map(|test| test.until),
                alarms: standing.map_or(0, |(count, _)| *count),
                priority: standing.map(|(_, priority)| *priority),
            }
        };
        let point = |device: &Device, id: &PointId| {
            let reading = state.live.values.get(id).or_else(|| state.points.get(id));
            let (value, word, no_data) = said(device, state.quality(id));
            let received_at = reading.map(|r| r.received_at);
            LivePoint { id: id.clone(), value, word, no_data, received_at }
        };
        let incidents = state.open_incidents().map(|incident| LiveIncident {
            id: incident.id,
            danger: incident.danger,
            priority: incident.priority,
            phase: incident.phase(),
            place: incident.place.clone(),
            place_name: incident.place_name.clone(),
            what: incident.what.clone(),
            test: incident.test.is_some(),
            opened_at: incident.opened_at,
        });
        Self {
            now,
            whole: true,
            devices: state.devices().map(device).collect(),
            points: state
                .devices()
                .flat_map(|device| device.points.iter().map(move |p| point(device, &p.id)))
                .collect(),
            incidents: Some(incidents.collect()),
        }
    }

    /// What of this whole picture differs from `before`; none where nothing does. The whole of it where
    /// other devices or points are there than before.
    pub fn since(&self, before: &Self) -> Option<Self> {
        let same_site = self.devices.iter().map(|d| &d.id).eq(before.devices.iter().map(|d| &d.id))
            && self.points.iter().map(|p| &p.id).eq(before.points.iter().map(|p| &p.id));
        if !same_site {
            return Some(self.clone());
        }
        let devices = self.devices.iter().zip(&before.devices);
        let points = self.points.iter().zip(&before.points);
        let changed = Self {
            now: self.now,
            whole: false,
            devices: devices.filter(|(a, b)| !a.looks_like(b)).map(|(a, _)| a.clone()).collect(),
            points: points.filter(|(a, b)| !a.looks_like(b)).map(|(a, _)| a.clone()).collect(),
            incidents: (self.incidents != before.incidents)
                .then(|| self.incidents.clone().unwrap_or_default()),
        };
        let nothing =
            changed.devices.is_empty() && changed.points.is_empty() && changed.incidents.is_none();
        (!nothing).then_some(changed)
    }
}

impl LiveDevice {
    /// Nobody would see a difference: a further sign of life in the same minute is none, since the page says
    /// minutes.
    fn looks_like(&self, other: &Self) -> bool {
        let minute = |device: &Self| device.heard_at.map(|at| at.as_millis().div_euclid(60_000));
        minute(self) == minute(other) && Self { heard_at: other.heard_at, ..self.clone() } == *other
    }
}

impl LivePoint {
    /// The same value, whenever it was said.
    fn looks_like(&self, other: &Self) -> bool {
        self.value == other.value && self.no_data == other.no_data
    }
}
