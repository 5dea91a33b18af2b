//! TLS 1.3 around the session, with one gateway's key and no other: `docs/decisions/2026-11-29-boards-tls.md`.
//!
//! The engine (`embedded-tls`) may lose bytes where its futures are dropped halfway, and a session drops
//! them all the time: an event does not wait for what is being read. So the engine never waits. It works on
//! whole records in memory, and only moving bytes between that memory and the socket waits.
//!
//! - [`key`]: whether who answers is the gateway. [`random`]: what it can't know in advance.
//! - [`records`]: what came and what is to go. [`stream`]: all of it together. [`line`]: that, or none of it.

pub mod key;
pub mod line;
pub mod random;
pub mod records;
pub mod stream;
