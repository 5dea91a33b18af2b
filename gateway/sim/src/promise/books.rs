//! What a bystander writes down of a gateway, to hold it to its promises.

use std::collections::{BTreeMap, BTreeSet};

use gengfu_core::{
    danger::Danger,
    device::Device,
    escalation::policy::{Policy, Target},
    id::{
        AlarmId, ChannelId, DeviceId, IncidentId, MessageId, PersonId, PointId, PolicyId, RosterId,
    },
    notification::outbox::Purpose,
    person::Person,
    point::{Origin, Reading, Sample},
    roster::Roster,
    rule::Rule,
    time::{Span, Timestamp},
    wiring::Wiring,
};

use super::{case::Case, oncall::on_duty};
use crate::world::seen::Moment;

/// What is promised "at once" may take this long.
pub const AT_ONCE: Span = Span::secs(3);
/// So much may be lost whenever the clock is put back: one that is put back by less than 2 s is not
/// compensated for, and the loop finds out by its next turn, 2 s later at the most.
const DISCIPLINED: Span = Span::secs(3);
/// A message as it was seen.
#[derive(Debug, Clone)]
pub struct Sent {
    /// When it was posted.
    pub posted: Span,
    /// When it was given to its channel last, and in which life of the gateway.
    pub given: Option<(Span, u64)>,
    /// Its channel has said since that it failed.
    pub failed: bool,
    /// It is not needed any more.
    pub called_off: bool,
}

/// Somebody calls for help, and nobody has been told yet.
#[derive(Debug, Clone)]
pub struct Call {
    /// What calls.
    pub alarm: AlarmId,
    /// Whose task it is.
    pub incident: IncidentId,
    /// Since when.
    pub since: Span,
}

/// What is written down.
#[derive(Debug, Clone)]
pub struct Books {
    /// The last moment.
    pub moment: Moment,
    /// When the gateway started last.
    pub up_since: Span,
    /// How often it has started.
    pub life: u64,
    /// When its clock jumped ahead last.
    pub jumped: Span,
    /// How often its clock was put back.
    pub put_back: u64,
    /// Its clock was put back since it kept something last.
    pub put_back_unkept: bool,
    /// When it kept something last.
    pub last_kept: Span,
    /// Time that it can't know of after a crash: its clock was put back meanwhile, and all that it has
    /// to compare with is what it kept last.
    pub unknowable: Span,
    /// Up to when that time is counted already.
    pub unknown_until: Span,
    /// What was decided last is in memory only.
    pub memory: bool,
    /// The configuration.
    pub wiring: Wiring,
    /// Since when each device is watched in this way.
    pub wired: BTreeMap<DeviceId, Span>,
    /// People.
    pub people: BTreeMap<PersonId, Person>,
    /// Rosters.
    pub rosters: BTreeMap<RosterId, Roster>,
    /// Policies.
    pub policies: BTreeMap<PolicyId, Policy>,
    /// Incidents.
    pub cases: BTreeMap<IncidentId, Case>,
    /// Open ones among them.
    pub open: BTreeSet<IncidentId>,
    /// Messages.
    pub messages: BTreeMap<MessageId, Sent>,
    /// Those that are to be given to their channel, and when.
    pub due: BTreeMap<MessageId, Span>,
    /// Those that their channel has, and has not spoken of.
    pub with_channel: BTreeSet<MessageId>,
    /// Who was asked what about an incident, through what.
    pub told: BTreeSet<(IncidentId, String)>,
    /// Numbered events that the gateway has decided upon.
    pub taken: BTreeSet<(DeviceId, Origin)>,
    /// Numbered events that have their receipt, the last of each device.
    pub receipts: BTreeMap<DeviceId, Vec<Origin>>,
    /// How each contact stands, as the gateway was told last, and by which event.
    pub contacts: BTreeMap<PointId, (Sample, Option<Origin>)>,
    /// When each device was heard last.
    pub heard: BTreeMap<DeviceId, Span>,
    /// Devices that are reported lost.
    pub lost: BTreeSet<DeviceId>,
    /// Devices out of service.
    pub out: BTreeSet<DeviceId>,
    /// Somebody can be reached; and since when, with the wait that there is while nobody can be.
    pub reachable: bool,
    /// See [`Books::reachable`].
    pub reachable_since: Span,
    /// Calls that nobody has been told of.
    pub calls: Vec<Call>,
    /// How often it rested without resting, at this clock.
    pub restless: (Timestamp, u32),
    /// When silence was looked for last.
    pub listened: Span,
}

impl Books {
    /// Empty books, at the beginning.
    pub fn new(start: Timestamp) -> Self {
        let moment = Moment { now: start, clock: start, felt: Span::ZERO };
        Self {
            moment,
            up_since: Span::ZERO,
            life: 0,
            jumped: Span::ZERO,
            put_back: 0,
            put_back_unkept: false,
            last_kept: Span::ZERO,
            unknowable: Span::ZERO,
            unknown_until: Span::ZERO,
            memory: false,
            wiring: Wiring::new("none".into()),
            wired: BTreeMap::new(),
            people: BTreeMap::new(),
            rosters: BTreeMap::new(),
            policies: BTreeMap::new(),
            cases: BTreeMap::new(),
            open: BTreeSet::new(),
            messages: BTreeMap::new(),
            due: BTreeMap::new(),
            with_channel: BTreeSet::new(),
            told: BTreeSet::new(),
            taken: BTreeSet::new(),
            receipts: BTreeMap::new(),
            contacts: BTreeMap::new(),
            heard: BTreeMap::new(),
            lost: BTreeSet::new(),
            out: BTreeSet::new(),
            reachable: false,
            reachable_since: Span::ZERO,
            calls: vec![],
            restless: (start, 0),
            listened: Span::ZERO,
        }
    }

    /// How late something may be that was due at `due`: at once, or at once after the last start,
    /// and what a clock that is being disciplined takes.
    pub fn latest(&self, due: Span) -> Span {
        due.max(self.up_since).max(self.jumped)
            + AT_ONCE
            + DISCIPLINED.times(self.put_back)
            + self.unknowable
    }

    /// The rules that ask about a point.
    pub fn rules_of<'a>(
        &'a self,
        point: &'a PointId,
    ) -> impl Iterator<Item = (&'a Device, &'a Rule)> {
        let rules = |device: &'a Device| device.rules.iter().map(move |rule| (device, rule));
        // A point's device is in its name.
        let device = gengfu_core::point::device_of(point);
        let device = self.wiring.devices.get(&device).map(AsRef::as_ref);
        device.into_iter().flat_map(rules).filter(move |(_, r)| r.when.points().contains(&point))
    }

    /// The rule behind an alarm.
    pub fn rule(&self, alarm: &AlarmId) -> Option<&Rule> {
        let name = alarm.as_str().strip_prefix("rule:")?;
        let device = self.wiring.devices.get(&DeviceId::from(name.rsplit_once('/')?.0))?;
        device.rules.iter().find(|rule| rule.id.as_str() == name)
    }

    /// The channels through which a person can be reached, best first.
    pub fn ways(&self, person: &PersonId) -> Vec<ChannelId> {
        let methods = self.people.get(person).map(|p| p.methods.as_slice()).unwrap_or_default();
        let mut ways: Vec<ChannelId> = vec![];
        for method in methods {
            if self.wiring.channels.contains_key(&method.channel) && !ways.contains(&method.channel)
            {
                ways.push(method.channel.clone());
            }
        }
        ways
    }

    /// Those of a policy's targets who are there at this time and can be reached.
    pub fn asked(&self, targets: &[Target], at: Timestamp) -> BTreeSet<PersonId> {
        let mut people = BTreeSet::new();
        for target in targets {
            match target {
                Target::OnCall(id) => {
                    people.extend(self.rosters.get(id).map(|r| on_duty(r, at)).unwrap_or_default());
                }
                Target::Team(id) => {
                    people.extend(self.rosters.get(id).map(Roster::people).unwrap_or_default());
                }
                Target::Person(person) => drop(people.insert(person.clone())),
                // In these worlds nobody has a home.
                Target::Residents(_) => {}
                Target::Everyone => people.extend(self.people.keys().cloned()),
            }
        }
        people.retain(|person| !self.ways(person).is_empty());
        people
    }

    /// Whoever is named by any step, or everybody.
    pub fn everybody(&self, policy: &Policy, at: Timestamp) -> BTreeSet<PersonId> {
        let targets: Vec<Target> = policy.steps.iter().flat_map(|s| s.targets.clone()).collect();
        let named = self.asked(&targets, at);
        if named.is_empty() { self.asked(&[Target::Everyone], at) } else { named }
    }

    /// The policy for such a danger: in these worlds policies name dangers, never places.
    pub fn policy(&self, danger: Danger) -> Policy {
        let naming = self.policies.values().find(|p| p.dangers.contains(&danger));
        let any = || self.policies.values().find(|p| p.dangers.is_empty());
        naming.or_else(any).cloned().unwrap_or_else(|| Policy::everyone(danger))
    }

    /// True where a newer event of the same contact is known.
    pub fn overtaken(&self, reading: &Reading) -> bool {
        let newest = self.contacts.get(&reading.point).and_then(|(_, origin)| *origin);
        newest > reading.origin
    }

    /// A reading that tells of fire, or of a person who is shut in.
    pub fn calls_for_help(&self, reading: &Reading) -> bool {
        let closed = reading.sample == Ok(gengfu_core::point::Value::Bool(true));
        closed
            && self.rules_of(&reading.point).any(|(_, rule)| rule.danger.is_vital())
            && !self.out.contains(&reading.device())
    }

    /// True for a numbered event that was never decided upon.
    pub fn is_fresh(&self, reading: &Reading) -> bool {
        let Some(origin) = reading.origin else { return false };
        !self.taken.contains(&(reading.device(), origin))
    }
}

/// What a message asks of whom, through what: nobody is asked the same twice.
pub fn key(message: &gengfu_core::notification::outbox::Message) -> String {
    let (person, method) = (&message.person, &message.method);
    let what = &message.content.what.en;
    match &message.content.purpose {
        Purpose::Alert { step, round } => format!("{person} {method:?} step {step} {round} {what}"),
        Purpose::NobodyAnswered { count } => format!("{person} {method:?} prompt {count}"),
        Purpose::NotOver { minutes } => format!("{person} {method:?} after {minutes}"),
        // These follow from what people did: however often they do it.
        other => format!("{person} {method:?} {} {other:?}", message.id),
    }
}
