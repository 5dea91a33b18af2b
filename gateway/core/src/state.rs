//! State: what the events add up to. Copies are cheap (shared, persistent maps), so that readers
//! look at a whole and consistent picture without holding up the engine.

use std::sync::Arc;

use imbl::{OrdMap, OrdSet, Vector};
use serde::{Deserialize, Serialize};

use crate::{
    advice::Advice,
    alarm::Alarm,
    device::{Device, Presence},
    escalation::policy::Policy,
    event::Begin,
    id::{
        AlarmId, ChannelId, DeviceId, IncidentId, MessageId, MusterId, OrderId, PersonId, PointId,
        PolicyId, RosterId, RuleId, SiteId, SwapId,
    },
    incident::Incident,
    index::Index,
    muster::Muster,
    notification::{outbox::Message, way::Way},
    output::{Orders, Output},
    person::{Login, Person, Session},
    point::{NoData, Reading, Sample},
    roster::{Roster, Swap},
    seen::Seen,
    text::{Language, Text},
    time::Timestamp,
    walk_test::WalkTest,
    wiring::Wiring,
};

/// Ended incidents that are kept in memory; the journal has them all.
pub const ENDED_LIMIT: usize = 500;

/// One site, whole.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct State {
    /// What the configuration says.
    pub wiring: Arc<Wiring>,
    /// Devices that were added through the API, with the verifier of their credential.
    pub boards: OrdMap<DeviceId, Arc<Board>>,
    /// The last kept reading of each point whose changes are kept.
    pub points: OrdMap<PointId, Arc<Reading>>,
    /// Rules that hold, or whose delay runs. A rule that is not here does not hold.
    pub rules: OrdMap<RuleId, RuleState>,
    /// Devices that are lost.
    pub lost: OrdMap<DeviceId, Presence>,
    /// Devices out of service.
    pub out_of_service: OrdMap<DeviceId, OutOfService>,
    /// The last walk test of each device, running or over.
    #[serde(default)]
    pub tests: OrdMap<DeviceId, Arc<WalkTest>>,
    /// When the last durable event happened: what a clock is compared with after a restart.
    #[serde(default)]
    pub clock: Timestamp,
    /// Which numbered events of each board are known.
    pub seen: OrdMap<DeviceId, Seen>,
    /// Alarms that were raised at least once and are not wholly normal again.
    pub alarms: OrdMap<AlarmId, Arc<Alarm>>,
    /// Open incidents, and the last ended ones.
    pub incidents: OrdMap<IncidentId, Arc<Incident>>,
    /// The open ones among them.
    pub open: OrdSet<IncidentId>,
    /// The next incident's number.
    pub next_incident: IncidentId,
    /// Open musters, and the last ended ones.
    #[serde(default)]
    pub musters: OrdMap<MusterId, Arc<Muster>>,
    /// The next muster's number.
    #[serde(default)]
    pub next_muster: MusterId,
    /// Messages: due, and the last of those that are done.
    pub messages: OrdMap<MessageId, Arc<Message>>,
    /// The due ones among them.
    pub due: OrdSet<MessageId>,
    /// The next message's number.
    pub next_message: MessageId,
    /// What is known of each channel's path.
    pub paths: OrdMap<ChannelId, Path>,
    /// What is known of the ways to each person.
    #[serde(default)]
    pub ways: OrdMap<PersonId, Vec<Way>>,
    /// When the last alarms were raised that count towards a flood, oldest first.
    pub raisings: Vector<Timestamp>,
    /// When the last messages to each person had their turn: what the throttle counts.
    #[serde(default)]
    pub turns: OrdMap<PersonId, Vec<Timestamp>>,
    /// The last raisings of alarms that are wholly normal again, as long as they may be chattering.
    #[serde(default)]
    pub settled: OrdMap<AlarmId, Vec<Timestamp>>,
    /// What was ordered of each output.
    #[serde(default)]
    pub outputs: OrdMap<PointId, Arc<Orders>>,
    /// The number of the next order.
    #[serde(default)]
    pub next_order: OrderId,
    /// People.
    pub people: OrdMap<PersonId, Arc<Person>>,
    /// How they prove who they are.
    pub logins: OrdMap<PersonId, Login>,
    /// Who is signed in, by the SHA-256 of their cookie.
    pub sessions: OrdMap<String, Session>,
    /// Rosters.
    pub rosters: OrdMap<RosterId, Arc<Roster>>,
    /// Swaps of shifts that were asked for: the open ones, and the last ended ones.
    #[serde(default)]
    pub swaps: OrdMap<SwapId, Arc<Swap>>,
    /// The number of the last one.
    #[serde(default)]
    pub last_swap: SwapId,
    /// What was told of the hand-overs of those rosters that have it told.
    #[serde(default)]
    pub reliefs: OrdMap<RosterId, Reliefs>,
    /// Policies.
    pub policies: OrdMap<PolicyId, Arc<Policy>>,
    /// What to do first, and where to find what it takes.
    #[serde(default)]
    pub advice: Advice,
    /// What is only live, and gone after a restart.
    #[serde(skip)]
    pub live: Live,
    /// Look-ups derived from the wiring and the boards.
    #[serde(skip)]
    pub index: Arc<Index>,
}

/// A device that was added through the API.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Board {
    /// The device.
    pub device: Arc<Device>,
    /// The verifier of its credential.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verifier: Option<String>,
}

/// A rule that holds, or whose delay runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleState {
    /// It holds.
    pub holds: bool,
    /// It is to turn to the opposite then, unless its condition turns back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
}

/// A device out of service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct OutOfService {
    /// Since when.
    pub since: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Why.
    pub reason: String,
    /// Who did it.
    pub by: crate::incident::By,
}

/// What is known of a channel's path to people.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Path {
    /// Since when the channel is set up.
    pub since: Timestamp,
    /// When it was tested last.
    pub tested_at: Option<Timestamp>,
    /// When a carrier last accepted anything on it.
    pub proven_at: Option<Timestamp>,
}

/// What was told of a roster's hand-overs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reliefs {
    /// The ends of shifts up to then are told, or were before anybody wanted to be told.
    pub upto: Timestamp,
    /// The shifts that somebody was reminded of, as long as they may come again.
    pub reminded: Vec<Begin>,
}

/// What is only live.
#[derive(Debug, Clone, Default)]
pub struct Live {
    /// When the gateway started.
    pub started_at: Timestamp,
    /// When each device was heard last.
    pub heard: OrdMap<DeviceId, Timestamp>,
    /// When each supervised device is to be looked at; an entry moves only when its time has come.
    pub watch: OrdSet<(Timestamp, DeviceId)>,
    /// The same the other way round: the one entry that a device has in `watch`.
    pub watched: OrdMap<DeviceId, Timestamp>,
    /// Devices that are reported gone: why, and when they count as lost unless they are heard before.
    pub leaving: OrdMap<DeviceId, (NoData, Timestamp)>,
    /// When what stood in front of a device was last there again.
    pub uncovered: OrdMap<DeviceId, Timestamp>,
    /// The newest reading of each point.
    pub values: OrdMap<PointId, Arc<Reading>>,
    /// Messages that are with their channel, since when.
    pub handed_over: OrdMap<MessageId, Timestamp>,
    /// When to look again whether those on duty can be reached; none for at once.
    pub(crate) reach_due: Option<Timestamp>,
    /// When to look again at hand-overs; none for at once.
    pub(crate) reliefs_due: Option<Timestamp>,
    /// When was decided last.
    pub(crate) clock: Timestamp,
    /// The answer of [`next_deadline`](crate::engine::next_deadline), kept while nothing changes it,
    /// so that a reading which decides nothing costs no look through all timers.
    pub(crate) deadline: Option<Option<Timestamp>>,
}

/// A state without its live part, as readers compare them.
impl PartialEq for State {
    fn eq(&self, other: &Self) -> bool {
        self.wiring == other.wiring
            && self.boards == other.boards
            && self.points == other.points
            && self.rules == other.rules
            && self.lost == other.lost
            && self.out_of_service == other.out_of_service
            && self.tests == other.tests
            && self.clock == other.clock
            && self.seen == other.seen
            && self.alarms == other.alarms
            && self.incidents == other.incidents
            && self.open == other.open
            && self.next_incident == other.next_incident
            && self.musters == other.musters
            && self.next_muster == other.next_muster
            && self.messages == other.messages
            && self.due == other.due
            && self.next_message == other.next_message
            && self.paths == other.paths
            && self.ways == other.ways
            && self.raisings == other.raisings
            && self.turns == other.turns
            && self.settled == other.settled
            && self.outputs == other.outputs
            && self.next_order == other.next_order
            && self.people == other.people
            && self.logins == other.logins
            && self.sessions == other.sessions
            && self.rosters == other.rosters
            && self.swaps == other.swaps
            && self.last_swap == other.last_swap
            && self.reliefs == other.reliefs
            && self.policies == other.policies
            && self.advice == other.advice
    }
}

impl Live {
    /// Since when a device's next word is waited for: since its last one, or since it could first
    /// say one.
    pub(crate) fn awaited_since(&self, device: &DeviceId) -> Timestamp {
        let heard = self.heard.get(device).copied().unwrap_or(self.started_at);
        heard.max(self.uncovered.get(device).copied().unwrap_or(self.started_at))
    }
}

impl State {
    /// A site with nothing in it.
    pub fn new(site: SiteId) -> Self {
        Self {
            wiring: Arc::new(Wiring::new(site)),
            boards: OrdMap::new(),
            points: OrdMap::new(),
            rules: OrdMap::new(),
            lost: OrdMap::new(),
            out_of_service: OrdMap::new(),
            tests: OrdMap::new(),
            clock: Timestamp::default(),
            seen: OrdMap::new(),
            alarms: OrdMap::new(),
            incidents: OrdMap::new(),
            open: OrdSet::new(),
            next_incident: IncidentId(1),
            musters: OrdMap::new(),
            next_muster: MusterId(1),
            messages: OrdMap::new(),
            due: OrdSet::new(),
            next_message: MessageId(1),
            paths: OrdMap::new(),
            ways: OrdMap::new(),
            raisings: Vector::new(),
            turns: OrdMap::new(),
            settled: OrdMap::new(),
            outputs: OrdMap::new(),
            next_order: OrderId(1),
            people: OrdMap::new(),
            logins: OrdMap::new(),
            sessions: OrdMap::new(),
            rosters: OrdMap::new(),
            swaps: OrdMap::new(),
            last_swap: SwapId::default(),
            reliefs: OrdMap::new(),
            policies: OrdMap::new(),
            advice: Advice::default(),
            live: Live::default(),
            index: Arc::default(),
        }
    }

    /// The site's name.
    pub fn site(&self) -> &SiteId {
        &self.wiring.site
    }

    /// What a point says now; what was never heard since the start has not said anything yet,
    /// unless a kept edge tells how it stood.
    pub fn sample(&self, point: &PointId) -> Option<&Sample> {
        self.live
            .values
            .get(point)
            .or_else(|| self.points.get(point))
            .map(|reading| &reading.sample)
    }

    /// True for an event that a newer one of the same point overtook on its way. Events of other
    /// points say nothing about it.
    pub fn overtaken(&self, reading: &Reading) -> bool {
        let last = self.points.get(&reading.point).and_then(|last| last.origin);
        reading.origin.is_some() && last > reading.origin
    }

    /// The kept readings of a device have no number any more: another board sits in its place.
    pub(crate) fn forget_origins(&mut self, device: &DeviceId) {
        let points = self.device(device).map(|d| d.points.clone()).unwrap_or_default();
        for point in points {
            if let Some(reading) = self.points.get_mut(&point.id) {
                Arc::make_mut(reading).origin = None;
            }
        }
    }

    /// Whether a device is heard, and why not.
    pub fn presence(&self, device: &DeviceId) -> Presence {
        let lost = self.lost.get(device).copied();
        lost.or_else(|| self.cover(device)).unwrap_or(Presence::Present)
    }

    /// What a point says now, for people: nothing where its device is lost.
    pub fn quality(&self, point: &PointId) -> Sample {
        let device = self.index.device_of.get(point);
        match device.map(|d| self.presence(d)) {
            Some(Presence::Lost { reason, .. }) => Err(reason),
            _ => self.sample(point).cloned().unwrap_or(Err(NoData::NotYet)),
        }
    }

    /// True where a device of the site has this point.
    pub fn knows(&self, point: &PointId) -> bool {
        self.index.device_of.contains_key(point)
    }

    /// True where a point's readings must go through the engine, because a rule asks about it or it can
    /// be switched; the others are history only.
    pub fn is_watched(&self, point: &PointId) -> bool {
        self.index.by_point.contains_key(point) || self.index.outputs.contains_key(point)
    }

    /// What people call an output: its device and its own name.
    pub fn output_name(&self, id: &PointId) -> Text {
        let device = self.index.device_of.get(id).and_then(|device| self.device(device));
        let point = device.and_then(|device| device.points.iter().find(|p| p.id == *id));
        let (Some(device), Some(point)) = (device, point) else { return Text::from(id.as_str()) };
        let name = |l| format!("{} › {}", device.name.get(l), point.name.get(l));
        Text { zh: name(Language::Zh), en: name(Language::En) }
    }

    /// An output, where a profile names it as one.
    pub fn output(&self, id: &PointId) -> Option<&Output> {
        self.index.outputs.get(id)
    }

    /// The open incidents, oldest first.
    pub fn open_incidents(&self) -> impl Iterator<Item = &Arc<Incident>> {
        self.open.iter().filter_map(|id| self.incidents.get(id))
    }
}
