//! The second path: the same inputs over Modbus, read by a master that shares no code with the board, and
//! by the gateway.

use gengfu_tests::{
    eventually,
    python::{MASTER, Peer},
    qemu::{Machine, Passport},
    site::{BOARD_PASSWORD, Site},
};
use serde_json::json;

use crate::{house::House, mosquitto::Mosquitto};

/// The registers of `docs/board-registers.md` that the story asks for.
const ACTIVE: usize = 2;
const START: usize = 24;
const ACTIVATIONS: usize = 43;

#[tokio::test]
async fn a_master_reads_the_contacts_over_tcp_and_over_the_line() {
    let house = House::with_a_lift().await;
    let (mut board, _) = house.pit().await;
    board.close(&[1, 3]).unwrap();
    house.hooks.first("wang", "alert").await;
    board.until("heard", |s| s.waiting() == Some(0)).await.unwrap();
    for (way, port) in [("tcp", board.modbus), ("rtu", board.line)] {
        let mut master = Peer::start(MASTER, &[way, &port.to_string()]).unwrap();
        master.order(&json!({ "from": 0, "count": 59 })).await.unwrap();
        let read = master.json().await.unwrap();
        let register = |at: usize| read["registers"][at].as_u64();
        assert_eq!(register(ACTIVE), Some(0b101), "{way}: {read}");
        assert_eq!((register(START), register(ACTIVATIONS)), (Some(1), Some(1)), "{way}: {read}");
    }
}

#[tokio::test]
async fn with_the_broker_dead_the_gateway_hears_the_call_by_the_second_path() {
    let site = Site::with_outside_broker(1, "").unwrap();
    let mut broker = Mosquitto::start(&site, 1);
    let passport = Passport::new("board-1", BOARD_PASSWORD, site.mqtt);
    let mut board = Machine::start(&passport).unwrap();
    let second = format!(
        r#"
[[modbus.buses]]
id = "second"
tcp = "127.0.0.1:{}"

[[devices]]
id = "pit-line"
place = "lift-1"
profile = "board-modbus"
bus = "second"
unit = 1
parameters = {{ inputs = 2, danger = "trapped", priority = "critical" }}
"#,
        board.modbus
    );
    site.write(1, &second).unwrap();
    let house = House::start(site).await;
    board.in_service().await.unwrap();
    let reads = async |value: &str| {
        eventually(&format!("the second path says {value}"), async || {
            let point = house.operator.get("points/pit-line%2Fin1").await.ok()?;
            (point["value"] == value).then_some(())
        })
        .await;
    };
    reads("idle").await;
    broker.kill();
    board.until("alone", |s| !s.is_connected()).await.unwrap();
    board.close(&[1]).unwrap();
    reads("active").await;
    eventually("somebody is trapped", async || {
        let open = house.operator.get("incidents?open=true").await.ok()?;
        let mut dangers = open.as_array()?.iter().map(|incident| &incident["danger"]);
        dangers.any(|danger| *danger == json!("trapped")).then_some(())
    })
    .await;
    // No receipt by this way: the board keeps the event for when the broker is back.
    assert_eq!(board.state().unwrap().waiting(), Some(1));
}
