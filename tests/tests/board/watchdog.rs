//! A board whose program hangs.

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
