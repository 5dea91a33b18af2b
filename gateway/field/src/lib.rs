//! Everything that reads the building. Its only product is readings.
//!
//! - [`broker`], [`credentials`]: the embedded MQTT broker, and who may connect to it.
//! - [`lane`]: the two lanes to the engine and to history.
//! - [`profile`]: what a kind of device is, as data.
//! - [`modbus`]: registers, polled over TCP.

pub mod broker;
pub mod credentials;
pub mod lane;
pub mod modbus;
pub mod profile;
