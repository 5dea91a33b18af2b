//! The second path: the same inputs over Modbus, read by a master that shares no code with the board, and
//! by the gateway.

use gengfu_tests::{
    eventually,
    python::{MASTER, Peer},
    qemu::{Machine, Passport},
    site::{BOARD_PASSWORD, Site},
};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Duration, Instant, timeout},
};

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
    // Pressed as shortly as is believed: the gateway asks once in a second.
    board.close(&[1]).unwrap();
    board.until("pressed", |s| s.waiting() == Some(1)).await.unwrap();
    board.close(&[]).unwrap();
    reads("active").await;
    eventually("somebody is trapped", async || {
        let open = house.operator.get("incidents?open=true").await.ok()?;
        let mut dangers = open.as_array()?.iter().map(|incident| &incident["danger"]);
        dangers.any(|danger| *danger == json!("trapped")).then_some(())
    })
    .await;
    // No receipt by this way: the board keeps the events for when the broker is back.
    assert_eq!(board.state().unwrap().waiting(), Some(2));
}

/// A register below 256, asked by a connection that stays; none where nobody answers.
async fn asked(port: u16, at: u8) -> Option<(TcpStream, u16)> {
    const HEAD: usize = 9;
    let asked = async {
        let mut board = TcpStream::connect(("127.0.0.1", port)).await?;
        board.write_all(&[0, 7, 0, 0, 0, 6, 1, 4, 0, at, 0, 1]).await?;
        let mut answer = [0; HEAD + 2];
        board.read_exact(&mut answer).await?;
        std::io::Result::Ok((board, u16::from_be_bytes([answer[HEAD], answer[HEAD + 1]])))
    };
    timeout(Duration::from_secs(2), asked).await.ok()?.ok()
}

/// The same, by a connection of its own.
pub async fn register(port: u16, at: u8) -> Option<u16> {
    Some(asked(port, at).await?.1)
}

#[tokio::test]
async fn masters_that_stay_and_say_nothing_do_not_keep_the_others_out() {
    let house = House::with_a_lift().await;
    let (mut board, _) = house.pit().await;
    board.close(&[2]).unwrap();
    board.until("heard", |s| s.waiting() == Some(0)).await.unwrap();
    let begun = Instant::now();
    let master = async || asked(board.modbus, 2).await.filter(|(_, active)| *active == 0b10);
    let first = eventually("a master is answered", master).await;
    // There is a second place, and whoever leaves it makes room at once.
    drop(eventually("a second master is answered", master).await);
    let second = eventually("a third one is answered", master).await;
    assert!(begun.elapsed() < Duration::from_secs(20), "they waited for the first one");
    // Both places are taken now, by masters that say nothing more, and there is one for who asks.
    let begun = Instant::now();
    eventually("a place is free again", master).await;
    assert!(begun.elapsed() > Duration::from_secs(10), "{first:?} or {second:?} had no place");
}
