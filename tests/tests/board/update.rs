//! Another firmware for a W5500-EVB-Pico, over the network: boot loader and program as they are built, on the
//! emulated chip, with the gateway's own program on the other side.

use std::time::{Duration, Instant};

use gengfu_tests::pico::{KIND, Pico};

use crate::{
    firmware::{LONG, NEW, OLD, ends_as, house, runs, update},
    pico::made,
};

#[tokio::test]
async fn a_signed_one_is_fetched_swapped_in_and_stays_though_the_power_fails_on_the_way() {
    let house = house().await;
    let mut board = Pico::start(&made(&house, Some("updates.key.pub"))).unwrap();
    board.logs("connected", 1).await.unwrap();
    runs(&house, OLD).await;
    let mut update = update(&house, KIND);
    // The first cut comes while it is fetched: the page that is written then is lost, and no other.
    board.cut(300).unwrap();
    board.is_off().await.unwrap();
    board.pull_plug().unwrap();
    board.logs("boot 2, after power", 1).await.unwrap();
    // The second while it is swapped in, page by page.
    board.cut_after_start(500).unwrap();
    board.is_off().await.unwrap();
    board.pull_plug().unwrap();
    runs(&house, NEW).await;
    assert!(board.log().contains("after update"), "{}", board.log());
    ends_as(&house, "done", || board.log()).await;
    assert!(update.wait().unwrap().success());
    // It is no longer on trial: without power it stays.
    board.pull_plug().unwrap();
    runs(&house, NEW).await;
    board.close(&[1]).unwrap();
    house.hooks.first("wang", "alert").await;
    board.until("yellow=1 green=0").await.unwrap();
}

#[tokio::test]
async fn one_that_another_key_has_signed_is_refused_and_nothing_is_fetched() {
    let house = house().await;
    // The gateway trusts its own key, and this board another one.
    let mut board = Pico::start(&made(&house, Some("stranger.key.pub"))).unwrap();
    board.logs("connected", 1).await.unwrap();
    runs(&house, OLD).await;
    let update = update(&house, KIND);
    let refused = update.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&refused.stdout).into_owned();
    assert!(!refused.status.success(), "{said}");
    let stands = ends_as(&house, "failed", || board.log()).await;
    assert!(stands.to_string().contains("the signature is not of the key"), "{stands}");
    board.close(&[1]).unwrap();
    board.until("yellow=1 green=0").await.unwrap();
    runs(&house, OLD).await;
}

#[tokio::test]
async fn one_that_loses_its_power_on_trial_goes_back_to_what_ran() {
    let house = house().await;
    let mut board = Pico::start(&made(&house, Some("updates.key.pub"))).unwrap();
    board.logs("connected", 1).await.unwrap();
    runs(&house, OLD).await;
    let mut update = update(&house, KIND);
    let begun = Instant::now();
    while !board.log().contains("after update") {
        assert!(begun.elapsed() < LONG, "{}", board.log());
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    runs(&house, NEW).await;
    board.pull_plug().unwrap();
    runs(&house, OLD).await;
    let stands = ends_as(&house, "failed", || board.log()).await;
    assert!(!update.wait().unwrap().success(), "{stands}");
    board.close(&[1]).unwrap();
    board.until("yellow=1 green=0").await.unwrap();
}
