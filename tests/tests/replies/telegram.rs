//! By Telegram's buttons.

use gengfu_sim::building::Board;
use gengfu_tests::{
    boards::settings,
    eventually,
    telegram::{TOKEN, Telegram},
};
use gengfu_wire::up::InputState;
use serde_json::Value;

use crate::house::House;

const CHAT: &str = "4711";

struct ByTelegram {
    telegram: Telegram,
    house: House,
}

impl ByTelegram {
    async fn new() -> Self {
        let telegram = Telegram::start().await.unwrap();
        let lines = format!("server = \"http://{}\"\ntoken_file = \"secret\"", telegram.address);
        Self { house: House::new("telegram", &lines, TOKEN, CHAT).await, telegram }
    }

    /// Presses a button once it is there.
    async fn press(&self, label: &str) {
        eventually(label, async || self.telegram.press(CHAT, label).ok()).await;
    }

    async fn is_told(&self, words: &str) {
        eventually(words, async || {
            let told = self.telegram.of(CHAT);
            told.iter().any(|m| m["text"].as_str().unwrap().contains(words)).then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn buttons_answer_from_the_first_to_the_last() {
    let by = ByTelegram::new().await;
    let board = Board::start(settings(by.house.site.mqtt, 1));
    board.set_input(1, InputState::Active);
    by.press("I'm going").await;
    by.house.incident("Wang is going", |i| i["phase"] == "going").await;
    by.is_told("Noted: you are going").await;
    board.set_input(1, InputState::Idle);
    by.press("I'm there").await;
    by.house.incident("Wang is there", |i| i["phase"] == "there").await;
    by.press("Everybody is out").await;
    by.is_told("Is everybody out and safe?").await;
    by.press("Yes, everybody is out").await;
    let over = by.house.incident("it is over", |i| i["phase"] == "ended").await;
    let by_telegram = |m: &&Value| m["through"] == "telegram";
    assert!(over["timeline"].as_array().unwrap().iter().filter(by_telegram).count() >= 3, "{over}");
    eventually("every press is confirmed, and taken once", async || {
        (by.telegram.confirmed().len() == 4 && by.telegram.waiting() == 0).then_some(())
    })
    .await;
    let alert = &by.telegram.of(CHAT)[0];
    assert_eq!(alert["disable_notification"], false, "{alert}");
    assert_eq!(alert["reply_markup"]["inline_keyboard"], serde_json::json!([]), "{alert}");
    assert!(!by.house.gateway.said().contains(TOKEN));
    by.house.gateway.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_writes_start_learns_their_address() {
    let by = ByTelegram::new().await;
    by.telegram.write(-100_815, "/start");
    by.telegram.write(77, "hello");
    eventually("the chat is told its number", async || {
        let told = by.telegram.of("-100815").pop()?;
        assert!(told["text"].as_str().unwrap().contains("-100815"), "{told}");
        (by.telegram.waiting() == 0).then_some(())
    })
    .await;
    assert!(by.telegram.of("77").is_empty(), "nobody else is written to");
    by.house.gateway.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_pressed_while_the_gateway_was_down_counts() {
    let by = ByTelegram::new().await;
    let board = Board::start(settings(by.house.site.mqtt, 1));
    board.set_input(1, InputState::Active);
    eventually("Wang is told", async || by.telegram.of(CHAT).pop()).await;
    let ByTelegram { telegram, house } = by;
    let house = house.killed_and_started_again(|| telegram.press(CHAT, "I'm going").unwrap());
    house.incident("Wang is going", |i| i["phase"] == "going").await;
    house.gateway.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_way_back_that_is_closed_is_an_alarm_until_it_is_open_again() {
    let by = ByTelegram::new().await;
    by.telegram.set_down(true);
    by.house.replies_come_in(false).await;
    by.telegram.set_down(false);
    by.house.replies_come_in(true).await;
    by.house.gateway.stop().unwrap();
}
