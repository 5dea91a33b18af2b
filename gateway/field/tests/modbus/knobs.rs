//! What a profile may say about how its device wants to be asked.

use gengfu_core::point::{NoData, Value};
use serde_json::json;

use crate::{
    liar::{Answer, Liar},
    peer::Peer,
    site::{register, unit, watch},
};

#[tokio::test]
async fn a_device_that_wants_one_request_a_point_gets_them() {
    let liar = Liar::start(|asked| Answer::Values(vec![7; asked.count.into()])).await;
    let points: String = (0..4).map(|n| register(&format!("history{n}"), n)).collect();
    let knobs = "poll = \"10ms\"\ntimeout = \"5s\"\none_by_one = true";
    let mut site = watch(liar.port, vec![unit("d", 1, knobs, &points)], |_| {});
    site.counted("answers", 8).await;
    assert!(liar.asked().iter().all(|asked| asked.count == 1));
}

#[tokio::test]
async fn a_device_that_takes_one_connection_gets_it_back_after_each_poll() {
    let liar = Liar::start(|asked| Answer::Values(vec![7; asked.count.into()])).await;
    let points = register("history", 0) + &register("history-far", 900);
    let knobs = "poll = \"10ms\"\ntimeout = \"5s\"\nclose_after_poll = true";
    let mut site = watch(liar.port, vec![unit("d", 1, knobs, &points)], |_| {});
    site.counted("answers", 8).await;
    for (at, asked) in liar.asked().iter().take(8).enumerate() {
        assert_eq!(asked.connection, at / 2 + 1, "two requests a connection");
    }
    assert_eq!(site.count("connection_failures"), 0);
}

#[tokio::test]
async fn a_point_with_a_poll_of_its_own_is_read_at_its_own_pace() {
    let liar = Liar::start(|asked| Answer::Values(vec![7; asked.count.into()])).await;
    let points = register("history", 0)
        + "poll = \"10ms\"\n"
        + &register("history-slow", 1)
        + "poll = \"1h\"\n"
        + &register("history-usual", 2);
    let knobs = "poll = \"200ms\"\ntimeout = \"5s\"";
    let mut site = watch(liar.port, vec![unit("d", 1, knobs, &points)], |_| {});
    site.counted("answers", 150).await;
    let asked = liar.asked();
    let of = |start: u16| asked.iter().filter(|a| a.address == start && a.count == 1).count();
    assert_eq!(of(1), 1, "once at the start, and then every hour");
    assert!(of(2) >= 2 && of(0) >= 10 * of(2), "{} fast and {} usual ones", of(0), of(2));
}

#[tokio::test]
async fn a_busy_unit_is_asked_three_times_at_once() {
    let mut peer = Peer::start(json!({"1": {"holding": {"0": [5]}}})).await;
    let knobs = "poll = \"20ms\"\ntimeout = \"5s\"";
    let mut site = watch(peer.port, vec![unit("d", 1, knobs, &register("fault", 0))], |_| {});
    site.expect("d/fault", Ok(Value::Int(5))).await;
    peer.order(json!({"unit": 1, "exception": 6, "times": 2})).await;
    site.counted("exceptions", 2).await;
    site.counted("answers", site.count("answers") + 1).await;
    assert_eq!(site.count("alarm_readings"), 1, "the third time it gave the same value");
    peer.order(json!({"unit": 1, "exception": 6, "times": 3})).await;
    site.expect("d/fault", Err(NoData::Refused)).await;
    site.expect("d/fault", Ok(Value::Int(5))).await;
}
