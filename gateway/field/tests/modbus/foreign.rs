//! Against pymodbus: values, exceptions and late answers of a server that shares no code with ours.

use gengfu_core::point::{NoData, Value};
use serde_json::json;

use crate::{
    peer::Peer,
    site::{register, unit, watch},
};

const FAST: &str = "poll = \"20ms\"\ntimeout = \"5s\"";

#[tokio::test]
async fn every_kind_of_value_comes_out_as_the_device_means_it() {
    let peer = Peer::start(json!({"7": {
        "holding": {"16": [0xFFFE, 0x0001, 0x86A0, 0x0000, 0x3FC0, 0x0C10], "100": [0x4C31, 0x2020]},
        "input": {"5": [1234]},
        "discrete": {"0": [true, false, true]},
        "coils": {"3": [true]},
    }}))
    .await;
    let points = r#"
        [[point]]
        id = "signed"
        name = { zh = "a", en = "a" }
        address = 16
        type = "i16"
        scale = 0.1
        [[point]]
        id = "wide"
        name = { zh = "b", en = "b" }
        address = "0x11"
        type = "u32"
        [[point]]
        id = "swapped"
        name = { zh = "c", en = "c" }
        address = 19
        type = "f32"
        order = "cdab"
        [[point]]
        id = "bit"
        name = { zh = "d", en = "d" }
        address = 21
        bit = 11
        [[point]]
        id = "field"
        name = { zh = "e", en = "e" }
        address = 21
        bits = [0, 7]
        values = { 0x10 = "fire" }
        [[point]]
        id = "label"
        name = { zh = "f", en = "f" }
        address = 100
        type = "text"
        length = 2
        [[point]]
        id = "analog"
        name = { zh = "g", en = "g" }
        table = "input"
        address = 5
        [[point]]
        id = "contact"
        name = { zh = "h", en = "h" }
        table = "discrete"
        address = 2
        [[point]]
        id = "relay"
        name = { zh = "i", en = "i" }
        table = "coil"
        address = 3
    "#;
    let mut site = watch(peer.port, vec![unit("d", 7, FAST, points)], |_| {});
    for (point, value) in [
        ("d/relay", Value::Bool(true)),
        ("d/contact", Value::Bool(true)),
        ("d/signed", Value::Float(-0.2)),
        ("d/wide", Value::Int(100_000)),
        ("d/swapped", Value::Float(1.5)),
        ("d/bit", Value::Bool(true)),
        ("d/field", Value::Text("fire".into())),
        ("d/label", Value::Text("L1".into())),
        ("d/analog", Value::Int(1234)),
    ] {
        site.expect(point, Ok(value)).await;
    }
    assert_eq!(site.heard().await.as_str(), "d");
    site.bus.stop().await;
}

#[tokio::test]
async fn a_watched_value_is_told_when_it_changes_and_the_history_gets_every_poll() {
    let mut peer = Peer::start(json!({"1": {"holding": {"0": [5, 9]}}})).await;
    let points = register("fault", 0) + &register("history", 1);
    let mut site = watch(peer.port, vec![unit("d", 1, FAST, &points)], |_| {});
    site.expect("d/fault", Ok(Value::Int(5))).await;
    let first = site.telemetry.recv().await.unwrap();
    assert_eq!((first.point.as_str(), first.sample), ("d/fault", Ok(Value::Int(5))));
    for _ in 0..10 {
        let reading = site.telemetry.recv().await.unwrap();
        assert_eq!((reading.point.as_str(), reading.sample), ("d/history", Ok(Value::Int(9))));
    }
    peer.order(json!({"unit": 1, "address": 0, "values": [41]})).await;
    site.expect("d/fault", Ok(Value::Int(41))).await;
    assert_eq!(site.count("alarm_readings"), 2, "ten polls of the same value are no news");
}

#[tokio::test]
async fn an_unchanged_value_is_told_again_once_per_liveness_interval() {
    let peer = Peer::start(json!({"1": {"holding": {"0": [5]}}})).await;
    let one = vec![unit("d", 1, FAST, &register("fault", 0))];
    let mut site = watch(peer.port, one, |s| s.liveness = gengfu_core::time::Span::millis(150));
    for _ in 0..3 {
        site.expect("d/fault", Ok(Value::Int(5))).await;
    }
    let (polls, told) = (site.count("answers"), site.count("alarm_readings"));
    assert!(polls > told, "{polls} polls, told {told} times");
}

#[tokio::test]
async fn a_register_that_the_device_lacks_is_left_out_and_its_neighbours_are_read_on() {
    let mut peer = Peer::start(json!({"1": {"holding": {"0": [1, 2], "3": [4]}}})).await;
    let points: String =
        (0..4).map(|n| register(["a", "b", "missing", "c"][usize::from(n)], n)).collect();
    let mut site = watch(peer.port, vec![unit("d", 1, FAST, &points)], |_| {});
    site.expect("d/a", Ok(Value::Int(1))).await;
    site.expect("d/b", Ok(Value::Int(2))).await;
    site.expect("d/missing", Err(NoData::Refused)).await;
    site.expect("d/c", Ok(Value::Int(4))).await;
    // From here on the missing one is not asked for any more, and the others still are.
    let refused = site.count("exceptions");
    peer.order(json!({"unit": 1, "address": 3, "values": [44]})).await;
    site.expect("d/c", Ok(Value::Int(44))).await;
    site.counted("answers", site.count("answers") + 6).await;
    assert_eq!(site.count("exceptions"), refused);
    assert_eq!(site.count("connections"), 1, "an exception is a proper answer");
}

#[tokio::test]
async fn a_unit_that_is_busy_once_is_asked_again_at_once_and_never_read_as_zero() {
    let mut peer = Peer::start(json!({"1": {"holding": {"0": [5]}}})).await;
    let mut site = watch(peer.port, vec![unit("d", 1, FAST, &register("fault", 0))], |_| {});
    site.expect("d/fault", Ok(Value::Int(5))).await;
    peer.order(json!({"unit": 1, "exception": 6, "times": 1})).await;
    site.counted("exceptions", 1).await;
    assert_eq!(site.count("alarm_readings"), 1, "asked again, it gave the same value");
    peer.order(json!({"unit": 1, "exception": 6})).await;
    site.expect("d/fault", Err(NoData::Refused)).await;
    peer.order(json!({"unit": 1})).await;
    site.expect("d/fault", Ok(Value::Int(5))).await;
}

#[tokio::test]
async fn a_device_failure_is_no_value_but_the_device_is_alive() {
    let mut peer = Peer::start(json!({"1": {"holding": {"0": [5]}}})).await;
    peer.order(json!({"unit": 1, "exception": 4})).await;
    let mut site = watch(peer.port, vec![unit("d", 1, FAST, &register("fault", 0))], |_| {});
    site.expect("d/fault", Err(NoData::Refused)).await;
    assert_eq!(site.heard().await.as_str(), "d");
}

#[tokio::test]
async fn an_answer_that_comes_too_late_is_never_taken_for_another() {
    let mut peer = Peer::start(json!({"1": {"holding": {"0": [1], "500": [2]}}})).await;
    // Two requests a poll: the late answer to the first would fit the second.
    let points = register("first", 0) + &register("second", 500);
    let knobs = "poll = \"20ms\"\ntimeout = \"200ms\"";
    let mut site = watch(peer.port, vec![unit("d", 1, knobs, &points)], |_| {});
    site.expect("d/first", Ok(Value::Int(1))).await;
    site.expect("d/second", Ok(Value::Int(2))).await;
    for round in 1..=3 {
        peer.order(json!({"unit": 1, "delay": 0.5, "times": 1})).await;
        for _ in 0..4 {
            let (point, sample) = site.reading().await;
            let right = if point == "d/first" { 1 } else { 2 };
            assert!(
                sample == Ok(Value::Int(right)) || sample == Err(NoData::Timeout),
                "round {round}: {point} says {sample:?}"
            );
            if point == "d/second" && sample.is_ok() {
                break;
            }
        }
    }
    assert!(site.count("timeouts") >= 3);
    assert!(site.count("connections") >= 4, "each late answer costs its connection");
}

#[tokio::test]
async fn a_device_that_refuses_all_while_it_starts_is_not_asked_one_register_at_a_time() {
    let mut peer = Peer::start(json!({"1": {"holding": {"0": [1, 2, 3, 4]}}})).await;
    peer.order(json!({"unit": 1, "exception": 2, "times": 3})).await;
    let points: String =
        (0..4).map(|n| register(["a", "b", "c", "d"][usize::from(n)], n)).collect();
    let mut site = watch(peer.port, vec![unit("d", 1, FAST, &points)], |_| {});
    for (point, value) in [("d/a", 1), ("d/b", 2), ("d/c", 3), ("d/d", 4)] {
        site.expect(point, Ok(Value::Int(value))).await;
    }
    assert_eq!((site.count("exceptions"), site.count("answers")), (3, 1));
}
