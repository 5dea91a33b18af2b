//! MQTT as a source: one persistent session, acknowledged by hand after the write.
//!
//! - [`routes`]: which topic belongs to which device; live, so that a board can be added.
//! - [`client`]: the connection, and what is acknowledged when.
//! - [`subscription`]: what is subscribed to, confirmed, given up.
//! - [`backoff`]: the pauses between two attempts.
//! - [`session`]: what the client remembers of its session when the gateway starts.
//! - [`quarantine`]: messages that nobody understands.

mod backoff;
mod client;
mod quarantine;
mod routes;
mod session;
mod subscription;

pub use client::{MqttError, MqttSettings, MqttSource, Outbound, Roots};
pub use quarantine::{Quarantine, Quarantined};
pub use routes::Routes;
