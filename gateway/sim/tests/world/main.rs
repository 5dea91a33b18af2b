//! Proof by simulation: worlds from seeds hold the core to its promises, and planted bugs hold the
//! simulation to its own.

mod many;
mod once_broken;
mod repeatable;
