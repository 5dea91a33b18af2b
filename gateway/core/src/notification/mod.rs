//! Telling people: what is due, what became of it, and what waits its turn.

pub mod cost;
pub mod duty;
pub mod outbox;
pub mod receipt;
pub mod way;
pub mod wish;
