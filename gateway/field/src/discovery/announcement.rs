//! What one message announces: a device, and of its entities those that are taken over.

use gengfu_core::{text::Text, time::Span};
use serde_json::{Map, Value as Json};
use sha2::{Digest, Sha256};

use super::{
    abbreviations::whole,
    adopted::{Entity, Words},
    class::{Class, Component, class},
    template::{Template, folded},
};
use crate::{
    adapter::presence::{Mode, Presence, Sign},
    filter::is_topic_filter,
};

/// Longest name, model and unit that is kept, in letters.
const MAX_NAME: usize = 80;
/// Longest topic and word that is kept, in bytes.
const MAX_TOPIC: usize = 512;
/// Entities of one message; devices with more are no detectors.
const MAX_PARTS: usize = 64;
/// Components of one message, those of kinds that are passed over too.
const MAX_COMPONENTS: usize = 256;
/// Topics that say whether one device is there.
const MAX_SIGNS: usize = 8;
/// Silence between these is believed to be health where a device says how long, in seconds: less is
/// no reading's pace, more is nobody's watch.
const EXPIRES: std::ops::RangeInclusive<u64> = 1..=7 * 86_400;

/// What one message announces.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Announced {
    pub about: About,
    pub parts: Vec<Part>,
}

/// The device that is announced.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct About {
    /// What it is known by: the same in all its announcements.
    pub key: String,
    pub name: String,
    pub maker: String,
    pub model: String,
}

/// One entity that is taken over.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Part {
    pub class: &'static Class,
    /// Its name among those of its device; empty where it has the device's.
    pub name: String,
    /// Where its value comes, and how that is read; or why it can't be.
    pub entity: Result<Entity, Text>,
    pub presence: Presence,
    pub expires: Option<Span>,
}

/// Reads a message that was announced on this topic; `component` is the word after the prefix.
///
/// # Errors
/// What is wrong with it.
pub(super) fn read(component: &str, topic: &str, payload: &[u8]) -> Result<Announced, String> {
    let announced: Json = serde_json::from_slice(payload).map_err(|e| format!("no JSON: {e}"))?;
    let Json::Object(announced) = announced else { return Err("no JSON object".into()) };
    let mut announced = whole(announced);
    let about = about(&announced, topic)?;
    let mut parts = vec![];
    if component == "device" {
        let Some(Json::Object(components)) = announced.remove("components") else {
            return Err("a device is announced without components".into());
        };
        // What stands beside the components holds for all of them, and is copied for each.
        let count = components.len().max(announced.len());
        if count > MAX_COMPONENTS {
            return Err(format!("{count} components are too many: {MAX_COMPONENTS} at most"));
        }
        for (name, component) in components {
            let Json::Object(component) = component else {
                return Err(format!("component \"{name}\" is no object"));
            };
            let mut all = announced.clone();
            all.extend(component.clone());
            let platform = component.get("platform").and_then(Json::as_str).unwrap_or_default();
            parts.extend(part(platform, &all)?);
        }
    } else {
        parts.extend(part(component, &announced)?);
    }
    if parts.len() > MAX_PARTS {
        return Err(format!("{} entities are too many: {MAX_PARTS} at most", parts.len()));
    }
    Ok(Announced { about, parts })
}

fn about(announced: &Map<String, Json>, topic: &str) -> Result<About, String> {
    let none = Map::new();
    let device = match announced.get("device") {
        None => &none,
        Some(Json::Object(device)) => device,
        Some(_) => return Err("`device` is no object".into()),
    };
    // The least of them, so that their order means nothing.
    let least = |key: &str| match device.get(key) {
        Some(Json::String(one)) => Some(one.clone()),
        Some(Json::Array(all)) => all.iter().map(plain).filter(|one| !one.is_empty()).min(),
        _ => None,
    };
    let known_by = match (least("identifiers"), least("connections")) {
        (Some(id), _) => format!("id {id}"),
        (None, Some(connection)) => format!("connection {connection}"),
        (None, None) => format!("topic {topic}"),
    };
    let hash = Sha256::digest(known_by.as_bytes());
    let key = hash.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let of = |key: &str| device.get(key).map(|v| short(&plain(v))).unwrap_or_default();
    let name = match of("name") {
        name if !name.is_empty() => name,
        _ => announced.get("name").map(|v| short(&plain(v))).unwrap_or_default(),
    };
    Ok(About { key, name, maker: of("manufacturer"), model: of("model") })
}

/// The entity; none where it is nothing that is taken over.
fn part(component: &str, all: &Map<String, Json>) -> Result<Option<Part>, String> {
    let component = match component {
        "binary_sensor" => Component::BinarySensor,
        "sensor" => Component::Sensor,
        _ => return Ok(None),
    };
    let text = |key: &str| all.get(key).map(plain).unwrap_or_default();
    let Some(class) = class(component, &text("device_class")) else { return Ok(None) };
    let topic = text("state_topic");
    if !is_usable(&topic) {
        return Err(format!("\"{}\" is no `state_topic`", short(&topic)));
    }
    let expires = all.get("expire_after").and_then(Json::as_u64).filter(|s| EXPIRES.contains(s));
    let unit = match component {
        Component::Sensor => short(&text("unit_of_measurement")),
        Component::BinarySensor => String::new(),
    };
    Ok(Some(Part {
        class,
        name: short(&text("name")),
        entity: entity(class, all).map(|(read, words)| Entity {
            id: String::new(),
            which: String::new(),
            component,
            class: class.word.into(),
            topic,
            read,
            words,
            unit,
        }),
        presence: presence(all)?,
        expires: expires.map(Span::secs),
    }))
}

/// How its value is read, or why it can't be.
fn entity(class: &Class, all: &Map<String, Json>) -> Result<(Template, Option<Words>), Text> {
    let read = match all.get("value_template") {
        None => Template::default(),
        Some(template) => {
            let template = plain(template);
            Template::parse(&template).ok_or_else(|| not_understood(&template))?
        }
    };
    if class.component == Component::Sensor {
        if let Some(choice) = &read.choice {
            return Err(not_understood(&choice.then));
        }
        return Ok((read, None));
    }
    if all.contains_key("off_delay") {
        return Err(Text::new(
            "它从不说已经结束（off_delay），不能用来报警",
            "it never says that it is over (off_delay), and can't be watched",
        ));
    }
    let word = |key: &str, default: &str| match all.get(key) {
        None => default.to_owned(),
        Some(word) => folded(plain(word)),
    };
    let words = Words { on: word("payload_on", "ON"), off: word("payload_off", "OFF") };
    let is_known = |word: &String| *word == words.on || *word == words.off;
    if let Some(choice) = &read.choice
        && let Some(strange) = [&choice.then, &choice.otherwise].into_iter().find(|w| !is_known(w))
    {
        return Err(not_understood(strange));
    }
    if words.on == words.off || words.on.len().max(words.off.len()) > MAX_NAME {
        return Err(not_understood(&words.on));
    }
    Ok((read, Some(words)))
}

fn not_understood(what: &str) -> Text {
    let what: String = what.chars().take(2 * MAX_NAME).collect();
    Text::new(&format!("看不懂：{what}"), &format!("can't be understood: {what}"))
}

fn presence(all: &Map<String, Json>) -> Result<Presence, String> {
    let mut signs = vec![];
    let mut add = |said: &Map<String, Json>, topic: &str, template: &str| {
        let text = |key: &str, or: &str| said.get(key).map_or_else(|| or.to_owned(), plain);
        let topic = text(topic, "");
        if !is_usable(&topic) || topic.contains('+') {
            return Err(format!("\"{}\" is no topic of availability", short(&topic)));
        }
        let read = match said.get(template) {
            None => Some(Template::default()),
            Some(template) => Template::parse(&plain(template)),
        };
        // What can't be understood says nothing; supervision holds without it.
        if let Some(Template { pointer, choice: None, .. }) = read {
            let (there, gone) =
                (text("payload_available", "online"), text("payload_not_available", "offline"));
            signs.push(Sign { topic, pointer, there: short(&there), gone: short(&gone) });
        }
        Ok(())
    };
    match all.get("availability") {
        Some(Json::Array(items)) => {
            for item in items {
                let Json::Object(item) = item else {
                    return Err("`availability` is no list of objects".into());
                };
                add(item, "topic", "value_template")?;
            }
        }
        Some(Json::Object(item)) => add(item, "topic", "value_template")?,
        Some(_) => return Err("`availability` is no list of objects".into()),
        None if all.contains_key("availability_topic") => {
            add(all, "availability_topic", "availability_template")?;
        }
        None => {}
    }
    if signs.len() > MAX_SIGNS {
        return Err(format!("{} topics of availability are too many", signs.len()));
    }
    let mode = match all.get("availability_mode").map(plain).as_deref() {
        Some("all") => Mode::All,
        Some("any") => Mode::Any,
        _ => Mode::Latest,
    };
    Ok(Presence::new(signs, mode))
}

/// A topic that may be listened to: `+` stands for one level, as in OpenMQTTGateway's, but nothing
/// stands for all of them.
fn is_usable(topic: &str) -> bool {
    topic.len() <= MAX_TOPIC
        && is_topic_filter(topic)
        && !topic.contains(['#', '{', '$'])
        && topic.split('/').any(|level| level != "+")
}

/// A word as a template writes it, but for true and false.
fn plain(value: &Json) -> String {
    match value {
        Json::String(text) => text.clone(),
        Json::Null => String::new(),
        other => other.to_string(),
    }
}

fn short(text: &str) -> String {
    text.trim().chars().filter(|c| !c.is_control()).take(MAX_NAME).collect()
}
