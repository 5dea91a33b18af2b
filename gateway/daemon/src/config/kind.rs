//! The kinds of value that keys take, each with the words that tell how to write it.

use std::{net::SocketAddr, path::PathBuf};

use gengfu_core::{
    danger::{Danger, Priority},
    id::{ChannelId, DeviceId, PersonId, PlaceId, PointId, RuleId, SiteId},
    rule::Condition,
    text::{Language, Text},
    time::Span,
};
use serde::Deserialize;

/// A value that a key can take.
pub trait Kind: for<'de> Deserialize<'de> {
    /// How it looks, for "add `key = …`".
    const EXAMPLE: &'static str;
    /// What it is, in words.
    const SHAPE: &'static str;
}

macro_rules! kinds {
    ($($type:ty: $example:literal, $shape:literal;)+) => {$(
        impl Kind for $type {
            const EXAMPLE: &'static str = $example;
            const SHAPE: &'static str = $shape;
        }
    )+};
}

kinds! {
    String: "\"…\"", "a text in quotes";
    PathBuf: "\"/path/to/file\"", "a path in quotes";
    bool: "true", "true or false, without quotes";
    u8: "1", "a whole number from 0 to 255, without quotes";
    u16: "1", "a whole number from 0 to 65535, without quotes";
    u32: "1", "a whole number, without quotes";
    i8: "10", "a whole number, without quotes";
    f64: "1.5", "a number, without quotes";
    Vec<String>: "[\"…\"]", "a list of texts";
    SocketAddr: "\"0.0.0.0:8443\"", "an address and a port, in quotes";
    Span: "\"45s\"", "a length of time as \"45s\", \"3m\" or \"1h 30m\"";
    SiteId: "\"garden-12\"", "a name of letters, digits and . _ - : /";
    PlaceId: "\"building-3\"", "the id of one of the [[places]]";
    DeviceId: "\"lift-1\"", "a name of letters, digits and . _ - : /";
    PointId: "\"lift-1/button\"", "a device's id, a slash, and one of its points";
    RuleId: "\"lift-1/too-hot\"", "a device's id, a slash, and a name for the rule";
    PersonId: "\"li-hua\"", "the id of a person";
    ChannelId: "\"mail\"", "the name of one of the [channels]";
    Language: "\"zh\"", "\"zh\" or \"en\"";
    Danger: "\"lift\"", "\"fire\", \"trapped\", \"gas\", \"water\", \"lift\", \"gate\" or \"fault\"";
    Priority: "\"high\"", "\"low\", \"normal\", \"high\" or \"critical\"";
    Words: "{ zh = \"三号楼\", en = \"Building 3\" }", "words in one language or in both";
    Condition: "{ above = { point = \"boiler/temperature\", setpoint = 90.0 } }",
        "a question about points";
}

/// Words for people, as `"Building 3"` or `{ zh = "三号楼", en = "Building 3" }`.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged, expecting = "expected words in quotes, or { zh = \"…\", en = \"…\" }")]
pub enum Words {
    /// The same words in both languages: a proper name.
    Same(String),
    /// Words for each language.
    Both(Text),
}

impl From<Words> for Text {
    fn from(words: Words) -> Text {
        match words {
            Words::Same(name) => Text::from(name.as_str()),
            Words::Both(text) => text,
        }
    }
}
