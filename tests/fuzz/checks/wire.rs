//! What a board, or whoever holds its password, can send: topics and payloads.

use std::fmt::Debug;

use gengfu_wire::{
    MAX_PAYLOAD,
    codec::{Payload, WireError, decode, encode},
    down::{self, Block, Config, Identify, Output, Poll, Receipt, Time},
    topic::{self, Up},
    up::{self, Birth, ConfigAck, Event, Health, Heartbeat, Presence, Registers},
};
use serde::Deserialize;

/// Reads the bytes as a topic and as every payload.
pub fn check(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        if let Some((board, what)) = topic::parse_up("s", text) {
            let written = topic::up("s", board, what);
            assert!(text.len() > topic::MAX_TOPIC || written.is_some_and(|topic| topic == text));
        }
        if let Some(what) = topic::parse_down("s", "b", text) {
            assert!(topic::down("s", "b", what).is_some_and(|topic| topic == text));
        }
        for what in Up::ALL {
            assert!(
                topic::up(text, text, what).is_none_or(|topic| topic.len() <= topic::MAX_TOPIC)
            );
        }
    }
    settled::<Presence>(bytes);
    settled::<Heartbeat>(bytes);
    settled::<Event>(bytes);
    settled::<Receipt>(bytes);
    settled::<Config>(bytes);
    settled::<Time>(bytes);
    settled::<Output>(bytes);
    settled::<Identify>(bytes);
    settled::<Poll>(bytes);
    bounded(bytes, decode::<Birth<'_>>(bytes));
    bounded(bytes, decode::<ConfigAck<'_>>(bytes));
    bounded(bytes, decode::<Health<'_>>(bytes));
    bounded(bytes, decode::<up::Update<'_>>(bytes));
    bounded(bytes, decode::<down::Update<'_>>(bytes));
    bounded(bytes, decode::<Block<'_>>(bytes));
    bounded(bytes, decode::<Registers<'_>>(bytes));
}

/// What is understood is understood alike once it was written again.
fn settled<P>(bytes: &[u8])
where
    P: Payload + for<'b> Deserialize<'b> + PartialEq + Debug,
{
    let Some(payload) = bounded(bytes, decode::<P>(bytes)) else { return };
    let mut buffer = [0; MAX_PAYLOAD];
    let written = encode(&payload, &mut buffer).expect("whatever was read fits a payload");
    assert_eq!(decode::<P>(written).as_ref(), Ok(&payload));
}

/// Nothing is read from more bytes than a payload may have.
fn bounded<P>(bytes: &[u8], read: Result<P, WireError>) -> Option<P> {
    assert!(bytes.len() <= MAX_PAYLOAD || matches!(read, Err(WireError::TooLong)));
    read.ok()
}
