//! What people do with a call: they press a key, are busy, let a mailbox pick up, hang up.

use std::time::{Duration, Instant};

use gengfu_tests::{
    eventually,
    operator::client,
    sipp::{Sipp, Step, Step::*},
};
use reqwest::Method;
use serde_json::json;

use crate::house::{CALLS_ALONE, House, ports};

/// Long enough for the greeting to be under way.
const A_MOMENT: Step = Wait(Duration::from_millis(600));

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_phone_rings_and_a_key_says_i_am_going() {
    let (port, media) = ports();
    let house = House::with_server(port).await;
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
        let house = House::with_server(port).await;
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
    let house = House::with_server(port).await;
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
    let house = House::with_server(port).await;
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
    let house = House::with_server(port).await;
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
    let house = House::with_server(port).await;
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
    let house = House::with_server(port).await;
    let begun = Instant::now();
    let _board = house.press(1).await;
    house.hooks.first("li", "alert").await;
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
    house.gateway.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_picks_up_and_the_call_is_taken_back_before_the_step_is_over() {
    let (port, media) = ports();
    let house = House::with_server(port).await;
    let mut phone = Sipp::start(port, media, &[Ring, IsTakenBack]).unwrap();
    let begun = Instant::now();
    let _board = house.press(1).await;
    house.hooks.first("li", "alert").await;
    assert!(begun.elapsed() < Duration::from_secs(39), "{:?}", begun.elapsed());
    assert!(house.told("failed").await["reason"].as_str().unwrap().contains("picked up"));
    phone.done().await.unwrap();
    house.gateway.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_goes_over_tcp_where_the_line_says_so() {
    let (port, media) = ports();
    let steps = [Ring, A_MOMENT, PickUp, A_MOMENT, Key('1'), IsHungUpOn];
    let mut phone = Sipp::over_tcp(port, media, &steps).unwrap();
    let house = House::with_line(port, &format!("{CALLS_ALONE}transport = \"tcp\"\n"), &[]).await;
    let _board = house.press(1).await;
    house.incident("Wang is going", |i| i["phase"] == "going").await;
    phone.done().await.unwrap();
    house.gateway.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_phone_stops_ringing_once_somebody_else_is_going() {
    let (port, media) = ports();
    let house = House::with_server(port).await;
    let both = json!({ "id": "all", "name": "all", "steps": [
        { "targets": [{ "person": "wang" }, { "person": "li" }], "wait": "40s" }] });
    house.operator.ask(Method::PUT, "policies/all", both).await.unwrap();
    let mut phone = Sipp::start(port, media, &[Ring, IsTakenBack]).unwrap();
    let _board = house.press(1).await;
    house.told("accepted").await;
    let asked = house.hooks.first("li", "alert").await;
    let (base, token) = asked["link"].as_str().unwrap().split_once("/a/").unwrap();
    let answer = format!("{base}/api/v1/answer/{token}/acknowledge");
    client().unwrap().post(answer).json(&json!({})).send().await.unwrap();
    phone.done().await.unwrap();
    // The news that Li is going is not told by telephone either, which is a failure of its own.
    house
        .incident("Wang's call is taken back", |i| {
            let told = i["told"].as_array().unwrap().iter().filter(|t| t["status"] == "failed");
            let mut reasons = told.filter_map(|t| t["reason"].as_str());
            reasons.any(|reason| reason.contains("somebody else"))
        })
        .await;
    house.gateway.stop().unwrap();
}
