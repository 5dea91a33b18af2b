//! A house that nobody can reach from outside, with one way to one neighbour.

use gengfu_tests::{eventually, gateway::Gateway, operator::Operator, site::Site};
use reqwest::Method;
use serde_json::{Value, json};

pub struct House {
    pub site: Site,
    pub gateway: Gateway,
    pub operator: Operator,
    channel: &'static str,
}

impl House {
    /// A house whose only way is `channel`, set up by these lines and a secret in the file `secret`; Wang
    /// is at `address` there.
    pub async fn new(channel: &'static str, lines: &str, secret: &str, address: &str) -> Self {
        let lines = format!("\n[channels.{channel}]\nkind = \"{channel}\"\n{lines}\n");
        let site = Site::new(1, &lines).unwrap();
        site.secret("secret", secret).unwrap();
        // Nothing of the gateway can be reached from outside.
        let config = std::fs::read_to_string(site.config()).unwrap();
        let hidden = config.lines().filter(|line| !line.starts_with("public_url"));
        std::fs::write(site.config(), hidden.collect::<Vec<_>>().join("\n")).unwrap();
        let gateway = Gateway::start(&site.config(), site.web).unwrap();
        let operator =
            Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
        operator.put_person("wang", &[(channel, address)]).await.unwrap();
        let policy = json!({ "id": "all", "name": "all", "steps": [
            { "targets": [{ "person": "wang" }], "wait": "40s" } ] });
        operator.ask(Method::PUT, "policies/all", policy).await.unwrap();
        let house = Self { site, gateway, operator, channel };
        house.replies_come_in(true).await;
        house
    }

    pub async fn replies_come_in(&self, they_do: bool) {
        eventually("the way back is seen as it is", async || {
            let seen = self.operator.channel(self.channel).await.unwrap();
            assert_eq!(seen["answerable"], true, "{seen}");
            (seen["ok"] == they_do).then_some(())
        })
        .await;
    }

    pub async fn incident(&self, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        eventually(what, async || {
            let list = self.operator.get("incidents").await.unwrap();
            let id = list[0]["id"].as_u64()?;
            let incident = self.operator.get(&format!("incidents/{id}")).await.unwrap();
            is(&incident).then_some(incident)
        })
        .await
    }

    /// Kills the gateway, and starts it again once `meanwhile` has happened.
    pub fn killed_and_started_again(self, meanwhile: impl FnOnce()) -> Self {
        let Self { site, gateway, operator, channel } = self;
        gateway.kill().unwrap();
        meanwhile();
        let gateway = Gateway::start(&site.config(), site.web).unwrap();
        Self { site, gateway, operator, channel }
    }
}
