//! A house full of boards, and a town of them.

use std::collections::BTreeMap;

use gengfu_tests::{
    crowd::Crowd,
    eventually,
    qemu::{Machine, Passport, Stands},
    site::{BOARD_PASSWORD, Site},
};

use crate::house::{House, named};

const BOARDS: usize = 10;
/// Boards of one process, as a large site may have them.
const TOWN: usize = 150;

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

#[tokio::test]
async fn a_hundred_and_fifty_boards_lose_nothing_though_the_gateway_is_killed_while_they_call() {
    let mut house = House::start(Site::new(TOWN, "").unwrap()).await;
    let mut town = Crowd::start(&house.site, TOWN).unwrap();
    let all = |key: &'static str, count: usize| move |s: &Stands| s.count(key) == Some(count);
    town.until("configured", all("configured", TOWN)).await.unwrap();
    town.press().unwrap();
    let heard = |s: &Stands| s.waiting() == Some(0) && s.count("receipts") >= Some(2 * TOWN);
    let heard = town.until("heard", heard).await.unwrap();
    println!("{TOWN} boards at once, contact to receipt: {heard:?}");
    eventually("every lift has its incident", async || {
        let open = house.operator.get("incidents?open=true").await.ok()?;
        (open.as_array()?.len() == TOWN).then_some(())
    })
    .await;

    // Killed while they call; and they call again while it is away.
    town.press().unwrap();
    town.until("calling", |s| s.waiting() > Some(0)).await.unwrap();
    house.kill_gateway();
    let away = town.until("at rest", all("active", 0)).await.unwrap();
    assert_eq!(away.count("connected"), Some(0), "{away:?}");
    town.press().unwrap();
    town.until("calling again", all("active", TOWN)).await.unwrap();
    town.until("at rest again", all("active", 0)).await.unwrap();
    house.start_gateway();
    let again = town.until("heard again", all("waiting", 0)).await.unwrap();
    assert_eq!(again.count("connected"), Some(TOWN), "{again:?}");
    assert_eq!(again.count("refused"), Some(0), "{again:?}");
    house.kill_gateway();

    // Each contact closed and opened three times, and all of that is in the journal, once and in order.
    let mut kept = BTreeMap::<String, Vec<(u32, u32)>>::new();
    for (point, number) in named(&house.site) {
        kept.entry(point).or_default().push(number);
    }
    assert_eq!(kept.len(), TOWN);
    let six: Vec<(u32, u32)> = (1..=6).map(|seq| (1, seq)).collect();
    for (point, numbers) in kept {
        assert_eq!(numbers, six, "{point}");
    }
}
