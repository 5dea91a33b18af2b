//! Another firmware, over the network: offered, signed, fetched block by block into the second slot,
//! checked, swapped in by the boot loader, and swapped out again unless it proves itself.
//!
//! - [`offer`]: whether to take it.
//! - [`fetch`]: fetching it.
//! - [`taker`]: both within a session. [`trial`]: whether it stays.
//! - [`swap`]: all of it, with the boot loader.
//!
//! What runs is not touched before all of it is there, signed and whole. `embassy-boot` swaps.

pub mod fetch;
pub mod offer;
pub mod swap;
pub mod taker;
pub mod trial;
