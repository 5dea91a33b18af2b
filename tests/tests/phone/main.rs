//! The phone rings, and a key press answers: the real program with real telephones of other makers.
//!
//! - [`answers`]: what people do with a call, by sipp. [`heard`]: what they hear, by baresip.
//! - [`car`]: the call from a lift. [`line`]: the line to the telephone server, and when it is down. [`many`]: fifty at once. [`prepared`]: what is said is made ahead. [`house`]: where it rings.

mod answers;
mod car;
mod heard;
mod house;
mod line;
mod many;
mod prepared;
