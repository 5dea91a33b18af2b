//! An incident as the people who deal with it see it: what, where, who is going, who was told.

use std::collections::BTreeMap;

use gengfu_core::{
    id::PersonId,
    incident::{Cause, Going, Happened, Incident},
    person::{Person, Role},
    state::State,
    text::{Language, Text},
    time::{Span, Timestamp},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    AlarmView, FlatView, IncidentLine, MusterBrief, ThingView, ToldView,
    advice::{flats, things},
    by_name, name_of,
};

/// An incident.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct IncidentView {
    /// What a list shows of it too.
    #[serde(flatten)]
    pub line: IncidentLine,
    /// Its alarms that are not wholly normal again, first to last.
    pub alarms: Vec<AlarmView>,
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
    /// What to do first, step by step.
    pub card: Vec<Text>,
    /// Keys and whatever else a rescue takes, here and around, nearest first.
    pub things: Vec<ThingView>,
    /// Flats whose people can't leave without help: in an open incident of fire or gas, and no test.
    pub flats: Vec<FlatView>,
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
    /// The site's time zone, as an IANA name: times are those of the clock on its wall.
    pub time_zone: String,
    /// What it is about.
    pub incident: IncidentView,
}

impl GoingView {
    /// Everybody who is on the way to an incident or there, first to last.
    pub(super) fn all(state: &State, incident: &Incident) -> Vec<Self> {
        let view = |going: &Going| Self {
            person: going.person.clone(),
            name: name_of(state, &going.person),
            since: going.since,
            arrive_by: going.since + incident.policy.arrive_within,
            arrived_at: going.arrived_at,
        };
        incident.going.iter().map(view).collect()
    }
}

impl EndView {
    /// How an incident ended, if it has.
    pub(super) fn of(state: &State, incident: &Incident) -> Option<Self> {
        incident.ended.as_ref().map(|end| Self {
            at: end.at,
            cause: end.cause,
            note: end.note.clone(),
            by_name: by_name(state, &end.by),
        })
    }
}

impl From<&Person> for Me {
    fn from(person: &Person) -> Self {
        Self { id: person.id.clone(), name: person.name.clone(), language: person.language }
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
        Self {
            line: IncidentLine::new(state, incident, now),
            alarms: incident
                .alarms
                .iter()
                .filter_map(|id| state.alarms.get(id))
                .map(|alarm| AlarmView::new(state, alarm))
                .collect(),
            timeline: timeline(state, incident),
            muster: MusterBrief::about(state, incident.id),
            answerable: told.iter().any(|t| t.answerable),
            next_step_at: incident.run.next_step_at,
            next_prompt_at: incident.run.next_prompt_at,
            prompts: incident.run.prompts,
            arrive_within: incident.policy.arrive_within,
            public_url_set,
            can_switch: !state.index.outputs.is_empty(),
            people: helpers(state),
            names: names(state, incident, &told),
            card: state.advice.card(incident.danger).steps,
            things: things(state, &incident.place),
            flats: flats(state, incident),
            told,
        }
    }

    /// The same picture at another instant: what a live stream compares with.
    pub fn same_but_for_the_clock(&self, other: &Self) -> bool {
        let line = IncidentLine { now: other.line.now, ..self.line.clone() };
        Self { line, ..self.clone() } == *other
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
