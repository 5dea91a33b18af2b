//! Somebody pulls the board's own plug.

use crate::house::{House, journal};

#[tokio::test]
async fn what_was_not_received_outlasts_a_power_cut_with_its_old_numbers() {
    let mut house = House::with_a_lift().await;
    let (mut board, _) = house.pit().await;
    house.kill_gateway();
    board.until("alone", |s| !s.is_connected()).await.unwrap();
    board.close(&[1, 2]).unwrap();
    board.until("with something to say", |s| s.waiting() == Some(2)).await.unwrap();
    board.pull_plug().unwrap();
    // It knows how to run without its gateway; its contacts are open again, which is news.
    board.until("in its second life", |s| s.boot() == Some(2) && s.is_configured()).await.unwrap();
    board.until("with more to say", |s| s.waiting() == Some(4)).await.unwrap();
    house.start_gateway();
    house.hooks.first("wang", "alert").await;
    board.until("heard", |s| s.waiting() == Some(0) && s.lamp() == "Yellow").await.unwrap();
    house.kill_gateway();
    assert_eq!(journal(&house.site), [(1, 1), (1, 2), (2, 1), (2, 2)]);
    // And what was received is not said again.
    board.pull_plug().unwrap();
    let third = board.until("in its third life", |s| s.boot() == Some(3)).await.unwrap();
    assert_eq!(third.waiting(), Some(0));
}
