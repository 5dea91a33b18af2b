//! How an event is read back. It is written as one flat object: when, what kind, and then the fields of
//! that kind. By the time the fields come it is known whose they are, so that a whole configuration is
//! read as it stands; otherwise each of its values would be held once more, at many times its length,
//! until the end of it.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeSeed, Error, IntoDeserializer, MapAccess, Visitor,
        value::{BorrowedStrDeserializer, MapAccessDeserializer},
    },
};

use super::{Event, What};
use crate::time::Timestamp;

const AT: &str = "at";
const KIND: &str = "event";

impl<'de> Deserialize<'de> for Event {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EventReader)
    }
}

struct EventReader;

impl<'de> Visitor<'de> for EventReader {
    type Value = Event;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an event")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Event, A::Error> {
        let mut at = None;
        let mut fields = Fields { map, at: &mut at, ahead: Ahead::Nothing };
        let first = fields.next_name()?;
        fields.ahead = match first {
            Some(name) if name.0 == KIND => Ahead::Kind(fields.map.next_value()?),
            Some(name) => Ahead::Name(name),
            None => return Err(A::Error::missing_field(KIND)),
        };
        let what = match &fields.ahead {
            Ahead::Kind(kind) if kind.0 == "configured" => {
                fields.ahead = Ahead::Nothing;
                What::Configured(Deserialize::deserialize(MapAccessDeserializer::new(fields))?)
            }
            Ahead::Kind(kind) if kind.0 == "point_changed" => {
                fields.ahead = Ahead::Nothing;
                What::PointChanged(Deserialize::deserialize(MapAccessDeserializer::new(fields))?)
            }
            _ => What::deserialize(MapAccessDeserializer::new(fields))?,
        };
        Ok(Event { at: at.ok_or_else(|| A::Error::missing_field(AT))?, what })
    }
}

/// A word, borrowed where that can be.
struct Word<'de>(Cow<'de, str>);

/// What was read before it was known who is to read the rest.
enum Ahead<'de> {
    Nothing,
    /// The name of a field whose value comes next.
    Name(Word<'de>),
    /// The kind: nobody was told its name yet.
    Kind(Word<'de>),
    /// The kind: its name was told.
    KindItself(Word<'de>),
}

/// The fields of an event but its time, which is taken out on the way.
struct Fields<'a, 'de, A> {
    map: A,
    at: &'a mut Option<Timestamp>,
    ahead: Ahead<'de>,
}

impl<'de, A: MapAccess<'de>> Fields<'_, 'de, A> {
    fn next_name(&mut self) -> Result<Option<Word<'de>>, A::Error> {
        while let Some(name) = self.map.next_key::<Word<'de>>()? {
            if name.0 != AT {
                return Ok(Some(name));
            }
            if self.at.is_some() {
                return Err(A::Error::duplicate_field(AT));
            }
            *self.at = Some(self.map.next_value()?);
        }
        Ok(None)
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for Fields<'_, 'de, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        let name = match std::mem::replace(&mut self.ahead, Ahead::Nothing) {
            Ahead::Name(name) => Some(name),
            Ahead::Kind(kind) => {
                self.ahead = Ahead::KindItself(kind);
                Some(Word(Cow::Borrowed(KIND)))
            }
            Ahead::Nothing | Ahead::KindItself(_) => self.next_name()?,
        };
        name.map(|name| name.told_to(seed)).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        match std::mem::replace(&mut self.ahead, Ahead::Nothing) {
            Ahead::KindItself(kind) => kind.told_to(seed),
            _ => self.map.next_value_seed(seed),
        }
    }
}

impl<'de> Word<'de> {
    fn told_to<S: DeserializeSeed<'de>, E: Error>(self, seed: S) -> Result<S::Value, E> {
        match self.0 {
            Cow::Borrowed(word) => seed.deserialize(BorrowedStrDeserializer::new(word)),
            Cow::Owned(word) => seed.deserialize(word.into_deserializer()),
        }
    }
}

impl<'de> Deserialize<'de> for Word<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WordReader;
        impl<'de> Visitor<'de> for WordReader {
            type Value = Word<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a word")
            }
            fn visit_borrowed_str<E: Error>(self, word: &'de str) -> Result<Word<'de>, E> {
                Ok(Word(Cow::Borrowed(word)))
            }
            fn visit_str<E: Error>(self, word: &str) -> Result<Word<'de>, E> {
                Ok(Word(Cow::Owned(word.into())))
            }
        }
        deserializer.deserialize_str(WordReader)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_an_event_may_come_in_any_order_and_each_of_them_once() {
        let read = |text: &str| serde_json::from_str::<Event>(text).map_err(|e| e.to_string());
        let at = r#""at":"2026-11-29T08:00:00Z""#;
        let (kind, rule) = (r#""event":"rule_settled""#, r#""rule":"lift-1/trapped","holds":true"#);
        let wanted = read(&format!("{{{at},{kind},{rule}}}")).unwrap();
        assert!(matches!(&wanted.what, What::RuleSettled { holds: true, .. }), "{wanted:?}");
        for other in [format!("{rule},{kind},{at}"), format!("{kind},{rule},{at}")] {
            assert_eq!(read(&format!("{{{other}}}")), Ok(wanted.clone()), "{other}");
        }
        for (text, why) in [
            (format!("{at},{at},{kind},{rule}"), "duplicate field `at`"),
            (format!("{kind},{rule}"), "missing field `at`"),
            (format!("{at},{rule}"), "missing field `event`"),
            (at.to_owned(), "missing field `event`"),
            (format!("{at},{kind},\"rule\":\"a\""), "missing field `holds`"),
            (format!("{at},\"event\":\"unheard_of\""), "unknown variant `unheard_of`"),
            (format!("{at},\"event\":\"configured\",\"site\":\"s\""), "missing field `name`"),
        ] {
            let told = read(&format!("{{{text}}}")).unwrap_err();
            assert!(told.contains(why), "{text}: {told}");
        }
    }

    #[test]
    fn a_configuration_and_a_reading_come_back_as_they_were() {
        let wiring = crate::wiring::Wiring::new("estate".into());
        let reading = crate::point::Reading {
            point: "lift-1/call".into(),
            sample: Ok(crate::point::Value::Bool(true)),
            source_at: None,
            received_at: Timestamp::default(),
            kind: crate::point::Kind::Edge,
            origin: Some(crate::point::Origin { boot: 1, seq: 2 }),
        };
        for what in [What::Configured(Box::new(wiring)), What::PointChanged(reading)] {
            let event = Event { at: Timestamp::default(), what };
            let text = serde_json::to_string(&event).unwrap();
            assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event);
            // As a value, whose words are not borrowed.
            let value: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(serde_json::from_value::<Event>(value).unwrap(), event);
        }
    }
}
