//! An alarm receiving centre, by a receiver of other makers: the real program, encrypted frames, and a
//! line that goes down.

use gengfu_sim::building::Board;
use gengfu_tests::{
    boards::settings, eventually, gateway::Gateway, operator::Operator, python, site::Site,
};
use gengfu_wire::up::InputState;
use reqwest::Method;
use serde_json::{Value, json};

/// As pysiaalarm has keys: these very characters.
const KEY: &str = "AAAAAAAAAAAAAAAA";

struct House {
    centre: python::Peer,
    site: Site,
    gateway: Gateway,
    operator: Operator,
}

impl House {
    /// The centre is asked about everything.
    async fn new(account: &str) -> Self {
        let mut centre = python::Peer::start(python::CENTRE, &["0", "1234", KEY]).unwrap();
        let port = centre.line().await.unwrap();
        let channel = format!(
            "\n[channels.centre]\nkind = \"dc09\"\nserver = \"127.0.0.1:{port}\"\naccount = \"{account}\"\n\
             poll = \"1s\"\nsecret_file = \"centre\"\n"
        );
        let site = Site::new(1, &channel).unwrap();
        site.secret("centre", KEY).unwrap();
        let gateway = Gateway::start(&site.config(), site.web).unwrap();
        let operator =
            Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
        operator.put_person("centre", &[("centre", account)]).await.unwrap();
        let policy = json!({ "id": "all", "name": "all", "steps": [
            { "targets": [{ "person": "centre" }], "wait": "40s" } ] });
        operator.ask(Method::PUT, "policies/all", policy).await.unwrap();
        Self { centre, site, gateway, operator }
    }

    /// The next event that is no poll.
    async fn event(&mut self) -> Value {
        loop {
            let event = self.centre.json().await.unwrap();
            if event["type"] != "NULL" {
                return event;
            }
        }
    }

    async fn line_is(&self, up: bool) {
        eventually("the line is seen as it is", async || {
            (self.operator.channel("centre").await.unwrap()["ok"] == up).then_some(())
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_alarm_and_its_end_reach_the_centre_encrypted() {
    let mut house = House::new("1234").await;
    let board = Board::start(settings(house.site.mqtt, 1));
    board.set_input(1, InputState::Active);
    let alarm = house.event().await;
    assert_eq!((&alarm["code"], &alarm["encrypted"]), (&json!("QA"), &json!(true)), "{alarm}");
    assert_eq!(alarm["length_is_right"], true);
    assert!(alarm["message"].as_str().unwrap().contains("Lift 1"), "{alarm}");
    board.set_input(1, InputState::Idle);
    let incidents = house.operator.get("incidents").await.unwrap();
    let id = incidents[0]["id"].as_u64().unwrap();
    let end = json!({ "cause": "rescued" });
    house.operator.ask(Method::POST, &format!("incidents/{id}/end"), end).await.unwrap();
    let over = loop {
        let event = house.event().await;
        if event["code"] != "QA" {
            break event;
        }
    };
    assert_eq!(over["code"], "QR", "{over}");
    assert_ne!(over["sequence"], alarm["sequence"]);
    house.gateway.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_is_down_is_an_alarm_until_the_centre_answers_again() {
    let mut house = House::new("1234").await;
    house.line_is(true).await;
    house.centre.order(&json!({ "deaf": true })).await.unwrap();
    house.line_is(false).await;
    house.centre.order(&json!({ "deaf": false })).await.unwrap();
    house.line_is(true).await;
    house.gateway.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_centre_that_does_not_know_the_account_is_told_of() {
    let house = House::new("9999").await;
    house.line_is(false).await;
    eventually("the remedy is named", async || {
        let alarms = house.operator.get("alarms").await.unwrap();
        alarms.to_string().contains("check the clock, the account and the key").then_some(())
    })
    .await;
    house.gateway.stop().unwrap();
}
