//! The short keys of an announcement, as Home Assistant documents them, and `~`, which stands for the
//! beginning of its topics. Keys that nothing is done with are left as they are.

use serde_json::{Map, Value as Json};

/// In an announcement, or one of its components.
const ENTITY: [(&str, &str); 22] = [
    ("avty", "availability"),
    ("avty_mode", "availability_mode"),
    ("avty_t", "availability_topic"),
    ("avty_tpl", "availability_template"),
    ("cmps", "components"),
    ("dev", "device"),
    ("dev_cla", "device_class"),
    ("e", "encoding"),
    ("exp_aft", "expire_after"),
    ("o", "origin"),
    ("obj_id", "object_id"),
    ("off_dly", "off_delay"),
    ("p", "platform"),
    ("pl_avail", "payload_available"),
    ("pl_not_avail", "payload_not_available"),
    ("pl_off", "payload_off"),
    ("pl_on", "payload_on"),
    ("stat_t", "state_topic"),
    ("t", "topic"),
    ("uniq_id", "unique_id"),
    ("unit_of_meas", "unit_of_measurement"),
    ("val_tpl", "value_template"),
];

/// In its device.
const DEVICE: [(&str, &str); 4] =
    [("cns", "connections"), ("ids", "identifiers"), ("mdl", "model"), ("mf", "manufacturer")];

/// An announcement with its keys written out and its topics whole, with the components and the device
/// in it.
pub(super) fn whole(mut announced: Map<String, Json>) -> Map<String, Json> {
    let base = match announced.remove("~") {
        Some(Json::String(base)) => base,
        _ => String::new(),
    };
    written_out(announced, &base)
}

fn written_out(announced: Map<String, Json>, base: &str) -> Map<String, Json> {
    let mut all = Map::new();
    for (key, value) in announced {
        let key = long(&ENTITY, key);
        let value = match (key.as_str(), value) {
            ("device", Json::Object(device)) => Json::Object(
                device.into_iter().map(|(key, value)| (long(&DEVICE, key), value)).collect(),
            ),
            ("components", Json::Object(parts)) => Json::Object(
                parts.into_iter().map(|(name, part)| (name, nested(part, base))).collect(),
            ),
            ("availability", Json::Array(items)) => {
                Json::Array(items.into_iter().map(|item| nested(item, base)).collect())
            }
            ("availability", item @ Json::Object(_)) => nested(item, base),
            (name, Json::String(text)) if name.ends_with("topic") => {
                Json::String(based(text, base))
            }
            (_, value) => value,
        };
        all.insert(key, value);
    }
    all
}

fn nested(value: Json, base: &str) -> Json {
    match value {
        Json::Object(mut inner) => {
            let own = match inner.remove("~") {
                Some(Json::String(own)) => own,
                _ => base.to_owned(),
            };
            Json::Object(written_out(inner, &own))
        }
        other => other,
    }
}

fn long(known: &[(&str, &str)], key: String) -> String {
    known.iter().find(|(short, _)| *short == key).map_or(key, |(_, long)| (*long).to_owned())
}

/// `~` at either end of a topic stands for the base.
fn based(topic: String, base: &str) -> String {
    if base.is_empty() {
        topic
    } else if let Some(rest) = topic.strip_prefix('~') {
        format!("{base}{rest}")
    } else if let Some(rest) = topic.strip_suffix('~') {
        format!("{rest}{base}")
    } else {
        topic
    }
}
