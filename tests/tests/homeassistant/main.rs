//! Home Assistant's own way of announcing devices over MQTT, in both directions.
//!
//! - [`found`]: devices that announce themselves are offered, taken in, and watched.
//! - [`neighbour`]: whoever else is at the broker, by Mosquitto's clients.

mod found;
mod neighbour;
