//! The phone rings, and a key press answers: the real program with real telephones of other makers.
//!
//! - [`answers`]: what people do with a call, by sipp. [`heard`]: what they hear, by baresip.
//! - [`provider`]: what providers do to calls. [`many`]: fifty at once. [`prepared`]: what is said is made ahead.
//! - [`line`]: the line to the telephone server, and when it is down; [`trunk`]: the same where nobody registers;
//!   [`secure`]: encrypted; [`reload`]: changed while it is in use.
//! - [`car`]: the call from a lift. [`neighbour`]: that of somebody who wants to know who is on call.
//! - [`house`]: where it rings.

mod answers;
mod car;
mod heard;
mod house;
mod line;
mod many;
mod neighbour;
mod prepared;
mod provider;
mod reload;
mod secure;
mod trunk;
