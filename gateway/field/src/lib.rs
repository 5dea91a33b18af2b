//! Everything that reads the building. Its only product is readings.

pub mod lane;
//!
//! - [`profile`]: what a kind of device is, as data.
//! - [`modbus`]: registers, polled over TCP.

pub mod modbus;
pub mod profile;
