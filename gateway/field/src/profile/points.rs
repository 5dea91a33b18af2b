//! From a written point to where it is found: registers, and keys of JSON messages.

use gengfu_core::{
    id::DeviceId,
    point::{Point, Value},
    text::Text,
    time::Span,
};
use toml::Table;

use super::{
    error::ProfileError,
    json::{Bytes, JsonPoint},
    meaning::Meaning,
    outputs,
    schema::{CallPoint, JsonKey, Knobs, MetricPoint, NamedPoint, RegisterPoint, number},
    work::{Entry, Found},
};
use crate::{
    adapter::{
        own::{OwnPoint, What},
        sparkplug::SparkplugPoint,
    },
    modbus::field::{Case, Field, Kind, Table as Registers},
};

/// The words a point can say, where it says words only; for checking the rules over it.
pub(super) type Words = Option<Vec<Value>>;

fn wrong(id: &str, problem: impl Into<String>, remedy: &str) -> ProfileError {
    ProfileError::new(format!("point {id}"), problem, remedy)
}

fn point(device: &DeviceId, id: &str, name: Text, unit: String) -> Result<Point, ProfileError> {
    if id.contains('/') {
        return Err(wrong(id, "a point's id can't hold \"/\"", "use \".\" or \"-\" instead"));
    }
    let full = format!("{device}/{id}")
        .parse()
        .map_err(|e| wrong(id, format!("{e}"), "choose another id"))?;
    Ok(Point { id: full, name, unit })
}

fn typed<T: serde::de::DeserializeOwned>(table: &Table) -> Result<T, ProfileError> {
    let id = table.get("id").and_then(toml::Value::as_str).unwrap_or("without id").to_owned();
    table.clone().try_into().map_err(|e: toml::de::Error| {
        wrong(&id, e.message(), "correct it; the profiles' README.md lists every key of a point")
    })
}

/// A key of a JSON message.
pub(super) fn json(device: &DeviceId, table: &Table) -> Result<Entry, ProfileError> {
    let key: JsonKey = typed(table)?;
    if !key.pointer.is_empty() && !key.pointer.starts_with('/') {
        let problem = format!("\"{}\" is no JSON pointer", key.pointer);
        return Err(wrong(&key.id, problem, "begin it with \"/\", as in \"/params/state\""));
    }
    if let Some(pointer) = key.only_if.keys().find(|p| !p.is_empty() && !p.starts_with('/')) {
        let problem = format!("where: \"{pointer}\" is no JSON pointer");
        return Err(wrong(&key.id, problem, "begin it with \"/\", as in \"/after/camera\""));
    }
    let bytes = bytes(&key)?;
    if !key.values.is_empty() && (key.scale.is_some() || key.offset.is_some()) {
        return Err(wrong(&key.id, "values and scale exclude each other", "remove one of them"));
    }
    let said = || key.values.values().chain(&key.missing).cloned();
    let words = (!key.values.is_empty()).then(|| said().collect());
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
        missing: key.missing,
        bytes,
        values: key.values,
        otherwise: None,
        scale: key.scale,
        offset: key.offset,
        switch,
    };
    Ok(Entry { point, found: Found::Key(json), words, output })
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
    let words = (!values.is_empty()).then(|| values.values().cloned().collect());
    let point = point(device, &id, name, unit)?;
    let meaning = Meaning { values, scale, offset };
    let found = Found::Metric(SparkplugPoint { point: point.id.clone(), metric, meaning });
    Ok(Entry { point, found, words, output: None })
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
    let words = Some(vec![Value::Bool(true), Value::Bool(false)]);
    let point = point(device, &id, name, String::new())?;
    Ok(Entry { point, found: Found::Call, words, output: None })
}

/// A point of a modem: one of those that its channel knows of.
pub(super) fn modem(device: &DeviceId, table: &Table) -> Result<Entry, ProfileError> {
    let NamedPoint { id, name, unit } = typed(table)?;
    let words = match id.as_str() {
        "signal" | "credit" => None,
        "network" => Some(vec![Value::Bool(true), Value::Bool(false)]),
        _ => {
            let remedy = "call it \"signal\", \"network\" or \"credit\"";
            return Err(wrong(&id, "a modem has no such point", remedy));
        }
    };
    let point = point(device, &id, name, unit)?;
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
    let words = matches!(what, What::Safe | What::Flash)
        .then(|| vec![Value::Bool(true), Value::Bool(false)]);
    let point = point(device, &id, name, unit)?;
    let found = Found::Own(OwnPoint { what, point: point.id.clone() });
    Ok(Entry { point, found, words, output: None })
}

/// A register, `shift` addresses behind the written one.
pub(super) fn register(
    device: &DeviceId,
    table: &Table,
    shift: u32,
    knobs: &Knobs,
) -> Result<Entry, ProfileError> {
    let raw: RegisterPoint = typed(table)?;
    let id = raw.id.clone();
    let (registers, address) = place(&raw, shift, knobs)?;
    let kind = raw.kind.unwrap_or_default();
    let length = match (registers.is_bits(), kind, raw.length) {
        (false, Kind::Text, Some(n)) if (1..=knobs.max_registers).contains(&n) => n,
        (false, Kind::Text, _) => {
            let remedy = "set length = the registers it takes, not more than max_registers";
            return Err(wrong(&id, "a text needs a length", remedy));
        }
        (_, _, Some(_)) => return Err(wrong(&id, "only a text has a length", "remove length")),
        (true, ..) => 1,
        (false, kind, None) => kind.registers(),
    };
    if u32::from(address) + u32::from(length) > 0x1_0000 {
        return Err(wrong(&id, "it reaches past address 65,535", "correct address or step"));
    }
    let picked = raw.bit.is_some() || raw.bits.is_some();
    let scaled = raw.scale.is_some() || raw.offset.is_some();
    if registers.is_bits() && (raw.kind.is_some() || picked || scaled || !raw.cases.is_empty()) {
        let remedy = "remove type, bit, bits, scale, offset and cases";
        return Err(wrong(&id, "a coil or discrete input is a single bit", remedy));
    }
    if (picked || !raw.cases.is_empty()) && (kind.is_float() || kind == Kind::Text) {
        return Err(wrong(&id, "only a whole number has bits", "use a type such as u16"));
    }
    let bits = match (raw.bit, raw.bits) {
        (None, None) => None,
        (Some(bit), None) => Some((bit, bit)),
        (None, Some([low, high])) => Some((low, high)),
        (Some(_), Some(_)) => {
            return Err(wrong(&id, "bit and bits exclude each other", "remove one of them"));
        }
    };
    if let Some((low, high)) = bits
        && (low > high || u16::from(high) >= 16 * length)
    {
        let problem = format!("bits {low} to {high} don't lie in {length} register(s)");
        return Err(wrong(&id, problem, "write bits = [lowest, highest], the lowest bit being 0"));
    }
    if raw.poll == Some(Span::ZERO) {
        return Err(wrong(&id, "a poll can't be zero", "use 50ms or more"));
    }
    let mut values = Vec::new();
    for (key, value) in raw.values {
        let n = number(&key)
            .ok_or_else(|| wrong(&id, format!("\"{key}\" is no number"), "write 7 or 0x1F"))?;
        values.push((n, value));
    }
    let mut cases = Vec::new();
    for case in raw.cases {
        let sample = match (case.value, case.no_data) {
            (Some(value), None) => Ok(value),
            (None, Some(reason)) => Err(reason),
            _ => {
                let remedy = "give each case either value or no_data";
                return Err(wrong(&id, "a case says nothing, or two things", remedy));
            }
        };
        if case.equals & !case.mask != 0 {
            let problem = format!("{:#06x} can't be found under {:#06x}", case.equals, case.mask);
            return Err(wrong(&id, problem, "equals may only have bits that mask has"));
        }
        cases.push(Case { mask: case.mask, equals: case.equals, sample });
    }
    let words = (!cases.is_empty())
        .then(|| cases.iter().filter_map(|c| c.sample.clone().ok()).collect::<Vec<_>>());
    let point = point(device, &id, raw.name, raw.unit)?;
    let mut field = Field {
        point: point.id.clone(),
        table: registers,
        address,
        length,
        kind,
        order: raw.order,
        bits,
        truth: raw.bit.is_some(),
        scale: raw.scale,
        offset: raw.offset,
        values,
        cases,
        absent: raw.absent,
        poll: raw.poll,
        write: None,
    };
    let output = match raw.output {
        None => None,
        Some(written) => Some(outputs::register(&mut field, written)?),
    };
    Ok(Entry { point, found: Found::Register(Box::new(field)), words, output })
}

/// The table and the address on the wire.
fn place(raw: &RegisterPoint, shift: u32, knobs: &Knobs) -> Result<(Registers, u16), ProfileError> {
    let fault = |problem: String| {
        let remedy =
            "write the address as the profile's modbus.numbering says (zero, one or reference)";
        wrong(&raw.id, problem, remedy)
    };
    let written =
        raw.address.number().ok_or_else(|| fault("the address is no number".into()))? + shift;
    knobs.numbering.place(written, raw.table).map_err(fault)
}
