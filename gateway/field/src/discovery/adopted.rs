//! A device that somebody took in: what is kept of its announcement, and what is made of that. It is
//! kept with the device in the journal, so that the device is heard after every restart, announced or
//! not.

use std::collections::BTreeMap;

use gengfu_core::{
    danger::Priority,
    device::Device,
    front::Front,
    id::{BadId, DeviceId, PlaceId, PointId},
    point::{Point, Value},
    text::Text,
    time::Span,
};
use serde::{Deserialize, Serialize};

use super::{
    class::{Class, Component, class, with},
    template::{Template, folded},
};
use crate::{
    adapter::presence::Presence,
    profile::{Expanded, JsonPoint, Source},
};

/// What stands as the profile of a device that announced itself.
pub const PROFILE: &str = "announced";

/// What is kept of a device that was taken in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Adopted {
    /// The offer that it was.
    pub offer: String,
    /// Longest silence believed to be health.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supervision: Option<Span>,
    /// Where it is said whether it is there.
    #[serde(default)]
    pub presence: Presence,
    /// Its points.
    pub entities: Vec<Entity>,
}

/// One point of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entity {
    /// Its point's name for programs, behind the device's.
    pub id: String,
    /// Which of several of its class; empty for the only one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub which: String,
    /// What it is to Home Assistant.
    pub component: Component,
    /// Its device class.
    pub class: String,
    /// Where its value comes.
    pub topic: String,
    /// Where in the message.
    #[serde(default)]
    pub read: Template,
    /// The words for on and off, of one that has two.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub words: Option<Words>,
    /// Unit of a number.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit: String,
}

/// The words for on and off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Words {
    /// On.
    pub on: String,
    /// Off.
    pub off: String,
}

/// Why nothing can be made of what was kept.
#[derive(Debug, thiserror::Error)]
pub enum Unusable {
    /// Another release of the gateway wrote it.
    #[error("what is kept of it can't be read ({0}): remove the device and adopt it again")]
    Unread(#[from] serde_json::Error),
    /// Its class is not taken over.
    #[error("there is no device class \"{0}\": remove the device and adopt it again")]
    Class(String),
    /// A point's name would not be one.
    #[error(transparent)]
    Id(#[from] BadId),
}

impl Adopted {
    /// From the text that core keeps with a device.
    ///
    /// # Errors
    /// Where it is not what [`Self::to_options`] writes.
    pub fn from_options(text: &str) -> Result<Self, Unusable> {
        Ok(serde_json::from_str(text)?)
    }

    /// As the text that core keeps with a device.
    ///
    /// # Errors
    /// None that is known of.
    pub fn to_options(&self) -> Result<String, Unusable> {
        Ok(serde_json::to_string(self)?)
    }

    /// The device, and where its points are found.
    ///
    /// # Errors
    /// Where a part of it is not known in this release, or the device's name is too long.
    pub fn expand(
        &self,
        id: &DeviceId,
        name: &Text,
        place: &PlaceId,
    ) -> Result<Expanded, Unusable> {
        let mut device = Device {
            id: id.clone(),
            name: name.clone(),
            place: place.clone(),
            profile: PROFILE.into(),
            supervision: self.supervision,
            silence_priority: Priority::Normal,
            options: self.to_options()?,
            points: vec![],
            words: Default::default(),
            // The main broker, as its alarm names it: with that away people hear of one thing.
            behind: Some(Front::Part("broker".into())),
            outputs: vec![],
            rules: vec![],
        };
        let mut points = vec![];
        for entity in &self.entities {
            let class = class(entity.component, &entity.class)
                .ok_or_else(|| Unusable::Class(entity.class.clone()))?;
            let point: PointId = format!("{id}/{}", entity.id).parse()?;
            device.points.push(Point {
                id: point.clone(),
                name: with(&class.name(), &entity.which).into(),
                unit: entity.unit.clone(),
                diagnostic: false,
            });
            class.watch(&mut device, &point, &entity.which)?;
            points.push(entity.point(point, class));
        }
        let mut source = Source::Announced { points, presence: self.presence.clone() };
        source.spell(&device.rules);
        Ok(Expanded { device, source, deadbands: BTreeMap::new() })
    }
}

impl Entity {
    fn point(&self, point: PointId, class: &Class) -> JsonPoint {
        // The device has no topic of its own: this is the whole of it.
        let topic = format!("{{topic}}{}", self.topic);
        let found = JsonPoint::new(point, &topic, &self.read.pointer);
        let Some(Words { on, off }) = &self.words else { return found };
        debug_assert_eq!(class.component, Component::BinarySensor);
        let mut values = BTreeMap::new();
        let mut otherwise = None;
        let mut put = |word: &str, means: bool| {
            if matches!(word, "true" | "false") {
                let (first, rest) = word.split_at(1);
                values.insert(first.to_uppercase() + rest, Value::Bool(means));
            }
            values.insert(word.to_owned(), Value::Bool(means));
        };
        match &self.read.choice {
            None => {
                put(on, true);
                put(off, false);
            }
            Some(choice) => {
                let (then, other) = (choice.then == *on, choice.otherwise == *on);
                match &choice.is {
                    Some(word) => {
                        put(word, then);
                        otherwise = Some(other);
                    }
                    None => {
                        for nothing in ["false", "0", "0.0", ""] {
                            put(nothing, other);
                        }
                        otherwise = Some(then);
                    }
                }
            }
        }
        let otherwise = otherwise.map(Value::Bool);
        let missing = self.read.missing.clone().map(folded);
        let missing = missing.and_then(|word| values.get(&word).cloned().or(otherwise.clone()));
        JsonPoint { values, otherwise, missing, ..found }
    }
}
