//! The daemon: configuration, command line, and the loop that joins the parts. It decides nothing.
//!
//! - [`config`]: the operator's one file, with every mistake found at once.
//! - [`run`]: a gateway from start to stop. [`engine`]: the loop; [`published`]: what readers see.
//! - [`field`], [`brokers`], [`callers`], `boards`, `beside`, `flood`, `away`, `queue`, [`sender`], `ways`, `desks`, `duties`, [`outputs`], `switching`, [`updates`], `way_to`, [`telemetry`] with `deadband`, [`pictures`], `cap`: the ways in and out. [`gateway`]: what the pages ask.
//! - [`demo`], [`bench`], [`oncall`], [`notify`], [`profile`], [`modbus`], [`invitation`], [`backup`], [`board`]: the other commands of the [command line](cli).
//! - [`log`], [`supervisor`], [`meters`], `port`: what the operator and the service manager hear.

mod away;
pub mod backup;
pub mod bench;
mod beside;
pub mod board;
mod boards;
mod broker_tls;
pub mod brokers;
pub mod callers;
mod cap;
mod carphones;
pub mod cli;
pub mod config;
mod deadband;
pub mod demo;
mod desks;
mod duties;
pub mod engine;
pub mod field;
mod flood;
mod found;
pub mod gateway;
mod homeassistant;
pub mod invitation;
pub mod log;
pub mod looks;
pub mod meters;
pub mod modbus;
mod modems;
pub mod notify;
pub mod oncall;
pub mod outbox;
pub mod outputs;
pub mod pictures;
mod port;
pub mod profile;
pub mod published;
pub mod queue;
pub mod run;
pub mod sender;
pub mod supervisor;
mod switching;
pub mod telemetry;
pub mod updates;
mod way_to;
mod ways;
