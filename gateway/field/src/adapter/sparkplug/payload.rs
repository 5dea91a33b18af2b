//! What a Sparkplug B message holds. Fields that say nothing to the gateway (metadata, data sets,
//! templates, files) are left out: they are passed over while reading.

use prost::{Message, Oneof};

/// A whole message.
#[derive(Clone, PartialEq, Message)]
pub struct Payload {
    /// When it was sent, in ms since 1970.
    #[prost(uint64, optional, tag = "1")]
    pub timestamp: Option<u64>,
    /// What it says.
    #[prost(message, repeated, tag = "2")]
    pub metrics: Vec<Metric>,
    /// Counted from 0 to 255 and over again, from the node's birth on.
    #[prost(uint64, optional, tag = "3")]
    pub seq: Option<u64>,
}

impl Payload {
    /// As it goes over the wire.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.encode_to_vec()
    }
}

/// One value.
#[derive(Clone, PartialEq, Message)]
pub struct Metric {
    /// Its name, in birth certificates at least.
    #[prost(string, optional, tag = "1")]
    pub name: Option<String>,
    /// A number in the name's place, from the birth certificate.
    #[prost(uint64, optional, tag = "2")]
    pub alias: Option<u64>,
    /// When it was so, in ms since 1970.
    #[prost(uint64, optional, tag = "3")]
    pub timestamp: Option<u64>,
    /// Its type, in birth certificates at least; see [`super::metric`].
    #[prost(uint32, optional, tag = "4")]
    pub datatype: Option<u32>,
    /// It was so once, and is told afterwards.
    #[prost(bool, optional, tag = "5")]
    pub is_historical: Option<bool>,
    /// It has no value now.
    #[prost(bool, optional, tag = "7")]
    pub is_null: Option<bool>,
    /// What else is said of it, as its quality.
    #[prost(message, optional, tag = "9")]
    pub properties: Option<PropertySet>,
    /// The value.
    #[prost(oneof = "metric::Value", tags = "10, 11, 12, 13, 14, 15")]
    pub value: Option<metric::Value>,
}

/// Values of a metric.
pub mod metric {
    use super::Oneof;

    /// A value.
    #[derive(Clone, PartialEq, Oneof)]
    pub enum Value {
        /// Whole numbers of up to 32 bits, with a sign or without.
        #[prost(uint32, tag = "10")]
        Int(u32),
        /// Whole numbers of 64 bits, and times.
        #[prost(uint64, tag = "11")]
        Long(u64),
        /// A number.
        #[prost(float, tag = "12")]
        Float(f32),
        /// A number.
        #[prost(double, tag = "13")]
        Double(f64),
        /// On or off.
        #[prost(bool, tag = "14")]
        Boolean(bool),
        /// Words.
        #[prost(string, tag = "15")]
        String(String),
    }
}

/// Properties by their names: two lists of the same length.
#[derive(Clone, PartialEq, Message)]
pub struct PropertySet {
    /// Names.
    #[prost(string, repeated, tag = "1")]
    pub keys: Vec<String>,
    /// What each is.
    #[prost(message, repeated, tag = "2")]
    pub values: Vec<PropertyValue>,
}

/// One property. Only whole numbers are looked at.
#[derive(Clone, PartialEq, Message)]
pub struct PropertyValue {
    /// A whole number of up to 32 bits.
    #[prost(uint32, optional, tag = "3")]
    pub int: Option<u32>,
    /// A whole number of 64 bits.
    #[prost(uint64, optional, tag = "4")]
    pub long: Option<u64>,
}
