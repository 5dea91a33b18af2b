//! Devices that announce themselves, as ESPHome, Tasmota, Zigbee2MQTT and OpenMQTTGateway do for Home
//! Assistant: a retained JSON object on `homeassistant/<component>/[<node>/]<object>/config`, or one for
//! a whole device on `homeassistant/device/[<node>/]<object>/config`. What they announce is offered to
//! the installer; nothing is watched before somebody has said where it hangs. Once adopted, it is an
//! ordinary device whose points are keys of JSON messages.
//!
//! - [`abbreviations`]: the short keys of an announcement, and `~`.
//! - [`announcement`]: what one message announces. [`template`]: the forms of templates that are understood.
//! - [`class`]: what is taken over, what it is called, and the rule that watches it.
//! - [`catalogue`]: all that is announced now, bounded. [`offer`]: of these, one device.
//! - [`adopted`]: what is kept of a device that somebody took in, and the device made of it.

mod abbreviations;
mod adopted;
mod announcement;
mod catalogue;
mod class;
mod offer;
mod template;
#[cfg(test)]
mod tests;

pub use adopted::{Adopted, Entity, PROFILE, Unusable, Words};
pub use catalogue::{Catalogue, OWN_NODES, Wanted};
pub use class::Component;
pub use offer::{Offer, Offered};
pub use template::Template;
