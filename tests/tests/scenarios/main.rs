//! The scripts of `tests/scenarios`, each played by the core alone in virtual time, the same again
//! with a restart after every line, and against the real program with a fast clock.
//!
//! - [`scripts`]: finds and reads them. [`rehearsed`]: in virtual time. [`running`]: the real program.
//! - [`mistakes`]: scripts that are wrong on purpose must fail, and say why.

mod mistakes;
mod rehearsed;
mod running;
mod scripts;
