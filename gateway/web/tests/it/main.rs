//! The web side with a real core behind it.

mod openapi;
