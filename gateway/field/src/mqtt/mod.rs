//! MQTT as a source: persistent sessions at each broker, acknowledged by hand after the write.
//!
//! - [`routes`]: which topic belongs to which device; live, so that a board can be added.
//! - [`source`]: the gateway at one broker; [`share`]: which session hears what; [`settings`]: which broker,
//!   and as whom. [`client`]: a session's connection; [`reader`]: what comes over it,
//!   and what is acknowledged when.
//! - [`tls`]: whom to trust and what to show; [`trouble`]: why there is no connection, and what helps.
//! - [`subscription`]: what is subscribed to, confirmed, given up.
//! - [`backoff`]: the pauses between two attempts.
//! - [`births`]: boards that have just come.
//! - [`session`]: what the client remembers of its session when the gateway starts.
//! - [`signs`]: signs of life that say nothing new. [`quarantine`]: messages that nobody understands.

mod backoff;
mod births;
mod client;
mod quarantine;
mod reader;
mod routes;
mod session;
mod settings;
mod share;
mod signs;
mod source;
mod subscription;
mod tls;
mod trouble;

pub use births::Births;
pub use client::MqttError;
pub use quarantine::{Quarantine, Quarantined};
pub use routes::Routes;
pub use settings::{Login, MqttSettings};
pub use source::{MqttSource, Outbound};
pub use tls::{Identity, Roots, Tls, TlsError};
