//! Scripts of what happens in a building and what people must notice of it, readable by whoever runs
//! the building. `docs/scenarios.md` teaches the language to them; change both together.
//!
//! - [`script`]: what a script says, once it is read. [`building`]: the house that it happens in.
//! - [`reader`], [`mistake`]: one line, word by word, and what is wrong with it. [`times`]: lengths,
//!   days and times of day.
//! - [`preamble`] with [`duty`]: the lines before `story:`. [`story`] with [`expectation`]: those after.
//! - [`settings`]: the configuration file and the directory that the building amounts to.
//! - [`stage`]: what a script is played on; [`play`](mod@play): how; [`tally`]: what was expected.
//!   [`rehearsal`]: a stage in virtual time.

pub mod building;
mod duty;
mod expectation;
pub mod mistake;
pub mod play;
mod preamble;
mod reader;
pub mod rehearsal;
pub mod script;
pub mod settings;
pub mod stage;
mod story;
mod tally;
mod times;

pub use mistake::Mistake;
pub use play::{Failure, Restarts, play};
pub use rehearsal::Rehearsal;
pub use script::{Script, read};
pub use stage::{Stage, Told, View};
