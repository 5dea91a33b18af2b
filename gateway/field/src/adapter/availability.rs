//! Whether a source says that it is there, in every spelling that is met.

use serde_json::Value as Json;

/// Words for being there.
const THERE: [&str; 8] = ["online", "true", "on", "1", "connected", "available", "alive", "up"];
/// Words for being gone; a source that is switched off is gone too.
const GONE: [&str; 11] = [
    "offline",
    "false",
    "off",
    "0",
    "disconnected",
    "unavailable",
    "lost",
    "stopped",
    "disabled",
    "dead",
    "down",
];
/// The keys under which a JSON object says it.
const KEYS: [&str; 2] = ["state", "status"];

/// True where the message says that its source is there, false where it says that it is gone; none
/// where it says neither.
pub fn is_there(payload: &[u8]) -> Option<bool> {
    let text = std::str::from_utf8(payload).ok()?;
    let word = match serde_json::from_str::<Json>(text) {
        Ok(Json::Object(object)) => {
            plain(KEYS.iter().find_map(|key| object.get(*key)).filter(|found| !found.is_object())?)
        }
        Ok(json) => plain(&json),
        Err(_) => text.to_owned(),
    };
    let word = word.trim().to_ascii_lowercase();
    match (THERE.contains(&word.as_str()), GONE.contains(&word.as_str())) {
        (true, _) => Some(true),
        (_, true) => Some(false),
        _ => None,
    }
}

/// A text without its quotes; anything else as it is written.
fn plain(json: &Json) -> String {
    json.as_str().map_or_else(|| json.to_string(), ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_is_understood_and_a_strange_one_is_neither() {
        for there in [
            "online",
            "Online",
            " ONLINE\n",
            "\"online\"",
            "true",
            "on",
            "1",
            "connected",
            "available",
            "alive",
            r#"{"state":"online"}"#,
            r#"{"status":"Connected"}"#,
            r#"{"state":true}"#,
            r#"{"state":1,"since":5}"#,
        ] {
            assert_eq!(is_there(there.as_bytes()), Some(true), "{there}");
        }
        for gone in [
            "offline",
            "OFFLINE",
            "disabled",
            "stopped",
            "disconnected",
            "false",
            "Off",
            "0",
            "unavailable",
            "lost",
            r#"{"state":"offline"}"#,
            r#"{"status":"lost"}"#,
            r#"{"state":false}"#,
        ] {
            assert_eq!(is_there(gone.as_bytes()), Some(false), "{gone}");
        }
        for neither in [
            "",
            "perhaps",
            "{}",
            "[]",
            "null",
            "2",
            r#"{"state":{}}"#,
            r#"{"online":true}"#,
            "{broken",
        ] {
            assert_eq!(is_there(neither.as_bytes()), None, "{neither}");
        }
        assert_eq!(is_there(&[0xFF, 0xFE]), None);
    }
}
