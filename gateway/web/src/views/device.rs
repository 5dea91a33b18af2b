//! A device: whether it is heard, whether it is in service, and what it measures.

use gengfu_core::{
    device::{Device, Presence},
    id::{AlarmId, DeviceId, PlaceId},
    rule::Rule,
    state::State,
    text::Text,
    time::{Span, Timestamp},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{PointView, by_name, place_name};

/// A device.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DeviceView {
    /// Its name for programs.
    pub id: DeviceId,
    /// Its name for people.
    pub name: Text,
    /// Where it hangs.
    pub place: PlaceId,
    /// Where, in words, outermost place first.
    pub place_name: Text,
    /// The profile that it was made from.
    pub profile: String,
    /// It was added through the API, and may be changed and removed there; otherwise it stands in
    /// the configuration file.
    pub added: bool,
    /// Whether it is heard.
    pub presence: Presence,
    /// When it was heard last, since the gateway started.
    #[schema(required)]
    pub heard_at: Option<Timestamp>,
    /// Longest silence that is believed to be health; none for a device nobody supervises.
    #[schema(required)]
    pub supervision: Option<Span>,
    /// Taken out of service.
    #[schema(required)]
    pub out_of_service: Option<OutOfServiceView>,
    /// Its alarms that are not wholly normal.
    pub alarms: Vec<AlarmId>,
}

/// Why, by whom and until when a device is out of service.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct OutOfServiceView {
    /// Since when.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Why.
    pub reason: String,
    /// Who did it.
    #[schema(required)]
    pub by_name: Option<String>,
}

/// A device with its points and rules.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct DeviceDetail {
    /// The device.
    #[serde(flatten)]
    pub device: DeviceView,
    /// Its points and what they say.
    pub points: Vec<PointView>,
    /// The rules that watch them.
    pub rules: Vec<Rule>,
}

impl DeviceView {
    /// The device as it stands in `state`.
    pub fn new(state: &State, device: &Device) -> Self {
        let alarms =
            state.alarms.values().filter(|a| a.subject.device.as_ref() == Some(&device.id));
        Self {
            id: device.id.clone(),
            name: device.name.clone(),
            place: device.place.clone(),
            place_name: place_name(state, &device.place),
            profile: device.profile.clone(),
            added: state.boards.contains_key(&device.id),
            presence: state.presence(&device.id),
            heard_at: state.live.heard.get(&device.id).copied(),
            supervision: device.supervision,
            out_of_service: state.out_of_service.get(&device.id).map(|out| OutOfServiceView {
                since: out.since,
                until: out.until,
                reason: out.reason.clone(),
                by_name: by_name(state, &out.by),
            }),
            alarms: alarms.map(|a| a.id.clone()).collect(),
        }
    }
}

impl DeviceDetail {
    /// The device as it stands in `state`.
    pub fn new(state: &State, device: &Device) -> Self {
        Self {
            device: DeviceView::new(state, device),
            points: device.points.iter().map(|p| PointView::new(state, device, p)).collect(),
            rules: device.rules.clone(),
        }
    }
}
