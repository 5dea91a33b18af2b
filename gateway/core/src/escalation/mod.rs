//! Escalation: who is told, in which order, after which wait.

pub mod policy;
pub mod run;
