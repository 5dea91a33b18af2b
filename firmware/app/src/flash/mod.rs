//! What a board keeps over a power cut, in NOR flash.
//!
//! - [`record`]: one event as bytes.
//! - [`store`]: the events that wait for their receipt, the number of the start, how each input stood
//!   last, the configuration.
//! - [`opening`]: that, of a flash that may refuse.
//! - [`lives`]: crashes in a row.
//! - [`layout`]: where in the flash, and how many pages.
//! - [`part`]: a part of a chip that several share.

pub mod layout;
pub mod lives;
pub mod opening;
pub mod part;
pub mod record;
pub mod store;
