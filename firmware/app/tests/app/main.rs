//! The board's application, told from outside: pins and bytes in, bytes and outputs out.

// The tests run on a host, and may stop at the first thing that is not as it should be.
#![allow(clippy::std_instead_of_core, clippy::alloc_instead_of_core)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod bench;
mod board;
mod connection;
mod debounce;
mod flash;
mod health;
mod lamp;
mod line;
mod master;
mod meanwhile;
mod modbus;
mod net;
mod outage;
mod places;
mod power;
mod power_cut;
mod queue;
mod refusing;
mod store;
mod supervised;
mod swap;
mod tls;
mod traces;
mod update;
