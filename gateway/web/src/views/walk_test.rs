//! A walk test as an installer sees it on a ladder, and as a page for paper shows it afterwards.

use gengfu_core::{
    device::{Device, Presence},
    id::{DeviceId, IncidentId, PersonId, PointId},
    point::{NoData, Value as PointValue},
    state::State,
    text::Text,
    time::{Span, Timestamp},
    walk_test::WalkTest,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{by_name, place_name};
use crate::boards::BoardWords;

/// A walk test in a list: who tests what, until when.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct WalkTestRow {
    /// The device.
    pub device: DeviceId,
    /// What it is called.
    pub device_name: Text,
    /// Where it hangs, outermost place first.
    pub place_name: Text,
    /// The test.
    #[serde(flatten)]
    pub run: WalkTestRun,
    /// So many inputs it has.
    pub inputs: usize,
    /// So many of them were seen both ways, and their alarm reached a person.
    pub done: usize,
}

/// When a device was tested, and by whom.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct WalkTestRun {
    /// It is going on: alarms of the device reach who tests, and nobody else.
    pub running: bool,
    /// Who tests.
    #[schema(required)]
    pub by: Option<PersonId>,
    /// What they are called.
    #[schema(required)]
    pub by_name: Option<String>,
    /// Since when.
    pub since: Timestamp,
    /// It ends by itself then.
    pub until: Timestamp,
    /// When it ended.
    #[schema(required)]
    pub ended_at: Option<Timestamp>,
    /// Who ended it; none where its time was over.
    #[schema(required)]
    pub ended_by_name: Option<String>,
}

/// A device, and what its last test saw.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct WalkTestView {
    /// The device.
    pub device: DeviceId,
    /// What it is called.
    pub device_name: Text,
    /// What the site is called.
    pub site_name: Text,
    /// Where the device hangs, outermost place first.
    pub place_name: Text,
    /// The profile that it was made from.
    pub profile: String,
    /// What time it is at the gateway.
    pub now: Timestamp,
    /// Whether it is heard.
    pub presence: Presence,
    /// When it was heard last, since the gateway started.
    #[schema(required)]
    pub heard_at: Option<Timestamp>,
    /// Longest silence that is believed to be health; none for a device nobody supervises.
    #[schema(required)]
    pub supervision: Option<Span>,
    /// What the board said last of itself, where it is one.
    #[schema(required)]
    pub board: Option<BoardWords>,
    /// The last test; none where it was never tested.
    #[schema(required)]
    pub test: Option<WalkTestRun>,
    /// Its inputs, in the order of the device.
    pub inputs: Vec<TestedInput>,
    /// What its other points said at the end of the test, or say now.
    pub measured: Vec<Measured>,
}

/// An input and what was seen of it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct TestedInput {
    /// Its name for programs.
    pub point: PointId,
    /// What it is called.
    pub name: Text,
    /// Its last value.
    #[schema(required)]
    pub value: Option<PointValue>,
    /// Why there is no value.
    #[schema(required)]
    pub no_data: Option<NoData>,
    /// It is as its alarm wants it now; none where that is not known.
    #[schema(required)]
    pub active: Option<bool>,
    /// A person is told of what it raises; otherwise it only shows on the page.
    pub told: bool,
    /// Seen as its alarm wants it.
    #[schema(required)]
    pub active_at: Option<Timestamp>,
    /// Seen at rest.
    #[schema(required)]
    pub idle_at: Option<Timestamp>,
    /// Its alarm was raised.
    #[schema(required)]
    pub raised_at: Option<Timestamp>,
    /// The test incident that it opened last.
    #[schema(required)]
    pub incident: Option<IncidentId>,
    /// A carrier took the message.
    #[schema(required)]
    pub carried_at: Option<Timestamp>,
    /// The message reached the person.
    #[schema(required)]
    pub reached_at: Option<Timestamp>,
    /// Through what.
    #[schema(required)]
    pub through: Option<String>,
    /// Nothing is missing.
    pub done: bool,
}

/// What a point says that no test touches.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Measured {
    /// Its name for programs.
    pub point: PointId,
    /// What it is called.
    pub name: Text,
    /// Its value.
    pub value: PointValue,
    /// What people call the value, where it is a word.
    #[schema(required)]
    pub word: Option<Text>,
    /// Its unit; empty for none.
    pub unit: String,
}

impl WalkTestRun {
    fn new(state: &State, test: &WalkTest, now: Timestamp) -> Self {
        Self {
            running: test.is_on(now),
            by: test.by.person.clone(),
            by_name: by_name(state, &test.by),
            since: test.since,
            until: test.until,
            ended_at: test.ended.as_ref().map(|end| end.at),
            ended_by_name: test.ended.as_ref().and_then(|end| by_name(state, &end.by)),
        }
    }
}

impl WalkTestRow {
    /// Every device's last test, running ones first, then the newest.
    pub fn all(state: &State, now: Timestamp) -> Vec<Self> {
        let row = |(id, test): (&DeviceId, &std::sync::Arc<WalkTest>)| {
            let device = state.device(id)?;
            let inputs = inputs(state, device);
            Some(Self {
                device: id.clone(),
                device_name: device.name.clone(),
                place_name: place_name(state, &device.place),
                run: WalkTestRun::new(state, test, now),
                done: inputs.iter().filter(|input| input.done).count(),
                inputs: inputs.len(),
            })
        };
        let mut all: Vec<Self> = state.tests.iter().filter_map(row).collect();
        all.sort_by_key(|row| std::cmp::Reverse((row.run.running, row.run.since)));
        all
    }
}

impl WalkTestView {
    /// The device, and what its last test saw.
    pub fn new(state: &State, device: &Device, board: Option<BoardWords>, now: Timestamp) -> Self {
        let test = state.tests.get(&device.id);
        Self {
            device: device.id.clone(),
            device_name: device.name.clone(),
            site_name: state.wiring.name.clone(),
            place_name: place_name(state, &device.place),
            profile: device.profile.clone(),
            now,
            presence: state.presence(&device.id),
            heard_at: state.live.heard.get(&device.id).copied(),
            supervision: device.supervision,
            board,
            test: test.map(|test| WalkTestRun::new(state, test, now)),
            inputs: inputs(state, device),
            measured: measured(state, device),
        }
    }

    /// The same picture at another instant: what a live stream compares with.
    pub fn same_but_for_the_clock(&self, other: &Self) -> bool {
        Self { now: other.now, heard_at: other.heard_at, ..self.clone() } == *other
    }
}

fn inputs(state: &State, device: &Device) -> Vec<TestedInput> {
    let test = state.tests.get(&device.id);
    let points = state.inputs(device).filter_map(|id| device.points.iter().find(|p| p.id == *id));
    points
        .map(|point| {
            let ticks = test.and_then(|test| test.inputs.get(&point.id)).cloned();
            let ticks = ticks.unwrap_or_default();
            let said = state.quality(&point.id);
            let told = state.is_told_of(&device.id, &point.id);
            let arrived = !told || (ticks.raised.is_some() && ticks.reached.is_some());
            TestedInput {
                point: point.id.clone(),
                name: point.name.as_ref().clone(),
                active: state.is_active(&device.id, &point.id, &said),
                no_data: said.as_ref().err().copied(),
                value: said.ok(),
                told,
                active_at: ticks.active,
                idle_at: ticks.idle,
                raised_at: ticks.raised,
                incident: ticks.incident,
                carried_at: ticks.carried,
                reached_at: ticks.reached,
                through: ticks.through,
                done: ticks.active.is_some() && ticks.idle.is_some() && arrived,
            }
        })
        .collect()
}

/// What stood at the end of the test; without one that has ended, how it stands now.
fn measured(state: &State, device: &Device) -> Vec<Measured> {
    let ended = state.tests.get(&device.id).and_then(|test| test.ended.as_ref());
    let mut values = ended.map_or_else(|| state.measured(device), |end| end.measured.clone());
    let shown = device.points.iter().filter_map(|point| {
        let value = values.remove(&point.id)?;
        Some(Measured {
            point: point.id.clone(),
            name: point.name.as_ref().clone(),
            word: device.word(&value).cloned(),
            value,
            unit: point.unit.clone(),
        })
    });
    shown.collect()
}
