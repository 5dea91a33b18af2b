//! Somebody looks at a running bus by hand: through the bus's own connection, and at nobody's cost.

use std::time::Duration;

use gengfu_field::modbus::{
    BusHandle, Look,
    connection::{Failure, Values},
    field::Table,
    plan::Block,
};
use serde_json::json;
use tempfile::TempDir;
use tokio::{
    sync::oneshot,
    time::{Instant, timeout},
};

use crate::{
    peer::Peer,
    site::{register, unit, watch, watch_serial},
};

const WAIT: Duration = Duration::from_millis(100);

async fn look(bus: &BusHandle, unit: u8) -> Result<Values, Failure> {
    let block = Block { table: Table::Holding, start: 0, count: 2, fields: vec![], poll: None };
    let (answer, answered) = oneshot::channel();
    bus.looks.send(Look { unit, block, limit: WAIT, answer }).await.unwrap();
    timeout(Duration::from_secs(20), answered).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_looks_at_a_serial_line_takes_a_fifth_of_its_time_at_the_most() {
    let folder = TempDir::new().unwrap();
    let device = folder.path().join("line");
    let units = json!({ "1": { "holding": { "0": [7, 8] } }, "2": { "holding": { "0": [5, 6] } } });
    let _peer = Peer::serial(units, &device, None).await;
    let points = register("history", 0);
    let knobs = "poll = \"20ms\"\ntimeout = \"400ms\"";
    let mut site = watch_serial(&device, vec![unit("u1", 1, knobs, &points)]);
    site.counted("answers", 3).await;
    // A unit that nobody has configured, on the one line that there is.
    assert_eq!(look(&site.bus, 2).await.unwrap(), Values::Registers(vec![5, 6]));
    let answers = |site: &crate::site::Site| {
        let snapshot = site.bus.counters.snapshot();
        snapshot.iter().find(|(name, _)| *name == "answers").map_or(0, |(_, count)| *count)
    };
    // Four that are not there: the line is asked as ever between them.
    let (begun, before) = (Instant::now(), answers(&site));
    for unit in 20..24 {
        let before = answers(&site);
        assert!(matches!(look(&site.bus, unit).await, Err(Failure::Silence(_))), "{unit}");
        if unit > 20 {
            assert!(answers(&site) > before, "the unit was asked while {unit} waited its turn");
        }
    }
    let took = begun.elapsed();
    assert!(took >= WAIT * 4 + WAIT * 4 * 3, "three rests of four times each wait: {took:?}");
    assert!(answers(&site) >= before + 10, "{} to {}", before, answers(&site));
    site.bus.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bus_without_units_can_be_looked_at_and_one_that_is_away_says_so() {
    let peer = Peer::start(json!({ "9": { "holding": { "0": [1, 2] } } })).await;
    let site = watch(peer.port, vec![], |_| {});
    assert_eq!(look(&site.bus, 9).await.unwrap(), Values::Registers(vec![1, 2]));
    drop(peer);
    let gone = timeout(Duration::from_secs(20), async {
        loop {
            if let Err(Failure::Lost(why)) = look(&site.bus, 9).await {
                return why;
            }
        }
    });
    assert!(gone.await.unwrap().contains("reached"));
    // Who waits no more is not asked for.
    let block = Block { table: Table::Holding, start: 0, count: 2, fields: vec![], poll: None };
    let (answer, answered) = oneshot::channel();
    drop(answered);
    site.bus.looks.send(Look { unit: 9, block, limit: WAIT, answer }).await.unwrap();
    site.bus.stop().await;
}
