//! The main job.

use gengfu_tests::{
    eventually,
    qemu::{Machine, Passport, Stands},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::house::{House, journal};

#[tokio::test]
async fn a_closed_contact_reaches_a_person_and_the_answer_lights_the_lamp() {
    let mut house = House::with_a_lift().await;
    let (mut board, _) = house.pit().await;
    board.until("dark", |s| s.lamp() == "Off").await.unwrap();

    board.close(&[1]).unwrap();
    let told = house.hooks.first("wang", "alert").await;
    assert_eq!(told["place"]["en"], "Lift 1", "{told}");
    assert_eq!(house.contact(1).await, json!(true));
    // The receipt came after the disk: the board has nothing left, and says that help is called.
    let called = |s: &Stands| s.waiting() == Some(0) && s.lamp() == "Yellow";
    board.until("told that the call is passed on", called).await.unwrap();

    house.operator.ask(Method::POST, "incidents/1/acknowledge", json!({})).await.unwrap();
    board.until("told that somebody comes", |s| s.lamp() == "Green").await.unwrap();

    // Letting go does not end it, and the plug of the gateway loses nothing of it.
    board.close(&[]).unwrap();
    eventually("the button is let go", async || {
        (house.contact(1).await == json!(false)).then_some(())
    })
    .await;
    board.until("without anything to say", |s| s.waiting() == Some(0)).await.unwrap();
    house.kill_gateway();
    assert_eq!(journal(&house.site), [(1, 1), (1, 2)]);
    board.until("alone", |s| !s.is_connected()).await.unwrap();
    house.start_gateway();
    board
        .until("told again that somebody comes", |s| s.is_connected() && s.lamp() == "Green")
        .await
        .unwrap();
    house.phase(1, "going").await;
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_so_is_another_board_s() {
    let house = House::with_a_lift().await;
    let mine = house.add("pit", "lift-1").await;
    let other = house.add("roof", "lift-1").await;
    for wrong in ["wrong", other.as_str()] {
        let board = Machine::start(&Passport::new("pit", wrong, house.site.mqtt)).unwrap();
        // MQTT 5: bad user name or password.
        board.logs("Refused(134)", 1).await.unwrap();
        assert!(!board.log().contains("connected"), "{}", board.log());
    }
    let mut board = Machine::start(&Passport::new("pit", &mine, house.site.mqtt)).unwrap();
    board.in_service().await.unwrap();
    let open = house.operator.get("incidents?open=true").await.unwrap();
    assert_eq!(open, Value::Array(vec![]));
}
