//! MQTT as a source: one persistent session, acknowledged by hand after the write.
//!
//! - [`routes`]: which topic belongs to which device; live, so that a board can be added.
//! - [`client`]: the connection, its subscriptions, its back-off.
//! - [`backoff`]: the pauses between two attempts.
//! - [`session`]: what the client remembers of its session when the gateway starts.
//! - [`quarantine`]: messages that nobody understands.

mod backoff;
mod client;
mod quarantine;
mod routes;
mod session;

pub use client::{MqttError, MqttSettings, MqttSource, Outbound, Roots};
pub use quarantine::{Quarantine, Quarantined};
pub use routes::Routes;
