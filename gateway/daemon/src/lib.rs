//! The daemon: configuration, command line, and the loop that joins the parts. It decides nothing.
//!
//! - [`config`]: the operator's one file, with every mistake found at once.
//! - [`log`], [`supervisor`]: what the operator and the service manager hear.

pub mod config;
pub mod log;
pub mod supervisor;
