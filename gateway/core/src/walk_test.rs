//! Walk tests: an installer touches every input of a device, and sees of each that it was seen both
//! ways and that its alarm reached a person. While it lasts, that person alone is told, and everything
//! that is told says that it is a test.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    danger::Priority,
    device::Device,
    id::{DeviceId, IncidentId, PersonId, PointId},
    incident::By,
    index::RuleOf,
    point::{Sample, Value},
    rule::Condition,
    state::State,
    text::Text,
    time::{Span, Timestamp},
};

/// No test lasts longer: what is forgotten must not keep an alarm from those on duty for a night.
pub const LONGEST: Span = Span::mins(60);
/// Nor is one shorter.
pub const SHORTEST: Span = Span::mins(1);
/// Values that are kept of the moment at which a test ended.
const MEASURED: usize = 64;

/// The last walk test of a device, running or over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WalkTest {
    /// Who tests, and through what it was begun.
    pub by: By,
    /// Since when.
    pub since: Timestamp,
    /// It ends by itself then.
    pub until: Timestamp,
    /// When it ended, and who ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<TestEnd>,
    /// What was seen of each input; one that is not here was not touched.
    #[serde(default)]
    pub inputs: BTreeMap<PointId, Ticks>,
}

/// How a walk test ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestEnd {
    /// When.
    pub at: Timestamp,
    /// Who ended it; the gateway itself where its time was over.
    pub by: By,
    /// What the device's other points said then: its supply, its signal.
    #[serde(default)]
    pub measured: BTreeMap<PointId, Value>,
}

/// What was seen of an input in a test: each with the first time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticks {
    /// It was as its alarm wants it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<Timestamp>,
    /// It was at rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub idle: Option<Timestamp>,
    /// An alarm of it was raised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raised: Option<Timestamp>,
    /// The test incident that its last alarm opened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<IncidentId>,
    /// A carrier took the message about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carried: Option<Timestamp>,
    /// The message reached the person: their device said so, or they themselves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reached: Option<Timestamp>,
    /// Through what it reached them: a channel, or what they answered by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub through: Option<String>,
}

impl WalkTest {
    /// It is running. What comes after its time is no test any more, however late it is looked at.
    pub fn is_on(&self, at: Timestamp) -> bool {
        self.ended.is_none() && at < self.until
    }
}

/// How words about a test begin, whoever reads them and wherever.
pub fn marked(words: &Text) -> Text {
    Text { zh: format!("【测试】{}", words.zh), en: format!("TEST: {}", words.en) }
}

impl State {
    /// The walk test of a device that is running.
    pub fn test_of(&self, device: &DeviceId, at: Timestamp) -> Option<&WalkTest> {
        self.tests.get(device).map(AsRef::as_ref).filter(|test| test.is_on(at))
    }

    /// Who tests this device now.
    pub fn tester(&self, device: &DeviceId, at: Timestamp) -> Option<&PersonId> {
        self.test_of(device, at)?.by.person.as_ref()
    }

    /// The inputs of a device that a test looks at: those whose value a rule of its own asks for, but for
    /// what the device says of itself.
    pub fn inputs<'a>(&'a self, device: &'a Device) -> impl Iterator<Item = &'a PointId> {
        let touched = device.points.iter().filter(|point| !point.diagnostic);
        let points = touched.map(|point| &point.id);
        points.filter(|id| self.rules_about(&device.id, id).next().is_some())
    }

    /// What a device's points say that no test touches: its supply, its signal, its temperature, and
    /// whatever else it says of itself.
    pub fn measured(&self, device: &Device) -> BTreeMap<PointId, Value> {
        let said = device.points.iter().filter_map(|point| {
            let value = self.quality(&point.id).ok()?;
            let counts = point.diagnostic || matches!(value, Value::Int(_) | Value::Float(_));
            (counts && value.is_finite()).then(|| (point.id.clone(), value))
        });
        said.take(MEASURED).collect()
    }

    /// A person is told of what this input raises; what only shows on the page reaches nobody.
    pub fn is_told_of(&self, device: &DeviceId, point: &PointId) -> bool {
        let tells = |of: &RuleOf| of.rule().danger.is_vital() || of.rule().priority > Priority::Low;
        self.rules_about(device, point).any(tells)
    }

    fn rules_about<'a>(
        &'a self,
        device: &'a DeviceId,
        point: &'a PointId,
    ) -> impl Iterator<Item = &'a RuleOf> {
        let rules = self.index.by_point.get(point).into_iter().flat_map(|rules| rules.iter());
        rules.filter(move |of| {
            of.device() == device && !comparisons(&of.rule().when, point).is_empty()
        })
    }

    /// Whether an input is as one of its alarms wants it; none where it says nothing about that.
    pub fn is_active(&self, device: &DeviceId, point: &PointId, sample: &Sample) -> Option<bool> {
        let look = |id: &PointId| (id == point).then_some(sample);
        let asked = self.rules_about(device, point);
        let answers = asked.flat_map(|of| comparisons(&of.rule().when, point));
        let mut known = None;
        for comparison in answers {
            match comparison.holds(false, &look) {
                Some(true) => return Some(true),
                Some(false) => known = Some(false),
                None => {}
            }
        }
        known
    }
}

/// The comparisons of a point's value in a condition. That there is none is no way of touching it.
pub(crate) fn comparisons<'a>(when: &'a Condition, about: &PointId) -> Vec<&'a Condition> {
    match when {
        Condition::All(parts) | Condition::Any(parts) => {
            parts.iter().flat_map(|part| comparisons(part, about)).collect()
        }
        Condition::NoData { .. } => vec![],
        comparison if comparison.points().contains(&about) => vec![comparison],
        _ => vec![],
    }
}
