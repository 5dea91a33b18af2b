//! A story: a small estate, people with telephones, and a clock that only the story moves.
//!
//! After every step the story checks what must always be true: the events add up to the state, the
//! journal alone adds up to it too, everything survives being written down as JSON, what memory
//! holds is bounded, and a deadline that has come never comes again. A message that nobody expected
//! fails the story when time moves on, and at its end.

mod building;
mod expect;
mod laws;
mod people;
mod site;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use gengfu_core::{
    engine::{decide, due, evolve, next_deadline},
    event::{Event, What},
    id::{ChannelId, DeviceId, IncidentId, MessageId, SiteId},
    incident::Incident,
    input::{Command, Input},
    notification::{outbox::Message, receipt::Receipt},
    point::Origin,
    refusal::Refusal,
    state::State,
    time::{Span, Timestamp},
};

pub use site::{person, policy, roster, wiring};

/// Boards of the estate beat this often, unless the story silences them.
const BEAT: Span = Span::secs(30);

/// What a channel does with a message.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Carrier {
    /// Takes it.
    Accepts,
    /// Fails, and trying again may help.
    Fails,
    /// Fails for good: a wrong address.
    Refuses,
    /// Says nothing at all.
    Silent,
}

pub struct Story {
    pub now: Timestamp,
    pub state: State,
    /// What the journal alone adds up to.
    replayed: State,
    pub journal: Vec<Event>,
    /// Messages that were handed over and that the story has not expected yet.
    inbox: Vec<Arc<Message>>,
    carriers: BTreeMap<ChannelId, Carrier>,
    beating: BTreeSet<DeviceId>,
    next_beat: Timestamp,
    numbers: BTreeMap<DeviceId, Origin>,
    /// The laws are looked after at every so manieth step: 1, or more where memory fills so far that
    /// looking at all of it each time would take minutes.
    pub check_every: usize,
    steps: usize,
}

impl Story {
    /// The estate at this time of Monday, 23 November 2026: everything is quiet, three people can be
    /// reached, and the policy asks Wang, then Li, then Zhao.
    pub fn at(time: &str) -> Self {
        let mut story = Self::bare(time);
        story.tell(Input::Configure(Box::new(wiring())));
        for person in [
            person("wang", &["push", "mail"]),
            person("li", &["ntfy", "mail"]),
            person("zhao", &["push", "ntfy"]),
        ] {
            story.admin(Command::PutPerson(person));
        }
        story.admin(Command::PutPolicy(policy(&["wang", "li", "zhao"])));
        story.beats("lift-1").beats("stairs");
        story
    }

    /// A gateway that knows nothing yet but its name.
    pub fn bare(time: &str) -> Self {
        let now: Timestamp = format!("2026-11-23T{time}:00+08:00").parse().unwrap();
        let state = State::new(SiteId::from("estate"));
        let mut story = Self {
            now,
            replayed: state.clone(),
            state,
            journal: vec![],
            inbox: vec![],
            carriers: BTreeMap::new(),
            beating: BTreeSet::new(),
            next_beat: now + BEAT,
            numbers: BTreeMap::new(),
            check_every: 1,
            steps: 0,
        };
        story.tell(Input::Started);
        story
    }

    // --- time

    /// Lets this much time pass, from deadline to deadline.
    pub fn forward(&mut self, span: &str) -> &mut Self {
        let span: Span = serde_json::from_value(span.into()).unwrap();
        self.until(self.now + span)
    }

    /// Moves on to this time of the day, today or tomorrow.
    pub fn until_time(&mut self, time: &str) -> &mut Self {
        let zone = jiff::tz::TimeZone::get("Asia/Shanghai").unwrap();
        let today = zone.to_datetime(self.now.to_jiff()).date();
        let today: Timestamp = format!("{today}T{time}:00+08:00").parse().unwrap();
        self.until(if today > self.now { today } else { today + Span::hours(24) })
    }

    /// Days pass in which people get whatever they get, as the daily tests.
    pub fn days_pass(&mut self, days: u64) -> &mut Self {
        for _ in 0..days * 48 {
            self.forward("30m").whatever();
        }
        self
    }

    fn until(&mut self, target: Timestamp) -> &mut Self {
        self.expect_nothing_more();
        while self.now < target {
            let deadline = next_deadline(&self.state).unwrap_or(target);
            assert!(deadline > self.now, "the deadline {deadline} came again at {}", self.now);
            self.now = target.min(deadline).min(self.next_beat);
            if self.now == self.next_beat {
                self.next_beat = self.now + BEAT;
                for device in self.beating.clone() {
                    self.tell(Input::Heard(device));
                }
            }
            self.tell(Input::Tick);
        }
        self
    }

    /// The clock on the wall is put back; the time that really passed is none.
    pub fn clock_back(&mut self, span: &str) -> &mut Self {
        let span: Span = serde_json::from_value(span.into()).unwrap();
        self.wake_at(self.now - span).tell(Input::Tick)
    }

    /// Nothing is looked at until the clock shows this.
    pub fn wake_at(&mut self, now: Timestamp) -> &mut Self {
        self.now = now;
        self.next_beat = now + BEAT;
        self
    }

    /// The process dies and comes back: only what the journal holds is left.
    pub fn restart(&mut self) -> &mut Self {
        self.restart_from(State::new(SiteId::from("estate")), 0)
    }

    /// The same from a snapshot, as it was written down after so many events.
    pub fn restart_from(&mut self, mut state: State, after: usize) -> &mut Self {
        for event in &self.journal[after..] {
            evolve(&mut state, event);
        }
        assert_eq!(state, self.state, "a snapshot and the events after it are not the state");
        self.state = state;
        self.tell(Input::Started)
    }

    /// The state as a snapshot keeps it.
    pub fn snapshot(&self) -> (State, usize) {
        let text = serde_json::to_string(&self.state).unwrap();
        let mut state: State = serde_json::from_str(&text).unwrap();
        state.reindex();
        (state, self.journal.len())
    }

    // --- the loop

    /// An input that can't be refused, and everything that follows at once.
    pub fn tell(&mut self, input: Input) -> &mut Self {
        self.step(input).unwrap();
        self.deliver()
    }

    /// A late word of a carrier about a message.
    pub fn receipt(&mut self, message: MessageId, receipt: Receipt) -> &mut Self {
        self.tell(Input::Receipt { message, receipt })
    }

    /// Decides, checks, and keeps what is durable.
    fn step(&mut self, input: Input) -> Result<(), Refusal> {
        let decision = decide(&self.state, self.now, &input)?;
        let kept = decision.events.iter().filter(|e| e.is_durable());
        let durable: Vec<Event> = kept.cloned().collect();
        laws::written(&mut self.replayed, &durable);
        self.steps += 1;
        if self.steps.is_multiple_of(self.check_every) {
            laws::events_add_up(&self.state, &decision);
            laws::journal_adds_up(&self.replayed, &decision.state, !durable.is_empty());
            laws::bounded(&decision.state);
        }
        self.journal.extend(durable);
        self.state = decision.state;
        Ok(())
    }

    /// Hands over what is due, as the daemon's loop does, until nothing is.
    fn deliver(&mut self) -> &mut Self {
        loop {
            let due = due(&self.state, self.now);
            if due.is_empty() {
                break;
            }
            let ids: BTreeSet<_> = due.iter().map(|m| m.id).collect();
            assert_eq!(ids.len(), due.len(), "a message is due twice");
            for message in due {
                self.step(Input::HandedOver(message.id)).unwrap();
                self.inbox.push(message.clone());
                let failed = |retry| Receipt::Failed { reason: "no route".into(), retry };
                let receipt = match self.carriers.get(message.channel()) {
                    None | Some(Carrier::Accepts) => {
                        Receipt::Accepted { carrier_id: None, cost: None }
                    }
                    Some(Carrier::Fails) => failed(true),
                    Some(Carrier::Refuses) => Receipt::Gone { reason: "no such address".into() },
                    Some(Carrier::Silent) => continue,
                };
                self.step(Input::Receipt { message: message.id, receipt }).unwrap();
            }
        }
        let next = next_deadline(&self.state);
        assert!(next.is_none_or(|at| at > self.now), "it would spin at {}: {next:?}", self.now);
        self
    }

    // --- looking

    /// The number of the incident that was opened last.
    pub fn id(&self) -> IncidentId {
        IncidentId(self.state.next_incident.0 - 1)
    }

    /// The incident that was opened last.
    pub fn incident(&self) -> &Incident {
        self.state.incidents.get(&self.id()).expect("an incident")
    }

    /// How many events of a kind the journal holds.
    pub fn count(&self, which: impl Fn(&What) -> bool) -> usize {
        self.journal.iter().filter(|e| which(&e.what)).count()
    }
}

impl Drop for Story {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.expect_nothing_more();
        }
    }
}
