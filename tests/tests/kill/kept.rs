//! The journal afterwards, read without the gateway.

use std::collections::{BTreeMap, BTreeSet};

use gengfu_core::{event::What, id::IncidentId};
use gengfu_store::{Journal, SqliteJournal, journal::Stored};
use gengfu_tests::{
    buttons::Events,
    hooks::Told,
    site::{SITE, Site},
};

use crate::volunteer::Volunteer;

pub struct Kept(Vec<Stored>);

impl Kept {
    pub fn read(site: &Site) -> Self {
        let mut journal = SqliteJournal::open(&site.data(), &SITE.into()).unwrap();
        Self(journal.read(1, usize::MAX).unwrap())
    }

    fn all(&self) -> impl Iterator<Item = &What> {
        self.0.iter().map(|stored| &stored.event.what)
    }

    /// Every event of every board is there, and none of them twice.
    pub fn has_each_once(&self, said: &Events) {
        let mut kept = Events::new();
        for what in self.all() {
            let What::PointChanged(reading) = what else { continue };
            let Some(origin) = reading.origin else { continue };
            let event = (reading.device().to_string(), origin.seq);
            assert!(said.contains(&event), "nobody said {event:?}");
            assert!(kept.insert(event.clone()), "{event:?} is there twice");
        }
        let lost: Vec<_> = said.difference(&kept).collect();
        assert!(lost.is_empty(), "lost, though their receipts came: {lost:?}");
    }

    /// Whatever the gateway confirmed to the volunteer.
    pub fn has_each_answer(&self, volunteer: &Volunteer) {
        let mut going = BTreeSet::new();
        let mut ended = BTreeSet::new();
        for what in self.all() {
            match what {
                What::Acknowledged { incident, .. } => drop(going.insert(incident.0)),
                What::IncidentEnded { incident, .. } => {
                    assert!(ended.insert(incident.0), "incident {incident} ended twice");
                }
                _ => {}
            }
        }
        let lost: Vec<_> = volunteer.going.difference(&going).collect();
        assert!(lost.is_empty(), "\"I'm going\" was confirmed and forgotten: {lost:?}");
        let lost: Vec<_> = volunteer.ended.difference(&ended).collect();
        assert!(lost.is_empty(), "the end was confirmed and forgotten: {lost:?}");
    }

    /// No escalation began again.
    pub fn went_forwards_only(&self) {
        let mut steps: BTreeMap<IncidentId, (u32, usize)> = BTreeMap::new();
        for what in self.all() {
            let What::StepStarted { incident, step, round, .. } = what else { continue };
            let now = (*round, *step);
            let before = steps.insert(*incident, now);
            assert!(
                before.is_none_or(|before| before < now),
                "incident {incident} went back from {before:?} to {now:?}"
            );
        }
    }

    pub fn incidents(&self) -> BTreeSet<u64> {
        let opened = |what: &What| match what {
            What::IncidentOpened { incident, .. } => Some(incident.0),
            _ => None,
        };
        self.all().filter_map(opened).collect()
    }

    /// Somebody was told of every incident; a message that came twice came under one key, and no
    /// other message under that key.
    pub fn was_told(&self, told: &[Told]) {
        let of: BTreeSet<u64> = told.iter().filter_map(|t| t.body["incident"].as_u64()).collect();
        let untold: Vec<u64> = self.incidents().difference(&of).copied().collect();
        assert!(untold.is_empty(), "nobody was told of {untold:?}");
        let mut keys = BTreeMap::new();
        let mut messages = BTreeMap::new();
        for t in told {
            let message = t.body["message"].as_u64().unwrap();
            let what = (t.person.as_str(), message);
            assert_eq!(*keys.entry(&t.key).or_insert(what), what, "one key, one message");
            assert_eq!(*messages.entry(message).or_insert(&t.key), &t.key, "one message, one key");
        }
    }
}
