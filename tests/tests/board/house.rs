//! A lift with a board in it, a person on duty, and the gateway between them.

use gengfu_core::event::What;
use gengfu_store::{Journal, SqliteJournal};
use gengfu_tests::{
    eventually,
    gateway::Gateway,
    hooks::Hooks,
    operator::Operator,
    qemu::{CONTACTS, Machine, Passport},
    site::{SITE, Site},
};
use reqwest::Method;
use serde_json::{Value, json};

pub struct House {
    pub site: Site,
    gateway: Option<Gateway>,
    pub operator: Operator,
    pub hooks: Hooks,
}

/// A place without a board of the configuration file: boards are added through the API.
pub const LIFT: &str = r#"
[[places]]
id = "lift-1"
name = { zh = "1号电梯", en = "Lift 1" }
"#;

impl House {
    /// One lift, and no board yet.
    pub async fn with_a_lift() -> Self {
        Self::start(Site::new(0, LIFT).unwrap()).await
    }

    pub async fn start(site: Site) -> Self {
        let hooks = Hooks::start().await.unwrap();
        let gateway = Gateway::start(&site.config(), site.web).unwrap();
        let token = gateway.invitation().unwrap();
        let operator = Operator::sign_in(&site.base(), &token).await.unwrap();
        operator.put_person("wang", &[("hook", &hooks.of("wang"))]).await.unwrap();
        operator.put_policy(&["wang"]).await.unwrap();
        Self { site, gateway: Some(gateway), operator, hooks }
    }

    /// Adds a board with a call button at each of its contacts: its password, shown once.
    pub async fn add(&self, board: &str, place: &str) -> String {
        let inputs: Value = (1..=CONTACTS).map(|n| (n.to_string(), json!("call"))).collect();
        let board = json!({ "id": board, "name": { "zh": board, "en": board }, "place": place,
            "profile": "board", "options": { "inputs": inputs } });
        let added = self.operator.ask(Method::POST, "devices", board).await.unwrap();
        added["credential"].as_str().unwrap().to_owned()
    }

    /// The board `pit` in the lift, in service, and its passport.
    pub async fn pit(&self) -> (Machine, Passport) {
        let passport = Passport::new("pit", &self.add("pit", "lift-1").await, self.site.mqtt);
        let mut board = Machine::start(&passport).unwrap();
        board.in_service().await.unwrap();
        (board, passport)
    }

    /// What the gateway knows of a contact of `pit`.
    pub async fn contact(&self, input: usize) -> Value {
        let point = self.operator.get(&format!("points/pit%2Fin{input}")).await;
        point.unwrap()["value"].clone()
    }

    /// Waits until an incident stands like that.
    pub async fn phase(&self, incident: u64, phase: &str) {
        let what = format!("incident {incident} is {phase}");
        eventually(&what, async || {
            let now = self.operator.get(&format!("incidents/{incident}")).await.ok()?;
            (now["phase"] == phase).then_some(())
        })
        .await;
    }

    /// Has the gateway read its configuration again, and waits until it has.
    pub async fn reload(&self) {
        let gateway = self.gateway.as_ref().unwrap();
        let read = || gateway.said().matches("was read again").count();
        let before = read();
        gateway.signal("HUP").unwrap();
        eventually("the reload", async || (read() > before).then_some(())).await;
    }

    /// Pulls the gateway's plug.
    pub fn kill_gateway(&mut self) {
        self.gateway.take().unwrap().kill().unwrap();
    }

    /// Starts the gateway again with what it has on its disk.
    pub fn start_gateway(&mut self) {
        self.gateway = Some(Gateway::start(&self.site.config(), self.site.web).unwrap());
    }
}

/// The start and number of each event that is in the journal, in its order: read without the gateway.
pub fn journal(site: &Site) -> Vec<(u32, u32)> {
    named(site).into_iter().map(|(_, number)| number).collect()
}

/// The same, each behind its point.
pub fn named(site: &Site) -> Vec<(String, (u32, u32))> {
    let mut journal = SqliteJournal::open(&site.data(), &SITE.into()).unwrap();
    let stored = journal.read(1, usize::MAX).unwrap();
    let numbers = stored.iter().filter_map(|stored| match &stored.event.what {
        What::PointChanged(reading) => {
            let number = reading.origin.map(|origin| (origin.boot, origin.seq))?;
            Some((reading.point.to_string(), number))
        }
        _ => None,
    });
    numbers.collect()
}
