//! What the API shows: plain copies of the state, with names beside ids so that a page needs no
//! second question. One concept a file.

mod advice;
mod alarm;
mod device;
mod incident;
mod incident_line;
mod live;
mod muster;
mod output;
mod point;
mod record;
mod told;
mod walk_test;

pub use advice::{CardView, FlatView, ThingView};
pub use alarm::{AlarmView, ShelfView};
pub use device::{DeviceDetail, DeviceView, OutOfServiceView};
pub(crate) use incident::timeline;
pub use incident::{AnswerView, EndView, GoingView, IncidentView, Me, MomentView, PersonRef};
pub use incident_line::IncidentLine;
pub use live::{LiveDevice, LiveIncident, LivePoint, LiveView};
pub use muster::{CallView, Counts, MusterBrief, MusterRow, MusterView};
pub use output::{Barred, BuildingOutputs, OrderView, OutputView, SignalView};
pub use point::{ChartView, PastView, PointView, StepView};
pub use record::{AlarmChange, IncidentPage, IncidentRow, RecordLine, RecordView, Recorded};
pub(crate) use told::told_purpose;
pub use told::{ToldPurpose, ToldStatus, ToldView};
pub use walk_test::{WalkTestRow, WalkTestRun, WalkTestView};

use gengfu_core::{
    id::PersonId,
    incident::{By, Incident},
    state::State,
    text::Text,
    walk_test::marked,
};

/// What a person is called; their id where they have been removed since.
pub fn name_of(state: &State, person: &PersonId) -> String {
    state.people.get(person).map_or_else(|| person.to_string(), |p| p.name.clone())
}

/// What whoever did something is called; none for the gateway itself.
pub(crate) fn by_name(state: &State, by: &By) -> Option<String> {
    by.person.as_ref().map(|person| name_of(state, person))
}

/// The plain words for an incident's danger, marked where it is a test: a page that knows nothing of tests
/// shows that all the same.
pub(crate) fn danger_name(incident: &Incident) -> Text {
    let words = incident.danger.words();
    if incident.test.is_some() { marked(&words) } else { words }
}

/// What a place is called, with those around it.
pub(crate) fn place_name(state: &State, place: &gengfu_core::id::PlaceId) -> Text {
    gengfu_core::site::path(&state.wiring.places, place)
}
