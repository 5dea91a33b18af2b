//! The second path: the same inputs over Modbus, read by a master that shares no code with the board.

use gengfu_tests::python::{MASTER, Peer};
use serde_json::json;

use crate::house::House;

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
