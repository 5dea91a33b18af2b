//! The web side with a real core behind it.

mod access;
mod advice;
mod answer;
mod boards;
mod browser;
mod calendars;
mod cap;
mod directory;
mod figures;
mod house;
mod https;
mod live;
mod modbus;
mod musters;
#[path = "../../../../tests/fuzz/twins/near.rs"]
mod near;
mod noise;
mod openapi;
mod outputs;
mod pages;
mod pictures;
mod preconditions;
mod records;
mod rehearsal;
mod sign_in;
mod strangers;
mod swaps;
mod walk_tests;
mod wiring;
