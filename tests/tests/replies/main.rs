//! Answers without any way in: no page, no open port; the volunteer is out, and presses a button.

use gengfu_sim::building::Board;
use gengfu_tests::{
    boards::settings, eventually, gateway::Gateway, ntfy::Ntfy, operator::Operator, site::Site,
};
use gengfu_wire::up::InputState;
use reqwest::Method;
use serde_json::{Value, json};

struct House {
    ntfy: Ntfy,
    site: Site,
    gateway: Gateway,
    operator: Operator,
}

impl House {
    async fn new() -> Self {
        let ntfy = Ntfy::start().await.unwrap();
        let channel = format!(
            "\n[channels.ntfy]\nkind = \"ntfy\"\nserver = \"http://{}\"\nsecret_file = \"replies\"\n",
            ntfy.address
        );
        let site = Site::new(1, &channel).unwrap();
        site.secret("replies", "thirty-two random characters, say").unwrap();
        // Nothing of the gateway can be reached from outside.
        let config = std::fs::read_to_string(site.config()).unwrap();
        let hidden = config.lines().filter(|line| !line.starts_with("public_url"));
        std::fs::write(site.config(), hidden.collect::<Vec<_>>().join("\n")).unwrap();
        let gateway = Gateway::start(&site.config(), site.web).unwrap();
        let operator =
            Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
        operator.put_person("wang", &[("ntfy", "wang-7f3a")]).await.unwrap();
        let policy = json!({ "id": "all", "name": "all", "steps": [
            { "targets": [{ "person": "wang" }], "wait": "40s" } ] });
        operator.ask(Method::PUT, "policies/all", policy).await.unwrap();
        let house = Self { ntfy, site, gateway, operator };
        house.replies_come_in(true).await;
        house
    }

    async fn replies_come_in(&self, they_do: bool) {
        eventually("the way back is seen as it is", async || {
            let ntfy = self.operator.channel("ntfy").await.unwrap();
            assert_eq!(ntfy["answerable"], true, "{ntfy}");
            (ntfy["ok"] == they_do).then_some(())
        })
        .await;
    }

    async fn incident(&self, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        eventually(what, async || {
            let list = self.operator.get("incidents").await.unwrap();
            let id = list[0]["id"].as_u64()?;
            let incident = self.operator.get(&format!("incidents/{id}")).await.unwrap();
            is(&incident).then_some(incident)
        })
        .await
    }

    /// Presses a button once it is there.
    async fn press(&self, label: &str) {
        eventually(label, async || self.ntfy.press("wang-7f3a", label).await.ok()).await;
    }

    async fn is_told(&self, words: &str) {
        eventually(words, async || {
            let told = self.ntfy.of("wang-7f3a");
            told.iter().any(|m| m["message"].as_str().unwrap().contains(words)).then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn buttons_answer_from_the_first_to_the_last() {
    let house = House::new().await;
    let board = Board::start(settings(house.site.mqtt, 1));
    board.set_input(1, InputState::Active);
    house.press("I'm going").await;
    house.incident("Wang is going", |i| i["phase"] == "going").await;
    house.is_told("Noted: you are going").await;
    board.set_input(1, InputState::Idle);
    house.press("I'm there").await;
    house.incident("Wang is there", |i| i["phase"] == "there").await;
    house.press("Everybody is out").await;
    house.is_told("Is everybody out and safe?").await;
    house.press("Yes, everybody is out").await;
    let over = house.incident("it is over", |i| i["phase"] == "ended").await;
    let by_ntfy = |m: &&Value| m["through"] == "ntfy";
    assert!(over["timeline"].as_array().unwrap().iter().filter(by_ntfy).count() >= 3, "{over}");
    house.gateway.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_strangers_word_counts_for_nothing() {
    let house = House::new().await;
    let board = Board::start(settings(house.site.mqtt, 1));
    board.set_input(1, InputState::Active);
    let alert = eventually("Wang is told", async || house.ntfy.of("wang-7f3a").pop()).await;
    let button = &alert["actions"][0];
    let url = button["url"].as_str().unwrap();
    let forged = button["body"].as_str().unwrap().replace("going", "all-clear");
    reqwest::Client::new().post(url).body(forged).send().await.unwrap();
    eventually("the stranger is noticed", async || {
        house.gateway.said().contains("a stranger wrote to the topic").then_some(())
    })
    .await;
    house.incident("it is still open", |i| i["phase"] == "calling").await;
    house.press("I can't").await;
    house.is_told("the next person is asked").await;
    house.gateway.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_way_back_that_is_closed_is_an_alarm_until_it_is_open_again() {
    let house = House::new().await;
    house.ntfy.set_down(true);
    house.replies_come_in(false).await;
    house.ntfy.set_down(false);
    house.replies_come_in(true).await;
    house.gateway.stop().unwrap();
}
