//! Who did what: every event of the journal that somebody caused, or that changed how the gateway works.
//! No addresses, no passwords, no keys.

use gengfu_core::{
    event::{Advice, Duty, Event, Muster, Output, Update, WalkTest, What},
    incident::By,
    state::State,
    time::Timestamp,
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::views::name_of;

/// One line of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditLine {
    /// Its number in the journal.
    pub number: u64,
    /// When.
    pub at: Timestamp,
    /// What was done.
    pub act: Act,
    /// To what: an id, or an incident's number.
    pub about: String,
    /// What more there is to say: a reason, until when.
    pub detail: String,
    /// Who did it; none for the gateway itself.
    #[schema(required)]
    pub by_name: Option<String>,
    /// Through what: `page`, `link`, `ntfy`, `gateway`; empty where that is not kept.
    pub through: String,
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// The configuration file was taken over.
    Configured,
    /// The gateway's clock was put back.
    ClockPutBack,
    /// A device was added or changed.
    DevicePut,
    /// A device was removed.
    DeviceRemoved,
    /// A device was taken out of service.
    OutOfService,
    /// A device is back in service.
    BackInService,
    /// An alarm was acknowledged.
    AlarmAcknowledged,
    /// An alarm was set aside.
    AlarmShelved,
    /// An alarm was taken back from the shelf.
    AlarmUnshelved,
    /// "I'm going."
    Acknowledged,
    /// "I'm there."
    Arrived,
    /// "I can't."
    HandedOver,
    /// An incident was ended.
    Ended,
    /// Everybody was called.
    MusterCalled,
    /// That is over.
    MusterEnded,
    /// An output was switched on.
    SwitchedOn,
    /// An output was switched off.
    SwitchedOff,
    /// A walk test of a device began.
    WalkTestBegun,
    /// It is over.
    WalkTestEnded,
    /// A person was added or changed.
    PersonPut,
    /// A person was removed.
    PersonRemoved,
    /// A password or an invitation was made.
    LoginSet,
    /// Somebody signed in.
    SignedIn,
    /// A roster was added or changed.
    RosterPut,
    /// A roster was removed.
    RosterRemoved,
    /// A swap of shifts was asked for.
    SwapAsked,
    /// A policy was added or changed.
    PolicyPut,
    /// A policy was removed.
    PolicyRemoved,
    /// A card was edited.
    CardPut,
    /// The usual card holds again.
    CardRemoved,
    /// What is noted of a place has changed.
    NotePut,
    /// An update of boards began.
    UpdateBegun,
    /// It was stopped.
    UpdateStopped,
}

/// What an event says in the log; none where nobody did anything.
pub(crate) fn line(state: &State, number: u64, event: &Event) -> Option<AuditLine> {
    let nobody = By { person: None, through: String::new() };
    let until = |until: &Timestamp| format!("→ {until}");
    let (act, about, detail, by) = match &event.what {
        What::Configured(wiring) => {
            (Act::Configured, wiring.site.to_string(), String::new(), nobody)
        }
        What::ClockPutBack { by } => (Act::ClockPutBack, String::new(), by.to_string(), nobody),
        What::DevicePut { device, by, .. } => {
            (Act::DevicePut, device.id.to_string(), device.profile.clone(), by.clone())
        }
        What::DeviceRemoved { device, by } => {
            (Act::DeviceRemoved, device.to_string(), String::new(), by.clone())
        }
        What::OutOfService { device, until: end, reason, by } => {
            let detail = format!("{reason} {}", until(end));
            (Act::OutOfService, device.to_string(), detail, by.clone())
        }
        What::BackInService { device, by } => {
            (Act::BackInService, device.to_string(), String::new(), by.clone())
        }
        What::AlarmAcknowledged { alarm, by } => {
            (Act::AlarmAcknowledged, alarm.to_string(), String::new(), by.clone())
        }
        What::AlarmShelved { alarm, until: end, by } => {
            (Act::AlarmShelved, alarm.to_string(), until(end), by.clone())
        }
        What::AlarmUnshelved { alarm, by } => {
            (Act::AlarmUnshelved, alarm.to_string(), String::new(), by.clone())
        }
        What::Acknowledged { incident, by, .. } => {
            (Act::Acknowledged, incident.to_string(), String::new(), by.clone())
        }
        What::Arrived { incident, by, .. } => {
            (Act::Arrived, incident.to_string(), String::new(), by.clone())
        }
        What::IncidentHandedOver { incident, to, by, .. } => {
            let to = to.as_ref().map(|to| name_of(state, to)).unwrap_or_default();
            (Act::HandedOver, incident.to_string(), to, by.clone())
        }
        // One that ended by itself was nobody's doing.
        What::IncidentEnded { incident, note, by, .. } if by.person.is_some() => {
            (Act::Ended, incident.to_string(), note.clone(), by.clone())
        }
        What::Muster(Muster::Called { muster, people, by, .. }) => {
            (Act::MusterCalled, muster.to_string(), people.len().to_string(), by.clone())
        }
        What::Muster(Muster::Ended { muster, by }) => {
            (Act::MusterEnded, muster.to_string(), String::new(), by.clone())
        }
        What::Output(Output::Ordered { output, order }) => {
            let act = if order.on { Act::SwitchedOn } else { Act::SwitchedOff };
            (act, output.to_string(), order.reason.zh.clone(), order.by.clone())
        }
        What::WalkTest(WalkTest::Begun { device, until: end, by }) => {
            (Act::WalkTestBegun, device.to_string(), until(end), by.clone())
        }
        What::WalkTest(WalkTest::Ended { device, by, .. }) => {
            (Act::WalkTestEnded, device.to_string(), String::new(), by.clone())
        }
        What::PersonPut { person, by } => {
            (Act::PersonPut, person.id.to_string(), person.name.clone(), by.clone())
        }
        What::PersonRemoved { person, by } => {
            (Act::PersonRemoved, person.to_string(), String::new(), by.clone())
        }
        What::LoginSet { person, .. } => (Act::LoginSet, person.to_string(), String::new(), nobody),
        What::SessionOpened { session, .. } => {
            let by = By::person(session.person.clone(), "page");
            (Act::SignedIn, session.person.to_string(), String::new(), by)
        }
        What::RosterPut { roster, by } => {
            (Act::RosterPut, roster.id.to_string(), roster.name.clone(), by.clone())
        }
        What::RosterRemoved { roster, by } => {
            (Act::RosterRemoved, roster.to_string(), String::new(), by.clone())
        }
        What::Duty(Duty::SwapAsked(swap)) => {
            let by = By::person(swap.person.clone(), "page");
            (Act::SwapAsked, swap.roster.to_string(), String::new(), by)
        }
        What::PolicyPut { policy, by } => {
            (Act::PolicyPut, policy.id.to_string(), policy.name.clone(), by.clone())
        }
        What::PolicyRemoved { policy, by } => {
            (Act::PolicyRemoved, policy.to_string(), String::new(), by.clone())
        }
        What::Advice(Advice::CardPut { danger, by, .. }) => {
            (Act::CardPut, danger.to_string(), String::new(), by.clone())
        }
        What::Advice(Advice::CardRemoved { danger, by }) => {
            (Act::CardRemoved, danger.to_string(), String::new(), by.clone())
        }
        What::Update(Update::Begun { version, hardware, boards, by }) => {
            (Act::UpdateBegun, version.clone(), format!("{hardware} × {boards}"), by.clone())
        }
        What::Update(Update::Stopped { version, by }) => {
            (Act::UpdateStopped, version.clone(), String::new(), by.clone())
        }
        // Who needs help stands in the note alone.
        What::Advice(Advice::NotePut { place, by, .. }) => {
            (Act::NotePut, place.to_string(), String::new(), by.clone())
        }
        _ => return None,
    };
    let by_name = by.person.as_ref().map(|person| name_of(state, person));
    Some(AuditLine { number, at: event.at, act, about, detail, by_name, through: by.through })
}
