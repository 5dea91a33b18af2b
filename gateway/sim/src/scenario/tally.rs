//! Which of the messages that came were expected.

use std::collections::BTreeSet;

use gengfu_core::{
    id::{ChannelId, IncidentId, PersonId},
    notification::outbox::Purpose,
    time::Timestamp,
};

use super::{
    building::Building,
    script::{About, News, TellingOf},
    stage::Told,
};

/// The messages that a line expected, ticked off.
#[derive(Debug, Default)]
pub(super) struct Tally {
    /// By their number in the stage's list.
    expected: BTreeSet<usize>,
    /// What was expected through any way: the same through another way is expected too.
    twins: Vec<(PersonId, Purpose, Option<IncidentId>)>,
}

impl Tally {
    /// Ticks off what these people must be told, once all of it is there. Says what is missing.
    pub fn take(
        &mut self,
        telling: &TellingOf,
        people: &[PersonId],
        told: &[Told],
        limit: Timestamp,
    ) -> Vec<String> {
        let mut taken = vec![];
        let mut missing = vec![];
        for person in people {
            let find = |way: Option<&ChannelId>| {
                self.left(told)
                    .find(|(_, t)| {
                        let is_this = t.person == *person && way.is_none_or(|way| t.way == *way);
                        is_this && t.at <= limit && telling.fits(t)
                    })
                    .map(|(n, _)| n)
            };
            let ways: Vec<Option<&ChannelId>> = match &telling.ways[..] {
                [] => vec![None],
                ways => ways.iter().map(Some).collect(),
            };
            for way in ways {
                match (find(way), way) {
                    (Some(n), _) => taken.push(n),
                    (None, Some(way)) => missing.push(format!("{person} by {way}")),
                    (None, None) => missing.push(person.to_string()),
                }
            }
        }
        if missing.is_empty() {
            if telling.ways.is_empty() {
                let of = |t: &Told| (t.person.clone(), t.purpose.clone(), t.incident);
                self.twins.extend(taken.iter().map(|n| of(&told[*n])));
            }
            self.expected.extend(taken);
        }
        missing
    }

    /// What no line has expected yet, with its number.
    pub fn left<'a>(&'a self, told: &'a [Told]) -> impl Iterator<Item = (usize, &'a Told)> {
        let is_twin = |t: &Told| {
            self.twins.iter().any(|(person, purpose, incident)| {
                (person, purpose, incident) == (&t.person, &t.purpose, &t.incident)
            })
        };
        told.iter().enumerate().filter(move |(n, t)| !self.expected.contains(n) && !is_twin(t))
    }
}

impl TellingOf {
    fn fits(&self, told: &Told) -> bool {
        let about = |about: &About| match about {
            About::Place(place) => told.place == place.as_str(),
            About::Words(words) => told.what.contains(words),
        };
        is_news(&told.purpose, &self.news) && self.about.as_ref().is_none_or(about)
    }
}

fn is_news(purpose: &Purpose, news: &News) -> bool {
    match (purpose, news) {
        (Purpose::Taken { person, .. }, News::Taken(going)) => person == going,
        (Purpose::Alert { .. }, News::Alarm)
        | (Purpose::HandedOver { .. }, News::TakeOver)
        | (Purpose::AskAgain, News::AskedAgain)
        | (Purpose::NobodyAnswered { .. }, News::Loud)
        | (Purpose::NotOver { .. }, News::Reminder)
        | (Purpose::Over { .. }, News::Over)
        | (Purpose::PathTest, News::Test) => true,
        _ => false,
    }
}

impl Told {
    /// The message in words, with its time by the building's clock.
    pub(super) fn in_words(&self, building: &Building) -> String {
        let Told { person, way, what, place, .. } = self;
        let news = match &self.purpose {
            Purpose::Alert { .. } => "told",
            Purpose::HandedOver { .. } => "asked to take over",
            Purpose::AskAgain => "asked again",
            Purpose::NobodyAnswered { .. } => "told loudly that nobody answers",
            Purpose::NotOver { .. } => "told that it is not over",
            Purpose::Over { .. } => "told that it is over",
            Purpose::Taken { name, .. } => &format!("told that {name} is going"),
            Purpose::Muster { .. } => "called with everybody",
            Purpose::NeedsHelp { name, .. } => &format!("told that {name} needs help"),
            Purpose::MusterOver { .. } => "told that nobody is called any more",
            Purpose::PathTest => "sent a test",
            Purpose::Duty(_) => "told of shifts",
        };
        let at = building.in_words(self.at);
        format!("{person} was {news} by {way} at {at} about {place}: {what}")
    }
}
