//! Reads JSON, as far as the protocol's payloads are made of it: whole numbers, texts as they stand, lists and
//! objects. Every number goes one way and every list another, whatever it is part of: a board has little room
//! for a program. What nobody asked for is passed over without going deeper, however deep it is nested.

use core::str;

use serde::{
    Deserialize,
    de::{
        self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor,
        value::BorrowedStrDeserializer,
    },
    forward_to_deserialize_any,
};

/// It is not such JSON, or not what was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Malformed;

impl core::fmt::Display for Malformed {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("not the JSON that was asked for")
    }
}

impl core::error::Error for Malformed {}

impl de::Error for Malformed {
    fn custom<T: core::fmt::Display>(_: T) -> Self {
        Self
    }
}

type Read<T> = Result<T, Malformed>;

/// Reads one value, and nothing but blanks behind it.
pub(crate) fn read<'b, T: Deserialize<'b>>(bytes: &'b [u8]) -> Read<T> {
    let mut reader = Reader { rest: bytes };
    let value = T::deserialize(&mut reader)?;
    match reader.peek() {
        None => Ok(value),
        Some(_) => Err(Malformed),
    }
}

struct Reader<'b> {
    rest: &'b [u8],
}

impl<'b> Reader<'b> {
    /// The next byte that is no blank.
    fn peek(&mut self) -> Option<u8> {
        while let Some((b' ' | b'\t' | b'\n' | b'\r', rest)) = self.rest.split_first() {
            self.rest = rest;
        }
        self.rest.first().copied()
    }

    /// Passes over the byte that was looked at.
    fn pass(&mut self) {
        self.rest = self.rest.get(1..).unwrap_or_default();
    }

    /// Passes over this byte, where it is the next one.
    fn passes(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        if is_next {
            self.pass();
        }
        is_next
    }

    fn expect(&mut self, byte: u8) -> Read<()> {
        if self.passes(byte) { Ok(()) } else { Err(Malformed) }
    }

    fn word(&mut self, word: &[u8]) -> Read<()> {
        self.rest = self.rest.strip_prefix(word).ok_or(Malformed)?;
        Ok(())
    }

    /// A whole number from 0.
    fn number(&mut self) -> Read<u64> {
        let first = self.peek();
        let mut number = 0_u64;
        let mut digits = 0_u8;
        while let Some((digit @ b'0'..=b'9', rest)) = self.rest.split_first() {
            let more = number.checked_mul(10).and_then(|n| n.checked_add(u64::from(digit - b'0')));
            number = more.ok_or(Malformed)?;
            digits = digits.saturating_add(1);
            self.rest = rest;
        }
        // 0 alone begins with 0.
        if digits == 0 || (first == Some(b'0') && digits > 1) {
            return Err(Malformed);
        }
        Ok(number)
    }

    /// The same below 0 too.
    fn signed(&mut self) -> Read<i64> {
        let is_below = self.passes(b'-');
        // No blank stands between the sign and its number.
        if is_below && !self.rest.first().is_some_and(u8::is_ascii_digit) {
            return Err(Malformed);
        }
        let number = i64::try_from(self.number()?).map_err(|_| Malformed)?;
        Ok(if is_below { -number } else { number })
    }

    /// What stands between quotation marks, as it stands there.
    fn text(&mut self) -> Read<&'b str> {
        self.expect(b'"')?;
        let mut is_escaped = false;
        let end = self.rest.iter().position(|&byte| {
            let ends = byte == b'"' && !is_escaped;
            is_escaped = byte == b'\\' && !is_escaped;
            ends
        });
        let (text, rest) = self.rest.split_at_checked(end.ok_or(Malformed)?).ok_or(Malformed)?;
        self.rest = rest;
        self.pass();
        str::from_utf8(text).map_err(|_| Malformed)
    }

    /// Passes over a value, whatever it is.
    fn anything(&mut self) -> Read<()> {
        let mut depth = 0_usize;
        loop {
            match self.peek().ok_or(Malformed)? {
                b'"' => _ = self.text()?,
                b'[' | b'{' => {
                    self.pass();
                    depth += 1;
                }
                b']' | b'}' => {
                    self.pass();
                    depth = depth.checked_sub(1).ok_or(Malformed)?;
                }
                b',' | b':' if depth > 0 => self.pass(),
                b',' | b':' => return Err(Malformed),
                // A number or a word: at least the byte that was looked at.
                _ => {
                    let ends = |byte: &u8| b",:[]{}\" \t\n\r".contains(byte);
                    let end = self.rest.iter().position(ends).unwrap_or(self.rest.len());
                    self.rest = self.rest.get(end..).unwrap_or_default();
                }
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }
}

/// What stands in a list or an object.
struct Items<'r, 'b> {
    reader: &'r mut Reader<'b>,
    end: u8,
    is_first: bool,
    is_over: bool,
}

impl<'r, 'b> Items<'r, 'b> {
    fn new(reader: &'r mut Reader<'b>, begin: u8, end: u8) -> Read<Self> {
        reader.expect(begin)?;
        Ok(Self { reader, end, is_first: true, is_over: false })
    }

    /// There is another one. Behind a comma there is always one, and its reader refuses the end.
    fn another(&mut self) -> Read<bool> {
        self.is_over = self.is_over || self.reader.passes(self.end);
        if self.is_over {
            return Ok(false);
        }
        if !self.is_first {
            self.reader.expect(b',')?;
        }
        self.is_first = false;
        Ok(true)
    }

    /// All of them were read.
    fn end(&mut self) -> Read<()> {
        if self.another()? { Err(Malformed) } else { Ok(()) }
    }
}

impl<'b> SeqAccess<'b> for Items<'_, 'b> {
    type Error = Malformed;

    fn next_element_seed<T: DeserializeSeed<'b>>(&mut self, seed: T) -> Read<Option<T::Value>> {
        if !self.another()? {
            return Ok(None);
        }
        seed.deserialize(&mut *self.reader).map(Some)
    }
}

impl<'b> MapAccess<'b> for Items<'_, 'b> {
    type Error = Malformed;

    fn next_key_seed<K: DeserializeSeed<'b>>(&mut self, seed: K) -> Read<Option<K::Value>> {
        if !self.another()? {
            return Ok(None);
        }
        seed.deserialize(BorrowedStrDeserializer::new(self.reader.text()?)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'b>>(&mut self, seed: V) -> Read<V::Value> {
        self.reader.expect(b':')?;
        seed.deserialize(&mut *self.reader)
    }
}

macro_rules! numbers {
    ($read:ident, $visit:ident: $($method:ident)+) => {$(
        fn $method<V: Visitor<'b>>(self, visitor: V) -> Read<V::Value> {
            visitor.$visit(self.$read()?)
        }
    )+};
}

impl<'b> Deserializer<'b> for &mut Reader<'b> {
    type Error = Malformed;

    // What is too large for the kind that was asked for is refused by whoever asked.
    numbers! { number, visit_u64: deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 }
    numbers! { signed, visit_i64: deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 }

    fn deserialize_any<V: Visitor<'b>>(self, _: V) -> Read<V::Value> {
        Err(Malformed)
    }

    fn deserialize_bool<V: Visitor<'b>>(self, visitor: V) -> Read<V::Value> {
        let is_so = self.peek() == Some(b't');
        self.word(if is_so { b"true" } else { b"false" })?;
        visitor.visit_bool(is_so)
    }

    fn deserialize_str<V: Visitor<'b>>(self, visitor: V) -> Read<V::Value> {
        visitor.visit_borrowed_str(self.text()?)
    }

    fn deserialize_option<V: Visitor<'b>>(self, visitor: V) -> Read<V::Value> {
        if self.peek() != Some(b'n') {
            return visitor.visit_some(self);
        }
        self.word(b"null")?;
        visitor.visit_none()
    }

    fn deserialize_seq<V: Visitor<'b>>(self, visitor: V) -> Read<V::Value> {
        let mut items = Items::new(self, b'[', b']')?;
        let value = visitor.visit_seq(&mut items)?;
        items.end().map(|()| value)
    }

    fn deserialize_map<V: Visitor<'b>>(self, visitor: V) -> Read<V::Value> {
        let mut items = Items::new(self, b'{', b'}')?;
        let value = visitor.visit_map(&mut items)?;
        items.end().map(|()| value)
    }

    fn deserialize_struct<V: Visitor<'b>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Read<V::Value> {
        self.deserialize_map(visitor)
    }

    /// A word, as every choice in the protocol.
    fn deserialize_enum<V: Visitor<'b>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Read<V::Value> {
        visitor.visit_enum(BorrowedStrDeserializer::new(self.text()?))
    }

    fn deserialize_ignored_any<V: Visitor<'b>>(self, visitor: V) -> Read<V::Value> {
        self.anything()?;
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        <V: Visitor<'b>>
        i128 u128 f32 f64 char string bytes byte_buf unit unit_struct newtype_struct tuple tuple_struct
        identifier
    }
}
