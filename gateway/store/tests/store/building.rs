//! A small building that the stories take place in, and the live engine that decides for it.

use std::path::Path;

use gengfu_core::{
    device::Device,
    engine,
    event::Event,
    id::{PersonId, SiteId},
    incident::By,
    input::{Command, Input},
    person::Person,
    point::{Kind, Reading, Value},
    state::State,
    time::{Span, Timestamp},
    wiring::{ChannelInfo, Wiring},
};
use gengfu_store::{Journal, SqliteJournal, bench};

pub fn site() -> SiteId {
    SiteId::from("bench")
}

pub fn open(folder: &Path) -> SqliteJournal {
    SqliteJournal::open(folder, &site()).unwrap()
}

/// Event number `seq`; every number has another content.
pub fn event(seq: u64) -> Event {
    bench::event(seq)
}

/// Events `first` to `last`.
pub fn events(first: u64, last: u64) -> Vec<Event> {
    (first..=last).map(event).collect()
}

/// Appends events up to number `last`, in batches, and proves the numbers.
pub fn fill(journal: &mut SqliteJournal, last: u64, batch: u64) {
    let mut next = journal.last_seq() + 1;
    while next <= last {
        let to = (next + batch - 1).min(last);
        assert_eq!(journal.append(&events(next, to)).unwrap(), to);
        next = to + 1;
    }
}

/// Every event that a journal gives back, by number.
pub fn all(journal: &mut SqliteJournal) -> Vec<(u64, Event)> {
    let stored = journal.read(1, usize::MAX).unwrap();
    stored.into_iter().map(|stored| (stored.seq, stored.event)).collect()
}

/// Proves that a journal holds exactly the events 1 to `last`, each as it was.
pub fn expect_exactly(journal: &mut SqliteJournal, last: u64) {
    let kept = all(journal);
    assert_eq!(kept.len() as u64, last);
    for ((seq, kept), n) in kept.iter().zip(1..) {
        assert_eq!((*seq, kept), (n, &event(n)));
    }
}

/// The gateway's loop without its surroundings: decide, append, take the new state.
pub struct Live {
    pub journal: SqliteJournal,
    pub state: State,
    now: Timestamp,
}

impl Live {
    /// A building with a lift's call button and three volunteers.
    pub fn start(folder: &Path) -> Self {
        let now = Timestamp::from_millis(1_795_000_000_000);
        let mut live = Self { journal: open(folder), state: State::new(site()), now };
        let mut wiring = Wiring::new(site());
        let lift: Device = serde_json::from_value(serde_json::json!({
            "id": "lift-1", "name": {"zh": "一号梯", "en": "Lift 1"}, "place": "pit",
            "profile": "board",
            "points": [{"id": "lift-1/button", "name": {"en": "Call button"}},
                       {"id": "lift-1/load", "name": {"en": "Load"}}],
            "rules": [{"id": "lift-1/trapped", "name": {"en": "Passenger calls"},
                       "danger": "trapped", "priority": "critical", "latched": true,
                       "when": {"equals": {"point": "lift-1/button", "value": true}}}],
        }))
        .unwrap();
        wiring.devices.insert(lift.id.clone(), lift.into());
        wiring.channels.insert("ntfy".into(), ChannelInfo { answerable: true });
        live.take(Input::Configure(Box::new(wiring)));
        for name in ["li", "wang", "zhao"] {
            let person: Person = serde_json::from_value(serde_json::json!({
                "id": name, "name": name, "roles": ["volunteer"],
                "methods": [{"channel": "ntfy", "address": name}],
            }))
            .unwrap();
            let by = By::person(PersonId::from("admin"), "api");
            live.take(Input::Command { by, command: Command::PutPerson(person) });
        }
        live
    }

    /// One turn of the loop.
    pub fn take(&mut self, input: Input) {
        self.now = self.now + Span::millis(730);
        let decision = engine::decide(&self.state, self.now, &input).unwrap();
        self.journal.append(&decision.events).unwrap();
        self.state = decision.state;
    }

    /// The button is pressed or let go, and the load is some awkward number.
    pub fn press(&mut self, down: bool, load: f64) {
        for (point, value) in
            [("lift-1/button", Value::Bool(down)), ("lift-1/load", Value::Float(load))]
        {
            self.take(Input::Reading(Reading {
                point: point.into(),
                sample: Ok(value),
                source_at: None,
                received_at: self.now,
                kind: Kind::Edge,
                origin: None,
            }));
        }
    }

    /// Somebody does something.
    pub fn command(&mut self, who: &str, command: Command) {
        let by = By::person(PersonId::from(who), "page");
        self.take(Input::Command { by, command });
    }
}
