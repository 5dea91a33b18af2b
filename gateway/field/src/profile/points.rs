//! From a written point to where it is found: keys of JSON messages, metrics, and what is known by its name.

use std::collections::BTreeMap;

use gengfu_core::{
    id::DeviceId,
    point::{Point, Value},
    text::Text,
};
use toml::Table;

use super::{
    error::ProfileError,
    json::{Bytes, JsonPoint},
    meaning::Meaning,
    outputs,
    schema::{CallPoint, JsonKey, MetricPoint, NamedPoint},
    template::{UNFILLED, unfilled},
    work::{Entry, Found},
};
use crate::adapter::{
    own::{OwnPoint, What},
    sparkplug::SparkplugPoint,
};

/// What a point can say, as far as its profile tells; for checking the rules over it.
#[derive(Debug, Clone)]
pub(super) enum Words {
    /// Anything.
    Any,
    /// These words only.
    Only(Vec<Value>),
    /// Numbers, and these words in place of some.
    Numbers(Vec<Value>),
    /// Texts.
    Texts,
}

pub(super) fn wrong(id: &str, problem: impl Into<String>, remedy: &str) -> ProfileError {
    ProfileError::new(format!("point {id}"), problem, remedy)
}

pub(super) fn point(
    device: &DeviceId,
    id: &str,
    name: Text,
    unit: String,
) -> Result<Point, ProfileError> {
    if id.contains('/') {
        return Err(wrong(id, "a point's id can't hold \"/\"", "use \".\" or \"-\" instead"));
    }
    let full = format!("{device}/{id}")
        .parse()
        .map_err(|e| wrong(id, format!("{e}"), "choose another id"))?;
    Ok(Point { id: full, name: name.into(), unit, diagnostic: false })
}

pub(super) fn typed<T: serde::de::DeserializeOwned>(table: &Table) -> Result<T, ProfileError> {
    let id = table.get("id").and_then(toml::Value::as_str).unwrap_or("without id").to_owned();
    table.clone().try_into().map_err(|e| ProfileError::of(format!("point {id}"), &e))
}

/// A key of a JSON message.
pub(super) fn json(device: &DeviceId, table: &Table) -> Result<Entry, ProfileError> {
    let key: JsonKey = typed(table)?;
    check_pointers(&key)?;
    let bytes = bytes(&key)?;
    if !key.values.is_empty() && (key.scale.is_some() || key.offset.is_some()) {
        return Err(wrong(&key.id, "values and scale exclude each other", "remove one of them"));
    }
    factor(&key.id, key.scale, key.offset)?;
    let said = key.values.values().chain(&key.missing).chain(&key.after_outage).cloned().collect();
    let is_number = bytes.is_some() || key.scale.is_some() || key.offset.is_some();
    let words = match (key.values.is_empty(), is_number) {
        (false, _) => Words::Only(said),
        (true, true) => Words::Numbers(said),
        (true, false) => Words::Any,
    };
    let places = key.also.iter().flat_map(|place| [&place.topic, &place.pointer]);
    let switched = key.output.as_ref().map(|output| &output.topic);
    let conditions = [&key.only_if].into_iter().chain(key.also.iter().map(|place| &place.only_if));
    let wanted = conditions.clone().flat_map(BTreeMap::values).filter_map(|value| match value {
        Value::Text(text) => Some(text),
        _ => None,
    });
    filled(&key.id, places.chain([&key.topic, &key.pointer]).chain(switched))?;
    filled(&key.id, conditions.flat_map(BTreeMap::keys).chain(wanted))?;
    let point = point(device, &key.id, key.name, key.unit)?;
    let (output, switch) = match key.output {
        None => (None, None),
        Some(written) => {
            let (output, switch) = outputs::message(&point.id, written)?;
            (Some(output), Some(switch))
        }
    };
    let json = JsonPoint {
        point: point.id.clone(),
        topic: key.topic,
        pointer: key.pointer,
        only_if: key.only_if,
        also: key.also,
        missing: key.missing,
        forgotten: key.after_outage,
        bytes,
        values: key.values,
        otherwise: None,
        scale: key.scale,
        offset: key.offset,
        spelled: false,
        switch,
    };
    Ok(Entry { point, found: Found::Key(Box::new(json)), words, output })
}

/// Every pointer of it must be one.
fn check_pointers(key: &JsonKey) -> Result<(), ProfileError> {
    let is_wrong = |pointer: &str| !pointer.is_empty() && !pointer.starts_with('/');
    let wrong = |of: &str, pointer: &str, example: &str| {
        let problem = format!("{of}\"{pointer}\" is no JSON pointer");
        Err(wrong(&key.id, problem, &format!("begin it with \"/\", as in \"{example}\"")))
    };
    if is_wrong(&key.pointer) {
        return wrong("", &key.pointer, "/params/state");
    }
    if let Some(place) = key.also.iter().find(|place| is_wrong(&place.pointer)) {
        return wrong("also: ", &place.pointer, "/state");
    }
    let conditions = [&key.only_if].into_iter().chain(key.also.iter().map(|place| &place.only_if));
    match conditions.flat_map(|only_if| only_if.keys()).find(|pointer| is_wrong(pointer)) {
        Some(pointer) => wrong("where: ", pointer, "/after/camera"),
        None => Ok(()),
    }
}

/// A metric of Sparkplug B.
pub(super) fn metric(device: &DeviceId, table: &Table) -> Result<Entry, ProfileError> {
    let MetricPoint { id, name, unit, metric, values, scale, offset } = typed(table)?;
    if metric.is_empty() {
        let remedy = "write it as the node's birth certificate does, as \"Inputs/Smoke\"";
        return Err(wrong(&id, "its metric has no name", remedy));
    }
    if !values.is_empty() && (scale.is_some() || offset.is_some()) {
        return Err(wrong(&id, "values and scale exclude each other", "remove one of them"));
    }
    factor(&id, scale, offset)?;
    filled(&id, [&metric])?;
    let words = match (values.is_empty(), scale.is_some() || offset.is_some()) {
        (false, _) => Words::Only(values.values().cloned().collect()),
        (true, true) => Words::Numbers(vec![]),
        (true, false) => Words::Any,
    };
    let point = point(device, &id, name, unit)?;
    let meaning = Meaning { values, scale, offset, spelled: false };
    let found = Found::Metric(SparkplugPoint { point: point.id.clone(), metric, meaning });
    Ok(Entry { point, found, words, output: None })
}

/// A factor that makes a number of a number.
pub(super) fn factor(
    id: &str,
    scale: Option<f64>,
    offset: Option<f64>,
) -> Result<(), ProfileError> {
    match (scale, offset) {
        (Some(scale), _) if !scale.is_finite() || scale == 0.0 => {
            let problem = format!("scale = {scale} leaves nothing of any number");
            Err(wrong(id, problem, "use another factor, as 0.1, or remove it"))
        }
        (_, Some(offset)) if !offset.is_finite() => {
            Err(wrong(id, format!("offset = {offset} is no number"), "use a number, or remove it"))
        }
        _ => Ok(()),
    }
}

/// No word in braces is left over, which nothing would ever be found under.
fn filled<'a>(id: &str, texts: impl IntoIterator<Item = &'a String>) -> Result<(), ProfileError> {
    match texts.into_iter().find_map(|text| unfilled(text)) {
        Some(word) => Err(wrong(id, format!("nothing is called {{{word}}}"), UNFILLED)),
        None => Ok(()),
    }
}

/// The bytes of a base64 text that count.
fn bytes(key: &JsonKey) -> Result<Option<Bytes>, ProfileError> {
    let Some([first, last]) = key.bytes else {
        return match (key.bit, key.signed) {
            (None, false) => Ok(None),
            _ => Err(wrong(&key.id, "there are no bytes", "say which: bytes = [first, last]")),
        };
    };
    if first > last || last - first > 7 {
        let problem = format!("bytes {first} to {last} are no number");
        return Err(wrong(&key.id, problem, "write the first and the last of 8 at most, from 0"));
    }
    if key.bit.is_some() && (key.signed || key.scale.is_some() || key.offset.is_some()) {
        let remedy = "remove signed, scale and offset, or bit";
        return Err(wrong(&key.id, "a single bit is true or false", remedy));
    }
    if key.bit.is_some_and(|bit| bit >= 8 * (last - first + 1)) {
        return Err(wrong(&key.id, "its bytes have no such bit", "count bits from 0, the lowest"));
    }
    Ok(Some(Bytes { first: first.into(), last: last.into(), bit: key.bit, signed: key.signed }))
}

/// The point of a telephone: there is one, and it is called `call`.
pub(super) fn call(device: &DeviceId, table: &Table) -> Result<Entry, ProfileError> {
    let CallPoint { id, name } = typed(table)?;
    if id != "call" {
        let remedy = "call it \"call\": it is true while the telephone calls";
        return Err(wrong(&id, "a telephone has one point only", remedy));
    }
    let words = Words::Only(vec![Value::Bool(true), Value::Bool(false)]);
    let point = point(device, &id, name, String::new())?;
    Ok(Entry { point, found: Found::Call, words, output: None })
}

/// A point of a modem: one of those that its channel knows of.
pub(super) fn modem(device: &DeviceId, table: &Table) -> Result<Entry, ProfileError> {
    let NamedPoint { id, name, unit } = typed(table)?;
    let words = match id.as_str() {
        "signal" | "credit" => Words::Numbers(vec![]),
        "network" => Words::Only(vec![Value::Bool(true), Value::Bool(false)]),
        _ => {
            let remedy = "call it \"signal\", \"network\" or \"credit\"";
            return Err(wrong(&id, "a modem has no such point", remedy));
        }
    };
    let point = Point { diagnostic: true, ..point(device, &id, name, unit)? };
    Ok(Entry { point, found: Found::Modem, words, output: None })
}

/// What a board says of itself: one of the things that every board may say.
pub(super) fn own(device: &DeviceId, table: &Table) -> Result<Entry, ProfileError> {
    let NamedPoint { id, name, unit } = typed(table)?;
    let Some(what) = What::ALL.into_iter().find(|what| what.name() == id) else {
        let known = What::ALL.map(What::name).join(", ");
        let remedy = format!("an input has its point by itself; others are: {known}");
        return Err(wrong(&id, "a board has no such point of its own", &remedy));
    };
    let words = match what {
        What::Safe | What::Flash => Words::Only(vec![Value::Bool(true), Value::Bool(false)]),
        _ => Words::Numbers(vec![]),
    };
    let point = Point { diagnostic: true, ..point(device, &id, name, unit)? };
    let found = Found::Own(OwnPoint { what, point: point.id.clone() });
    Ok(Entry { point, found, words, output: None })
}
