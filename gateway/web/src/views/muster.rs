//! A muster as those see it who call and help: how far it has come, who answered what, who is silent.

use gengfu_core::{
    danger::Danger,
    id::{IncidentId, MusterId, PersonId},
    muster::{Answer, Answered, Muster},
    notification::outbox::{Message, Purpose, Status},
    state::State,
    text::Text,
    time::Timestamp,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{PersonRef, by_name, name_of, place_name};

/// A muster.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MusterView {
    /// Counted from 1.
    pub id: MusterId,
    /// The incident that it is about, if it is about one.
    #[schema(required)]
    pub incident: Option<IncidentId>,
    /// The kind of danger.
    pub danger: Danger,
    /// The plain words for it.
    pub danger_name: Text,
    /// It is an exercise.
    pub drill: bool,
    /// Where, in words, outermost place first.
    pub place_name: Text,
    /// What people read.
    pub what: Text,
    /// Since when.
    pub called_at: Timestamp,
    /// Who called; none for a policy's step.
    #[schema(required)]
    pub called_by: Option<String>,
    /// What time it is at the gateway.
    pub now: Timestamp,
    /// When it ended.
    #[schema(required)]
    pub ended_at: Option<Timestamp>,
    /// How many answered what.
    pub counts: Counts,
    /// How far the telling has come.
    pub progress: Progress,
    /// Everybody who was called: who needs help first, then who is silent, then the others.
    pub roll: Vec<Called>,
}

/// A muster in the list, without its roll: five hundred rows each, which only its own page shows.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MusterRow {
    /// Counted from 1.
    pub id: MusterId,
    /// The plain words for the danger.
    pub danger_name: Text,
    /// Where, in words, outermost place first.
    pub place_name: Text,
    /// Since when.
    pub called_at: Timestamp,
    /// When it ended.
    #[schema(required)]
    pub ended_at: Option<Timestamp>,
    /// How many answered what.
    pub counts: Counts,
}

impl From<&Muster> for MusterRow {
    fn from(muster: &Muster) -> Self {
        Self {
            id: muster.id,
            danger_name: muster.topic.danger.words(),
            place_name: muster.topic.place_name.clone(),
            called_at: muster.called_at,
            ended_at: muster.ended.as_ref().map(|ended| ended.at),
            counts: Counts::new(muster),
        }
    }
}

/// How many answered what.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Counts {
    /// Who was called.
    pub people: usize,
    /// "I'm safe."
    pub safe: usize,
    /// "I need help."
    pub need_help: usize,
    /// "I'm coming to help."
    pub coming: usize,
    /// Nothing yet.
    pub silent: usize,
}

/// How far the telling has come, in messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Progress {
    /// All of them.
    pub messages: usize,
    /// Still to be sent, at the carriers' pace.
    pub waiting: usize,
    /// With a carrier, or on the person's device.
    pub sent: usize,
    /// Did not go.
    pub failed: usize,
    /// Called off before they went: the person had answered.
    pub called_off: usize,
}

/// One person on the roll.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Called {
    /// Who.
    pub person: PersonRef,
    /// Where they live, in words.
    #[schema(required)]
    pub home: Option<Text>,
    /// What they answered last.
    #[schema(required)]
    pub answer: Option<Answer>,
    /// When.
    #[schema(required)]
    pub answered_at: Option<Timestamp>,
    /// Who answered for them, where it was somebody else.
    #[schema(required)]
    pub answered_by: Option<String>,
    /// Whether they were told.
    pub told: Told,
}

/// Whether somebody on the roll was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Told {
    /// There is no way to them: somebody must knock at the door.
    NoWay,
    /// Every message failed: somebody must knock at the door.
    Failed,
    /// Not yet.
    Waiting,
    /// A carrier has it.
    Sent,
    /// It is on their device, or they have answered.
    Arrived,
}

impl Counts {
    fn new(muster: &Muster) -> Self {
        Self {
            people: muster.roll.len(),
            safe: muster.count(Answer::Safe),
            need_help: muster.count(Answer::NeedHelp),
            coming: muster.count(Answer::Coming),
            silent: muster.silent(),
        }
    }
}

impl MusterView {
    /// The muster as it stands in `state` at `now`.
    pub fn new(state: &State, muster: &Muster, now: Timestamp) -> Self {
        let messages: Vec<&Message> = muster
            .messages
            .iter()
            .filter_map(|id| state.messages.get(id))
            .map(AsRef::as_ref)
            .filter(|message| matches!(message.content.purpose, Purpose::Muster { .. }))
            .collect();
        let topic = &muster.topic;
        Self {
            id: muster.id,
            incident: topic.incident,
            danger: topic.danger,
            danger_name: topic.danger.words(),
            drill: topic.is_drill(),
            place_name: topic.place_name.clone(),
            what: topic.what.clone(),
            called_at: muster.called_at,
            called_by: by_name(state, &muster.by),
            now,
            ended_at: muster.ended.as_ref().map(|ended| ended.at),
            counts: Counts::new(muster),
            progress: progress(&messages),
            roll: roll(state, muster, &messages),
        }
    }
}

fn progress(messages: &[&Message]) -> Progress {
    let mut progress = Progress { messages: messages.len(), ..Progress::default() };
    for message in messages {
        let kind = match message.status {
            Status::Due => &mut progress.waiting,
            Status::Accepted { .. } | Status::Delivered { .. } | Status::Answered { .. } => {
                &mut progress.sent
            }
            Status::Failed { .. } => &mut progress.failed,
            Status::Cancelled { .. } => &mut progress.called_off,
        };
        *kind += 1;
    }
    progress
}

fn roll(state: &State, muster: &Muster, messages: &[&Message]) -> Vec<Called> {
    let mut told = std::collections::BTreeMap::<&PersonId, Told>::new();
    for message in messages {
        let one = match message.status {
            Status::Delivered { .. } | Status::Answered { .. } => Told::Arrived,
            Status::Accepted { .. } => Told::Sent,
            Status::Due | Status::Cancelled { .. } => Told::Waiting,
            Status::Failed { .. } => Told::Failed,
        };
        let best = told.entry(&message.person).or_insert(one);
        if rank(one) > rank(*best) {
            *best = one;
        }
    }
    let called = |(person, answered): (&PersonId, &Option<Answered>)| {
        let home = state.people.get(person).and_then(|known| known.home.as_ref());
        let by_other = answered.as_ref().filter(|a| a.by.person.as_ref() != Some(person));
        Called {
            person: PersonRef { id: person.clone(), name: name_of(state, person) },
            home: home.map(|home| place_name(state, home)),
            answer: answered.as_ref().map(|a| a.answer),
            answered_at: answered.as_ref().map(|a| a.at),
            answered_by: by_other.and_then(|a| by_name(state, &a.by)),
            told: match answered {
                Some(_) => Told::Arrived,
                None => told.get(person).copied().unwrap_or(Told::NoWay),
            },
        }
    };
    let mut roll: Vec<Called> = muster.roll.iter().map(called).collect();
    roll.sort_by_key(|called| match called.answer {
        Some(Answer::NeedHelp) => 0,
        None => 1 + rank(called.told),
        Some(Answer::Coming) => 10,
        Some(Answer::Safe) => 11,
    });
    roll
}

/// How well somebody was told.
fn rank(told: Told) -> u8 {
    match told {
        Told::NoWay => 0,
        Told::Failed => 1,
        Told::Waiting => 2,
        Told::Sent => 3,
        Told::Arrived => 4,
    }
}

/// What an incident's page shows of its muster.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct MusterBrief {
    /// Which.
    pub id: MusterId,
    /// It is not over.
    pub open: bool,
    /// How many answered what.
    pub counts: Counts,
    /// Who needs help, and where they live.
    pub need_help: Vec<Needing>,
}

/// Somebody who needs help.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Needing {
    /// What they are called.
    pub name: String,
    /// Where they live, in words.
    #[schema(required)]
    pub home: Option<Text>,
}

impl MusterBrief {
    /// The newest muster about an incident.
    pub fn about(state: &State, incident: IncidentId) -> Option<Self> {
        let mut musters = state.musters.values().rev();
        let muster = musters.find(|muster| muster.topic.incident == Some(incident))?;
        let needs = |(person, answered): (&PersonId, &Option<Answered>)| {
            answered.as_ref().filter(|a| a.answer == Answer::NeedHelp)?;
            let home = state.people.get(person).and_then(|known| known.home.as_ref());
            let home = home.map(|home| place_name(state, home));
            Some(Needing { name: name_of(state, person), home })
        };
        Some(Self {
            id: muster.id,
            open: muster.is_open(),
            counts: Counts::new(muster),
            need_help: muster.roll.iter().filter_map(needs).collect(),
        })
    }
}

/// What whoever was called sees through the link in their message.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CallView {
    /// Whose link it is.
    pub me: super::Me,
    /// The kind of danger.
    pub danger: Danger,
    /// The plain words for it.
    pub danger_name: Text,
    /// It is an exercise.
    pub drill: bool,
    /// Where.
    pub place_name: Text,
    /// What people should know and do.
    pub what: Text,
    /// Since when.
    pub called_at: Timestamp,
    /// What time it is at the gateway.
    pub now: Timestamp,
    /// The site's time zone, as an IANA name: times are those of the clock on its wall.
    pub time_zone: String,
    /// When it ended.
    #[schema(required)]
    pub ended_at: Option<Timestamp>,
    /// What they answered last.
    #[schema(required)]
    pub answer: Option<Answer>,
    /// How many answered what.
    pub counts: Counts,
}

impl CallView {
    /// What this person sees of the muster at `now`, in a house of that time zone.
    pub fn new(
        muster: &Muster,
        person: &gengfu_core::person::Person,
        now: Timestamp,
        time_zone: &str,
    ) -> Self {
        let topic = &muster.topic;
        Self {
            me: person.into(),
            danger: topic.danger,
            danger_name: topic.danger.words(),
            drill: topic.is_drill(),
            place_name: topic.place_name.clone(),
            what: topic.what.clone(),
            called_at: muster.called_at,
            now,
            time_zone: time_zone.to_owned(),
            ended_at: muster.ended.as_ref().map(|ended| ended.at),
            answer: muster.roll.get(&person.id).and_then(|a| a.as_ref()).map(|a| a.answer),
            counts: Counts::new(muster),
        }
    }
}
