//! The ways of reaching a person, one a file, all behind one trait.
//!
//! - [`channel`]: the trait: what goes out, what the carrier said.
//! - [`desk`]: what comes back: a key, a reply, the carrier's later word, the state of the way.
//! - [`words`]: what a message says, in Chinese and English; [`duty`]: what is said of who is on call.
//! - [`phone`], [`sms`], [`push`], [`ntfy`], [`telegram`], [`mail`], [`dc09`], [`provider`], [`webhook`]: the ways themselves.
//! - [`cap`]: incidents as alerts for programs of others.
//! - [`settings`], [`secret`]: how an operator sets them up.
//!
//! Shared by those whose servers are looked at between two messages: `look`.
//!
//! Shared by those that speak HTTP: `http` (one bounded request and the verdict on its answer), `tls` (whom to
//! trust), `address` (where an address that a person typed in may lead).
//!
//! Shared by those that reach a telephone, and by those that people write back to: `number`, `button`, `spelled`,
//! `reply`.
//!
//! A channel never retries by itself and keeps nothing between two messages: what is due, how often
//! it was tried and what became of it is the outbox's, in core.

mod address;
mod advice;
mod button;
pub mod cap;
pub mod channel;
pub mod dc09;
pub mod desk;
pub mod duty;
mod http;
mod look;
pub mod mail;
pub mod ntfy;
mod number;
pub mod phone;
mod plain;
pub mod provider;
pub mod push;
mod reply;
pub mod secret;
pub mod settings;
pub mod sms;
mod spelled;
pub mod telegram;
mod tls;
pub mod webhook;
pub mod words;

pub use channel::{Accepted, BoxFuture, Channel, Outgoing, Pace, SendError};
pub use desk::{Car, Desk, Filed, Heard, House};
pub use http::client_trusting;
pub use number::is_same as is_same_number;
pub use push::vapid::VapidKey;
pub use settings::{Settings, SetupError};
