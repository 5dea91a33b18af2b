//! Who is asking, and what they may do.

pub mod access;
pub mod guard;
pub mod invitation;
pub(crate) mod known;
pub(crate) mod origin;
pub(crate) mod password;
pub(crate) mod session;
pub(crate) mod throttle;
