//! Whether a device is there, by its own word or that of what speaks for it (a bridge, a broker's last
//! will): several topics, each with words of its own, and what they come to together.

use std::{collections::BTreeMap, sync::Arc};

use gengfu_core::{id::DeviceId, input::Input, point::NoData};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// What it comes to where several say whether a device is there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The last word counts.
    #[default]
    Latest,
    /// All must say that it is there; who has said nothing yet is believed to.
    All,
    /// One that says so is enough.
    Any,
}

/// One topic that says whether a device is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sign {
    /// The topic.
    pub topic: String,
    /// Where in a JSON message the word stands, RFC 6901; empty for the whole payload.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub pointer: String,
    /// The word for being there.
    pub there: String,
    /// The word for being gone.
    pub gone: String,
}

/// All that says whether a device is there; copies share what was said.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Presence {
    /// The topics.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signs: Vec<Sign>,
    /// What they come to.
    #[serde(default)]
    pub mode: Mode,
    /// What each said last, by its place among the signs.
    #[serde(skip)]
    said: Arc<Mutex<BTreeMap<usize, bool>>>,
}

impl PartialEq for Presence {
    fn eq(&self, other: &Self) -> bool {
        self.signs == other.signs && self.mode == other.mode
    }
}

impl Presence {
    /// By these signs.
    pub fn new(signs: Vec<Sign>, mode: Mode) -> Self {
        Self { signs, mode, said: Arc::default() }
    }

    /// True if a message there says whether the device is there.
    pub(crate) fn is_told_on(&self, topic: &str) -> bool {
        self.signs.iter().any(|sign| sign.topic == topic)
    }

    /// What a message means for whether the device is there. A retained one may tell that it is
    /// gone, but is no sign of life. Other words than the two mean nothing.
    pub(crate) fn read(
        &self,
        device: &DeviceId,
        topic: &str,
        payload: &[u8],
        retained: bool,
    ) -> Vec<Input> {
        let mut said = self.said.lock();
        let mut last = None;
        for (at, sign) in self.signs.iter().enumerate().filter(|(_, sign)| sign.topic == topic) {
            let word = word(payload, &sign.pointer);
            let is_there = match word {
                Some(word) if word == sign.there => true,
                Some(word) if word == sign.gone => false,
                _ => continue,
            };
            said.insert(at, is_there);
            last = Some(is_there);
        }
        let Some(last) = last else { return vec![] };
        let is_there = match self.mode {
            Mode::Latest => last,
            Mode::All => said.values().all(|there| *there),
            Mode::Any => said.values().any(|there| *there),
        };
        match (is_there, retained) {
            (false, _) => {
                vec![Input::Gone { device: device.clone(), reason: NoData::Offline }]
            }
            // Another one's word brings nobody back.
            (true, false) if last => vec![Input::Heard(device.clone())],
            (true, _) => vec![],
        }
    }
}

/// The word at this place, as a template writes it.
fn word(payload: &[u8], pointer: &str) -> Option<String> {
    if pointer.is_empty() {
        return std::str::from_utf8(payload).ok().map(|text| text.trim().to_owned());
    }
    match serde_json::from_slice::<Json>(payload).ok()?.pointer(pointer)? {
        Json::String(text) => Some(text.clone()),
        found @ (Json::Bool(_) | Json::Number(_)) => Some(found.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn presence(mode: Mode) -> Presence {
        let sign = |topic: &str, pointer: &str| Sign {
            topic: topic.into(),
            pointer: pointer.into(),
            there: "online".into(),
            gone: "offline".into(),
        };
        Presence::new(vec![sign("bridge", "/state"), sign("own", "")], mode)
    }

    fn says(presence: &Presence, topic: &str, word: &str) -> Option<bool> {
        let payload =
            if topic == "bridge" { format!("{{\"state\":\"{word}\"}}") } else { word.into() };
        let inputs = presence.read(&"d".into(), topic, payload.as_bytes(), false);
        inputs.first().map(|input| matches!(input, Input::Heard(_)))
    }

    #[test]
    fn where_all_must_be_there_a_bridge_that_comes_back_does_not_bring_a_silent_device_with_it() {
        let all = presence(Mode::All);
        assert_eq!(says(&all, "own", "offline"), Some(false));
        assert_eq!(says(&all, "bridge", "online"), Some(false));
        assert_eq!(says(&all, "own", "online"), Some(true));
        assert_eq!(says(&all, "bridge", "offline"), Some(false));
        assert_eq!(says(&all, "own", "neither"), None);
    }

    #[test]
    fn otherwise_the_last_word_counts_or_any() {
        let latest = presence(Mode::Latest);
        assert_eq!(says(&latest, "own", "offline"), Some(false));
        assert_eq!(says(&latest, "bridge", "online"), Some(true));
        let any = presence(Mode::Any);
        assert_eq!(says(&any, "own", "online"), Some(true));
        assert_eq!(says(&any, "bridge", "offline"), None, "it is there still");
        assert_eq!(says(&any, "own", "offline"), Some(false));
    }

    #[test]
    fn what_is_retained_is_no_sign_of_life() {
        let latest = presence(Mode::Latest);
        assert!(latest.read(&"d".into(), "own", b"online", true).is_empty());
        let gone = latest.read(&"d".into(), "own", b"offline", true);
        assert!(matches!(gone.as_slice(), [Input::Gone { .. }]), "{gone:?}");
    }
}
