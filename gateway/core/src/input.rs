//! Everything that can come in: from the building, from channels, from people, and from time.

use crate::{
    advice::{Card, PlaceNote},
    danger::Danger,
    device::Device,
    escalation::policy::{Policy, Target},
    id::{
        AlarmId, ChannelId, DeviceId, IncidentId, MessageId, MusterId, OrderId, PersonId, PlaceId,
        PointId, PolicyId, RosterId, SwapId,
    },
    incident::{By, Cause},
    muster::Answer,
    notification::receipt::Receipt,
    output::OrderEnd,
    person::{Login, Method, Person, Session},
    point::{NoData, Reading},
    premise::Premise,
    roster::{Roster, Turn},
    text::Text,
    time::{Span, Timestamp},
    wiring::Wiring,
};

/// One input to the deciding core.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// The deadline has come.
    Tick,
    /// The gateway has just started: nothing that was live before is known any more.
    Started,
    /// The configuration was read (again).
    Configure(Box<Wiring>),
    /// A point was read.
    Reading(Reading),
    /// A device gave a sign of life without a reading: a heartbeat, a birth, a poll whose values
    /// went to history only.
    Heard(DeviceId),
    /// A device is reported gone: its last will, a closed bus.
    Gone {
        /// Which.
        device: DeviceId,
        /// Why.
        reason: NoData,
    },
    /// A part of the gateway itself fails or works again.
    Health {
        /// Which part, as `journal` or `broker`.
        part: String,
        /// What people should read; none when it works again.
        fault: Option<Text>,
    },
    /// A message was handed over to its channel just now.
    HandedOver(MessageId),
    /// A channel reports of a message.
    Receipt {
        /// Which message.
        message: MessageId,
        /// What is known of it now.
        receipt: Receipt,
    },
    /// A channel looked at its own way: a registration, a ping, a modem's signal.
    Path {
        /// Which channel.
        channel: ChannelId,
        /// What people should read; none when the way is open.
        fault: Option<Text>,
    },
    /// What became of an order to switch an output.
    Switched {
        /// Which output.
        output: PointId,
        /// Which order.
        order: OrderId,
        /// How it ended.
        end: OrderEnd,
        /// What went wrong, for people; empty where nothing did.
        why: Text,
    },
    /// A person wants something.
    Command {
        /// Who, through what.
        by: By,
        /// What.
        command: Command,
    },
}

/// What a person can want.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// "I'm going."
    Acknowledge(IncidentId),
    /// "I'm there."
    Arrive(IncidentId),
    /// "I can't": to a named person, or to whoever is next.
    HandOver {
        /// Which incident.
        incident: IncidentId,
        /// The person named, if one is.
        to: Option<PersonId>,
    },
    /// End of alarm.
    End {
        /// Which incident.
        incident: IncidentId,
        /// Why it is over.
        cause: Cause,
        /// In their own words.
        note: String,
    },
    /// Call everybody whom these targets name, about an open incident or in somebody's own words.
    CallMuster {
        /// Whom.
        targets: Vec<Target>,
        /// What about.
        about: About,
    },
    /// Count somebody: themselves, or whom somebody asked at their door.
    AnswerMuster {
        /// Which muster.
        muster: MusterId,
        /// Who is counted.
        person: PersonId,
        /// What they answered.
        answer: Answer,
    },
    /// It is over: tell everybody.
    EndMuster(MusterId),
    /// Switch an output of the building.
    Switch {
        /// Which.
        output: PointId,
        /// On for so long; off where this is none.
        on: Option<Span>,
        /// Why, in their own words; may be empty for off.
        reason: String,
        /// The open incident that it is for.
        incident: Option<IncidentId>,
    },
    /// Seen, for an alarm without an incident.
    AcknowledgeAlarm(AlarmId),
    /// Set an alarm aside until then.
    Shelve {
        /// Which.
        alarm: AlarmId,
        /// Until when, at most 30 days.
        until: Timestamp,
    },
    /// Take it back from the shelf.
    Unshelve(AlarmId),
    /// Take a device out of service until then.
    OutOfService {
        /// Which.
        device: DeviceId,
        /// Until when, at most 30 days.
        until: Timestamp,
        /// Why.
        reason: String,
    },
    /// Put it back into service.
    BackInService(DeviceId),
    /// Test a device until then: its alarms reach who tests alone, marked as a test.
    BeginWalkTest {
        /// Which.
        device: DeviceId,
        /// Until when, at most an hour.
        until: Timestamp,
    },
    /// The test of this device is over.
    EndWalkTest(DeviceId),
    /// Send a test message through this channel to this person now.
    TestPath {
        /// The channel.
        channel: ChannelId,
        /// To whom.
        person: PersonId,
    },
    /// Send a test message by one way of a person now.
    TestWay {
        /// Whose.
        person: PersonId,
        /// Which.
        method: Method,
    },
    /// Somebody says that what was sent by this way arrived.
    ProveWay {
        /// Whose.
        person: PersonId,
        /// Which.
        method: Method,
    },
    /// Change something, but only where it is still as somebody saw it.
    IfStill {
        /// As they saw it.
        seen: Premise,
        /// The change.
        change: Box<Command>,
    },
    /// Add or change a person.
    PutPerson(Person),
    /// Remove a person who is in no roster and no policy.
    RemovePerson(PersonId),
    /// Change how a person proves who they are.
    SetLogin {
        /// Whose.
        person: PersonId,
        /// The new one, whole.
        login: Login,
    },
    /// A sign-in succeeded.
    OpenSession {
        /// SHA-256 of the cookie, hex.
        key: String,
        /// Who and until when.
        session: Session,
    },
    /// Signed out.
    CloseSession(String),
    /// Add or change a roster.
    PutRoster(Roster),
    /// Remove a roster that no policy uses.
    RemoveRoster(RosterId),
    /// Ask others to do a shift of one's own.
    AskSwap {
        /// The roster.
        roster: RosterId,
        /// One's own shift, or a part of it.
        turn: Turn,
        /// What one does for it; then one person must be asked.
        against: Option<Turn>,
        /// Who is asked; everybody of the roster where this is empty.
        asked: Vec<PersonId>,
        /// Why, in one's own words.
        note: String,
    },
    /// Do the shift that somebody asked for.
    AcceptSwap(SwapId),
    /// "I can't."
    DeclineSwap(SwapId),
    /// Take back what one asked.
    WithdrawSwap(SwapId),
    /// Add or change a policy.
    PutPolicy(Policy),
    /// Remove a policy.
    RemovePolicy(PolicyId),
    /// Edit what to do first about a danger.
    PutCard {
        /// Which danger.
        danger: Danger,
        /// The card, whole.
        card: Card,
    },
    /// Back to the usual card.
    RemoveCard(Danger),
    /// Write down what there is at a place, and who needs help there.
    PutNote {
        /// Which place.
        place: PlaceId,
        /// All of it; an empty one for nothing.
        note: PlaceNote,
    },
    /// Add or change a device outside the configuration file: a board.
    PutDevice {
        /// The device, expanded from its profile.
        device: Box<Device>,
        /// How it proves who it is: a verifier made by the field side, never the password itself.
        /// None keeps the one it has.
        verifier: Option<String>,
    },
    /// Remove such a device.
    RemoveDevice(DeviceId),
    /// Keep that an update of boards has begun; the field side does it.
    NoteUpdate {
        /// The firmware's version.
        version: String,
        /// The kind of board that it is for.
        hardware: String,
        /// So many boards.
        boards: usize,
    },
    /// Keep that somebody stopped it.
    NoteUpdateStopped {
        /// The firmware's version.
        version: String,
    },
}

/// What a muster is to be about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum About {
    /// An open incident.
    Incident(IncidentId),
    /// Something that no sensor knows of.
    Words {
        /// The kind of danger.
        danger: Danger,
        /// Where.
        place: PlaceId,
        /// What people read, in the caller's own words.
        words: String,
        /// It is an exercise.
        drill: bool,
    },
}
