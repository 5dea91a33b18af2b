//! A long line: 32 units on one serial bus, most of them good.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use gengfu_core::point::NoData;
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tokio::time::timeout;

use crate::{
    peer::Peer,
    site::{register, unit, watch_serial},
};

const POLL: u64 = 2_000;
/// Late by less than the timeout.
const SLOW: std::ops::RangeInclusive<u8> = 9..=12;
/// Their answers are damaged, or are said to be somebody else's.
const LIARS: [u8; 2] = [13, 14];
const DEAD: std::ops::RangeInclusive<u8> = 1..=8;
/// Nobody waits longer than this past its poll, on a busy machine too. Where the dead may take what time
/// they want, it is 2.7 s, and the mean 3.1 s.
const SLACK: u64 = 2_000;
/// Seven polls.
const WATCHED: Duration = Duration::from_secs(14);

#[tokio::test(flavor = "multi_thread")]
async fn good_units_keep_their_poll_whatever_hangs_on_the_same_line() {
    let folder = TempDir::new().unwrap();
    let device = folder.path().join("line");
    let present = (1..=32_u8).filter(|n| !DEAD.contains(n));
    let tables = |n: u8| (n.to_string(), json!({"holding": {"0": [n, 0, 0, 0, 0, 0, 0, 0]}}));
    let units: serde_json::Map<String, Json> = present.map(tables).collect();
    // At the speed that the gateway sets: 9600 8N1.
    let mut peer = Peer::serial(Json::Object(units), &device, Some(9_600)).await;
    for n in SLOW {
        peer.order(json!({"unit": n, "line": {"hold": 0.12}})).await;
    }
    peer.order(json!({"unit": LIARS[0], "line": {"damage": true}})).await;
    peer.order(json!({"unit": LIARS[1], "line": {"claim": 20}})).await;
    let knobs = format!("poll = \"{POLL}ms\"\ntimeout = \"400ms\"");
    let points: String = (0..8).map(|n| register(&format!("history{n}"), n)).collect();
    let all = (1..=32).map(|n| unit(&format!("u{n}"), n, &knobs, &points)).collect();
    let mut site = watch_serial(&device, all);

    // The first round asks everybody, also the dead.
    let begun = Instant::now();
    site.counted("requests", 32).await;
    let round = begun.elapsed();
    // The first interval of each is cut short, and those that waited for the dead catch up.
    site.counted("requests", 110).await;
    while site.telemetry.try_recv().is_ok() {}
    // Signs of life are read meanwhile, or the bus would wait.
    let reading = async { while site.alarms.recv().await.is_some() {} };
    assert!(timeout(WATCHED, reading).await.is_err(), "the bus has ended");

    let mut polls: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    while let Ok(reading) = site.telemetry.try_recv() {
        let n: u8 = reading.device().as_str()[1..].parse().unwrap();
        if DEAD.contains(&n) || LIARS.contains(&n) {
            let said = reading.sample.unwrap_err();
            assert!(matches!(said, NoData::Timeout | NoData::Garbled), "u{n}: {said:?}");
        } else if reading.point.as_str().ends_with("history0") {
            assert!(reading.sample.is_ok(), "u{n}: {:?}", reading.sample);
            let at = reading.received_at.as_millis();
            polls.entry(reading.device().to_string()).or_default().push(at);
        }
    }
    assert_eq!(polls.len(), 22, "18 good ones and 4 slow ones");
    let between = |times: &Vec<i64>| -> Vec<u64> {
        times.windows(2).map(|pair| (pair[1] - pair[0]).unsigned_abs()).collect()
    };
    let mut all: Vec<u64> = polls.values().flat_map(between).collect();
    all.sort_unstable();
    let mean = all.iter().sum::<u64>() / all.len() as u64;
    let (p95, worst) = (all[all.len() * 95 / 100], all[all.len() - 1]);
    println!(
        "32 units at 9600 baud, poll {POLL} ms, 8 dead, 4 slow, 2 lying: first round {} ms; then {} intervals \
         of the 22 others: mean {mean} ms, 95 of 100 within {p95} ms, longest {worst} ms; {} requests, {} without answer, \
         {} garbled",
        round.as_millis(),
        all.len(),
        site.count("requests"),
        site.count("timeouts"),
        site.count("garbled"),
    );
    assert!(mean <= POLL + POLL / 10, "{mean} ms between polls");
    assert!(worst <= POLL + SLACK, "{worst} ms between two polls");
    assert!(polls.values().all(|times| times.len() >= 5), "{polls:?}");
}
