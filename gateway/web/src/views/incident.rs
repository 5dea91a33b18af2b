//! An incident as the people who deal with it see it: what, where, who is going, who was told.

use std::collections::BTreeMap;

use gengfu_core::{
    danger::{Danger, Priority},
    id::{ChannelId, IncidentId, MessageId, PersonId, PlaceId},
    incident::{Cause, Happened, Incident, Phase},
    notification::{
        cost::Cost,
        outbox::{Message, Purpose, Status},
    },
    person::{Person, Role},
    state::State,
    text::{Language, Text},
    time::{Span, Timestamp},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{AlarmView, MusterBrief, by_name, danger_name, name_of};

/// An incident.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct IncidentView {
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
    /// Its alarms that are not wholly normal again, first to last.
    pub alarms: Vec<AlarmView>,
    /// Who is on the way or there, first to last.
    pub going: Vec<GoingView>,
    /// How it ended.
    #[schema(required)]
    pub ended: Option<EndView>,
    /// What happened, oldest first.
    pub timeline: Vec<MomentView>,
    /// Who was told through what, oldest first.
    pub told: Vec<ToldView>,
    /// Everybody who was called about it, if anybody was.
    #[schema(required)]
    pub muster: Option<MusterBrief>,
    /// When the next step begins, unless somebody answers.
    #[schema(required)]
    pub next_step_at: Option<Timestamp>,
    /// When the loud prompt to call 119 or 96333 sounds (again).
    #[schema(required)]
    pub next_prompt_at: Option<Timestamp>,
    /// How often it has sounded.
    pub prompts: u32,
    /// Who said "I'm going" must say "I'm there" within this long.
    pub arrive_within: Span,
    /// At least one of the messages about it went a way that can be answered.
    pub answerable: bool,
    /// Messages carry a link: `public_url` is set.
    pub public_url_set: bool,
    /// Something in the building can be switched.
    pub can_switch: bool,
    /// Whom one can hand it over to.
    pub people: Vec<PersonRef>,
    /// The names of everybody whose id occurs here.
    pub names: BTreeMap<String, String>,
}

/// A person, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PersonRef {
    /// Who.
    pub id: PersonId,
    /// What they are called.
    pub name: String,
}

/// Somebody on the way.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct GoingView {
    /// Who.
    pub person: PersonId,
    /// What they are called.
    pub name: String,
    /// When they said "I'm going".
    pub since: Timestamp,
    /// When they must be there, or they are asked again.
    pub arrive_by: Timestamp,
    /// When they said "I'm there".
    #[schema(required)]
    pub arrived_at: Option<Timestamp>,
}

/// How an incident ended.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct EndView {
    /// When.
    pub at: Timestamp,
    /// Why.
    pub cause: Cause,
    /// In somebody's own words; empty for none.
    pub note: String,
    /// Who ended it; none for the gateway itself.
    #[schema(required)]
    pub by_name: Option<String>,
}

/// One entry of the timeline.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MomentView {
    /// When.
    pub at: Timestamp,
    /// What.
    pub happened: Happened,
    /// Who did it; none for the gateway itself.
    #[schema(required)]
    pub by_name: Option<String>,
    /// Through what: `page`, `link`, `ntfy`, `gateway`.
    pub through: String,
}

/// One message to one person.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ToldView {
    /// Its number.
    pub message: MessageId,
    /// To whom.
    pub person: PersonId,
    /// What they are called.
    pub name: String,
    /// Through what.
    pub channel: ChannelId,
    /// The person can answer through it; otherwise it is one-way.
    pub answerable: bool,
    /// Why it was sent.
    pub purpose: ToldPurpose,
    /// What became of it.
    pub status: ToldStatus,
    /// Since when it is so.
    pub at: Timestamp,
    /// Why it failed.
    #[schema(required)]
    pub reason: Option<String>,
    /// What it cost, where that is known.
    #[schema(required)]
    pub cost: Option<Cost>,
}

/// Why a message was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ToldPurpose {
    /// "Can you go?"
    Alert,
    /// "Somebody handed this over to you."
    HandedOver,
    /// "You said you were going. Are you there?"
    AskAgain,
    /// "Somebody is going; you need not."
    Taken,
    /// "Nobody has answered."
    NobodyAnswered,
    /// "It is not over."
    NotOver,
    /// "It is over."
    Over,
    /// "This is a test."
    PathTest,
    /// "Everybody is called. Are you safe?"
    Muster,
    /// "This neighbour needs help."
    NeedsHelp,
    /// "The muster is over."
    MusterOver,
}

/// What became of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ToldStatus {
    /// To be sent (again).
    Due,
    /// The carrier has it.
    Accepted,
    /// It is on the person's device.
    Delivered,
    /// The person reacted to it.
    Answered,
    /// It did not go.
    Failed,
    /// Nobody needed it any more.
    Cancelled,
}

/// Who holds a link or is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Me {
    /// Who.
    pub id: PersonId,
    /// What they are called.
    pub name: String,
    /// The language that they read.
    pub language: Language,
}

/// What the holder of a link sees.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AnswerView {
    /// Whom the link was sent to.
    pub me: Me,
    /// When the link lapses.
    pub expires_at: Timestamp,
    /// What it is about.
    pub incident: IncidentView,
}

impl From<&Person> for Me {
    fn from(person: &Person) -> Self {
        Self { id: person.id.clone(), name: person.name.clone(), language: person.language }
    }
}

/// Why a message about an incident was sent; none for what is about none.
pub(crate) fn told_purpose(purpose: &Purpose) -> Option<ToldPurpose> {
    Some(match purpose {
        Purpose::Alert { .. } => ToldPurpose::Alert,
        Purpose::HandedOver { .. } => ToldPurpose::HandedOver,
        Purpose::AskAgain => ToldPurpose::AskAgain,
        Purpose::Taken { .. } => ToldPurpose::Taken,
        Purpose::NobodyAnswered { .. } => ToldPurpose::NobodyAnswered,
        Purpose::NotOver { .. } => ToldPurpose::NotOver,
        Purpose::Over { .. } => ToldPurpose::Over,
        Purpose::PathTest => ToldPurpose::PathTest,
        Purpose::Duty(_)
        | Purpose::Muster { .. }
        | Purpose::NeedsHelp { .. }
        | Purpose::MusterOver { .. } => return None,
    })
}

impl ToldView {
    /// None for what is about no incident.
    fn new(state: &State, message: &Message) -> Option<Self> {
        let (status, at, reason) = match &message.status {
            Status::Due => (ToldStatus::Due, message.made_at, None),
            Status::Accepted { at } => (ToldStatus::Accepted, *at, None),
            Status::Delivered { at } => (ToldStatus::Delivered, *at, None),
            Status::Answered { at } => (ToldStatus::Answered, *at, None),
            Status::Failed { at, reason } => (ToldStatus::Failed, *at, Some(reason.clone())),
            Status::Cancelled { at } => (ToldStatus::Cancelled, *at, None),
        };
        Some(Self {
            message: message.id,
            person: message.person.clone(),
            name: name_of(state, &message.person),
            channel: message.channel().clone(),
            answerable: state.wiring.channels.get(message.channel()).is_some_and(|c| c.answerable),
            purpose: told_purpose(&message.content.purpose)?,
            status,
            at,
            reason,
            cost: message.cost.clone(),
        })
    }
}

impl IncidentView {
    /// The incident as it stands in `state` at `now`.
    pub fn new(state: &State, incident: &Incident, now: Timestamp, public_url_set: bool) -> Self {
        let told: Vec<ToldView> = incident
            .messages
            .iter()
            .filter_map(|id| state.messages.get(id))
            .filter_map(|message| ToldView::new(state, message))
            .collect();
        let arrive_within = incident.policy.arrive_within;
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
            alarms: incident
                .alarms
                .iter()
                .filter_map(|id| state.alarms.get(id))
                .map(|alarm| AlarmView::new(state, alarm))
                .collect(),
            going: incident
                .going
                .iter()
                .map(|going| GoingView {
                    person: going.person.clone(),
                    name: name_of(state, &going.person),
                    since: going.since,
                    arrive_by: going.since + arrive_within,
                    arrived_at: going.arrived_at,
                })
                .collect(),
            ended: incident.ended.as_ref().map(|end| EndView {
                at: end.at,
                cause: end.cause,
                note: end.note.clone(),
                by_name: by_name(state, &end.by),
            }),
            timeline: timeline(state, incident),
            muster: MusterBrief::about(state, incident.id),
            answerable: told.iter().any(|t| t.answerable),
            next_step_at: incident.run.next_step_at,
            next_prompt_at: incident.run.next_prompt_at,
            prompts: incident.run.prompts,
            arrive_within,
            public_url_set,
            can_switch: !state.index.outputs.is_empty(),
            people: helpers(state),
            names: names(state, incident, &told),
            told,
        }
    }

    /// The same picture at another instant: what a live stream compares with.
    pub fn same_but_for_the_clock(&self, other: &Self) -> bool {
        Self { now: other.now, ..self.clone() } == *other
    }
}

/// What happened to an incident, oldest first.
pub(crate) fn timeline(state: &State, incident: &Incident) -> Vec<MomentView> {
    let view = |moment: &gengfu_core::incident::Moment| MomentView {
        at: moment.at,
        happened: moment.happened.clone(),
        by_name: by_name(state, &moment.by),
        through: moment.by.through.clone(),
    };
    incident.timeline.iter().map(view).collect()
}

/// Whom an incident can be handed over to: everybody who may act on it and can be reached.
fn helpers(state: &State) -> Vec<PersonRef> {
    let may = |p: &Person| {
        !p.methods.is_empty()
            && (p.roles.is_empty()
                || p.roles
                    .iter()
                    .any(|r| matches!(r, Role::Volunteer | Role::Maintainer | Role::Admin)))
    };
    state
        .people
        .values()
        .filter(|p| may(p))
        .map(|p| PersonRef { id: p.id.clone(), name: p.name.clone() })
        .collect()
}

fn names(state: &State, incident: &Incident, told: &[ToldView]) -> BTreeMap<String, String> {
    let mut named: Vec<&PersonId> = told.iter().map(|t| &t.person).collect();
    for moment in &incident.timeline {
        match &moment.happened {
            Happened::StepStarted { people, .. } => named.extend(people),
            Happened::HandedOver { to: Some(person) } | Happened::Lapsed { person } => {
                named.push(person);
            }
            _ => {}
        }
        named.extend(&moment.by.person);
    }
    named.into_iter().map(|person| (person.to_string(), name_of(state, person))).collect()
}
