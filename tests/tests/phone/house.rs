//! The house where it rings.

use gengfu_sim::building::Board;
use gengfu_tests::{
    boards::settings, eventually, free_port, gateway::Gateway, hooks::Hooks, operator::Operator,
    site::Site,
};
use gengfu_wire::up::InputState;
use reqwest::Method;
use serde_json::{Value, json};

/// A line of which the server hears nothing but calls, for a telephone that knows nothing else.
pub const CALLS_ALONE: &str = "register = false\nwatch = false\n";

/// A house whose telephone server is at this port: every number of it is the telephone there.
pub struct House {
    pub site: Site,
    pub gateway: Gateway,
    pub operator: Operator,
    pub hooks: Hooks,
}

impl House {
    /// Wang is called first, by telephone; Li is told by webhook.
    pub async fn with_server(port: u16) -> Self {
        Self::with_line(port, CALLS_ALONE, &[]).await
    }

    /// The same with these further settings of the line, and these files with secrets.
    pub async fn with_line(port: u16, line: &str, secrets: &[(&str, &str)]) -> Self {
        Self::with_devices(port, line, "", secrets).await
    }

    /// The same, with these further devices.
    pub async fn with_devices(
        port: u16,
        line: &str,
        devices: &str,
        secrets: &[(&str, &str)],
    ) -> Self {
        let phone = Self::settings(port, line, devices);
        let site = Site::new(2, &phone).unwrap();
        for (name, secret) in secrets {
            site.secret(name, secret).unwrap();
        }
        let hooks = Hooks::start().await.unwrap();
        let gateway = Gateway::start(&site.config(), site.web).unwrap();
        let operator =
            Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
        operator.put_person("wang", &[("phone", "21")]).await.unwrap();
        operator.put_person("li", &[("hook", &hooks.of("li"))]).await.unwrap();
        let policy = json!({ "id": "all", "name": "all", "steps": [
            { "targets": [{ "person": "wang" }], "wait": "40s" },
            { "targets": [{ "person": "li" }], "wait": "40s" } ] });
        operator.ask(Method::PUT, "policies/all", policy).await.unwrap();
        Self { site, gateway, operator, hooks }
    }

    /// Somebody presses the call button of this lift.
    pub async fn press(&self, lift: usize) -> Board {
        let board = Board::start(settings(self.site.mqtt, lift));
        board.set_input(1, InputState::Active);
        board
    }

    /// The board of this lift, which the gateway hears already.
    pub async fn board(&self, lift: usize) -> Board {
        let board = Board::start(settings(self.site.mqtt, lift));
        eventually("the board is heard", async || {
            let device = self.operator.get(&format!("devices/board-{lift}")).await.ok()?;
            device["heard_at"].is_string().then_some(())
        })
        .await;
        board
    }

    /// Changes the line's settings and has the gateway read them.
    pub async fn reload(&self, port: u16, line: &str, devices: &str) {
        self.site.write(2, &Self::settings(port, line, devices)).unwrap();
        self.gateway.signal("HUP").unwrap();
        eventually("the reload", async || self.said("was read again").then_some(())).await;
    }

    fn settings(port: u16, line: &str, devices: &str) -> String {
        format!(
            "\n[channels.phone]\nkind = \"phone\"\nserver = \"127.0.0.1:{port}\"\nuser = \"gengfu\"\n{line}{devices}"
        )
    }

    pub async fn incidents(&self) -> Vec<Value> {
        let list = self.operator.get("incidents").await.unwrap();
        let ids = list.as_array().unwrap().iter().map(|i| i["id"].as_u64().unwrap());
        let mut all = vec![];
        for id in ids {
            all.push(self.operator.get(&format!("incidents/{id}")).await.unwrap());
        }
        all
    }

    /// Waits until an incident is like this.
    pub async fn incident(&self, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        eventually(what, async || self.incidents().await.into_iter().find(&is)).await
    }

    /// Whether the gateway has written these words.
    pub fn said(&self, words: &str) -> bool {
        self.gateway.said().contains(words)
    }

    /// The alarm that stands in these words.
    pub async fn alarm(&self, words: &str) -> Option<String> {
        let alarms = self.operator.get("alarms").await.unwrap();
        let stands = alarms.as_array().unwrap().iter().filter(|a| a["active"] == true);
        let mut names = stands.filter_map(|a| a["name"]["en"].as_str());
        names.find(|name| name.contains(words)).map(str::to_owned)
    }

    /// Whether the page shows the telephone as working.
    pub async fn phone_is_up(&self) -> bool {
        self.operator.channel("phone").await.unwrap()["ok"] == true
    }

    /// Waits until the message to Wang's phone stands like this.
    pub async fn told(&self, status: &str) -> Value {
        let words = format!("Wang's call is {status}");
        let told = self.incident(&words, |i| {
            i["told"].as_array().unwrap().iter().any(|t| t["status"] == status)
        });
        let told = told.await["told"].as_array().unwrap().clone();
        told.into_iter().find(|t| t["status"] == status).unwrap()
    }
}

/// Ports of the loopback for a telephone and its speech.
pub fn ports() -> (u16, u16) {
    (free_port().unwrap(), free_port().unwrap())
}
