//! Messages that their source numbers itself, and that were kept: a second copy of one is told from a
//! second message. A copy is known only once the first is on the disk, so that none is lost between
//! the two.

use std::{collections::VecDeque, sync::Arc};

use parking_lot::Mutex;
use serde_json::Value as Json;

/// The numbers of so many messages are kept for each device: copies come within seconds.
const KEPT: usize = 64;
/// A longer number, in bytes, is none.
const LONGEST: usize = 128;

/// Where a device's messages have their number, and those that were kept last; copies share them.
#[derive(Debug, Clone)]
pub struct Recent {
    /// RFC 6901, as `/deduplicationId`.
    pub pointer: String,
    kept: Arc<Mutex<VecDeque<String>>>,
}

/// Two are the same where they look for the number in the same place.
impl PartialEq for Recent {
    fn eq(&self, other: &Self) -> bool {
        self.pointer == other.pointer
    }
}

/// A message's number, to be remembered once the message is kept.
#[derive(Debug)]
pub struct Number {
    number: String,
    kept: Arc<Mutex<VecDeque<String>>>,
}

impl Recent {
    /// None yet.
    pub fn new(pointer: &str) -> Self {
        Self { pointer: pointer.into(), kept: Arc::default() }
    }

    /// The number of a message on a topic; none where it has none. What else is said of the same, on
    /// another topic, may bear the same number: ChirpStack gives a device's status that of the uplink.
    pub fn number(&self, topic: &str, message: &Json) -> Option<Number> {
        let number = match message.pointer(&self.pointer)? {
            Json::String(text) if !text.is_empty() && text.len() <= LONGEST => text.clone(),
            Json::Number(number) => number.to_string(),
            _ => return None,
        };
        let number = format!("{topic}\0{number}");
        Some(Number { number, kept: self.kept.clone() })
    }
}

impl Number {
    /// A message with this number was kept already.
    pub fn is_known(&self) -> bool {
        self.kept.lock().contains(&self.number)
    }

    /// The message is kept.
    pub fn remember(&self) {
        let mut kept = self.kept.lock();
        if !kept.contains(&self.number) {
            kept.push_back(self.number.clone());
        }
        if kept.len() > KEPT {
            kept.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_known_once_its_message_is_kept_and_memory_has_an_end() {
        let recent = Recent::new("/id");
        let number =
            |n: usize| recent.number("up", &serde_json::json!({ "id": n.to_string() })).unwrap();
        assert!(!number(0).is_known());
        assert!(!number(0).is_known(), "it was only looked at");
        number(0).remember();
        number(0).remember();
        assert!(number(0).is_known());
        let elsewhere = recent.number("status", &serde_json::json!({ "id": "0" })).unwrap();
        assert!(!elsewhere.is_known(), "another topic says something else");
        for n in 1..=KEPT {
            number(n).remember();
        }
        assert!(!number(0).is_known());
        assert_eq!(recent.kept.lock().len(), KEPT);
    }

    #[test]
    fn what_is_no_number_is_never_taken_for_a_copy() {
        let recent = Recent::new("/id");
        let long = "x".repeat(LONGEST + 1);
        for id in [serde_json::json!(null), serde_json::json!([1]), "".into(), long.into()] {
            assert!(recent.number("up", &serde_json::json!({ "id": id })).is_none(), "{id}");
        }
        assert!(recent.number("up", &serde_json::json!({})).is_none());
        assert!(recent.number("up", &serde_json::json!({ "id": 7 })).is_some());
    }
}
