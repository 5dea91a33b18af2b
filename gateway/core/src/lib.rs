//! The deciding core of the gateway, pure: no clock, no socket, no file, no random number, and no
//! iteration over hash maps. `now` is an argument; the same inputs give the same events, always.
//!
//! In reading order, one concept a file:
//!
//! - [`id`], [`time`], [`hours`], [`text`]: names, instants, hours of the day and words.
//! - [`site`], [`device`], [`front`], [`point`], [`rule`], [`wiring`]: the building as it is wired.
//! - [`output`], [`signal`]: what can be switched in it, and what boards show.
//! - [`danger`], [`alarm`], [`incident`]: what goes wrong, and what people do about it.
//! - [`person`], [`roster`], [`escalation`]: who is asked, and in which order.
//! - [`advice`]: what to do first, and where to find what it takes.
//! - [`muster`]: everybody called at once, and counted.
//! - [`walk_test`]: an installer tries every input, and that its alarm arrives.
//! - [`notification`]: what they are sent and what became of it.
//! - [`planted`]: mistakes on purpose, for the simulation.
//! - [`premise`]: what a change of any of these takes for granted.
//! - [`input`] → [`engine`] → [`event`] → [`state`] (and its
//!   `devices` and [`index`]): how all of it moves; [`turn`]: in which order
//!   it is kept and told.

pub mod advice;
pub mod alarm;
pub mod danger;
pub mod device;
mod devices;
pub mod engine;
pub mod escalation;
pub mod event;
pub mod front;
pub mod hours;
pub mod id;
pub mod incident;
pub mod index;
pub mod input;
pub mod muster;
pub mod notification;
pub mod output;
pub mod person;
pub mod planted;
pub mod point;
pub mod premise;
pub mod refusal;
pub mod roster;
pub mod rule;
pub mod seen;
pub mod signal;
pub mod site;
pub mod state;
pub mod text;
pub mod time;
pub mod turn;
pub mod walk_test;
pub mod wiring;
