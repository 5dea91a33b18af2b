//! Reading dates and times of day as people write them: quoted, or as TOML's own literals.

use std::{fmt, marker::PhantomData, str::FromStr};

use serde::{
    Deserializer,
    de::{Error, MapAccess, Visitor},
};

/// The key under which the `toml` crate hands over its own date and time literals.
const TOML_LITERAL: &str = "$__toml_private_datetime";

/// A date or time of day that a person can write.
pub(super) trait Written: FromStr<Err = jiff::Error> {
    /// How it is written, for the message about one that is not.
    const FORM: &'static str;
}
impl Written for jiff::civil::Time {
    const FORM: &'static str = "a time of day such as \"08:00\"";
}
impl Written for jiff::civil::DateTime {
    const FORM: &'static str = "a date such as \"2026-11-23\", or one with a time of day such as \
                                \"2026-11-23T08:00\", without an offset: the roster's time zone holds";
}

/// For `#[serde(deserialize_with)]`.
pub(super) fn read<'de, T: Written, D: Deserializer<'de>>(from: D) -> Result<T, D::Error> {
    from.deserialize_any(Reader(PhantomData))
}

struct Reader<T>(PhantomData<T>);

impl<'de, T: Written> Visitor<'de> for Reader<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::FORM)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
        // An offset would be read and then ignored: somebody meant another instant than they'd get.
        let time = text.split_once(['T', 't', ' ']).map_or("", |(_, time)| time);
        let has_offset = time.contains(['+', '-', '[', 'Z', 'z']);
        match text.parse() {
            Ok(value) if !has_offset => Ok(value),
            _ => Err(E::custom(format_args!("\"{text}\" is not {}", T::FORM))),
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        match map.next_entry::<String, String>()? {
            Some((key, text)) if key == TOML_LITERAL => self.visit_str(&text),
            _ => Err(A::Error::custom(format_args!("this is not {}", T::FORM))),
        }
    }
}
