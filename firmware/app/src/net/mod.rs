//! The way to the gateway: an address, a name looked up, a TCP connection, and the MQTT session of
//! `docs/wire.md` in it, which comes again by itself.
//!
//! - [`settings`]: where the gateway is, and how the board gets its own address.
//! - [`way`]: one attempt after the other, for ever. [`backoff`]: how long it waits between them.
//! - [`reach`]: a network, and what it connects to. [`wire`]: the stack of `embassy-net` as one.
//! - [`session`]: what is said and heard while a connection stands.
//! - [`beside`]: what speaks in it beside the board.
//! - [`slave`]: answers Modbus masters, beside all that.
//! - [`w5500`]: a network chip, and [`patience`] with it.
//! - [`tls`]: the same connection, where nobody can listen.
//! - `transport`: the stack's socket as the session wants it.

pub mod backoff;
pub mod beside;
pub mod patience;
pub mod reach;
pub mod session;
pub mod settings;
pub mod slave;
pub mod tls;
mod transport;
pub mod w5500;
pub mod way;
pub mod wire;

use embassy_sync::{blocking_mutex::raw::NoopRawMutex, signal::Signal};
use embassy_time::Instant;
use gengfu_wire::topic::{Down, Up};

/// Says that the board may have something to publish, so that an event waits for nothing. Both sides
/// run on one executor.
pub type News = Signal<NoopRawMutex, ()>;

/// What happens on the way, for the board's log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment<'a> {
    /// The task that holds the session goes round its loop, or waits for no longer than it may.
    Round,
    /// A gateway of the settings is tried.
    Trying(&'a settings::Gateway<'a>),
    /// The session stands, and `down/+` is subscribed to.
    Connected,
    /// A message was handed to the network.
    Said(Up),
    /// The gateway said something.
    Heard(Down),
    /// The attempt or the session is over.
    Lost(Lost),
}

/// Why an attempt or a session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// The gateway's name has no address.
    NoSuchName,
    /// Nobody listens there, or nobody answers.
    Unreachable,
    /// It was connected to, and said nothing in time.
    Silent,
    /// Its broker answers, but nobody behind it, and there is another gateway to go to.
    Unheard,
    /// The broker refused, with this reason of MQTT 5: 134 is a wrong name or password.
    Refused(u8),
    /// The connection ended.
    Ended,
    /// Who answers is not the gateway that the board knows. It was told nothing, the password least of all.
    Stranger,
    /// No TLS could be agreed upon with whoever answers.
    NoTls,
    /// Site and board make a name or a topic that the MQTT client has no room for.
    Name,
}

/// Milliseconds since the start.
pub fn now_ms() -> u64 {
    Instant::now().as_millis()
}
