//! A message about an incident: to whom, through what, what became of it.

use gengfu_core::{
    id::{ChannelId, MessageId, PersonId},
    notification::{
        cost::Cost,
        outbox::{Message, Purpose, Status},
    },
    state::State,
    time::Timestamp,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::name_of;

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
    pub(super) fn new(state: &State, message: &Message) -> Option<Self> {
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
