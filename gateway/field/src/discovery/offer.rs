//! One device as its announcements describe it, for somebody to take in.

use std::collections::{BTreeMap, BTreeSet};

use gengfu_core::{
    danger::{Danger, Priority},
    text::Text,
    time::{Span, Timestamp},
};

use super::{
    adopted::{Adopted, Entity},
    announcement::{About, Announced, Part},
    class::with,
};
use crate::adapter::presence::{Mode, Presence, Sign};

/// Most entities of one device, however many messages announce them.
const MAX: usize = 64;
/// Battery sensors speak every few hours, so silence is told after this; as in the shipped profile of
/// Zigbee sensors.
const SILENCE: Span = Span::hours(25);
/// One whose broker tells when it is gone may have nothing to say for long; but detectors are tried
/// once a month, and then it speaks.
const SPOKEN_FOR: Span = Span::hours(31 * 24);

/// How the topic ends on which Zigbee2MQTT, and what is like it, says whether it is there itself.
const BRIDGE_STATE: &str = "/bridge/state";

/// One device that is announced.
#[derive(Debug, Clone, PartialEq)]
pub struct Offer {
    /// Its name for programs: the same whenever it is announced.
    pub id: String,
    /// What it calls itself.
    pub name: String,
    /// Who made it; empty where it does not say.
    pub maker: String,
    /// What it is; empty where it does not say.
    pub model: String,
    /// When an announcement of it came last.
    pub seen: Timestamp,
    /// What is taken over of it.
    pub entities: Vec<Offered>,
    presence: Presence,
    /// Where it is told whether it is there, it is told of it and not of a bridge.
    is_spoken_for: bool,
    expires: Option<Span>,
}

/// One point that is offered.
#[derive(Debug, Clone, PartialEq)]
pub struct Offered {
    /// Its name for people.
    pub name: Text,
    /// Its device class.
    pub class: &'static str,
    /// What its alarm would say, and how much that presses; none where none would be raised.
    pub alarm: Option<(Text, Danger, Priority)>,
    /// How it is read, or why it can't be.
    pub entity: Result<Entity, Text>,
}

impl Offer {
    /// The device of these announcements, which are in a fixed order; `shared` are topics by which more
    /// than one device is said to be there.
    pub(super) fn new<'a>(
        announced: impl Iterator<Item = (&'a Announced, Timestamp)>,
        shared: &BTreeSet<&str>,
    ) -> Self {
        let mut about = About::default();
        let mut seen = Timestamp::from_millis(0);
        let mut parts: Vec<&Part> = vec![];
        for (message, at) in announced {
            seen = seen.max(at);
            let of = |known: &mut String, said: &String| {
                if known.is_empty() {
                    known.clone_from(said);
                }
            };
            of(&mut about.key, &message.about.key);
            of(&mut about.name, &message.about.name);
            of(&mut about.maker, &message.about.maker);
            of(&mut about.model, &message.about.model);
            parts.extend(message.parts.iter().take(MAX - parts.len().min(MAX)));
        }
        // The order of the topics says nothing; what saves lives comes first.
        parts.sort_by_key(|part| part.class.alarm().map_or((1, None), |(_, d, _)| (0, Some(d))));
        let mut count: BTreeMap<&str, usize> = BTreeMap::new();
        for part in &parts {
            *count.entry(part.class.local()).or_default() += 1;
        }
        let mut used: BTreeMap<&str, usize> = BTreeMap::new();
        let entities = parts.iter().map(|part| {
            let local = part.class.local();
            let number = used.entry(local).or_default();
            *number += 1;
            let id = if *number == 1 { local.to_owned() } else { format!("{local}-{number}") };
            let which = match (count.get(local), part.name.as_str()) {
                (Some(1) | None, _) => String::new(),
                (_, "") => number.to_string(),
                (_, name) => name.to_owned(),
            };
            Offered {
                name: with(&part.class.name(), &which),
                class: part.class.word,
                alarm: part.class.alarm(),
                entity: part.entity.clone().map(|entity| Entity { id, which, ..entity }),
            }
        });
        let presence = presence(&parts);
        let is_own = |sign: &Sign| {
            !shared.contains(sign.topic.as_str()) && !sign.topic.ends_with(BRIDGE_STATE)
        };
        // A bridge that is there says nothing of a detector whose battery is dead.
        let is_spoken_for = match presence.mode {
            Mode::Any => !presence.signs.is_empty() && presence.signs.iter().all(is_own),
            Mode::All | Mode::Latest => presence.signs.iter().any(is_own),
        };
        Self {
            id: about.key,
            name: about.name,
            maker: about.maker,
            model: about.model,
            seen,
            entities: entities.collect(),
            presence,
            is_spoken_for,
            expires: parts.iter().filter_map(|part| part.expires).min(),
        }
    }

    /// Longest silence that is believed to be health, unless somebody says otherwise: what the device
    /// promises; a day and an hour for one on a battery, or that nobody speaks for but a bridge; else a month.
    pub fn supervision(&self) -> Span {
        let is_on_battery = self.entities.iter().any(|offered| offered.class == "battery");
        self.expires.unwrap_or(if self.is_spoken_for && !is_on_battery {
            SPOKEN_FOR
        } else {
            SILENCE
        })
    }

    /// What is kept of it when somebody takes it in; none where nothing of it can be read.
    pub fn adopt(&self, supervision: Option<Span>) -> Option<Adopted> {
        let entities: Vec<Entity> =
            self.entities.iter().filter_map(|offered| offered.entity.clone().ok()).collect();
        (!entities.is_empty()).then(|| Adopted {
            offer: self.id.clone(),
            supervision: Some(supervision.unwrap_or_else(|| self.supervision())),
            presence: self.presence.clone(),
            entities,
        })
    }
}

/// What all of them say together of where it is told whether the device is there.
fn presence(parts: &[&Part]) -> Presence {
    let mut signs = vec![];
    let mut all: Vec<&Presence> =
        parts.iter().map(|part| &part.presence).filter(|p| !p.signs.is_empty()).collect();
    all.dedup();
    for sign in all.iter().flat_map(|presence| &presence.signs) {
        if !signs.contains(sign) {
            signs.push(sign.clone());
        }
    }
    let mode = match all.as_slice() {
        [] => Mode::default(),
        [only] => only.mode,
        // They don't agree: it is there when all of it is.
        _ => Mode::All,
    };
    Presence::new(signs, mode)
}
