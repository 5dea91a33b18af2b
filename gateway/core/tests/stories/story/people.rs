//! What people say and command, and what becomes of messages to them.

use gengfu_core::{
    id::PersonId,
    incident::{By, Cause},
    input::{Command, Input},
    refusal::Refusal,
};

use super::{Carrier, Story};

impl Story {
    /// What this channel does from now on.
    pub fn carrier(&mut self, channel: &str, carrier: Carrier) -> &mut Self {
        self.carriers.insert(channel.into(), carrier);
        self
    }

    /// "I'm going", about the last incident.
    pub fn going(&mut self, who: &str) -> &mut Self {
        let id = self.id();
        self.does(who, Command::Acknowledge(id))
    }

    /// "I'm there."
    pub fn there(&mut self, who: &str) -> &mut Self {
        let id = self.id();
        self.does(who, Command::Arrive(id))
    }

    /// "I can't", with somebody named or nobody.
    pub fn hands_over(&mut self, who: &str, to: Option<&str>) -> &mut Self {
        let command = Command::HandOver { incident: self.id(), to: to.map(PersonId::from) };
        self.does(who, command)
    }

    /// End of alarm.
    pub fn ends(&mut self, who: &str, cause: Cause) -> &mut Self {
        let command = Command::End { incident: self.id(), cause, note: String::new() };
        self.does(who, command)
    }

    /// The same, where it may be refused.
    pub fn tries(&mut self, who: &str, command: Command) -> &mut Self {
        let by = By::person(PersonId::from(who), "page");
        let _ = self.step(Input::Command { by, command });
        self.deliver()
    }

    pub fn does(&mut self, who: &str, command: Command) -> &mut Self {
        let by = By::person(PersonId::from(who), "page");
        self.step(Input::Command { by, command }).unwrap();
        self.deliver()
    }

    /// The first administrator, who is no person of the state yet.
    pub fn admin(&mut self, command: Command) -> &mut Self {
        self.step(Input::Command { by: By::gateway(), command }).unwrap();
        self.deliver()
    }

    pub fn refused(&mut self, who: &str, command: Command) -> Refusal {
        let before = self.state.clone();
        let by =
            By { person: (!who.is_empty()).then(|| PersonId::from(who)), through: "api".into() };
        let refusal = self.step(Input::Command { by, command }).expect_err("it was carried out");
        assert_eq!(before, self.state, "what is refused changes nothing");
        refusal
    }
}
