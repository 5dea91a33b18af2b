//! A building that is not there: for the demo, for tests and for benchmarks. Everything in it is
//! spoken with over the real protocols, on real sockets.
//!
//! - [`building`]: boards over MQTT, a lift controller and a fire panel over Modbus TCP, and the
//!   things that happen to them.
//! - [`scenario`]: scripts that whoever runs a building can read, and two ways of playing them.
//! - [`swarm`]: many boards at once, for load.

pub mod building;
pub mod scenario;
pub mod swarm;
