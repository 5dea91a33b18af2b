//! The web side with a real core behind it.

mod access;
mod answer;
mod browser;
mod directory;
mod house;
mod https;
mod musters;
mod openapi;
mod pages;
mod sign_in;
mod strangers;
