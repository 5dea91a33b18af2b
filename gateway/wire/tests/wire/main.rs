//! The protocol as others see it.

mod document;
mod examples;
mod hostile;
mod identity;
mod snapshots;
