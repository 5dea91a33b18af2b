//! The phone rings, and a key press answers: the real program, real SIP telephones of another maker.

use std::time::{Duration, Instant};

use gengfu_sim::building::Board;
use gengfu_tests::{
    boards::settings,
    eventually, free_port,
    gateway::Gateway,
    hooks::Hooks,
    operator::Operator,
    sipp::{Sipp, Step, Step::*},
    site::Site,
};
use gengfu_wire::up::InputState;
use reqwest::Method;
use serde_json::{Value, json};

/// A house whose telephone server is at this port: every number of it is the telephone there.
struct House {
    site: Site,
    gateway: Gateway,
    operator: Operator,
    hooks: Hooks,
}

impl House {
    /// Wang is called first, by telephone; Li is told by webhook.
    async fn with_server(port: u16, wait: &str) -> Self {
        let phone = format!(
            "\n[channels.phone]\nkind = \"phone\"\nserver = \"127.0.0.1:{port}\"\nuser = \"gengfu\"\nregister = false\n"
        );
        let site = Site::new(2, &phone).unwrap();
        let hooks = Hooks::start().await.unwrap();
        let gateway = Gateway::start(&site.config(), site.web).unwrap();
        let operator =
            Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
        operator.put_person("wang", &[("phone", "21")]).await.unwrap();
        operator.put_person("li", &[("hook", &hooks.of("li"))]).await.unwrap();
        let policy = json!({ "id": "all", "name": "all", "steps": [
            { "targets": [{ "person": "wang" }], "wait": wait },
            { "targets": [{ "person": "li" }], "wait": wait } ] });
        operator.ask(Method::PUT, "policies/all", policy).await.unwrap();
        Self { site, gateway, operator, hooks }
    }

    /// Somebody presses the call button of this lift.
    async fn press(&self, lift: usize) -> Board {
        let board = Board::start(settings(self.site.mqtt, lift));
        board.set_input(1, InputState::Active);
        board
    }

    async fn incidents(&self) -> Vec<Value> {
        let list = self.operator.get("incidents").await.unwrap();
        let ids = list.as_array().unwrap().iter().map(|i| i["id"].as_u64().unwrap());
        let mut all = vec![];
        for id in ids {
            all.push(self.operator.get(&format!("incidents/{id}")).await.unwrap());
        }
        all
    }

    /// Waits until an incident is like this.
    async fn incident(&self, what: &str, is: impl Fn(&Value) -> bool) -> Value {
        eventually(what, async || self.incidents().await.into_iter().find(&is)).await
    }

    /// Waits until the message to Wang's phone stands like this.
    async fn told(&self, status: &str) -> Value {
        let words = format!("Wang's call is {status}");
        let told = self.incident(&words, |i| {
            i["told"].as_array().unwrap().iter().any(|t| t["status"] == status)
        });
        let told = told.await["told"].as_array().unwrap().clone();
        told.into_iter().find(|t| t["status"] == status).unwrap()
    }
}

/// Long enough for the greeting to be under way.
const A_MOMENT: Step = Wait(Duration::from_millis(600));

fn ports() -> (u16, u16) {
    (free_port().unwrap(), free_port().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_phone_rings_and_a_key_says_i_am_going() {
    let (port, media) = ports();
    let house = House::with_server(port, "40s").await;
    let mut phone =
        Sipp::start(port, media, &[Ring, A_MOMENT, PickUp, A_MOMENT, Key('1'), IsHungUpOn])
            .unwrap();
    let _board = house.press(1).await;
    let going = house.incident("Wang is going", |i| i["phase"] == "going").await;
    assert_eq!(going["going"][0]["person"], "wang");
    let said = going["timeline"].as_array().unwrap().iter();
    let mut answers = said.filter(|m| m["happened"]["what"] == "acknowledged");
    assert_eq!(answers.next().unwrap()["through"], "phone");
    assert_eq!(house.told("answered").await["channel"], "phone");
    phone.done().await.unwrap();
    assert!(house.hooks.told().iter().all(|t| t.person != "li"), "nobody else is woken");
    house.gateway.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn busy_wakes_the_next_one_at_once() {
    for refusal in [486, 603] {
        let (port, media) = ports();
        let house = House::with_server(port, "40s").await;
        let mut phone = Sipp::start(port, media, &[Ring, Refuse(refusal)]).unwrap();
        let begun = Instant::now();
        let _board = house.press(1).await;
        house.hooks.first("li", "alert").await;
        assert!(begun.elapsed() < Duration::from_secs(10), "{refusal}: {:?}", begun.elapsed());
        let failed = house.told("failed").await;
        let reason = failed["reason"].as_str().unwrap();
        assert!(reason.contains("busy") || reason.contains("refused"), "{reason}");
        phone.done().await.unwrap();
        house.gateway.stop().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i_cannot_go_hands_on_at_once() {
    let (port, media) = ports();
    let house = House::with_server(port, "40s").await;
    let steps = [EarlyMedia, A_MOMENT, PickUp, MoveMedia, A_MOMENT, Key('2'), IsHungUpOn];
    let mut phone = Sipp::start(port, media, &steps).unwrap();
    let begun = Instant::now();
    let _board = house.press(1).await;
    house.hooks.first("li", "alert").await;
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    house
        .incident("Wang has handed it on", |i| {
            let timeline = i["timeline"].as_array().unwrap();
            timeline
                .iter()
                .any(|m| m["happened"]["what"] == "handed_over" && m["through"] == "phone")
        })
        .await;
    phone.done().await.unwrap();
    house.gateway.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mailbox_picks_up_and_that_is_no_answer() {
    let (port, media) = ports();
    let house = House::with_server(port, "40s").await;
    let mailbox = [PickUp, Wait(Duration::from_secs(2)), HangUp];
    let mut phone = Sipp::start(port, media, &mailbox).unwrap();
    let _board = house.press(1).await;
    house.hooks.first("li", "alert").await;
    let failed = house.told("failed").await;
    assert!(failed["reason"].as_str().unwrap().contains("no key"), "{failed}");
    assert!(house.incidents().await.iter().all(|i| i["phase"] != "going"));
    phone.done().await.unwrap();
    house.gateway.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_is_out_ends_the_alarm_when_it_was_said_twice() {
    let (port, media) = ports();
    let house = House::with_server(port, "40s").await;
    let steps = [PickUp, A_MOMENT, Key('5'), A_MOMENT, Key('5'), IsHungUpOn];
    let mut phone = Sipp::start(port, media, &steps).unwrap();
    let board = house.press(1).await;
    let ended = house.incident("it is over", |i| i["phase"] == "ended").await;
    let moments = ended["timeline"].as_array().unwrap();
    let end = moments.iter().find(|m| m["happened"]["what"] == "ended").unwrap();
    assert_eq!((&end["by_name"], &end["happened"]["cause"]), (&json!("wang"), &json!("rescued")));
    phone.done().await.unwrap();
    drop(board);
    house.gateway.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_incidents_are_told_in_one_call() {
    let (port, media) = ports();
    let house = House::with_server(port, "40s").await;
    let long = Wait(Duration::from_secs(4));
    let steps = [Ring, long, PickUp, A_MOMENT, Key('1'), A_MOMENT, Key('1'), IsHungUpOn];
    let mut phone = Sipp::start(port, media, &steps).unwrap();
    let _first = house.press(1).await;
    house.incident("the first call rings", |i| i["told"][0]["status"] == "accepted").await;
    let _second = house.press(2).await;
    eventually("Wang is going to both", async || {
        let all = house.incidents().await;
        (all.len() == 2 && all.iter().all(|i| i["phase"] == "going")).then_some(())
    })
    .await;
    phone.done().await.unwrap();
    house.gateway.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_is_not_there_costs_no_step() {
    let (port, _) = ports();
    let house = House::with_server(port, "40s").await;
    let begun = Instant::now();
    let _board = house.press(1).await;
    house.hooks.first("li", "alert").await;
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
    house.gateway.stop().unwrap();
}
