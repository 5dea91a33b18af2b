//! Home Assistant's own way of announcing devices over MQTT, in both directions.
//!
//! - [`found`]: devices that announce themselves are offered, taken in, and watched.
//! - [`shown`]: the gateway's own points and incidents, as Home Assistant sees them.
//! - [`broker`]: one outside the gateway. [`neighbour`]: whoever else is at the broker, by Mosquitto's clients.

mod broker;
mod found;
mod neighbour;
mod shown;
