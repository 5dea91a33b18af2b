//! What people command about people, rosters, policies and boards.

use crate::{
    device::Device,
    escalation::policy::{Policy, Target},
    event::What,
    id::{PersonId, RosterId},
    incident::By,
    input::Command,
    person::{Method, Person},
    refusal::Refusal,
    roster::Roster,
    rule,
    text::is_plain,
    time::Span,
};

use super::{
    Draft,
    steps::{MIN_PROMPT, MIN_WAIT},
};

/// No policy may wait longer than this for anything.
const LONGEST_WAIT: Span = Span::hours(24);

impl Draft {
    pub(super) fn change_directory(&mut self, by: &By, command: &Command) -> Result<(), Refusal> {
        let by = by.clone();
        let event = match command {
            Command::TestPath { channel, person } => {
                let person = self.known_person(person)?;
                if !self.post_test(channel, &person) {
                    let message = format!("{} can't be reached through \"{channel}\"", person.name);
                    return Err(Refusal::Invalid(message));
                }
                What::PathTested { channel: channel.clone() }
            }
            Command::TestWay { person, method } => {
                let (person, method) = self.known_way(person, method)?;
                self.post_test_by(method, &person);
                return Ok(());
            }
            Command::ProveWay { person, method } => {
                let (known, method) = self.known_way(person, method)?;
                What::WayProven { person: known.id, method }
            }
            Command::PutPerson(person) => {
                self.check_person(person)?;
                What::PersonPut { person: person.clone(), by }
            }
            Command::RemovePerson(person) => {
                let gone = self.known_person(person)?;
                self.check_unused(person, &gone)?;
                What::PersonRemoved { person: person.clone(), by }
            }
            Command::SetLogin { person, login } => {
                self.known_person(person)?;
                What::LoginSet { person: person.clone(), login: login.clone() }
            }
            Command::OpenSession { key, session } => {
                self.known_person(&session.person)?;
                What::SessionOpened { key: key.clone(), session: session.clone() }
            }
            Command::CloseSession(key) => What::SessionClosed { key: key.clone() },
            Command::PutRoster(roster) => {
                self.check_roster(roster)?;
                plain(&roster.name)?;
                roster.layers.iter().try_for_each(|layer| plain(layer.name()))?;
                self.put_roster(roster.clone(), by);
                return Ok(());
            }
            Command::RemoveRoster(roster) => {
                self.known_roster(roster)?;
                let uses = |p: &&std::sync::Arc<Policy>| {
                    named_by(p).any(|t| match t {
                        Target::OnCall(id) | Target::Team(id) => id == roster,
                        Target::Person(_) | Target::Residents(_) | Target::Everyone => false,
                    })
                };
                if let Some(policy) = self.state.policies.values().find(uses) {
                    return Err(Refusal::InUse {
                        what: "roster",
                        name: roster.to_string(),
                        user: format!("policy \"{}\"", policy.id),
                    });
                }
                What::RosterRemoved { roster: roster.clone(), by }
            }
            Command::PutPolicy(policy) => {
                self.check_policy(policy)?;
                What::PolicyPut { policy: policy.clone(), by }
            }
            Command::RemovePolicy(policy) => {
                if !self.state.policies.contains_key(policy) {
                    return Err(Refusal::Unknown { what: "policy", name: policy.to_string() });
                }
                What::PolicyRemoved { policy: policy.clone(), by }
            }
            Command::PutDevice { device, verifier } => {
                self.check_device(device)?;
                What::DevicePut { device: device.clone(), verifier: verifier.clone(), by }
            }
            Command::RemoveDevice(device) => {
                if !self.state.boards.contains_key(device) {
                    self.known_device(device)?;
                    return Err(Refusal::InUse {
                        what: "device",
                        name: device.to_string(),
                        user: "the configuration file".into(),
                    });
                }
                What::DeviceRemoved { device: device.clone(), by }
            }
            other => return Err(Refusal::Invalid(format!("not a command for here: {other:?}"))),
        };
        let gone = matches!(event, What::PersonRemoved { .. } | What::RosterRemoved { .. });
        let rewired = matches!(event, What::DevicePut { .. } | What::DeviceRemoved { .. });
        let removed = match &event {
            What::PersonRemoved { person, by } => Some((person.clone(), by.clone())),
            _ => None,
        };
        if let Some((person, _)) = &removed {
            self.cancel_for(person);
        }
        self.emit(event);
        if let Some((person, by)) = removed {
            self.end_void_walk_tests(&by);
            self.let_go(&person);
        }
        if gone {
            self.lapse_swaps();
        }
        if rewired {
            self.clear_orphans();
            self.evaluate_all();
            self.renew_alarms();
        }
        Ok(())
    }

    pub(super) fn known_person(&self, id: &PersonId) -> Result<Person, Refusal> {
        let unknown = || Refusal::Unknown { what: "person", name: id.to_string() };
        self.state.people.get(id).map(|p| p.as_ref().clone()).ok_or_else(unknown)
    }

    /// A person, and the one of their ways that is meant.
    fn known_way(&self, id: &PersonId, method: &Method) -> Result<(Person, Method), Refusal> {
        let person = self.known_person(id)?;
        match self.methods(&person).into_iter().find(|m| m.is_same_way(method)) {
            Some(method) => Ok((person, method)),
            None => Err(Refusal::Invalid(format!(
                "{} has no such way through \"{}\"",
                person.name, method.channel
            ))),
        }
    }

    /// A roster as it is from now on. What was to be told by the old one is told first.
    pub(super) fn put_roster(&mut self, roster: Roster, by: By) {
        self.tell_reliefs();
        let old = self.state.rosters.get(&roster.id).cloned();
        self.emit(What::RosterPut { roster: roster.clone(), by });
        if let Some(old) = old {
            self.tell_relief_at_once(&old, &roster);
        }
    }

    fn known_roster(&self, id: &RosterId) -> Result<(), Refusal> {
        let unknown = || Refusal::Unknown { what: "roster", name: id.to_string() };
        self.state.rosters.get(id).map(|_| ()).ok_or_else(unknown)
    }

    fn check_person(&self, person: &Person) -> Result<(), Refusal> {
        if person.name.trim().is_empty() {
            return Err(Refusal::Invalid("a person needs a name that others know them by".into()));
        }
        plain(&person.name)?;
        if let Some(home) = &person.home {
            self.known_place(home)?;
        }
        for method in &person.methods {
            if !self.state.wiring.channels.contains_key(&method.channel) {
                let name = method.channel.to_string();
                return Err(Refusal::Unknown { what: "channel", name });
            }
        }
        Ok(())
    }

    fn check_unused(&self, person: &PersonId, gone: &Person) -> Result<(), Refusal> {
        let in_use =
            |user: String| Refusal::InUse { what: "person", name: gone.name.clone(), user };
        if let Some(roster) = self.state.rosters.values().find(|r| r.people().contains(person)) {
            return Err(in_use(format!("roster \"{}\"", roster.id)));
        }
        let names = |t: &Target| matches!(t, Target::Person(id) if id == person);
        let uses = |p: &&std::sync::Arc<Policy>| named_by(p).any(names);
        if let Some(policy) = self.state.policies.values().find(uses) {
            return Err(in_use(format!("policy \"{}\"", policy.id)));
        }
        if let Some(place) = self.state.advice.held_by(&self.state.wiring.places, person) {
            return Err(in_use(format!("what is noted of place \"{place}\"")));
        }
        Ok(())
    }

    pub(super) fn check_roster(&self, roster: &Roster) -> Result<(), Refusal> {
        let problems = roster.validate();
        if !problems.is_empty() {
            let words: Vec<String> = problems.iter().map(ToString::to_string).collect();
            return Err(Refusal::Invalid(words.join("; ")));
        }
        for person in roster.people() {
            self.known_person(&person)?;
        }
        Ok(())
    }

    fn check_policy(&self, policy: &Policy) -> Result<(), Refusal> {
        let invalid = |words: String| Err(Refusal::Invalid(words));
        if policy.steps.is_empty() {
            return invalid("a policy needs at least one step".into());
        }
        for (n, step) in policy.steps.iter().enumerate() {
            if step.wait < MIN_WAIT || step.wait > LONGEST_WAIT {
                return invalid(format!(
                    "steps[{n}].wait is {}: use {MIN_WAIT} to {LONGEST_WAIT}",
                    step.wait
                ));
            }
            self.known_targets(&step.targets)?;
            self.known_targets(&step.muster)?;
            for output in &step.switch_on {
                self.known_output(output)?;
            }
        }
        for (what, span) in [
            ("prompt_after", policy.prompt_after),
            ("prompt_every", policy.prompt_every),
            ("arrive_within", policy.arrive_within),
        ] {
            if span < MIN_PROMPT || span > LONGEST_WAIT {
                return invalid(format!("{what} is {span}: use {MIN_PROMPT} to {LONGEST_WAIT}"));
            }
        }
        if !policy.reminders.is_sorted() {
            return invalid("reminders must be in rising order".into());
        }
        Ok(())
    }

    /// Everybody whom these name could be looked up.
    pub(super) fn known_targets(&self, targets: &[Target]) -> Result<(), Refusal> {
        targets.iter().try_for_each(|target| match target {
            Target::OnCall(id) | Target::Team(id) => self.known_roster(id),
            Target::Person(id) => self.known_person(id).map(drop),
            Target::Residents(place) => self.known_place(place),
            Target::Everyone => Ok(()),
        })
    }

    fn check_device(&self, device: &Device) -> Result<(), Refusal> {
        if self.state.wiring.devices.contains_key(&device.id) {
            return Err(Refusal::InUse {
                what: "device",
                name: device.id.to_string(),
                user: "the configuration file".into(),
            });
        }
        if !self.state.wiring.places.contains_key(&device.place) {
            return Err(Refusal::Unknown { what: "place", name: device.place.to_string() });
        }
        plain(&device.name.zh)?;
        plain(&device.name.en)?;
        if device.rules.iter().any(|r| r.when.depth() > rule::MAX_DEPTH) {
            return Err(Refusal::Invalid(format!(
                "a rule nests deeper than {} conditions",
                rule::MAX_DEPTH
            )));
        }
        if device.rules.iter().any(|r| !r.when.is_finite()) {
            return Err(Refusal::Invalid(
                "a rule compares with something that is no number: use finite setpoints".into(),
            ));
        }
        Ok(())
    }
}

/// Refuses a name that would not stand as it is wherever it is shown.
fn plain(name: &str) -> Result<(), Refusal> {
    if is_plain(name) {
        return Ok(());
    }
    let name = name.escape_debug();
    Err(Refusal::Invalid(format!(
        "the name \"{name}\" has characters that can't be seen in it: write it in one line of plain letters"
    )))
}

/// Whom a policy's steps name, those whom they call besides included.
fn named_by(policy: &Policy) -> impl Iterator<Item = &Target> {
    policy.steps.iter().flat_map(|step| step.targets.iter().chain(&step.muster))
}
