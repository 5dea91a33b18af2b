//! This site as Home Assistant sees it, where `publish` in `[homeassistant]` says so: its points and its
//! open incidents, announced over MQTT by Home Assistant's own convention. It is a copy for the eye: it
//! is told as fast as there is room, waits for nobody, and no alarm waits for it.
//!
//! - [`entity`]: what a point is to Home Assistant. [`topic`]: where all of it stands.
//! - [`shown`]: everything that is to stand at the broker, made of the state.
//! - [`teller`]: keeps it so. [`kept`]: what stands there, over a restart.

mod entity;
mod kept;
mod shown;
mod teller;
mod topic;

pub use teller::run;
pub use topic::status;
