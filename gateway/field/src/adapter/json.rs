//! Anything that publishes JSON: what stands where is data.

use gengfu_core::{
    id::DeviceId,
    input::Input,
    point::{Kind, NoData, Reading, Sample},
    time::Timestamp,
};
use serde_json::Value as Json;

use super::{
    Poison, Understood,
    availability::is_there,
    presence::Presence,
    recent::{Number, Recent},
};
use crate::{filter::covers, profile::JsonPoint};

/// Messages larger than this are no readings.
const MAX_JSON: usize = 256 * 1024;

/// A device that publishes JSON.
#[derive(Debug, Clone, PartialEq)]
pub struct JsonDevice {
    /// The device.
    pub device: DeviceId,
    /// The topic that its own ones begin with.
    pub base: String,
    /// Its points.
    pub points: Vec<JsonPoint>,
    /// Where it is said whether it is there; written as a point's topic.
    pub availability: String,
    /// Where else it is said, in words of its own.
    pub presence: Presence,
    /// Where its messages have a number of their own, so that a copy of one is taken once.
    pub recent: Option<Recent>,
    /// An alarm may come of what it says, or of its silence: it is heard before all telemetry.
    pub calls: bool,
}

/// In a written topic it stands for the device's own one.
const OWN: &str = "{topic}";

/// A topic as a profile writes it, for the device whose own topic is `base`: below that, that itself
/// where nothing is written, or a whole one, as `tele/{topic}/LWT`.
pub fn topic_of(written: &str, base: &str) -> String {
    if written.contains(OWN) {
        written.replace(OWN, base)
    } else if written.is_empty() {
        base.to_owned()
    } else {
        format!("{base}/{written}")
    }
}

/// The device's own topic, if `topic` is what [`topic_of`] makes of `written` for it.
pub fn base_of<'t>(written: &str, topic: &'t str) -> Option<&'t str> {
    let base = match written.split_once(OWN) {
        Some((before, after)) => topic.strip_prefix(before)?.strip_suffix(after)?,
        None if written.is_empty() => topic,
        None => topic.strip_suffix(written)?.strip_suffix('/')?,
    };
    (!base.is_empty() && topic_of(written, base) == topic).then_some(base)
}

impl JsonDevice {
    /// The topics that it publishes on. One of a point's may be a pattern, where a part of it is not
    /// known before (a serial number); sources that are to be told apart need a device each.
    pub(crate) fn topics(&self) -> Vec<String> {
        let written = self.points.iter().flat_map(JsonPoint::topics);
        let mut topics: Vec<String> = written.map(|topic| topic_of(topic, &self.base)).collect();
        topics.push(self.availability());
        topics.extend(self.presence.signs.iter().map(|sign| sign.topic.clone()));
        // One that announced itself has no topic of its own below which it says whether it is there.
        topics.retain(|topic| !topic.is_empty());
        topics.sort();
        topics.dedup();
        topics
    }

    /// True if a message there says whether the device is there.
    pub(crate) fn is_told_on(&self, topic: &str) -> bool {
        topic == self.availability() || self.presence.is_told_on(topic)
    }

    fn availability(&self) -> String {
        topic_of(&self.availability, &self.base)
    }

    /// What a message on `topic` means. A retained one is how it stood some time ago: state, and no
    /// sign of life.
    ///
    /// # Errors
    /// Where it is not JSON. That it speaks of none of the device's points is no mistake: many
    /// sources send only what changed.
    pub fn read(
        &self,
        topic: &str,
        payload: &[u8],
        retained: bool,
        now: Timestamp,
    ) -> Result<Understood, Poison> {
        if topic == self.availability() {
            return self.available(payload, retained, now);
        }
        let mut inputs = self.presence.read(&self.device, topic, payload, retained);
        let all = self.points.iter().flat_map(|p| p.topics().enumerate().map(move |t| (p, t)));
        let mut here = all
            .filter(|(_, (_, written))| covers(&topic_of(written, &self.base), topic))
            .map(|(point, (place, _))| (point, place))
            .peekable();
        if here.peek().is_none() {
            return Ok(Understood { inputs, ..Understood::default() });
        }
        if payload.len() > MAX_JSON {
            return Err(Poison::Garbled(format!(
                "{} bytes are too many for a reading",
                payload.len()
            )));
        }
        // A bare word, as many sources send, is taken as a text.
        let message = serde_json::from_slice(payload).or_else(|e| {
            let word = std::str::from_utf8(payload).ok().filter(|w| is_word(w));
            word.map(|w| Json::String(w.into())).ok_or_else(|| {
                Poison::Garbled(format!("{} sent no JSON on {topic}: {e}", self.device))
            })
        })?;
        let number = self.recent.as_ref().and_then(|recent| recent.number(topic, &message));
        if number.as_ref().is_some_and(Number::is_known) {
            return Ok(Understood { inputs, ..Understood::default() });
        }
        inputs.extend(here.filter_map(|(point, place)| {
            let kind = if retained { Kind::Retained } else { Kind::State };
            Some(reading(point, point.sample(place, &message)?, kind, now))
        }));
        if !retained {
            inputs.push(Input::Heard(self.device.clone()));
        }
        Ok(Understood { inputs, numbers: number.into_iter().collect(), ..Understood::default() })
    }

    fn available(
        &self,
        payload: &[u8],
        retained: bool,
        now: Timestamp,
    ) -> Result<Understood, Poison> {
        let device = self.device.clone();
        let inputs = match (is_there(payload), retained) {
            (Some(false), _) => vec![Input::Gone { device, reason: NoData::Offline }],
            (Some(true), false) => {
                // It says so when it comes, and has forgotten what it told of: the end of that
                // was lost, or never comes. What goes on it tells of anew.
                let forgotten =
                    |p: &JsonPoint| Some(reading(p, Ok(p.forgotten.clone()?), Kind::State, now));
                let mut inputs: Vec<Input> = self.points.iter().filter_map(forgotten).collect();
                inputs.push(Input::Heard(device));
                inputs
            }
            (Some(true), true) => vec![],
            (None, _) => {
                return Err(Poison::Garbled(format!(
                    "{device}: availability must be online or offline"
                )));
            }
        };
        Ok(Understood { inputs, ..Understood::default() })
    }
}

fn reading(point: &JsonPoint, sample: Sample, kind: Kind, now: Timestamp) -> Input {
    Input::Reading(Reading {
        point: point.point.clone(),
        sample,
        source_at: None,
        received_at: now,
        kind,
        origin: None,
    })
}

fn is_word(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_.+- ".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_topic_of_a_device_is_found_again_in_its_topics() {
        for (written, base, topic) in [
            ("", "zigbee2mqtt/三楼/烟感", "zigbee2mqtt/三楼/烟感"),
            ("availability", "zigbee2mqtt/a/b", "zigbee2mqtt/a/b/availability"),
            ("tele/{topic}/LWT", "door", "tele/door/LWT"),
        ] {
            assert_eq!(topic_of(written, base), topic);
            assert_eq!(base_of(written, topic), Some(base));
        }
        assert_eq!(base_of("availability", "zigbee2mqtt/a"), None);
        assert_eq!(base_of("tele/{topic}/LWT", "tele//LWT"), None);
    }
}
