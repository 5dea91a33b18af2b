//! Everything that reads the building. Its product is readings, and beside them the last pictures of cameras.
//!
//! - [`mqtt`], [`adapter`]: messages of boards and other sources, and what they mean.
//! - [`broker`], [`credentials`]: the embedded MQTT broker, and who may connect to it.
//! - `filter`: which topics an MQTT filter stands for.
//! - [`discovery`]: devices that announce themselves as they do for Home Assistant.
//! - [`lane`]: the two lanes to the engine and to history.
//! - [`profile`]: what a kind of device is, as data.
//! - [`picture`]: the last pictures of cameras.
//! - [`modbus`]: registers, polled over TCP and over serial lines.

pub mod adapter;
pub mod broker;
pub mod credentials;
pub mod discovery;
mod filter;
pub mod lane;
pub mod modbus;
pub mod mqtt;
pub mod picture;
pub mod profile;
pub mod switch;
