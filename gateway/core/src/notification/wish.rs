//! Wishes: what a person can want through a channel, without a page: by a key, a word, a button.

use serde::{Deserialize, Serialize};

use crate::{
    id::{ChannelId, MessageId},
    incident::Cause,
    input::Command,
    muster::Answer,
    notification::outbox::{Message, Purpose, Status},
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
    /// "I'm safe", "I need help", "I'm coming": the answer to a muster.
    Counted(Answer),
}

impl Wish {
    /// What a digit stands for, in a text back or on a telephone's keys: said to a muster, it answers
    /// whether somebody is safe. 5, everybody is out, is no wish before it was asked once more.
    pub fn of_digit(digit: char, of_muster: bool) -> Option<Wish> {
        Some(match (digit, of_muster) {
            ('1', true) => Wish::Counted(Answer::Safe),
            ('2', true) => Wish::Counted(Answer::NeedHelp),
            ('3', true) => Wish::Counted(Answer::Coming),
            ('1', false) => Wish::Going,
            ('2', false) => Wish::HandOn,
            ('3', false) => Wish::There,
            _ => return None,
        })
    }

    /// The command that it stands for, said to this message.
    ///
    /// # Errors
    /// Where the message did not ask for anything of the kind: what to tell the person.
    pub fn command(self, asked: &Message) -> Result<Command, &'static str> {
        let person = asked.person.clone();
        if let Purpose::Muster { muster } = asked.content.purpose {
            let answer = match self {
                Wish::Counted(answer) => answer,
                Wish::Going => Answer::Coming,
                Wish::There | Wish::HandOn | Wish::AllClear(_) => {
                    return Err(
                        "everybody was asked whether they are safe: 1 safe, 2 I need help, 3 I'm coming",
                    );
                }
            };
            return Ok(Command::AnswerMuster { muster, person, answer });
        }
        let incident = asked.incident.ok_or("this was a test: there is nothing to do")?;
        Ok(match self {
            Wish::Going => Command::Acknowledge(incident),
            Wish::There => Command::Arrive(incident),
            Wish::HandOn => Command::HandOver { incident, to: None },
            Wish::AllClear(cause) => Command::End { incident, cause, note: String::new() },
            Wish::Counted(_) => return Err("nobody was asked whether they are safe"),
        })
    }
}

/// Whether anybody still needs the person to hear of this: not once somebody else is going, or it is
/// over. A phone that rings for it may stop. Whoever goes themselves has still to hear what came since they
/// said so: that it has grown.
pub fn is_wanted(state: &State, message: MessageId) -> bool {
    let Some(message) = state.messages.get(&message) else { return false };
    if let Purpose::Muster { muster } = message.content.purpose {
        let muster = state.musters.get(&muster).filter(|muster| muster.is_open());
        return muster.is_some_and(|muster| matches!(muster.roll.get(&message.person), Some(None)));
    }
    let Some(incident) = message.incident else { return true };
    let open = state.incidents.get(&incident).filter(|incident| incident.is_open());
    open.is_some_and(|incident| {
        let goes = incident.going.iter().any(|going| going.person == message.person);
        let is_answered = matches!(message.status, Status::Answered { .. });
        incident.going.is_empty()
            || message.content.purpose.outlives_answer()
            || goes && !is_answered
    })
}

/// The newest message that asked this address something through this channel, about an incident that
/// or a muster that is still open: what a word without a name refers to. `is_same` knows the address again.
pub fn newest_asked<'a>(
    state: &'a State,
    channel: &ChannelId,
    is_same: impl Fn(&str) -> bool,
) -> Option<&'a Message> {
    let open = state.open.iter().filter_map(|id| state.incidents.get(id));
    let musters = state.musters.values().filter(|muster| muster.is_open());
    let asked = open.flat_map(|i| &i.messages).chain(musters.flat_map(|m| &m.messages));
    let messages = asked.filter_map(|id| state.messages.get(id));
    messages
        .map(AsRef::as_ref)
        .filter(|m| m.method.channel == *channel && is_same(&m.method.address))
        .filter(|m| m.content.purpose.asks())
        // What is real comes before what is only tested.
        .max_by_key(|m| (!m.content.test, m.id))
}
