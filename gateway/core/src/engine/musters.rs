//! Musters: calling everybody, counting them, and telling them that it is over.

use std::{collections::BTreeSet, sync::Arc};

use crate::{
    danger::Priority,
    escalation::policy::Target,
    event::{Muster as Roll, What},
    id::{IncidentId, MessageId, MusterId, PersonId, PlaceId},
    incident::{By, Incident},
    input::About,
    muster::{Answer, Muster, Topic},
    notification::outbox::{Content, Message, Purpose},
    person::Method,
    refusal::Refusal,
    text::Text,
    time::Timestamp,
};

use super::{Draft, incidents::place_name, steps::called};

/// Somebody's own words are no longer, in characters: they must fit into a text message.
const LONGEST_WORDS: usize = 200;

impl Draft {
    /// Calls everybody whom these targets name.
    pub(super) fn call_muster(
        &mut self,
        targets: &[Target],
        about: &About,
        by: &By,
    ) -> Result<(), Refusal> {
        self.known(by)?;
        self.known_targets(targets)?;
        let topic = self.topic(about)?;
        let is_same = |muster: &&Arc<Muster>| {
            muster.is_open()
                && (&muster.topic.incident, &muster.topic.place, &muster.topic.what)
                    == (&topic.incident, &topic.place, &topic.what)
        };
        if let Some(open) = self.state.musters.values().find(is_same) {
            return Err(Refusal::InUse {
                what: "muster",
                name: open.id.to_string(),
                user: "everybody who was called: it is not over".into(),
            });
        }
        let people = called(&self.state, targets, self.now);
        if people.is_empty() {
            let remedy =
                "nobody lives there, or is in that group: give people a home, or name \"everyone\"";
            return Err(Refusal::Invalid(remedy.into()));
        }
        self.muster(topic, people, by.clone());
        Ok(())
    }

    /// A policy's step calls everybody, unless somebody has done so.
    pub(super) fn muster_by_step(&mut self, incident: &Incident, targets: &[Target]) {
        let is_called = |m: &Arc<Muster>| m.is_open() && m.topic.incident == Some(incident.id);
        let people = called(&self.state, targets, self.now);
        // Most steps call nobody besides.
        if !people.is_empty() && !self.state.musters.values().any(is_called) {
            self.muster(about_incident(incident), people, By::gateway());
        }
    }

    fn topic(&self, about: &About) -> Result<Topic, Refusal> {
        match about {
            About::Incident(id) => {
                let incident = self.open_incident(*id)?;
                if incident.test.is_some() {
                    let words = "this incident is a test: nobody is called together for it";
                    return Err(Refusal::Invalid(words.into()));
                }
                Ok(about_incident(&incident))
            }
            About::Words { danger, place, words, drill } => {
                self.known_place(place)?;
                let words = words.trim();
                if words.is_empty() || words.chars().count() > LONGEST_WORDS {
                    return Err(Refusal::Invalid(format!(
                        "say in 1 to {LONGEST_WORDS} letters what happened and what people should do"
                    )));
                }
                Ok(Topic {
                    incident: None,
                    danger: *danger,
                    priority: if *drill { Priority::Low } else { Priority::Critical },
                    place: place.clone(),
                    place_name: place_name(&self.state, place),
                    what: Text::from(words),
                })
            }
        }
    }

    pub(super) fn known_place(&self, place: &PlaceId) -> Result<(), Refusal> {
        let is_site = place.as_str() == self.state.site().as_str();
        if is_site || self.state.wiring.places.contains_key(place) {
            return Ok(());
        }
        Err(Refusal::Unknown { what: "place", name: place.to_string() })
    }

    fn muster(&mut self, topic: Topic, people: Vec<PersonId>, by: By) {
        let muster = MusterId(self.state.next_muster.0.max(1));
        self.emit(What::Muster(Roll::Called { muster, topic, people: people.clone(), by }));
        for person in people {
            self.tell_of_muster(muster, &person, &Purpose::Muster { muster });
        }
    }

    /// Through everything that a person has, at any hour.
    fn tell_of_muster(&mut self, id: MusterId, person: &PersonId, purpose: &Purpose) {
        let Some(muster) = self.state.musters.get(&id).cloned() else { return };
        let Some(person) = self.state.people.get(person).cloned() else { return };
        for method in self.methods(&person) {
            self.post(None, &person, method, content(&muster, purpose.clone()), self.now);
        }
    }

    fn open_muster(&self, id: MusterId) -> Result<Arc<Muster>, Refusal> {
        let unknown = || Refusal::Unknown { what: "muster", name: id.to_string() };
        let muster = self.state.musters.get(&id).cloned().ok_or_else(unknown)?;
        match &muster.ended {
            Some(ended) => Err(Refusal::Ended(ended.at)),
            None => Ok(muster),
        }
    }

    /// Counts somebody.
    pub(super) fn answer_muster(
        &mut self,
        id: MusterId,
        person: &PersonId,
        answer: Answer,
        by: &By,
    ) -> Result<(), Refusal> {
        let muster = self.open_muster(id)?;
        self.known(by)?;
        let Some(before) = muster.roll.get(person) else {
            return Err(Refusal::Unknown { what: "called person", name: person.to_string() });
        };
        if before.as_ref().is_some_and(|before| before.answer == answer) {
            return Ok(());
        }
        let (person, by) = (person.clone(), by.clone());
        let counted = Roll::Answered { muster: id, person: person.clone(), answer, by };
        self.emit(What::Muster(counted));
        let mut asked = self.muster_messages(&muster);
        asked.retain(|m| m.person == person && m.content.purpose.is_muster());
        self.note_answered(&asked);
        if answer == Answer::NeedHelp {
            self.tell_of_need(&muster, &person);
        }
        Ok(())
    }

    /// Whoever is going, or else is asked to go, and whoever called, hear at once who needs help.
    fn tell_of_need(&mut self, muster: &Muster, person: &PersonId) {
        let incident = muster.topic.incident.and_then(|id| self.open_incident(id).ok());
        let mut helpers: BTreeSet<PersonId> = muster.by.person.clone().into_iter().collect();
        if let Some(incident) = &incident {
            let going = incident.going.iter().map(|going| going.person.clone());
            helpers.extend(going);
            if incident.going.is_empty() {
                helpers.extend(incident.still_asked());
            }
        }
        helpers.remove(person);
        let home = self.state.people.get(person).and_then(|person| person.home.clone());
        let purpose = Purpose::NeedsHelp {
            muster: muster.id,
            name: self.person_name(person),
            home: home.map(|home| place_name(&self.state, &home)),
        };
        for helper in helpers {
            self.tell_of_muster(muster.id, &helper, &purpose);
        }
    }

    /// It is over: what was not sent yet is not needed, and whoever was reached hears of it.
    pub(super) fn end_muster(&mut self, id: MusterId, by: By) -> Result<(), Refusal> {
        let muster = self.open_muster(id)?;
        let who = by.person.clone();
        self.emit(What::Muster(Roll::Ended { muster: id, by }));
        let mut told: Vec<(PersonId, Method)> = Vec::new();
        for message in self.muster_messages(&muster) {
            if self.is_unsent(&message) {
                self.emit(What::MessageCancelled { message: message.id });
                continue;
            }
            let calls = matches!(message.content.purpose, Purpose::Muster { .. });
            let known = told.iter().any(|(person, _)| *person == message.person);
            if calls
                && self.has_reached(&message)
                && !known
                && Some(&message.person) != who.as_ref()
            {
                told.push((message.person.clone(), message.method.clone()));
            }
        }
        for (person, method) in told {
            let Some(person) = self.state.people.get(&person).cloned() else { continue };
            let content = content(&muster, Purpose::MusterOver { muster: id });
            self.post(None, &person, method, content, self.now);
        }
        Ok(())
    }

    /// With its incident a muster is over too.
    pub(super) fn end_musters_of(&mut self, incident: IncidentId, by: &By) {
        let of = |muster: &&Arc<Muster>| muster.topic.incident == Some(incident);
        self.end_musters(of, by);
    }

    /// Those that nobody has ended are over after a day.
    pub(super) fn lapse_musters(&mut self) {
        let now = self.now;
        let late = |muster: &&Arc<Muster>| muster.lapses_at().is_some_and(|at| at <= now);
        self.end_musters(late, &By::gateway());
    }

    fn end_musters(&mut self, which: impl Fn(&&Arc<Muster>) -> bool, by: &By) {
        let open = self.state.musters.values().filter(|muster| muster.is_open());
        for muster in open.filter(which).map(|muster| muster.id).collect::<Vec<_>>() {
            // An open one can be ended.
            let _ = self.end_muster(muster, by.clone());
        }
    }

    fn muster_messages(&self, muster: &Muster) -> Vec<Arc<Message>> {
        let messages = muster.messages.iter();
        messages.filter_map(|id: &MessageId| self.state.messages.get(id)).cloned().collect()
    }
}

fn about_incident(incident: &Incident) -> Topic {
    Topic {
        incident: Some(incident.id),
        danger: incident.danger,
        // Whatever calls everybody is no trifle, and no drill.
        priority: incident.priority.max(Priority::Normal),
        place: incident.place.clone(),
        place_name: incident.place_name.clone(),
        what: incident.what.clone(),
    }
}

fn content(muster: &Muster, purpose: Purpose) -> Content {
    let Topic { danger, priority, place_name, what, .. } = muster.topic.clone();
    Content {
        purpose,
        what,
        place: place_name,
        since: muster.called_at,
        danger,
        priority,
        test: false,
    }
}

/// When the first muster is over by itself.
pub(super) fn next_lapse(state: &crate::state::State) -> Option<Timestamp> {
    state.musters.values().filter_map(|muster| muster.lapses_at()).min()
}
