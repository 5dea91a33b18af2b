//! A house full of boards.

use gengfu_tests::{
    eventually,
    qemu::{Machine, Passport},
    site::{BOARD_PASSWORD, Site},
};

use crate::house::House;

const BOARDS: usize = 10;

#[tokio::test]
async fn ten_boards_call_at_once_and_each_is_heard() {
    let house = House::start(Site::new(BOARDS, "").unwrap()).await;
    let passport = |n| Passport::new(&format!("board-{n}"), BOARD_PASSWORD, house.site.mqtt);
    let boards = (1..=BOARDS).map(|n| Machine::start(&passport(n)).unwrap());
    let mut boards: Vec<Machine> = boards.collect();
    for board in &mut boards {
        board.in_service().await.unwrap();
    }
    for board in &mut boards {
        board.close(&[1]).unwrap();
    }
    for board in &mut boards {
        board.until("heard", |s| s.waiting() == Some(0) && s.lamp() == "Yellow").await.unwrap();
    }
    eventually("every lift has its incident", async || {
        let open = house.operator.get("incidents?open=true").await.ok()?;
        (open.as_array()?.len() == BOARDS).then_some(())
    })
    .await;
}
