//! A month of alarms in the sense of ISA-18.2 (IEC 62682): how many there were and for whom, which of them
//! chatter or stand for days, and how long people took. Made of the journal.

use std::collections::{BTreeMap, BTreeSet};

use gengfu_core::{
    danger::Priority,
    event::{Event, WalkTest, What},
    id::{AlarmId, DeviceId, IncidentId, PersonId},
    state::State,
    text::Text,
    time::{Span, Timestamp},
};
use serde::Serialize;
use utoipa::ToSchema;

use crate::views::name_of;

/// Alarms are counted in windows of this length, for floods and for people (ISA-18.2).
const WINDOW: Span = Span::mins(10);
/// More alarms than this in a window are a flood (ISA-18.2).
const FLOOD: usize = 10;
/// An alarm that stands longer than this is stale (ISA-18.2).
const STALE: Span = Span::hours(24);
/// So many of the most frequent alarms are named.
const NAMED: usize = 10;

/// The alarm figures of a month.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct FiguresView {
    /// The month, as `2026-12`.
    pub month: String,
    /// Its beginning by the site's clock.
    pub from: Timestamp,
    /// Its end, or now where it is not over.
    pub to: Timestamp,
    /// The journal holds more than was looked through: the figures are too low.
    pub cut: bool,
    /// Alarms that were raised.
    pub raised: usize,
    /// How many of each priority, the most pressing first.
    pub priorities: Vec<PriorityCount>,
    /// The most frequent alarms: few of them usually make most of the noise.
    pub frequent: Vec<AlarmCount>,
    /// Alarms that chattered (3 times or more in a minute), and how often.
    pub chattering: Vec<AlarmCount>,
    /// Alarms that stood for more than 24 h, longest first.
    pub stale: Vec<StaleAlarm>,
    /// Alarms that stood at the end.
    pub standing: usize,
    /// Windows of 10 minutes with more than 10 alarms.
    pub flood_windows: usize,
    /// The most alarms in one of them.
    pub flood_worst: usize,
    /// What share of the time these windows were, in percent.
    pub flood_percent: f64,
    /// How much each person was asked.
    pub people: Vec<PersonRate>,
    /// Incidents that were opened.
    pub incidents: usize,
    /// Those of them that somebody answered.
    pub answered: usize,
    /// From the opening until somebody said "I'm going".
    pub acknowledge: Spread,
    /// From the opening until somebody said "I'm there".
    pub arrive: Spread,
    /// Alarms that a person set aside.
    pub shelved: usize,
    /// Devices that were taken out of service.
    pub out_of_service: usize,
}

/// Alarms of a priority.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PriorityCount {
    /// Which.
    pub priority: Priority,
    /// How many were raised.
    pub count: usize,
}

/// How often an alarm did something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AlarmCount {
    /// Which.
    pub alarm: AlarmId,
    /// What it says.
    pub name: Text,
    /// How often.
    pub count: usize,
}

/// An alarm that stood for long.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StaleAlarm {
    /// Which.
    pub alarm: AlarmId,
    /// What it says.
    pub name: Text,
    /// Since when.
    pub since: Timestamp,
    /// For so many whole hours.
    pub hours: u64,
    /// It still stood at the end.
    pub stands: bool,
}

/// How much a person was asked. The target is at most one alarm in 10 minutes (ISA-18.2).
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PersonRate {
    /// Who.
    pub id: PersonId,
    /// What they are called.
    pub name: String,
    /// About so many incidents.
    pub incidents: usize,
    /// Incidents a day.
    pub per_day: f64,
    /// The most incidents within 10 minutes.
    pub busiest: usize,
}

/// How long something took, in seconds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Spread {
    /// How often it happened.
    pub count: usize,
    /// Half of them took at most this long.
    pub median_s: u64,
    /// Nine of ten took at most this long.
    pub nine_of_ten_s: u64,
    /// The longest.
    pub longest_s: u64,
}

/// Counts a month, event by event.
pub(crate) struct Counter {
    from: Timestamp,
    to: Timestamp,
    names: BTreeMap<AlarmId, Text>,
    raised: Vec<Timestamp>,
    priorities: BTreeMap<Priority, usize>,
    frequent: BTreeMap<AlarmId, usize>,
    chattering: BTreeMap<AlarmId, usize>,
    /// Alarms that stand, since when.
    standing: BTreeMap<AlarmId, Timestamp>,
    stale: Vec<StaleAlarm>,
    asked: BTreeMap<PersonId, BTreeMap<IncidentId, Timestamp>>,
    opened: BTreeMap<IncidentId, Timestamp>,
    going: BTreeMap<IncidentId, u64>,
    there: BTreeMap<IncidentId, u64>,
    shelved: usize,
    out: usize,
    /// Devices that are tested: what they raise is no alarm.
    tested: BTreeSet<DeviceId>,
}

impl Counter {
    /// From `from` up to `to`, not including it.
    pub fn new(from: Timestamp, to: Timestamp) -> Self {
        Self {
            from,
            to,
            names: BTreeMap::new(),
            raised: vec![],
            priorities: BTreeMap::new(),
            frequent: BTreeMap::new(),
            chattering: BTreeMap::new(),
            standing: BTreeMap::new(),
            stale: vec![],
            asked: BTreeMap::new(),
            opened: BTreeMap::new(),
            going: BTreeMap::new(),
            there: BTreeMap::new(),
            shelved: 0,
            out: 0,
            tested: BTreeSet::new(),
        }
    }

    /// The next event of the journal. What was before the month tells only which alarms stand, and what came
    /// after it only who answered what was opened in it.
    pub fn take(&mut self, event: &Event) {
        let at = event.at;
        let answers = matches!(event.what, What::Acknowledged { .. } | What::Arrived { .. });
        if at >= self.to && !answers {
            return;
        }
        let counts = at >= self.from;
        match &event.what {
            What::WalkTest(WalkTest::Begun { device, .. }) => {
                self.tested.insert(device.clone());
            }
            What::WalkTest(WalkTest::Ended { device, .. }) => {
                self.tested.remove(device);
            }
            What::AlarmRaised { subject, .. }
                if subject.device.as_ref().is_some_and(|d| self.tested.contains(d)) => {}
            What::AlarmRaised { alarm, subject } => {
                self.names.insert(alarm.clone(), subject.name.clone());
                self.standing.entry(alarm.clone()).or_insert(at);
                if counts {
                    self.raised.push(at);
                    *self.priorities.entry(subject.priority).or_default() += 1;
                    *self.frequent.entry(alarm.clone()).or_default() += 1;
                }
            }
            What::AlarmCleared { alarm } => {
                if let Some(since) = self.standing.remove(alarm) {
                    self.note_stale(alarm, since, at, false);
                }
            }
            What::AlarmChatters { alarm } if counts => {
                *self.chattering.entry(alarm.clone()).or_default() += 1;
            }
            What::AlarmShelved { .. } if counts => self.shelved += 1,
            What::OutOfService { .. } if counts => self.out += 1,
            What::IncidentOpened { incident, .. } if counts => {
                self.opened.insert(*incident, at);
            }
            What::StepStarted { incident, people, .. } if counts => {
                for person in people {
                    let asked = self.asked.entry(person.clone()).or_default();
                    asked.entry(*incident).or_insert(at);
                }
            }
            What::Acknowledged { incident, .. } => {
                first(&self.opened, &mut self.going, *incident, at);
            }
            What::Arrived { incident, .. } => {
                first(&self.opened, &mut self.there, *incident, at);
            }
            _ => {}
        }
    }

    fn note_stale(&mut self, alarm: &AlarmId, since: Timestamp, until: Timestamp, stands: bool) {
        let stood = until.since(since);
        if stood > STALE && until >= self.from {
            self.stale.push(StaleAlarm {
                alarm: alarm.clone(),
                name: self.name(alarm),
                since,
                hours: stood.as_millis() / Span::hours(1).as_millis(),
                stands,
            });
        }
    }

    fn name(&self, alarm: &AlarmId) -> Text {
        self.names.get(alarm).cloned().unwrap_or_else(|| Text::from(alarm.as_str()))
    }

    /// The figures. `state` knows alarms that have stood since before what was read.
    pub fn finish(
        mut self,
        month: String,
        state: &State,
        cut: bool,
        now: Timestamp,
    ) -> FiguresView {
        if self.to >= now {
            for alarm in state.alarms.values().filter(|alarm| alarm.active) {
                self.names.insert(alarm.id.clone(), alarm.subject.name.clone());
                self.standing.entry(alarm.id.clone()).or_insert(alarm.raised_at);
            }
        }
        let to = self.to.min(now);
        let standing = std::mem::take(&mut self.standing);
        for (alarm, since) in &standing {
            self.note_stale(alarm, *since, to, true);
        }
        self.stale.sort_by_key(|stale| std::cmp::Reverse(stale.hours));
        let count = |(alarm, count): (&AlarmId, &usize)| AlarmCount {
            alarm: alarm.clone(),
            name: self.name(alarm),
            count: *count,
        };
        let mut frequent: Vec<AlarmCount> = self.frequent.iter().map(count).collect();
        frequent.sort_by_key(|alarm| std::cmp::Reverse(alarm.count));
        frequent.truncate(NAMED);
        let mut chattering: Vec<AlarmCount> = self.chattering.iter().map(count).collect();
        chattering.sort_by_key(|alarm| std::cmp::Reverse(alarm.count));
        let length = to.since(self.from).as_millis().max(1);
        let windows = windows(&self.raised, self.from);
        let floods = windows.values().filter(|count| **count > FLOOD).count();
        let flood_ms = WINDOW.as_millis() as f64 * floods as f64;
        let days = length as f64 / Span::hours(24).as_millis() as f64;
        let mut people: Vec<PersonRate> = self
            .asked
            .iter()
            .map(|(id, asked)| PersonRate {
                id: id.clone(),
                name: name_of(state, id),
                incidents: asked.len(),
                per_day: tenths(asked.len() as f64 / days.max(1.0)),
                busiest: busiest(asked.values().copied()),
            })
            .collect();
        people.sort_by_key(|person| std::cmp::Reverse(person.incidents));
        FiguresView {
            month,
            from: self.from,
            to,
            cut,
            raised: self.raised.len(),
            priorities: [Priority::Critical, Priority::High, Priority::Normal, Priority::Low]
                .map(|priority| PriorityCount {
                    priority,
                    count: self.priorities.get(&priority).copied().unwrap_or_default(),
                })
                .to_vec(),
            frequent,
            chattering,
            standing: standing.len(),
            flood_windows: floods,
            flood_worst: windows.values().copied().max().unwrap_or_default(),
            flood_percent: tenths(100.0 * flood_ms / length as f64),
            people,
            incidents: self.opened.len(),
            answered: self.opened.keys().filter(|id| self.going.contains_key(id)).count(),
            acknowledge: spread(self.going.values().copied()),
            arrive: spread(self.there.values().copied()),
            shelved: self.shelved,
            out_of_service: self.out,
            stale: self.stale,
        }
    }
}

/// Notes how long it took for the first time, of incidents that were opened in the month.
fn first(
    opened: &BTreeMap<IncidentId, Timestamp>,
    took: &mut BTreeMap<IncidentId, u64>,
    incident: IncidentId,
    at: Timestamp,
) {
    if let Some(since) = opened.get(&incident) {
        took.entry(incident).or_insert(at.since(*since).as_millis() / 1_000);
    }
}

/// How many alarms each window has, counted from the beginning.
fn windows(raised: &[Timestamp], from: Timestamp) -> BTreeMap<u64, usize> {
    let mut windows = BTreeMap::new();
    for at in raised {
        *windows.entry(at.since(from).as_millis() / WINDOW.as_millis()).or_default() += 1;
    }
    windows
}

/// The most of these within any window.
fn busiest(times: impl Iterator<Item = Timestamp>) -> usize {
    let mut times: Vec<Timestamp> = times.collect();
    times.sort();
    let within = |start: &Timestamp| {
        times.iter().filter(|at| *at >= start && at.since(*start) < WINDOW).count()
    };
    times.iter().collect::<BTreeSet<_>>().into_iter().map(within).max().unwrap_or_default()
}

fn spread(took: impl Iterator<Item = u64>) -> Spread {
    let mut took: Vec<u64> = took.collect();
    took.sort_unstable();
    // The least value that so many of a hundred do not exceed.
    let at = |percent: usize| {
        let rank = (took.len() * percent).div_ceil(100).max(1);
        took.get(rank - 1).copied().unwrap_or_default()
    };
    Spread { count: took.len(), median_s: at(50), nine_of_ten_s: at(90), longest_s: at(100) }
}

fn tenths(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_of_what_really_was() {
        assert_eq!(spread([].into_iter()), Spread::default());
        let ten = spread((1..=10).map(|n| n * 10));
        assert_eq!((ten.count, ten.median_s, ten.nine_of_ten_s, ten.longest_s), (10, 50, 90, 100));
        assert_eq!(spread([7].into_iter()).nine_of_ten_s, 7);
    }

    #[test]
    fn the_busiest_ten_minutes_may_lie_anywhere() {
        let at = |minute: i64| Timestamp::from_millis(minute * 60_000);
        assert_eq!(busiest([at(0), at(9), at(11), at(12), at(30)].into_iter()), 3);
        assert_eq!(busiest([at(0), at(10)].into_iter()), 1);
    }
}
