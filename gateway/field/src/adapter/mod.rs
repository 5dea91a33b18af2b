//! From a message to readings: one file per ecosystem.
//!
//! - [`board`]: our own boards; [`own`]: what one says of itself, [`beside`]: what it reads over RS-485.
//! - [`availability`]: whether a source says that it is there; [`presence`]: whether others say so of it.
//! - [`recent`]: copies of messages. [`roll`]: what boards said last of themselves.

pub mod availability;
pub mod beside;
pub mod board;
pub mod json;
pub mod own;
pub mod presence;
pub mod recent;
pub mod roll;
pub mod sparkplug;

use gengfu_core::input::Input;
use rumqttc::mqttbytes::QoS;

/// Why a message can't be understood. It is acknowledged, counted and kept aside, never tried again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Poison {
    /// Nothing that is set up publishes there.
    #[error("nothing that is set up publishes there: add the device, or correct its topic")]
    Unknown,
    /// Nothing publishes there any more: a subscription from before, which ends with this message.
    #[error(
        "nothing that is set up publishes there any more, so the gateway stops listening there"
    )]
    Left,
    /// The payload is not what that device sends.
    #[error("{0}")]
    Garbled(String),
}

/// What a message means.
#[derive(Debug, Default)]
pub struct Understood {
    /// For the engine, in order; the message is acknowledged when all of them are durable.
    pub inputs: Vec<Input>,
    /// To be published once they are.
    pub then: Vec<Publication>,
    /// Numbers of the message, to be remembered once they are.
    pub numbers: Vec<recent::Number>,
    /// What of it can't be used: counted and kept aside.
    pub set_aside: Option<Poison>,
}

/// Something to be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Publication {
    /// Where.
    pub topic: String,
    /// What.
    pub payload: Vec<u8>,
    /// Kept by the broker for whoever comes later.
    pub retain: bool,
    /// At least once, or at most once where the far end asks again anyway.
    pub at_least_once: bool,
}

impl Publication {
    pub(crate) fn qos(&self) -> QoS {
        if self.at_least_once { QoS::AtLeastOnce } else { QoS::AtMostOnce }
    }
}
