//! Everything that reads the building. Its only product is readings.
//!
//! - [`lane`]: the two lanes to the engine and to history.
//! - [`profile`]: what a kind of device is, as data.
//! - [`modbus`]: registers, polled over TCP.

pub mod lane;
pub mod modbus;
pub mod profile;
