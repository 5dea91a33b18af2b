//! The simulated building over real sockets: a real broker between the boards and a small gateway,
//! and a real Modbus client at the lift and the panel.

mod gateway;

mod boards;
mod machines;
mod swarm;
