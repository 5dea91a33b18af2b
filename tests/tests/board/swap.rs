//! Another firmware for the board in QEMU: the program and its boot loader as they are built, fetched from the
//! gateway's own program, swapped in, and out again.

use gengfu_tests::{
    elf::loaded,
    qemu::{KIND, Machine, Passport, SPARE, STACK, image},
};
use gengfu_wire::manifest::from_hex;

use crate::{
    firmware::{LONG, NEW, OLD, ends_as, house, runs, update},
    house::House,
};

/// Bytes of a block.
const BLOCK: usize = 512;

/// The board `pit` of the lift, which believes updates that this key has signed.
async fn pit(house: &House, key: &str) -> Machine {
    let mut passport = Passport::new("pit", &house.add("pit", "lift-1").await, house.site.mqtt);
    let text = std::fs::read_to_string(house.site.folder().join(key)).unwrap();
    let (_, digits) = text.trim().split_once(' ').unwrap();
    let mut bytes = [0; 32];
    assert_eq!(from_hex(digits, &mut bytes), Some(32));
    passport.update_key = Some(bytes);
    let mut board = Machine::start(&passport).unwrap();
    board.in_service().await.unwrap();
    runs(house, OLD).await;
    board
}

/// It still calls.
async fn calls(house: &House, board: &mut Machine) {
    board.close(&[1]).unwrap();
    house.hooks.first("wang", "alert").await;
    board.until("heard", |s| s.waiting() == Some(0) && s.lamp() == "Yellow").await.unwrap();
}

#[tokio::test]
async fn a_signed_one_stays_though_the_board_is_killed_while_it_fetches() {
    let house = house().await;
    let mut board = pit(&house, "updates.key.pub").await;
    let mut update = update(&house, KIND);
    board.logs("heard block", 100).await.unwrap();
    board.pull_plug().unwrap();
    board.logs("boot 2, after power", 1).await.unwrap();
    // It goes on behind the last whole page: what is fetched again is less than that page.
    board.logs_within(LONG, "boot 3, after update", 1).await.unwrap();
    let blocks = board.log().matches("heard block").count();
    assert!(blocks < whole() - 90, "{blocks} blocks after the first hundred, of {}", whole());
    runs(&house, NEW).await;
    ends_as(&house, "done", || board.log()).await;
    assert!(update.wait().unwrap().success());
    let stack = board.state().unwrap().stack().unwrap();
    println!("{stack} bytes of stack used, with a program fetched and checked");
    assert!(stack < STACK - SPARE, "{stack}");
    // It is no longer on trial: without power it stays.
    board.pull_plug().unwrap();
    runs(&house, NEW).await;
    calls(&house, &mut board).await;
}

#[tokio::test]
async fn one_that_another_key_has_signed_is_not_fetched() {
    let house = house().await;
    // The gateway trusts its own key, and this board another one.
    let mut board = pit(&house, "stranger.key.pub").await;
    let refused = update(&house, KIND).wait_with_output().unwrap();
    assert!(!refused.status.success());
    let stands = ends_as(&house, "failed", || board.log()).await;
    assert!(stands.to_string().contains("the signature is not of the key"), "{stands}");
    assert!(!board.log().contains("heard block"), "{}", board.log());
    calls(&house, &mut board).await;
    runs(&house, OLD).await;
}

#[tokio::test]
async fn one_that_crashes_on_trial_goes_back_to_what_ran() {
    let house = house().await;
    let mut board = pit(&house, "updates.key.pub").await;
    let mut update = update(&house, KIND);
    board.logs_within(LONG, "after update", 1).await.unwrap();
    runs(&house, NEW).await;
    board.panic().unwrap();
    runs(&house, OLD).await;
    let stands = ends_as(&house, "failed", || board.log()).await;
    assert!(!update.wait().unwrap().success(), "{stands}");
    calls(&house, &mut board).await;
}

/// Blocks of the whole program.
fn whole() -> usize {
    let file = std::fs::read(image(KIND).unwrap()).unwrap();
    loaded(&file).unwrap().len().div_ceil(BLOCK)
}
