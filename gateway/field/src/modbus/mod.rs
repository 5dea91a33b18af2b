//! Modbus.
pub mod field;
