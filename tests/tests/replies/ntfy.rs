//! By ntfy's buttons.

use gengfu_sim::building::Board;
use gengfu_tests::{boards::settings, eventually, ntfy::Ntfy};
use gengfu_wire::up::InputState;
use serde_json::Value;

use crate::house::House;

struct ByNtfy {
    ntfy: Ntfy,
    house: House,
}

impl ByNtfy {
    async fn new() -> Self {
        let ntfy = Ntfy::start().await.unwrap();
        let lines = format!("server = \"http://{}\"\nsecret_file = \"secret\"", ntfy.address);
        let secret = "thirty-two random characters, say";
        Self { house: House::new("ntfy", &lines, secret, "wang-7f3a").await, ntfy }
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
    let by = ByNtfy::new().await;
    let house = &by.house;
    let board = Board::start(settings(house.site.mqtt, 1));
    board.set_input(1, InputState::Active);
    by.press("I'm going").await;
    house.incident("Wang is going", |i| i["phase"] == "going").await;
    by.is_told("Noted: you are going").await;
    board.set_input(1, InputState::Idle);
    by.press("I'm there").await;
    house.incident("Wang is there", |i| i["phase"] == "there").await;
    by.press("Everybody is out").await;
    by.is_told("Is everybody out and safe?").await;
    by.press("Yes, everybody is out").await;
    let over = house.incident("it is over", |i| i["phase"] == "ended").await;
    let by_ntfy = |m: &&Value| m["through"] == "ntfy";
    assert!(over["timeline"].as_array().unwrap().iter().filter(by_ntfy).count() >= 3, "{over}");
    by.house.gateway.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_strangers_word_counts_for_nothing() {
    let by = ByNtfy::new().await;
    let house = &by.house;
    let board = Board::start(settings(house.site.mqtt, 1));
    board.set_input(1, InputState::Active);
    let alert = eventually("Wang is told", async || by.ntfy.of("wang-7f3a").pop()).await;
    let button = &alert["actions"][0];
    let url = button["url"].as_str().unwrap();
    let forged = button["body"].as_str().unwrap().replace("going", "all-clear");
    reqwest::Client::new().post(url).body(forged).send().await.unwrap();
    eventually("the stranger is noticed", async || {
        house.gateway.said().contains("a stranger wrote to the topic").then_some(())
    })
    .await;
    house.incident("it is still open", |i| i["phase"] == "calling").await;
    by.press("I can't").await;
    by.is_told("the next person is asked").await;
    by.house.gateway.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_way_back_that_is_closed_is_an_alarm_until_it_is_open_again() {
    let by = ByNtfy::new().await;
    let house = &by.house;
    by.ntfy.set_down(true);
    house.replies_come_in(false).await;
    by.ntfy.set_down(false);
    house.replies_come_in(true).await;
    by.house.gateway.stop().unwrap();
}
