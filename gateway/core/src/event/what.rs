//! Everything that can be decided, one variant each.

use serde::{Deserialize, Serialize};

use crate::{
    id::{AlarmId, ChannelId, DeviceId, IncidentId, MessageId, PersonId, RosterId, RuleId},
    incident::{By, Cause},
    person::{Login, Method, Person, Session},
    point::{NoData, Reading},
    time::{Span, Timestamp},
};

/// What was decided.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum What {
    /// Live: the gateway started.
    Started,
    /// Live: a device gave a sign of life.
    Heard {
        /// Which.
        device: DeviceId,
    },
    /// Live: a device is reported gone; it counts as lost then, unless it is heard before.
    Leaving {
        /// Which.
        device: DeviceId,
        /// Why.
        reason: NoData,
        /// When it counts as lost.
        until: Timestamp,
    },
    /// Live: a point's value, where it changes nothing that is kept.
    Sampled(Reading),
    /// Live: a device was looked at because its time had come, and had been heard since.
    Rechecked {
        /// Which.
        device: DeviceId,
    },
    /// Live: a message was handed over to its channel.
    HandedOver {
        /// Which.
        message: MessageId,
    },
    /// Live: it was looked whether those who have a shift can be reached.
    ReachChecked {
        /// When to look again.
        next: Timestamp,
    },
    /// The clock was put back; what was planned moves with it.
    ClockPutBack {
        /// How far.
        by: Span,
    },
    /// The configuration changed.
    Configured(Box<crate::wiring::Wiring>),
    /// A device was added or changed through the API.
    DevicePut {
        /// The device.
        device: Box<crate::device::Device>,
        /// Its verifier, where that changes too.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        verifier: Option<String>,
        /// Who did it.
        by: By,
    },
    /// A device was removed through the API.
    DeviceRemoved {
        /// Which.
        device: DeviceId,
        /// Who did it.
        by: By,
    },
    /// A point changed, or a board reported an event.
    PointChanged(Reading),
    /// A rule's condition turned; its delay runs.
    RulePending {
        /// Which.
        rule: RuleId,
        /// Whether it is to hold when the delay is over.
        to: bool,
        /// When that is.
        due: Timestamp,
    },
    /// A rule's condition turned back before its delay was over.
    RuleKept {
        /// Which.
        rule: RuleId,
    },
    /// A rule holds from now on, or no longer.
    RuleSettled {
        /// Which.
        rule: RuleId,
        /// Whether it holds.
        holds: bool,
    },
    /// A device went quiet.
    DeviceLost {
        /// Which.
        device: DeviceId,
        /// Silent or offline.
        reason: NoData,
    },
    /// It is heard again.
    DeviceFound {
        /// Which.
        device: DeviceId,
    },
    /// A device was taken out of service.
    OutOfService {
        /// Which.
        device: DeviceId,
        /// Until when.
        until: Timestamp,
        /// Why.
        reason: String,
        /// Who did it.
        by: By,
    },
    /// It is in service again.
    BackInService {
        /// Which.
        device: DeviceId,
        /// Who did it.
        by: By,
    },
    /// An alarm was raised, or raised again while its latch held it.
    AlarmRaised {
        /// Which.
        alarm: AlarmId,
        /// What it is about.
        subject: crate::alarm::Subject,
    },
    /// Its condition went.
    AlarmCleared {
        /// Which.
        alarm: AlarmId,
    },
    /// Somebody has seen it.
    AlarmAcknowledged {
        /// Which.
        alarm: AlarmId,
        /// Who.
        by: By,
    },
    /// It was set aside by a person.
    AlarmShelved {
        /// Which.
        alarm: AlarmId,
        /// Until when.
        until: Timestamp,
        /// Who did it.
        by: By,
    },
    /// It was taken back, or its time on the shelf is over.
    AlarmUnshelved {
        /// Which.
        alarm: AlarmId,
        /// Who did it.
        by: By,
    },
    /// It chatters, and is set aside by logic.
    AlarmChatters {
        /// Which.
        alarm: AlarmId,
    },
    /// It has been quiet for long enough to be believed again.
    AlarmSettled {
        /// Which.
        alarm: AlarmId,
    },
    /// An incident was opened.
    IncidentOpened {
        /// Its number.
        incident: IncidentId,
        /// The kind of danger.
        danger: crate::danger::Danger,
        /// How much it presses.
        priority: crate::danger::Priority,
        /// Where.
        place: crate::id::PlaceId,
        /// Where, in words.
        place_name: crate::text::Text,
        /// What happened.
        what: crate::text::Text,
        /// It gathers a flood.
        #[serde(default)]
        flood: bool,
        /// The policy as it stands now.
        policy: crate::escalation::policy::Policy,
    },
    /// An alarm became part of an incident.
    IncidentJoined {
        /// Which incident.
        incident: IncidentId,
        /// Which alarm.
        alarm: AlarmId,
    },
    /// A step began: these people are asked.
    StepStarted {
        /// Which incident.
        incident: IncidentId,
        /// The step, from 0.
        step: usize,
        /// The round, from 0.
        round: u32,
        /// Who.
        people: Vec<PersonId>,
        /// When the next one begins, unless somebody answers.
        next_step_at: Timestamp,
    },
    /// Everybody who could be asked has quiet hours: the step waits for the first who wakes.
    Rested {
        /// Which incident.
        incident: IncidentId,
        /// Until when.
        until: Timestamp,
    },
    /// "I'm going."
    Acknowledged {
        /// Which incident.
        incident: IncidentId,
        /// Who.
        person: PersonId,
        /// Through what.
        by: By,
    },
    /// "I'm there."
    Arrived {
        /// Which incident.
        incident: IncidentId,
        /// Who.
        person: PersonId,
        /// Through what.
        by: By,
    },
    /// "I can't."
    IncidentHandedOver {
        /// Which incident.
        incident: IncidentId,
        /// The person named, if one was.
        to: Option<PersonId>,
        /// Who did it.
        by: By,
        /// When the next step begins, where nobody is going any more.
        next_step_at: Timestamp,
    },
    /// Somebody did not arrive in the policy's time, came long before another call, or was removed.
    Lapsed {
        /// Which incident.
        incident: IncidentId,
        /// Who.
        person: PersonId,
    },
    /// The loud prompt sounded.
    Prompted {
        /// Which incident.
        incident: IncidentId,
        /// The how-manieth time, from 1.
        count: u32,
    },
    /// A reminder was given.
    Reminded {
        /// Which incident.
        incident: IncidentId,
        /// Minutes since the opening.
        minutes: u64,
    },
    /// It is over.
    IncidentEnded {
        /// Which incident.
        incident: IncidentId,
        /// Why.
        cause: Cause,
        /// In somebody's own words.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        note: String,
        /// Who ended it.
        by: By,
    },
    /// About a muster.
    Muster(super::Muster),
    /// About an output.
    Output(super::Output),
    /// About a walk test.
    WalkTest(super::WalkTest),
    /// About an update of boards.
    Update(super::Update),
    /// A message is to be sent.
    MessageDue(crate::notification::outbox::Message),
    /// A channel reported of a message, or was silent for too long.
    Receipted {
        /// Which.
        message: MessageId,
        /// What is known of it.
        receipt: crate::notification::receipt::Receipt,
    },
    /// A message is to be tried again.
    MessageRetried {
        /// Which.
        message: MessageId,
        /// Not before then.
        not_before: Timestamp,
    },
    /// A message is not needed any more.
    MessageCancelled {
        /// Which.
        message: MessageId,
    },
    /// A channel's path test was sent.
    PathTested {
        /// Which channel.
        channel: ChannelId,
    },
    /// A channel's path is known to work: a carrier accepted a message.
    PathProven {
        /// Which channel.
        channel: ChannelId,
    },
    /// A carrier refused a message for good: its way leads nowhere.
    WayBroken {
        /// Which message.
        message: MessageId,
        /// What the carrier said.
        reason: String,
    },
    /// Somebody said that something arrived by this way.
    WayProven {
        /// Whose.
        person: PersonId,
        /// Which.
        method: Method,
    },
    /// A person was added or changed.
    PersonPut {
        /// The person.
        person: Person,
        /// Who did it.
        by: By,
    },
    /// A person was removed.
    PersonRemoved {
        /// Which.
        person: PersonId,
        /// Who did it.
        by: By,
    },
    /// How a person proves who they are has changed; their sessions end.
    LoginSet {
        /// Whose.
        person: PersonId,
        /// The new one.
        login: Login,
    },
    /// A sign-in succeeded.
    SessionOpened {
        /// SHA-256 of the cookie, hex.
        key: String,
        /// Who, until when.
        session: Session,
    },
    /// A session ended.
    SessionClosed {
        /// SHA-256 of the cookie, hex.
        key: String,
    },
    /// A roster was added or changed.
    RosterPut {
        /// The roster.
        roster: crate::roster::Roster,
        /// Who did it.
        by: By,
    },
    /// A roster was removed.
    RosterRemoved {
        /// Which.
        roster: RosterId,
        /// Who did it.
        by: By,
    },
    /// Something about shifts that people swap, or hand over.
    Duty(super::Duty),
    /// Something about advice for whoever goes.
    Advice(super::Advice),
    /// A policy was added or changed.
    PolicyPut {
        /// The policy.
        policy: crate::escalation::policy::Policy,
        /// Who did it.
        by: By,
    },
    /// A policy was removed.
    PolicyRemoved {
        /// Which.
        policy: crate::id::PolicyId,
        /// Who did it.
        by: By,
    },
}
