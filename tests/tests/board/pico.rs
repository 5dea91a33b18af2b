//! A W5500-EVB-Pico: the file that `gengfu board new` writes, dropped onto its chip (emulated), and the
//! gateway's own program. What of the chip is modelled is said in `gengfu_tests::pico`.

use std::{path::PathBuf, process::Command};

use gengfu_tests::{
    eventually,
    gateway::program,
    operator::PASSWORD,
    pico::{KIND, Pico},
    qemu::{HERE, image},
    site::Site,
};
use reqwest::Method;
use serde_json::json;

use crate::{
    beside::{beside, controller, has_fault, says},
    house::{House, LIFT, journal},
    modbus::register,
};

/// Makes the board `pit` of the lift, with a call button at its first contact, which takes updates by this
/// key: the file for it. It has TLS where the gateway has.
pub fn made(house: &House, key: Option<&str>) -> PathBuf {
    made_with(house, KIND, key, &[])
}

/// The same for another kind of board.
pub fn made_as(house: &House, kind: &str, key: Option<&str>) -> PathBuf {
    made_with(house, kind, key, &[])
}

/// The same, with further words for `gengfu board new`.
fn made_with(house: &House, kind: &str, key: Option<&str>, further: &[&str]) -> PathBuf {
    let mut new = Command::new(program().unwrap());
    new.args(["board", "new", "pit", "--kind", kind, "--place", "lift-1", "--input", "1=call"]);
    for part in [format!("{kind}-boot"), kind.to_owned()] {
        new.arg("--image").arg(image(&part).unwrap());
    }
    new.args(further);
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

/// At the board's registers for Modbus: how its ninth input stands.
const LOOP: u8 = 12;
const OPEN: u16 = 2;

#[tokio::test]
async fn what_hangs_at_its_converter_is_told_a_cut_loop_and_a_supply_that_falls() {
    let house = House::with_a_lift().await;
    let file = made_with(&house, KIND, None, &["--profile", "board-loop", "--input", "9=fire"]);
    let hung = [("supply", "12000"), ("battery", "12600"), ("loop", "4700")];
    let mut board = Pico::start_with(&file, &hung).unwrap();
    board.logs("connected", 1).await.unwrap();
    says(&house, "pit/in9", "value", json!(false)).await;
    let measured = async |point: &str, low: f64, high: f64| {
        eventually(&format!("{point} from {low} to {high}"), async || {
            let point = house.operator.get(&format!("points/pit%2F{point}")).await.ok()?;
            point["value"].as_f64().filter(|value| (low..=high).contains(value))
        })
        .await
    };
    measured("supply", 11.95, 12.05).await;
    measured("battery", 12.55, 12.65).await;
    measured("temperature", 31.0, 32.0).await;

    board.hang("loop", "cut").unwrap();
    says(&house, "pit/in9", "no_data", json!("faulty")).await;
    assert_eq!(register(board.modbus, LOOP).await, Some(OPEN), "and not short or drift");
    board.hang("supply", "9500").unwrap();
    measured("supply", 9.4, 9.6).await;
    for rule in ["line fault", "supply is low"] {
        eventually(rule, async || {
            let alarms = house.operator.get("alarms").await.ok()?;
            let mut stands = alarms.as_array()?.iter().filter(|alarm| alarm["active"] == true);
            stands.any(|alarm| alarm["name"]["en"].to_string().contains(rule)).then_some(())
        })
        .await;
    }
    house.hooks.first("wang", "alert").await;
    // The detector itself, through the loop's second resistor beside the one at its end.
    board.hang("loop", "825").unwrap();
    says(&house, "pit/in9", "value", json!(true)).await;
}

#[tokio::test]
async fn it_asks_the_controller_beside_it_and_turns_the_line_round_in_time() {
    let site = Site::new(0, &format!("{LIFT}{}", beside("pit", "lift-1"))).unwrap();
    let house = House::start(site).await;
    let mut board = Pico::start(&made(&house, None)).unwrap();
    board.logs("connected", 1).await.unwrap();
    let mut unit = controller(board.line).await;
    says(&house, "lift/fault", "value", json!(0)).await;
    says(&house, "lift/mode", "value", json!("automatic")).await;
    has_fault(&mut unit, 41).await;
    let told = house.hooks.first("wang", "alert").await;
    assert_eq!(told["danger"], "lift", "{told}");
    let stands = board.pins().unwrap();
    let turn_us: u32 = stands.get("turn_us").unwrap().parse().unwrap();
    // A device may answer three and a half characters after the request: 4 ms at 9600.
    assert!(turn_us < 1_750, "the driver listens {turn_us} µs after the last bit");
    drop(unit);
    says(&house, "lift/fault", "no_data", json!("timeout")).await;
    // Where nothing hangs at the converter nothing is measured.
    assert_eq!(register(board.modbus, 27).await, Some(u16::MAX));
}
