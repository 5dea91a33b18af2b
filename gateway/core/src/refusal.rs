//! Why an input is not carried out.

use crate::{id::AlarmId, time::Timestamp};

/// Why an input is not carried out; the text is for the person who asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing of this name is known.
    #[error("there is no {what} \"{name}\"")]
    Unknown {
        /// What kind of thing, in one word.
        what: &'static str,
        /// The name that was asked for.
        name: String,
    },
    /// The incident is over.
    #[error("this incident ended at {0}")]
    Ended(Timestamp),
    /// The swap is settled.
    #[error("this swap was settled at {0}")]
    Settled(Timestamp),
    /// It takes a person to do this.
    #[error("this needs to be done by a person: sign in, or use the link in your message")]
    NoPerson,
    /// Fire and trapped can't be shelved.
    #[error(
        "alarm \"{0}\" is about fire or a trapped person: it can't be shelved. Take the device out of service for maintenance instead"
    )]
    Vital(AlarmId),
    /// An end that lies in the past, or too far ahead.
    #[error("the end {0} must lie ahead, and at most 30 days")]
    BadEnd(Timestamp),
    /// The thing is still needed by something else.
    #[error("{what} \"{name}\" is still used by {user}: change that first")]
    InUse {
        /// What kind of thing, in one word.
        what: &'static str,
        /// Its name.
        name: String,
        /// What uses it.
        user: String,
    },
    /// Somebody else has changed it since whoever asks saw it.
    #[error(
        "{what} \"{name}\" was changed by somebody else meanwhile: read it again, and change what it is now"
    )]
    Changed {
        /// What kind of thing, in a word or two.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// It was to be made new, and there is one already.
    #[error(
        "there is a {what} \"{name}\" already: give the new one another name, or change that one"
    )]
    Taken {
        /// What kind of thing, in a word or two.
        what: &'static str,
        /// Its name.
        name: String,
    },
    /// What was sent can't be used.
    #[error("{0}")]
    Invalid(String),
}
