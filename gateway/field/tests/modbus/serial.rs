//! Modbus RTU against pymodbus at the far end of a serial line, and what happens on such a line.

use std::path::PathBuf;

use gengfu_core::point::{NoData, Value};
use serde_json::json;
use tempfile::TempDir;

use crate::{
    peer::Peer,
    site::{register, unit, watch_serial},
};

const FAST: &str = "poll = \"20ms\"\ntimeout = \"5s\"";
/// For units that are too late on purpose.
const HASTY: &str = "poll = \"20ms\"\ntimeout = \"200ms\"";

/// A place for the port.
fn place() -> (TempDir, PathBuf) {
    let folder = TempDir::new().unwrap();
    let device = folder.path().join("line");
    (folder, device)
}

#[tokio::test]
async fn every_table_is_read_over_a_serial_line() {
    let (_folder, device) = place();
    let peer = Peer::serial(
        json!({"7": {
            "holding": {"16": [0x86A0, 0x0001]},
            "input": {"5": [1234]},
            "discrete": {"0": [true, false, true]},
            "coils": {"3": [true]},
        }}),
        &device,
        None,
    )
    .await;
    let points = [
        register("wide", 16) + "type = \"u32\"\norder = \"cdab\"\n",
        register("analog", 5) + "table = \"input\"\n",
        register("contact", 2) + "table = \"discrete\"\n",
        register("relay", 3) + "table = \"coil\"\n",
    ];
    let mut site = watch_serial(&device, vec![unit("d", 7, FAST, &points.concat())]);
    for (point, value) in [
        ("d/relay", Value::Bool(true)),
        ("d/contact", Value::Bool(true)),
        ("d/wide", Value::Int(100_000)),
        ("d/analog", Value::Int(1234)),
    ] {
        site.expect(point, Ok(value)).await;
    }
    assert_eq!(site.heard().await.as_str(), "d");
    site.bus.stop().await;
    drop(peer);
}

#[tokio::test]
async fn noise_and_foreign_frames_cost_neither_the_line_nor_a_value() {
    let (_folder, device) = place();
    let units = json!({"1": {"holding": {"0": [5]}}});
    let mut peer = Peer::serial(units, &device, None).await;
    let mut site = watch_serial(&device, vec![unit("d", 1, FAST, &register("fault", 0))]);
    site.expect("d/fault", Ok(Value::Int(5))).await;
    // Another unit's answer; the beginning of what could be a long answer; noise.
    for before in ["0203020063bc6d", "0103fa", "ff00ff01830000"] {
        peer.order(json!({"unit": 1, "line": {"before": before}})).await;
        let answers = site.count("answers");
        site.counted("answers", answers + 5).await;
    }
    // Noise while nobody has asked.
    for _ in 0..5 {
        peer.order(json!({"line": "0103020009780d"})).await;
    }
    peer.order(json!({"unit": 1, "line": {"times": 0}})).await;
    peer.order(json!({"unit": 1, "address": 0, "values": [6]})).await;
    site.expect("d/fault", Ok(Value::Int(6))).await;
    assert_eq!((site.count("timeouts"), site.count("garbled")), (0, 0));
    assert_eq!(site.count("connections"), 1);
}

#[tokio::test]
async fn an_adapter_that_hears_itself_is_no_hindrance() {
    let (_folder, device) = place();
    let units = json!({"1": {"holding": {"0": [5]}, "coils": {"786": vec![true; 20]}}});
    let mut peer = Peer::serial(units, &device, None).await;
    peer.order(json!({"line": "echo"})).await;
    let coils: String =
        (0..20).map(|n| register(&format!("c{n}"), 786 + n) + "table = \"coil\"\n").collect();
    let points = coils + &register("fault", 0);
    let mut site = watch_serial(&device, vec![unit("d", 1, FAST, &points)]);
    for n in 0..20 {
        site.expect(&format!("d/c{n}"), Ok(Value::Bool(true))).await;
    }
    site.expect("d/fault", Ok(Value::Int(5))).await;
}

#[tokio::test]
async fn a_late_answer_is_never_taken_for_another() {
    let (_folder, device) = place();
    let units = json!({
        "1": {"holding": {"0": [1], "500": [2]}},
        "2": {"holding": {"0": [3]}},
    });
    let mut peer = Peer::serial(units, &device, None).await;
    // Two requests a poll: the late answer to the first would fit the second in all but its time.
    let points = register("first", 0) + &register("second", 500);
    let units =
        vec![unit("late", 1, HASTY, &points), unit("other", 2, HASTY, &register("history", 0))];
    let mut site = watch_serial(&device, units);
    site.expect("late/first", Ok(Value::Int(1))).await;
    site.expect("late/second", Ok(Value::Int(2))).await;
    for hold in [0.25, 0.9, 1.7] {
        peer.order(json!({"unit": 1, "line": {"hold": hold, "times": 1}})).await;
        loop {
            let (point, sample) = site.reading().await;
            let right = if point == "late/first" { 1 } else { 2 };
            assert!(
                sample == Ok(Value::Int(right)) || sample == Err(NoData::Timeout),
                "held for {hold} s: {point} says {sample:?}"
            );
            if point == "late/second" && sample.is_ok() {
                break;
            }
        }
    }
    assert!(site.count("timeouts") >= 3);
    assert_eq!(site.count("connections"), 1, "the port stays open");
    while let Ok(reading) = site.telemetry.try_recv() {
        if reading.device().as_str() == "other" {
            assert_eq!(reading.sample, Ok(Value::Int(3)), "the other one was read on");
        }
    }
}

#[tokio::test]
async fn a_damaged_answer_is_no_value() {
    let (_folder, device) = place();
    let mut peer = Peer::serial(json!({"1": {"holding": {"0": [5]}}}), &device, None).await;
    let mut site = watch_serial(&device, vec![unit("d", 1, HASTY, &register("fault", 0))]);
    site.expect("d/fault", Ok(Value::Int(5))).await;
    peer.order(json!({"unit": 1, "line": {"damage": true, "times": 1}})).await;
    site.expect("d/fault", Err(NoData::Garbled)).await;
    site.expect("d/fault", Ok(Value::Int(5))).await;
    peer.order(json!({"unit": 1, "line": {"claim": 9, "times": 1}})).await;
    site.expect("d/fault", Err(NoData::Timeout)).await;
    site.expect("d/fault", Ok(Value::Int(5))).await;
}

#[tokio::test]
async fn an_adapter_that_is_pulled_out_is_found_again() {
    let (_folder, device) = place();
    let mut peer = Peer::serial(json!({"1": {"holding": {"0": [5]}}}), &device, None).await;
    let mut site = watch_serial(&device, vec![unit("d", 1, FAST, &register("fault", 0))]);
    site.expect("d/fault", Ok(Value::Int(5))).await;
    peer.order(json!({"line": "unplug"})).await;
    site.expect("d/fault", Err(NoData::Timeout)).await;
    site.counted("connection_failures", 2).await;
    peer.order(json!({"line": "plug"})).await;
    site.expect("d/fault", Ok(Value::Int(5))).await;
}

#[tokio::test]
async fn a_second_master_is_kept_off_the_line() {
    let (_folder, device) = place();
    let peer = Peer::serial(json!({"1": {"holding": {"0": [5]}}}), &device, None).await;
    let mut site = watch_serial(&device, vec![unit("d", 1, FAST, &register("fault", 0))]);
    site.expect("d/fault", Ok(Value::Int(5))).await;
    let mut second = watch_serial(&device, vec![unit("e", 1, FAST, &register("fault", 0))]);
    second.expect("e/fault", Err(NoData::Timeout)).await;
    second.counted("connection_failures", 2).await;
    site.bus.stop().await;
    second.expect("e/fault", Ok(Value::Int(5))).await;
    drop(peer);
}
