//! What a message of an edge node means for the devices that are set up.

use gengfu_core::{
    input::Input,
    point::{Kind, NoData, Reading},
    time::{Span, Timestamp},
};

use super::{
    SparkplugDevice, metric::sample, payload::Payload, rebirth::Rebirth, session::Session,
    topic::What,
};
use crate::adapter::{Publication, Understood};

/// A device says only what changes, so that its node's messages are signs of its life too, as long as
/// it was born and did not die. They are passed on this often at the most.
const LIFE: Span = Span::secs(10);

/// An edge node.
#[derive(Debug, Clone)]
pub(super) struct Node {
    group: String,
    name: String,
    /// What is set up of it.
    pub devices: Vec<SparkplugDevice>,
    session: Session,
    rebirth: Rebirth,
    /// When its messages were last passed on as signs of life of all its devices.
    lives_at: Option<Timestamp>,
}

impl Node {
    pub fn new(group: &str, name: &str) -> Self {
        Self {
            group: group.into(),
            name: name.into(),
            devices: vec![],
            session: Session::default(),
            rebirth: Rebirth::default(),
            lives_at: None,
        }
    }

    /// The connection is a new one: what was said meanwhile is not known.
    pub fn greet(&mut self, now: Timestamp) -> Option<Publication> {
        self.session.forget();
        self.rebirth.ask(&self.group, &self.name, now)
    }

    /// Asks a node of which no birth was heard yet.
    pub fn introduce(&mut self, now: Timestamp) -> Option<Publication> {
        let is_known = self.session.birth(None).is_some();
        (!is_known).then(|| self.rebirth.ask(&self.group, &self.name, now)).flatten()
    }

    /// What a message means.
    pub fn read(
        &mut self,
        member: Option<&str>,
        what: What,
        payload: &Payload,
        now: Timestamp,
    ) -> Understood {
        let mut inputs = vec![];
        let mut is_missing = false;
        match (what, member) {
            (What::Birth, None) => {
                self.session.begin(payload);
                self.rebirth.answered(now);
            }
            (What::Death, None) => {
                if self.session.is_ended_by(payload) {
                    self.session.forget();
                    inputs.extend(self.devices.iter().map(gone));
                }
                return Understood { inputs, ..Understood::default() };
            }
            (What::Birth, Some(member)) => {
                is_missing = !self.session.count(payload);
                // Of one that nobody has set up, the certificate would only take memory.
                if self.of(Some(member)).next().is_some() {
                    self.session.add(member, payload);
                }
            }
            (What::Death, Some(member)) => {
                is_missing = !self.session.count(payload);
                self.session.remove(member);
                inputs.extend(self.of(Some(member)).map(gone));
            }
            (What::Data, _) => is_missing = !self.session.count(payload),
        }
        let is_set_up = member.is_none() || self.of(member).next().is_some();
        if what != What::Death && is_set_up {
            is_missing |= !self.values(member, payload, now, &mut inputs);
        }
        self.lives(now, &mut inputs);
        let ask = is_missing.then(|| self.rebirth.ask(&self.group, &self.name, now)).flatten();
        Understood { inputs, then: ask.into_iter().collect(), ..Understood::default() }
    }

    /// The readings of a message. False where the certificate is missing that they need.
    fn values(
        &self,
        member: Option<&str>,
        payload: &Payload,
        now: Timestamp,
        inputs: &mut Vec<Input>,
    ) -> bool {
        let none = super::birth::Birth::default();
        let birth = self.session.birth(member);
        let mut is_whole = birth.is_some();
        let birth = birth.unwrap_or(&none);
        for metric in &payload.metrics {
            let Some(known) = birth.knows(metric) else {
                is_whole = false;
                continue;
            };
            for device in self.of(member) {
                for point in device.points.iter().filter(|p| p.metric == known.name) {
                    let Some(sample) = sample(metric, known.datatype, &point.meaning) else {
                        continue;
                    };
                    let source_at = metric.timestamp.or(payload.timestamp);
                    let source_at = source_at.and_then(|ms| i64::try_from(ms).ok());
                    let source_at = source_at.map(Timestamp::from_millis);
                    inputs.push(Input::Reading(Reading {
                        point: point.point.clone(),
                        sample,
                        // A clock that goes ahead says nothing of when it was.
                        source_at: source_at.filter(|at| *at <= now),
                        received_at: now,
                        kind: Kind::State,
                        origin: None,
                    }));
                }
            }
        }
        inputs.extend(self.of(member).map(|device| Input::Heard(device.device.clone())));
        is_whole
    }

    /// Signs of life of the other devices of the node.
    fn lives(&mut self, now: Timestamp, inputs: &mut Vec<Input>) {
        if self.lives_at.is_some_and(|at| now >= at && now.since(at) < LIFE) {
            return;
        }
        self.lives_at = Some(now);
        for device in &self.devices {
            let member = device.member.as_deref();
            let heard = Input::Heard(device.device.clone());
            if self.session.birth(member).is_some() && !inputs.contains(&heard) {
                inputs.push(heard);
            }
        }
    }

    fn of<'a>(&'a self, member: Option<&'a str>) -> impl Iterator<Item = &'a SparkplugDevice> {
        self.devices.iter().filter(move |device| device.member.as_deref() == member)
    }
}

fn gone(device: &SparkplugDevice) -> Input {
    Input::Gone { device: device.device.clone(), reason: NoData::Offline }
}
