//! A world in virtual time that does its worst to the real core, journal codec, outbox and wire
//! decoding. Everything in it follows from one number.
//!
//! - [`rng`]: chances that follow from a seed. [`plan`], `schedule`: what is going to happen.
//! - [`site`], `duty`: what the world is made of. [`building`], [`carrier`], [`person`]: how its
//!   parts behave.
//! - [`clock`], [`disk`]: what the gateway stands on. [`node`]: the gateway, and [`door`] what goes in
//!   and out. `around`, `fate`: everything else, and what happens there.
//! - [`seen`]: what can be seen from outside. [`run`]: a plan carried out.

mod around;
pub mod building;
pub mod carrier;
pub mod clock;
pub mod disk;
pub mod door;
mod duty;
mod fate;
pub mod node;
pub mod person;
pub mod plan;
pub mod rng;
pub mod run;
mod schedule;
pub mod seen;
pub mod site;
