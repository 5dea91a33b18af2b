//! What stands beside a board on its RS-485 line: a lift controller with none of the project's code
//! (pymodbus), read by the board's own program, and understood by the gateway.

use gengfu_tests::{
    eventually,
    python::{MASTER, MODBUS, Peer},
    qemu::{Machine, Passport},
    site::{BOARD_PASSWORD, Site},
};
use serde_json::{Value, json};

use crate::house::House;

/// The registers that the profile `nice3000` reads; nothing moves, and there is no fault.
const CONTROLLER: &str = r#"{"7":{"holding":{"4112":[0,0,0,0,0,0,0,0,3,90,0,16,0,112],
    "12288":[3],"32768":[0]}}}"#;
const FAULT: u16 = 0x8000;
/// The safety circuit is open.
const E41: u16 = 41;

/// A lift controller at the line of this board, and what the line is.
pub fn beside(board: &str, place: &str) -> String {
    format!(
        r#"
[[modbus.buses]]
id = "machine-room"
board = "{board}"
baud = 9600
parity = "even"

[[devices]]
id = "lift"
name = {{ zh = "电梯控制器", en = "Lift controller" }}
place = "{place}"
profile = "nice3000"
bus = "machine-room"
unit = 7
"#
    )
}

/// The controller, switched on at the end of a line.
pub async fn controller(line: u16) -> Peer {
    let mut unit = Peer::start(MODBUS, &[CONTROLLER, &format!("tcp:{line}")]).unwrap();
    unit.port().await.unwrap();
    unit
}

/// It has this fault from now on.
pub async fn has_fault(unit: &mut Peer, fault: u16) {
    unit.order(&json!({ "unit": 7, "address": FAULT, "values": [fault] })).await.unwrap();
    assert_eq!(unit.line().await.unwrap(), "done");
}

/// Waits until a point says that.
pub async fn says(house: &House, point: &str, key: &str, value: Value) {
    let path = format!("points/{}", point.replace('/', "%2F"));
    eventually(&format!("{point}: {key} {value}"), async || {
        (house.operator.get(&path).await.ok()?[key] == value).then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_fault_of_the_controller_beside_a_board_calls_somebody_and_its_silence_is_no_value() {
    let site = Site::new(1, &beside("board-1", "lift-1")).unwrap();
    let passport = Passport::new("board-1", BOARD_PASSWORD, site.mqtt);
    let house = House::start(site).await;
    let mut board = Machine::start(&passport).unwrap();
    let mut unit = controller(board.line).await;
    board.in_service().await.unwrap();
    says(&house, "lift/fault", "value", json!(0)).await;
    says(&house, "lift/mode", "value", json!("automatic")).await;

    has_fault(&mut unit, E41).await;
    let told = house.hooks.first("wang", "alert").await;
    let (danger, place) = (&told["danger"], &told["place"]["en"]);
    assert_eq!((danger, place), (&json!("lift"), &json!("Lift 1")), "{told}");
    says(&house, "lift/fault", "value", json!(E41)).await;

    // Switched off: what it said last is not shown as if it still held.
    drop(unit);
    says(&house, "lift/fault", "no_data", json!("timeout")).await;
    let again = controller(board.line).await;
    says(&house, "lift/fault", "value", json!(0)).await;
    drop(again);

    // The board itself is gone, and nothing is known of what is beside it.
    drop(board);
    says(&house, "lift/fault", "no_data", json!("offline")).await;
}

#[tokio::test]
async fn a_line_from_which_the_devices_are_taken_is_another_master_s_again() {
    let site = Site::new(1, &beside("board-1", "lift-1")).unwrap();
    let passport = Passport::new("board-1", BOARD_PASSWORD, site.mqtt);
    let house = House::start(site).await;
    let mut board = Machine::start(&passport).unwrap();
    let unit = controller(board.line).await;
    board.in_service().await.unwrap();
    says(&house, "lift/fault", "value", json!(0)).await;
    drop(unit);

    house.site.write(1, "").unwrap();
    house.reload().await;
    board.logs("heard poll", 2).await.unwrap();
    let mut master = Peer::start(MASTER, &["rtu", &board.line.to_string()]).unwrap();
    master.order(&json!({ "from": 0, "count": 2 })).await.unwrap();
    assert_eq!(master.json().await.unwrap()["registers"][1], json!(8), "it has eight inputs");
    drop(master);

    // And back: also after the plug was pulled, from the flash.
    house.site.write(1, &beside("board-1", "lift-1")).unwrap();
    house.reload().await;
    board.logs("heard poll", 3).await.unwrap();
    board.pull_plug().unwrap();
    let _unit = controller(board.line).await;
    says(&house, "lift/fault", "value", json!(0)).await;
}
