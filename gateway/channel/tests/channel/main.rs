//! The channels against real peers: other people's programs where there are any, and sockets that
//! misbehave as real servers do.

mod account;
mod answers;
mod duty;
mod failures;
mod mail;
mod ntfy;
mod provider;
mod push;
mod settings;
mod sms;
mod support;
mod webhook;
mod words;
