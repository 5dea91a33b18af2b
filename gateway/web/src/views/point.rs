//! A point: its last value, or why there is none.

use gengfu_core::{
    device::Device,
    id::{DeviceId, PlaceId, PointId},
    point::{NoData, Point, Sample, Value as PointValue},
    state::State,
    text::Text,
    time::Timestamp,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::gateway::{Past, Step};

/// A point and what it says now. Exactly one of `value` and `no_data` is set.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PointView {
    /// Its name for programs, `device/point`.
    pub id: PointId,
    /// What people call it.
    pub name: Text,
    /// Unit of a number; empty for none.
    pub unit: String,
    /// The device that it belongs to.
    pub device: DeviceId,
    /// What that device is called.
    pub device_name: Text,
    /// Where it hangs.
    pub place: PlaceId,
    /// The last value.
    #[schema(required)]
    pub value: Option<PointValue>,
    /// What people call the value, where it is a word.
    #[schema(required)]
    pub word: Option<Text>,
    /// Why there is no value.
    #[schema(required)]
    pub no_data: Option<NoData>,
    /// When the source says it was so.
    #[schema(required)]
    pub source_at: Option<Timestamp>,
    /// When the gateway received it; none for a point that was never heard.
    #[schema(required)]
    pub received_at: Option<Timestamp>,
    /// A rule asks about it.
    pub watched: bool,
}

impl PointView {
    /// The point as it stands in `state`.
    pub fn new(state: &State, device: &Device, point: &Point) -> Self {
        let reading = state.live.values.get(&point.id).or_else(|| state.points.get(&point.id));
        let (value, word, no_data) = said(device, state.quality(&point.id));
        Self {
            id: point.id.clone(),
            name: point.name.as_ref().clone(),
            unit: point.unit.clone(),
            device: device.id.clone(),
            device_name: device.name.clone(),
            place: device.place.clone(),
            value,
            word,
            no_data,
            source_at: reading.and_then(|r| r.source_at),
            received_at: reading.map(|r| r.received_at),
            watched: state.is_watched(&point.id),
        }
    }
}

/// One value of a point's past. Exactly one of `value` and `no_data` is set.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PastView {
    /// When it was read.
    pub at: Timestamp,
    /// The value.
    #[schema(required)]
    pub value: Option<PointValue>,
    /// Why there was none.
    #[schema(required)]
    pub no_data: Option<NoData>,
}

/// What a point said over a while, in steps of equal length.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ChartView {
    /// The length of a step, in milliseconds.
    pub step_ms: u64,
    /// The steps of which something is known, oldest first.
    pub steps: Vec<StepView>,
}

/// One step of a chart.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct StepView {
    /// When it begins.
    pub at: Timestamp,
    /// The least value in it; on is 1, off is 0.
    pub min: f64,
    /// The mean over time.
    pub mean: f64,
    /// The greatest.
    pub max: f64,
}

impl From<Step> for StepView {
    fn from(step: Step) -> Self {
        Self { at: step.at, min: step.min, mean: step.mean, max: step.max }
    }
}

impl From<Past> for PastView {
    fn from(past: Past) -> Self {
        let (value, no_data) = split(past.sample);
        Self { at: past.at, value, no_data }
    }
}

/// A sample as the API has it: a value, what people call it where it is a word, or why there is none.
pub(super) fn said(
    device: &Device,
    sample: Sample,
) -> (Option<PointValue>, Option<Text>, Option<NoData>) {
    let (value, no_data) = split(sample);
    let word = value.as_ref().and_then(|value| device.word(value)).cloned();
    (value, word, no_data)
}

fn split(sample: Sample) -> (Option<PointValue>, Option<NoData>) {
    match sample {
        Ok(value) => (Some(value), None),
        Err(reason) => (None, Some(reason)),
    }
}
