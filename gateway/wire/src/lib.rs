//! What a board and the gateway say to each other: MQTT topics and JSON payloads, version 1.
//!
//! `no_std`, and neither encoding nor decoding needs an allocator, so that the same code runs on a
//! board and in the gateway. JSON, so that `mosquitto_sub` can read along. `docs/wire.md` describes
//! all of it for whoever writes a board in another language.
//!
//! - [`topic`]: where things are said.
//! - [`up`]: what a board says. [`down`]: what the gateway says.
//! - [`codec`]: to bytes and back, bounded.
//! - [`identity`]: who a board is, as the bytes of a flash page.
//! - [`manifest`]: what is signed of an update.

#![cfg_attr(not(test), no_std)]

pub mod codec;
pub mod down;
pub mod identity;
mod json;
pub mod manifest;
pub mod topic;
pub mod up;

/// The version of the protocol that every payload names in `v`.
pub const VERSION: u8 = 1;

/// No payload is larger than this, in bytes: a configuration of all inputs needs 1,416 of them.
pub const MAX_PAYLOAD: usize = 1536;

/// A board that speaks TLS asks for this name, and is shown the gateway's own key, whatever certificate the
/// gateway's pages have. Nobody looks it up.
pub const TLS_NAME: &str = "boards.gengfu.internal";

/// The port where the setting of such a board names none.
pub const TLS_PORT: u16 = 8883;

/// What the gateway says to a board goes in records of this length at the most, in bytes: a board has no
/// memory for the 16 KiB that TLS allows.
pub const TLS_RECORD: usize = 2048;

/// Reads over RS-485 that a board can be given at the most.
pub const MAX_READS: usize = 16;

/// Registers that one such read can have at the most.
pub const MAX_VALUES: usize = 32;

/// Inputs that a board can have at the most; they are counted from 1.
pub const MAX_INPUTS: usize = 16;
