//! The record of one incident, made of the journal: signals, alarms, messages, receipts, answers, in the
//! order in which they were kept.

use std::collections::{BTreeMap, BTreeSet};

use gengfu_core::{
    alarm::Source,
    event::{Event, Muster, Output, WalkTest, What},
    id::{AlarmId, IncidentId, MessageId, MusterId, PointId, RuleId},
    incident::{By, Happened},
    notification::{
        outbox::{Message, Purpose},
        receipt::Receipt,
    },
    point::Reading,
    state::State,
    text::Text,
    time::Timestamp,
};

use crate::gateway::Past;
use crate::views::{
    AlarmChange, RecordLine, Recorded, ToldPurpose, ToldStatus, by_name, name_of, told_purpose,
};

/// No record is longer; what is more is left out, and said.
const LINES: usize = 5_000;
/// Of them, signals: a value that moves all the time must not hide what people did.
const SIGNALS: usize = 1_000;

/// Gathers what is about one incident.
pub(crate) struct Recorder<'a> {
    state: &'a State,
    incident: IncidentId,
    /// Signals are noted up to then.
    until: Timestamp,
    /// The points that its alarms ask about, with their names.
    points: BTreeMap<PointId, Text>,
    alarms: BTreeMap<AlarmId, Text>,
    /// Alarms that were raised and may still join it.
    raised: BTreeMap<AlarmId, RecordLine>,
    messages: BTreeMap<MessageId, Recorded>,
    /// Musters that were called about it: their messages name no incident.
    musters: BTreeSet<MusterId>,
    signals: usize,
    /// Points whose changes are in the journal.
    kept: BTreeSet<PointId>,
    lines: Vec<RecordLine>,
    cut: bool,
}

impl<'a> Recorder<'a> {
    /// About this incident of `state`; signals of its alarms' points up to `until`.
    pub fn new(state: &'a State, incident: IncidentId, until: Timestamp) -> Self {
        let kept = state.incidents.get(&incident);
        let alarms: BTreeSet<AlarmId> = kept.map(|i| joined(i)).unwrap_or_default();
        let rules: BTreeSet<RuleId> = alarms.iter().filter_map(rule_of).collect();
        let mut points = BTreeMap::new();
        for device in state.devices() {
            for rule in device.rules.iter().filter(|rule| rules.contains(&rule.id)) {
                for point in rule.when.points() {
                    points.insert(point.clone(), state.output_name(point));
                }
            }
        }
        Self {
            state,
            incident,
            until,
            points,
            alarms: alarms.into_iter().map(|id| (id.clone(), Text::from(id.as_str()))).collect(),
            raised: BTreeMap::new(),
            messages: BTreeMap::new(),
            musters: BTreeSet::new(),
            signals: 0,
            kept: BTreeSet::new(),
            lines: vec![],
            cut: false,
        }
    }

    /// The next event of the journal.
    pub fn take(&mut self, event: &Event) {
        let at = event.at;
        match &event.what {
            What::PointChanged(reading) => self.signal(at, reading),
            What::AlarmRaised { alarm, subject } => {
                let line = alarm_line(at, alarm, &subject.name, AlarmChange::Raised);
                if let Some(name) = self.alarms.get_mut(alarm) {
                    name.clone_from(&subject.name);
                    self.push(line);
                } else {
                    self.raised.insert(alarm.clone(), line);
                }
            }
            What::IncidentJoined { incident, alarm } if *incident == self.incident => {
                self.join(alarm);
            }
            What::WalkTest(WalkTest::Opened { incident, alarm, .. })
                if *incident == self.incident =>
            {
                self.moment(at, &event.what);
                self.join(alarm);
            }
            What::AlarmCleared { alarm } => self.alarm(at, alarm, AlarmChange::Cleared),
            What::AlarmAcknowledged { alarm, .. } => {
                self.alarm(at, alarm, AlarmChange::Acknowledged);
            }
            What::AlarmShelved { alarm, .. } => self.alarm(at, alarm, AlarmChange::Shelved),
            What::MessageDue(message) if self.is_about(message) => {
                self.message(at, message);
            }
            What::Receipted { message, receipt } => self.receipt(at, *message, receipt),
            What::MessageRetried { message, .. } => {
                self.told(at, *message, ToldStatus::Due, None);
            }
            What::MessageCancelled { message } => {
                self.told(at, *message, ToldStatus::Cancelled, None);
            }
            what => self.moment(at, what),
        }
    }

    fn join(&mut self, alarm: &AlarmId) {
        let Some(line) = self.raised.remove(alarm) else { return };
        if let Recorded::Alarm { name, .. } = &line.what {
            self.alarms.insert(alarm.clone(), name.clone());
        }
        self.push(line);
    }

    fn moment(&mut self, at: Timestamp, what: &What) {
        let Some((happened, by)) = moment(self.state, what, self.incident) else { return };
        if let Happened::Mustered { muster, .. } = &happened {
            self.musters.insert(*muster);
        }
        let (by_name, through) = (by_name(self.state, &by), by.through);
        self.push(RecordLine { at, what: Recorded::Moment { happened, by_name, through } });
    }

    /// Points that its alarms ask about and of which the journal has no change: what is polled, or reports
    /// how it stands, is told by the history alone.
    pub fn untold(&self) -> Vec<(PointId, Text)> {
        let points = self.points.iter().filter(|(point, _)| !self.kept.contains(*point));
        points.map(|(point, name)| (point.clone(), name.clone())).collect()
    }

    /// What was gathered, and whether more was left out.
    pub fn finish(self) -> (Vec<RecordLine>, bool) {
        (self.lines, self.cut)
    }

    fn push(&mut self, line: RecordLine) {
        if self.lines.len() < LINES {
            self.lines.push(line);
        } else {
            self.cut = true;
        }
    }

    fn signal(&mut self, at: Timestamp, reading: &Reading) {
        let Some(name) = self.points.get(&reading.point) else { return };
        if at > self.until {
            return;
        }
        if self.signals >= SIGNALS {
            self.cut = true;
            return;
        }
        self.signals += 1;
        self.kept.insert(reading.point.clone());
        let (value, no_data) = match &reading.sample {
            Ok(value) => (Some(value.clone()), None),
            Err(reason) => (None, Some(*reason)),
        };
        let (point, name) = (reading.point.clone(), name.clone());
        let (source_at, word) = (reading.source_at, None);
        self.push(RecordLine {
            at,
            what: Recorded::Signal { point, name, value, word, no_data, source_at },
        });
    }

    fn alarm(&mut self, at: Timestamp, alarm: &AlarmId, change: AlarmChange) {
        let Some(name) = self.alarms.get(alarm) else { return };
        self.push(alarm_line(at, alarm, &name.clone(), change));
    }

    fn is_about(&self, message: &Message) -> bool {
        let muster = message.content.purpose.muster();
        message.incident == Some(self.incident) || muster.is_some_and(|m| self.musters.contains(&m))
    }

    fn message(&mut self, at: Timestamp, message: &Message) {
        let Some(purpose) = recorded_purpose(&message.content.purpose) else { return };
        let what = Recorded::Message {
            message: message.id,
            name: name_of(self.state, &message.person),
            channel: message.channel().clone(),
            purpose,
            status: ToldStatus::Due,
            reason: None,
        };
        self.messages.insert(message.id, what.clone());
        self.push(RecordLine { at, what });
    }

    fn receipt(&mut self, at: Timestamp, id: MessageId, receipt: &Receipt) {
        let (status, reason) = match receipt {
            Receipt::Accepted { .. } => (ToldStatus::Accepted, None),
            Receipt::Delivered => (ToldStatus::Delivered, None),
            Receipt::Answered => (ToldStatus::Answered, None),
            Receipt::Declined { reason }
            | Receipt::Gone { reason }
            | Receipt::Failed { reason, .. } => (ToldStatus::Failed, Some(reason.clone())),
        };
        self.told(at, id, status, reason);
    }

    fn told(&mut self, at: Timestamp, id: MessageId, now: ToldStatus, why: Option<String>) {
        let Some(what) = self.messages.get(&id) else { return };
        let mut what = what.clone();
        if let Recorded::Message { status, reason, .. } = &mut what {
            (*status, *reason) = (now, why);
        }
        self.push(RecordLine { at, what });
    }
}

/// What the history tells of a point, as signals: each change, and none that only repeats.
pub(crate) fn signals(point: &PointId, name: &Text, past: Vec<Past>) -> Vec<RecordLine> {
    let mut lines = vec![];
    let mut last = None;
    for Past { at, sample } in past {
        if last.as_ref() == Some(&sample) {
            continue;
        }
        last = Some(sample.clone());
        let (value, no_data) = match sample {
            Ok(value) => (Some(value), None),
            Err(reason) => (None, Some(reason)),
        };
        let (point, name) = (point.clone(), name.clone());
        lines.push(RecordLine {
            at,
            what: Recorded::Signal { point, name, value, word: None, no_data, source_at: None },
        });
    }
    lines.truncate(SIGNALS);
    lines
}

/// Every alarm that was ever part of it.
fn joined(incident: &gengfu_core::incident::Incident) -> BTreeSet<AlarmId> {
    let of = |happened: &Happened| match happened {
        Happened::AlarmRaised { alarm } | Happened::AlarmCleared { alarm } => Some(alarm.clone()),
        _ => None,
    };
    let told = incident.timeline.iter().filter_map(|moment| of(&moment.happened));
    incident.alarms.iter().cloned().chain(told).collect()
}

/// The rule that raises an alarm, where one does.
fn rule_of(alarm: &AlarmId) -> Option<RuleId> {
    let rule: RuleId = alarm.as_str().strip_prefix("rule:")?.parse().ok()?;
    (Source::Rule(rule.clone()).alarm() == *alarm).then_some(rule)
}

fn alarm_line(at: Timestamp, alarm: &AlarmId, name: &Text, change: AlarmChange) -> RecordLine {
    let (alarm, name) = (alarm.clone(), name.clone());
    RecordLine { at, what: Recorded::Alarm { alarm, name, change } }
}

/// Why a message was sent; none for one that belongs to no record.
fn recorded_purpose(purpose: &Purpose) -> Option<ToldPurpose> {
    match purpose {
        Purpose::Muster { .. } => Some(ToldPurpose::Muster),
        Purpose::NeedsHelp { .. } => Some(ToldPurpose::NeedsHelp),
        Purpose::MusterOver { .. } => Some(ToldPurpose::MusterOver),
        purpose => told_purpose(purpose),
    }
}

/// What people and the escalation did about this incident.
fn moment(state: &State, what: &What, wanted: IncidentId) -> Option<(Happened, By)> {
    let (incident, happened, by) = match what {
        What::IncidentOpened { incident, .. }
        | What::WalkTest(WalkTest::Opened { incident, .. }) => {
            (incident, Happened::Opened, By::gateway())
        }
        What::StepStarted { incident, step, round, people, .. } => {
            let happened =
                Happened::StepStarted { step: *step, round: *round, people: people.clone() };
            (incident, happened, By::gateway())
        }
        What::Rested { incident, until } => {
            (incident, Happened::Rested { until: *until }, By::gateway())
        }
        What::Acknowledged { incident, by, .. } => (incident, Happened::Acknowledged, by.clone()),
        What::Arrived { incident, by, .. } => (incident, Happened::Arrived, by.clone()),
        What::IncidentHandedOver { incident, to, by, .. } => {
            (incident, Happened::HandedOver { to: to.clone() }, by.clone())
        }
        What::Lapsed { incident, person } => {
            (incident, Happened::Lapsed { person: person.clone() }, By::gateway())
        }
        What::Prompted { incident, count } => {
            (incident, Happened::Prompted { count: *count }, By::gateway())
        }
        What::Reminded { incident, minutes } => {
            (incident, Happened::Reminded { minutes: *minutes }, By::gateway())
        }
        What::IncidentEnded { incident, cause, by, .. } => {
            (incident, Happened::Ended { cause: *cause }, by.clone())
        }
        What::Muster(Muster::Called { muster, topic, people, by }) => {
            let happened = Happened::Mustered { muster: *muster, people: people.len() };
            (topic.incident.as_ref()?, happened, by.clone())
        }
        What::Output(Output::Ordered { output, order }) => {
            let name = state.output_name(output);
            let happened = Happened::Switched { output: output.clone(), name, on: order.on };
            (order.incident.as_ref()?, happened, order.by.clone())
        }
        _ => return None,
    };
    (*incident == wanted).then_some((happened, by))
}
