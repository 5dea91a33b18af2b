//! The disk is full: people are told all the same, boards keep their events, and nothing is lost once
//! there is room.

use std::time::{Duration, Instant};

use gengfu_store::{Journal, SqliteJournal};
use gengfu_tests::{
    boards::board,
    disk::Disk,
    eventually,
    gateway::Gateway,
    hooks::Hooks,
    operator::{Operator, client},
    site::{SITE, Site},
};
use gengfu_wire::up::InputState;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::house::{lost, row};

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_of_and_stops_no_call() {
    let hooks = Hooks::start().await.unwrap();
    let site = Site::new(3, "").unwrap();
    let Some(disk) = Disk::mount(&site.data(), 16).unwrap() else {
        eprintln!("skipped: this machine permits no disk of our own");
        return;
    };
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    operator.put_person("wang", &[("hook", &hooks.of("wang"))]).await.unwrap();
    let boards = [board(&site, 1), board(&site, 2)];
    for board in &boards {
        let status = board.status();
        eventually("two boards are there", async || status.borrow().online.then_some(())).await;
    }

    let ballast = disk.fill().unwrap();
    let http = client().unwrap();
    let ready = async || http.get(format!("{}/readyz", site.base())).send().await.unwrap().status();
    // People are heard all the while, though what they do can't be written down.
    eventually("the disk refuses", async || {
        operator.put_person("li", &[]).await.unwrap();
        (ready().await == StatusCode::SERVICE_UNAVAILABLE).then_some(())
    })
    .await;
    let begun = Instant::now();
    boards[0].set_input(1, InputState::Active);
    let told = async |words: &str| {
        eventually(&format!("\"{words}\" is told"), async || {
            let told = hooks.told().into_iter().map(|t| t.body);
            told.filter(|b| b["purpose"]["purpose"] == "alert")
                .find(|b| b["what"]["en"].as_str().is_some_and(|what| what.contains(words)))
        })
        .await
    };
    let call = told("person trapped").await;
    let called = begun.elapsed();
    let fault = told("make room on the disk").await;
    assert_eq!(fault["danger"], "fault");
    let (base, token) = call["link"].as_str().unwrap().split_once("/a/").unwrap();
    let answer = format!("{base}/api/v1/answer/{token}/acknowledge");
    let going = http.post(answer).json(&json!({})).send().await.unwrap();
    assert_eq!(going.json::<Value>().await.unwrap()["phase"], "going");
    // The second call comes while the disk has been full for a while.
    boards[1].set_input(1, InputState::Active);
    eventually("the second call is told", async || {
        let told = hooks.told();
        told.iter().any(|t| t.body["place"]["en"] == "Lift 2").then_some(())
    })
    .await;
    // A board that was away connects, is known as there, and is heard.
    let late = board(&site, 3);
    let status = late.status();
    eventually("a board connects to a full disk", async || status.borrow().online.then_some(()))
        .await;
    late.set_input(1, InputState::Active);
    eventually("the third call is told", async || {
        let told = hooks.told();
        told.iter().any(|t| t.body["place"]["en"] == "Lift 3").then_some(())
    })
    .await;
    let [first, second] = boards;
    let boards = [first, second, late];
    for board in &boards {
        let status = *board.status().borrow();
        assert_eq!((status.receipts, status.queue), (0, 1), "the board must keep its copy");
    }

    drop(ballast);
    let begun = Instant::now();
    for board in &boards {
        let status = board.status();
        eventually("the receipt", async || (status.borrow().receipts == 1).then_some(())).await;
    }
    eventually("the fault is over", async || (ready().await == StatusCode::OK).then_some(())).await;
    let back = begun.elapsed();
    for board in boards {
        board.stop().await;
    }
    gateway.kill().unwrap();

    let said = ["board-1", "board-2", "board-3"].map(|board| (board.to_owned(), 1)).into();
    let words = fault["what"]["en"].as_str().unwrap();
    let what = format!("disk full: a call told after {called:.2?}, answers count meanwhile");
    row(&what, (lost(&site, &said), 3), back, Duration::from_secs(30), words);
    let mut journal = SqliteJournal::open(&site.data(), &SITE.into()).unwrap();
    let state = journal.load(&mut |_| {}).unwrap().state;
    let going =
        state.incidents.values().filter(|i| i.going.iter().any(|g| g.person == "wang".into()));
    assert_eq!(going.count(), 1, "the answer that was given while the disk was full");
    drop(journal);
    drop(disk);
}
