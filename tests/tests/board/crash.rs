//! A board whose program hangs, or finds itself in the wrong.

use gengfu_tests::{
    eventually,
    python::{MASTER, Peer},
};
use serde_json::json;

use crate::house::{House, journal};

#[tokio::test]
async fn a_board_that_hangs_starts_again_and_says_why() {
    let mut house = House::with_a_lift().await;
    let (mut board, _) = house.pit().await;
    board.hang().unwrap();
    board.logs("boot 2, after watchdog", 1).await.unwrap();
    board.logs("said birth", 2).await.unwrap();
    board.in_service().await.unwrap();
    board.close(&[1]).unwrap();
    house.hooks.first("wang", "alert").await;
    board.until("heard", |s| s.waiting() == Some(0) && s.lamp() == "Yellow").await.unwrap();
    house.kill_gateway();
    assert_eq!(journal(&house.site), [(2, 1)], "events of the second start");
}

#[tokio::test]
async fn a_board_whose_stack_is_full_starts_again_before_anything_is_written_over() {
    let house = House::with_a_lift().await;
    let (mut board, _) = house.pit().await;
    board.overflow().unwrap();
    board.logs("boot 2, after panic", 1).await.unwrap();
    board.in_service().await.unwrap();
    board.close(&[1]).unwrap();
    house.hooks.first("wang", "alert").await;
    board.until("heard", |s| s.waiting() == Some(0) && s.lamp() == "Yellow").await.unwrap();
    eventually("the gateway is told why", async || {
        let boards = house.operator.get("boards").await.ok()?;
        boards.to_string().contains("the stack is full").then_some(())
    })
    .await;
}

#[tokio::test]
async fn after_three_crashes_in_a_row_a_board_does_the_least_and_still_tells_of_danger() {
    let house = House::with_a_lift().await;
    let (mut board, _) = house.pit().await;
    for crash in 1..=3 {
        board.until("well", |s| s.boot() == Some(crash)).await.unwrap();
        board.panic().unwrap();
        board.logs(&format!("boot {}, after panic", crash + 1), 1).await.unwrap();
    }
    board.until("in safe mode", |s| s.get("mode") == Some("Safe")).await.unwrap();
    board.in_service().await.unwrap();
    board.close(&[1]).unwrap();
    let told = house.hooks.first("wang", "alert").await;
    assert_eq!(told["place"]["en"], "Lift 1", "{told}");
    board.until("heard", |s| s.waiting() == Some(0)).await.unwrap();
    board.logs("heard output", 1).await.unwrap();
    assert_eq!(board.state().unwrap().lamp(), "Off", "outputs stay in their safe state");
    eventually("people hear of the board itself", async || {
        let told = house.hooks.told();
        told.iter().any(|told| told.body.to_string().contains("safe mode")).then_some(())
    })
    .await;
    // The second path is open, and says how the board is.
    let mut master = Peer::start(MASTER, &["tcp", &board.modbus.to_string()]).unwrap();
    master.order(&json!({ "from": 0, "count": 59 })).await.unwrap();
    let read = master.json().await.unwrap();
    let register = |at: usize| read["registers"][at].as_u64().unwrap();
    assert_eq!((register(2), register(31) & 1), (1, 1), "{read}");
}
