//! What a script is played on: the core alone in virtual time, or a real gateway with a fast clock.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::Future,
};

use gengfu_core::{
    id::{ChannelId, IncidentId, PersonId, PlaceId, RosterId},
    incident::Phase,
    notification::outbox::Purpose,
    time::{Span, Timestamp},
};
use gengfu_wire::down::Lamp;

use super::script::Act;

/// A message that has come to a person.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// When it came.
    pub at: Timestamp,
    /// To whom.
    pub person: PersonId,
    /// Which way.
    pub way: ChannelId,
    /// Why.
    pub purpose: Purpose,
    /// What happened, in English.
    pub what: String,
    /// Where, in English.
    pub place: String,
    /// The incident.
    pub incident: Option<IncidentId>,
    /// What the person answers with, where the stage needs it.
    pub link: Option<String>,
}

/// How things stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct View {
    /// The open incidents: where, how far, and whether it gathers a flood.
    pub open: Vec<(IncidentId, PlaceId, Phase)>,
    /// The call lamps that are lit.
    pub lamps: BTreeMap<PlaceId, Lamp>,
    /// The places whose sounder is heard.
    pub sounding: BTreeSet<PlaceId>,
    /// The places whose board is missed.
    pub missing: BTreeSet<PlaceId>,
}

/// What went wrong with the stage itself, in words.
pub type Trouble = String;

/// Something to play a script on.
pub trait Stage {
    /// What time it is there.
    fn now(&self) -> Timestamp;

    /// How much later than the script says something may come, in the stage's own time: none where
    /// nothing takes time but what the script says.
    fn tolerance(&self) -> Span;

    /// Lets time pass until then.
    fn run_until(&mut self, at: Timestamp) -> impl Future<Output = Result<(), Trouble>>;

    /// Lets time pass until something may be new, and at the most until then.
    fn pass(&mut self, limit: Timestamp) -> impl Future<Output = Result<(), Trouble>>;

    /// Something happens; the words of the refusal where it is refused.
    fn act(&mut self, act: &Act) -> impl Future<Output = Result<Option<String>, Trouble>>;

    /// Stops the gateway, lets so much time pass, and starts it again.
    fn restart(&mut self, off: Span) -> impl Future<Output = Result<(), Trouble>>;

    /// All messages that have come so far, oldest first.
    fn told(&self) -> Vec<Told>;

    /// How things stand.
    fn look(&mut self) -> impl Future<Output = Result<View, Trouble>>;

    /// Who is on duty in a roster then.
    fn on_duty(
        &mut self,
        roster: &RosterId,
        at: Timestamp,
    ) -> impl Future<Output = Result<Vec<PersonId>, Trouble>>;
}
