//! A house with a lift, a call board and cameras, the real gateway, and a volunteer who is told by webhook.

use std::time::{Duration, Instant};

use gengfu_sim::building::Board;
use gengfu_tests::{
    boards::board,
    eventually,
    gateway::Gateway,
    hooks::Hooks,
    operator::{Operator, client},
    site::Site,
};
use gengfu_wire::up::InputState;
use serde_json::Value;

/// The password of the cameras.
pub const PASSWORD: &str = "open, sesame!";

/// All of it, running.
pub struct House {
    pub site: Site,
    pub gateway: Gateway,
    pub operator: Operator,
    pub hooks: Hooks,
    pub board: Board,
}

/// A site with a board and these lines, not started.
pub fn site(further: &str) -> Site {
    let site = Site::new(1, further).unwrap();
    site.secret("camera", PASSWORD).unwrap();
    site
}

impl House {
    pub async fn start(site: Site) -> Self {
        Self::start_with(site, &[]).await
    }

    pub async fn start_with(site: Site, environment: &[(&str, &str)]) -> Self {
        let hooks = Hooks::start().await.unwrap();
        let gateway = Gateway::start_with(&site.config(), site.web, environment).unwrap();
        let token = gateway.invitation().unwrap();
        let operator = Operator::sign_in(&site.base(), &token).await.unwrap();
        operator.put_person("wang", &[("hook", &hooks.of("wang"))]).await.unwrap();
        let board = board(&site, 1);
        Self { site, gateway, operator, hooks, board }
    }

    /// The call button in the lift is pressed; how long it took until wang was told, and the link.
    pub async fn press(&self) -> (Duration, String) {
        let begun = Instant::now();
        self.board.set_input(1, InputState::Active);
        let told = self.hooks.first("wang", "alert").await;
        (begun.elapsed(), told["link"].as_str().unwrap().to_owned())
    }

    /// The pictures of the first incident, once no more are to come.
    pub async fn pictures(&self) -> Vec<Value> {
        eventually("all pictures have come", async || {
            let found = self.operator.get("incidents/1/pictures").await.ok()?;
            (found["pending"] == false).then(|| found["taken"].as_array().cloned())?
        })
        .await
    }

    /// The bytes of one, and what they are said to be, by the message's link alone.
    pub async fn by_link(&self, link: &str, number: &Value) -> (Vec<u8>, String) {
        let token = link.rsplit('/').next().unwrap();
        let url = format!("{}/api/v1/answer/{token}/pictures/{number}", self.site.base());
        let answer = client().unwrap().get(url).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
        let kind = answer.headers()["content-type"].to_str().unwrap().to_owned();
        (answer.bytes().await.unwrap().to_vec(), kind)
    }
}
