//! Wishes: what a person can want through a channel, without a page: by a key, a word, a button.

use serde::{Deserialize, Serialize};

use crate::{
    id::{ChannelId, IncidentId, MessageId},
    incident::Cause,
    input::Command,
    notification::outbox::Message,
    state::State,
};

/// What a person wants of the incident that they were asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// "I'm going."
    Going,
    /// "I'm there."
    There,
    /// "I can't": whoever is next is asked.
    HandOn,
    /// End of alarm. A channel asks twice before it says this.
    AllClear(Cause),
}

impl Wish {
    /// The command that it stands for.
    pub fn command(self, incident: IncidentId) -> Command {
        match self {
            Wish::Going => Command::Acknowledge(incident),
            Wish::There => Command::Arrive(incident),
            Wish::HandOn => Command::HandOver { incident, to: None },
            Wish::AllClear(cause) => Command::End { incident, cause, note: String::new() },
        }
    }
}

/// Whether anybody still needs the person to hear of this: not once somebody else is going, or it is
/// over. A phone that rings for it may stop.
pub fn is_wanted(state: &State, message: MessageId) -> bool {
    let Some(message) = state.messages.get(&message) else { return false };
    let Some(incident) = message.incident else { return true };
    let open = state.incidents.get(&incident).filter(|incident| incident.is_open());
    open.is_some_and(|incident| {
        incident.going.is_empty() || message.content.purpose.outlives_answer()
    })
}

/// The newest message that asked this address something through this channel, about an incident that
/// is still open: what a word without a name refers to. `is_same` knows the address again.
pub fn newest_asked<'a>(
    state: &'a State,
    channel: &ChannelId,
    is_same: impl Fn(&str) -> bool,
) -> Option<&'a Message> {
    let open = state.open.iter().filter_map(|id| state.incidents.get(id));
    let messages = open.flat_map(|i| &i.messages).filter_map(|id| state.messages.get(id));
    messages
        .map(AsRef::as_ref)
        .filter(|m| m.method.channel == *channel && is_same(&m.method.address))
        .filter(|m| m.content.purpose.asks())
        .max_by_key(|m| m.id)
}
