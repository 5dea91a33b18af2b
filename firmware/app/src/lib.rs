//! What every board does, whatever chip and network it has. A crate for one kind of board reads its
//! clock, moves bytes between [`board::Board`] and its MQTT session, and hands over its pins.
//!
//! - [`debounce`]: a contact, believed once it rests. [`supervised`]: a loop with resistors.
//! - [`meanwhile`]: what contacts did while nobody could look.
//! - [`queue`]: events, kept until the gateway's receipt. [`flash`]: what outlasts a power cut.
//! - [`keep`]: what the board does with its flash.
//! - [`lamp`]: the call lamp and what else the gateway switches.
//! - [`modbus`]: the same by another path.
//! - [`update`]: another firmware over the network.
//! - [`report`]: what a board says of itself.
//! - [`power`]: supply, battery, temperature. [`health`]: watchdog, last words, safe mode.
//! - [`identity`]: who a board is. [`config`]: which configuration it can run by.
//! - [`board`]: all of it together. [`net`]: how what it says reaches the gateway.
//!
//! `no_std` and no allocator. Time is an argument everywhere: milliseconds since the start as `u64`,
//! which does not wrap in 500 million years. `docs/wire.md` describes what is said.

#![no_std]

pub mod board;
pub mod config;
pub mod debounce;
pub mod flash;
pub mod health;
pub mod identity;
pub mod keep;
pub mod lamp;
pub mod meanwhile;
pub mod modbus;
pub mod net;
pub mod power;
pub mod queue;
pub mod report;
pub mod supervised;
pub mod update;
