//! The web side with a real core behind it.

mod access;
mod answer;
mod boards;
mod browser;
mod calendars;
mod cap;
mod directory;
mod house;
mod https;
mod musters;
#[path = "../../../../tests/fuzz/twins/near.rs"]
mod near;
mod noise;
mod openapi;
mod outputs;
mod pages;
mod pictures;
mod sign_in;
mod strangers;
mod swaps;
