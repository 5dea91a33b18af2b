//! A building that is not there: for the demo, for tests and for benchmarks, over the real protocols
//! on real sockets; and a world in virtual time, for proof.
//!
//! - [`building`]: boards over MQTT, a lift controller and a fire panel over Modbus TCP, and the
//!   things that happen to them.
//! - [`chatter`]: many sensors that publish all the time, for load.
//! - [`scenario`]: scripts that whoever runs a building can read, and two ways of playing them.
//! - [`swarm`]: many boards at once, for load.
//! - [`world`]: the core, the journal and the outbox through whole building-years, from a seed.
//! - [`promise`]: what must hold there, whatever happens.
//! - `planted`, with the feature of that name: bugs on purpose, and which promise finds each.
//! - [`shrink`], [`report`]: the shortest history that breaks a promise, and the figures of many.

pub mod building;
pub mod chatter;
#[cfg(feature = "planted")]
pub mod planted;
pub mod promise;
pub mod report;
pub mod scenario;
pub mod shrink;
pub mod swarm;
pub mod world;
