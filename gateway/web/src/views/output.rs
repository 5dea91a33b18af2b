//! What can be switched in the building, how it stands, and who switched it last.

use gengfu_core::{
    device::Presence,
    id::{DeviceId, IncidentId, OrderId, PlaceId, PointId},
    output::{Order, OrderEnd, Output, OutputKind},
    point::{NoData, Value as PointValue},
    signal::{CallLamp, signals},
    state::State,
    text::Text,
    time::{Span, Timestamp},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{by_name, place_name};

/// Everything that can be switched, and what boards show by themselves.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct BuildingOutputs {
    /// What people can switch.
    pub outputs: Vec<OutputView>,
    /// What boards show and sound because of open incidents; those that rest are left out.
    pub signals: Vec<SignalView>,
}

/// Something that can be switched.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct OutputView {
    /// The point that it is, `device/point`.
    pub id: PointId,
    /// What people call it.
    pub name: Text,
    /// What it is.
    pub kind: OutputKind,
    /// The device that it belongs to.
    pub device: DeviceId,
    /// What that device is called.
    pub device_name: Text,
    /// Where it hangs.
    pub place: PlaceId,
    /// Where, in words, outermost place first.
    pub place_name: Text,
    /// It stays on for so long where nobody says otherwise.
    pub hold: Span,
    /// It stays on for so long at most.
    pub most: Span,
    /// What the device itself says: on or off.
    #[schema(required)]
    pub value: Option<PointValue>,
    /// Why the device says nothing.
    #[schema(required)]
    pub no_data: Option<NoData>,
    /// Nothing of its device can be switched on now.
    #[schema(required)]
    pub barred: Option<Barred>,
    /// What was ordered, the newest first.
    pub orders: Vec<OrderView>,
}

/// Why an output can't be switched on now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Barred {
    /// Its device is not heard.
    Lost,
    /// Its device is out of service: somebody works at it.
    OutOfService,
}

/// An order, and what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct OrderView {
    /// Its number.
    pub id: OrderId,
    /// On, or off.
    pub on: bool,
    /// When it was given.
    pub at: Timestamp,
    /// When it is off again.
    #[schema(required)]
    pub until: Option<Timestamp>,
    /// Why.
    pub reason: Text,
    /// Who gave it; none for the gateway itself.
    #[schema(required)]
    pub by_name: Option<String>,
    /// Through what: `page`, `api`, `gateway`.
    pub through: String,
    /// The incident that it is for.
    #[schema(required)]
    pub incident: Option<IncidentId>,
    /// Still to be carried out.
    pub pending: bool,
    /// How it ended; none while nothing is known.
    #[schema(required)]
    pub end: Option<OrderEnd>,
    /// What went wrong.
    #[schema(required)]
    pub why: Option<Text>,
}

/// What a board shows and sounds.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SignalView {
    /// The board.
    pub device: DeviceId,
    /// What it is called.
    pub device_name: Text,
    /// Where, in words, outermost place first.
    pub place_name: Text,
    /// The call lamps.
    pub lamp: CallLamp,
    /// The sounder is on.
    pub sounder: bool,
}

impl BuildingOutputs {
    /// All of it as it stands in `state`.
    pub fn new(state: &State) -> Self {
        let outputs = state.devices().flat_map(|device| &device.outputs);
        let signals = signals(state).into_iter().filter_map(|(id, signal)| {
            let device = state.device(&id)?;
            Some(SignalView {
                device: id,
                device_name: device.name.clone(),
                place_name: place_name(state, &device.place),
                lamp: signal.lamp,
                sounder: signal.sounder,
            })
        });
        Self {
            outputs: outputs.filter_map(|output| OutputView::new(state, output)).collect(),
            signals: signals.collect(),
        }
    }
}

impl OutputView {
    /// The output as it stands in `state`; none where its device is gone.
    pub fn new(state: &State, output: &Output) -> Option<Self> {
        let device = state.device(state.index.device_of.get(&output.id)?)?;
        let point = device.points.iter().find(|point| point.id == output.id)?;
        let sample = state.quality(&output.id);
        let barred = match device {
            d if state.out_of_service.contains_key(&d.id) => Some(Barred::OutOfService),
            d if state.presence(&d.id) != Presence::Present => Some(Barred::Lost),
            _ => None,
        };
        let orders = state.outputs.get(&output.id).map(|orders| orders.0.as_slice());
        Some(Self {
            id: output.id.clone(),
            name: point.name.as_ref().clone(),
            kind: output.kind,
            device: device.id.clone(),
            device_name: device.name.clone(),
            place: device.place.clone(),
            place_name: place_name(state, &device.place),
            hold: output.hold,
            most: output.most,
            value: sample.as_ref().ok().cloned(),
            no_data: sample.err(),
            barred,
            orders: orders.unwrap_or_default().iter().map(|o| OrderView::new(state, o)).collect(),
        })
    }
}

impl OrderView {
    fn new(state: &State, order: &Order) -> Self {
        let outcome = order.outcome.as_ref();
        Self {
            id: order.id,
            on: order.on,
            at: order.at,
            until: order.until,
            reason: order.reason.clone(),
            by_name: by_name(state, &order.by),
            through: order.by.through.clone(),
            incident: order.incident,
            pending: order.is_pending(),
            end: outcome.map(|outcome| outcome.end),
            why: outcome.map(|outcome| outcome.why.clone()).filter(|why| *why != Text::default()),
        }
    }
}
