//! A W5500-EVB-Pico: the file that `gengfu board new` writes, dropped onto its chip (emulated), and the
//! gateway's own program. What of the chip is modelled is said in `gengfu_tests::pico`.

use std::{path::PathBuf, process::Command};

use gengfu_tests::{
    eventually,
    gateway::program,
    operator::PASSWORD,
    pico::{KIND, Pico},
    qemu::{HERE, image},
};
use reqwest::Method;
use serde_json::json;

use crate::{
    house::{House, journal},
    modbus::register,
};

/// Makes the board `pit` of the lift, with a call button at its first contact, which takes updates by this
/// key: the file for it. It has TLS where the gateway has.
pub fn made(house: &House, key: Option<&str>) -> PathBuf {
    made_as(house, KIND, key)
}

/// The same for another kind of board.
pub fn made_as(house: &House, kind: &str, key: Option<&str>) -> PathBuf {
    let mut new = Command::new(program().unwrap());
    new.args(["board", "new", "pit", "--kind", kind, "--place", "lift-1", "--input", "1=call"]);
    for part in [format!("{kind}-boot"), kind.to_owned()] {
        new.arg("--image").arg(image(&part).unwrap());
    }
    if let Some(key) = key {
        new.args(["--update-key", key]);
    }
    new.arg("--broker").arg(format!("{HERE}:{}", house.site.secure.unwrap_or(house.site.mqtt)));
    new.arg("--config").arg(house.site.config()).env("GENGFU_PASSWORD", PASSWORD);
    let made = new.current_dir(house.site.folder()).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    house.site.folder().join("pit.uf2")
}

#[tokio::test]
async fn a_pin_reaches_a_person_and_the_answer_comes_back_to_the_lamp_s_pins() {
    let mut house = House::with_a_lift().await;
    let mut board = Pico::start(&made(&house, None)).unwrap();
    board.logs("pit starts, boot 1, after power", 1).await.unwrap();
    board.logs("connected", 1).await.unwrap();
    board.until("yellow=0 green=0").await.unwrap();

    board.close(&[1]).unwrap();
    let told = house.hooks.first("wang", "alert").await;
    assert_eq!(told["place"]["en"], "Lift 1", "{told}");
    assert_eq!(house.contact(1).await, json!(true));
    board.until("yellow=1 green=0").await.unwrap();
    house.operator.ask(Method::POST, "incidents/1/acknowledge", json!({})).await.unwrap();
    board.until("yellow=0 green=1").await.unwrap();

    board.close(&[]).unwrap();
    eventually("the button is let go", async || {
        (house.contact(1).await == json!(false)).then_some(())
    })
    .await;
    house.kill_gateway();
    assert_eq!(journal(&house.site), [(1, 1), (1, 2)]);
}

#[tokio::test]
async fn what_its_flash_keeps_outlasts_the_plug() {
    let mut house = House::with_a_lift().await;
    let mut board = Pico::start(&made(&house, None)).unwrap();
    board.logs("connected", 1).await.unwrap();
    eventually("the gateway knows the contact", async || {
        (house.contact(1).await == json!(false)).then_some(())
    })
    .await;
    house.kill_gateway();
    board.logs("lost", 1).await.unwrap();
    board.close(&[1]).unwrap();
    // By its second path: it waits for its receipt, and was written before that could be seen.
    let waiting = async || register(board.modbus, 20).await.filter(|waiting| *waiting == 1);
    eventually("the event waits for its receipt", waiting).await;
    board.pull_plug().unwrap();
    board.logs("pit starts, boot 2, after power", 1).await.unwrap();
    house.start_gateway();
    house.hooks.first("wang", "alert").await;
    board.until("yellow=1 green=0").await.unwrap();
    house.kill_gateway();
    // The press before the plug was pulled, and that it is still pressed after it.
    assert_eq!(journal(&house.site), [(1, 1), (2, 1)]);
}

#[tokio::test]
async fn a_network_chip_that_died_is_started_again_and_the_board_never_was() {
    let house = House::with_a_lift().await;
    let mut board = Pico::start(&made(&house, None)).unwrap();
    board.logs("connected", 1).await.unwrap();
    board.network(false).unwrap();
    board.logs("the network chip is reset", 2).await.unwrap();
    board.close(&[1]).unwrap();
    board.network(true).unwrap();
    house.hooks.first("wang", "alert").await;
    board.until("yellow=1 green=0").await.unwrap();
    assert_eq!(board.pins().unwrap().get("starts"), Some("1"));
}
