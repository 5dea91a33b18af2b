//! Outputs that are switched: only those that a profile names, read back, and told what became of it.

use std::time::Duration;

use gengfu_core::{
    output::OrderEnd,
    point::{NoData, Value},
};
use gengfu_field::switch::{Ended, Switch};
use serde_json::json;
use tempfile::TempDir;
use tokio::{
    sync::oneshot,
    time::{Instant, timeout},
};

use crate::{
    liar::{Answer, Liar},
    peer::Peer,
    site::{Site, register, unit, watch, watch_serial},
};

const SLOW: &str = "poll = \"1h\"\ntimeout = \"5s\"";
const HASTY: &str = "poll = \"1h\"\ntimeout = \"200ms\"";

/// An output in every way that a profile can write it.
const OUTPUTS: &str = r#"
[[point]]
id = "gate"
name = { en = "gate" }
table = "coil"
address = 16
output = { kind = "gate" }
[[point]]
id = "siren"
name = { en = "siren" }
table = "coil"
address = 17
output = { kind = "siren", multiple = true }
[[point]]
id = "lamp"
name = { en = "lamp" }
address = 3
values = { 255 = true, 0 = false }
output = { kind = "lamp", on = 255 }
[[point]]
id = "strobe"
name = { en = "strobe" }
address = 4
type = "u32"
values = { 65537 = true, 2 = false }
output = { kind = "strobe", on = [1, 1], off = [0, 2] }
"#;

fn tables() -> serde_json::Value {
    json!({"coils": {"16": [false, false]}, "holding": {"3": [0, 0, 2, 7]}})
}

async fn wish(site: &Site, output: &str, on: bool, not_after: Option<Instant>) -> Ended {
    let (answer, ended) = oneshot::channel();
    let output = output.into();
    site.bus.switches.send(Switch { output, on, not_after, answer }).await.unwrap();
    timeout(Duration::from_secs(20), ended).await.expect("no answer").expect("nobody answers")
}

async fn switch(site: &Site, output: &str, on: bool) -> OrderEnd {
    wish(site, output, on, None).await.end
}

/// Every output on and off again; the device says each time how it stands.
async fn all_of_them(mut site: Site) {
    for output in ["d/gate", "d/siren", "d/lamp", "d/strobe"] {
        site.expect(output, Ok(Value::Bool(false))).await;
    }
    for output in ["d/gate", "d/siren", "d/lamp", "d/strobe"] {
        for on in [true, false] {
            assert_eq!(wish(&site, output, on, None).await, Ended::done(), "{output}");
            site.expect(output, Ok(Value::Bool(on))).await;
        }
    }
    assert_eq!((site.count("writes"), site.count("connections")), (8, 1));
}

#[tokio::test]
async fn outputs_are_switched_by_all_four_functions_and_read_back() {
    let peer = Peer::start(json!({"1": tables()})).await;
    all_of_them(watch(peer.port, vec![unit("d", 1, SLOW, OUTPUTS)], |_| {})).await;
}

#[tokio::test]
async fn outputs_are_switched_over_a_serial_line_also_by_an_adapter_that_hears_itself() {
    for echo in [false, true] {
        let folder = TempDir::new().unwrap();
        let device = folder.path().join("line");
        let mut peer = Peer::serial(json!({"9": tables()}), &device, None).await;
        if echo {
            peer.order(json!({"line": "echo"})).await;
        }
        all_of_them(watch_serial(&device, vec![unit("d", 9, SLOW, OUTPUTS)])).await;
        drop(peer);
    }
}

#[tokio::test]
async fn what_a_profile_does_not_name_is_never_written() {
    let peer = Peer::start(json!({"1": {"holding": {"0": [5, 0]}}})).await;
    let points = register("fault", 0)
        + &register("relay", 1)
        + "values = { 1 = true, 0 = false }\noutput = { kind = \"relay\" }\n";
    let mut site = watch(peer.port, vec![unit("d", 1, SLOW, &points)], |_| {});
    site.expect("d/fault", Ok(Value::Int(5))).await;
    for stranger in ["d/fault", "d/nothing", "other/relay"] {
        assert_eq!(switch(&site, stranger, true).await, OrderEnd::Failed, "{stranger}");
    }
    // Too late: a gate must not open minutes after it was asked for.
    let past = Instant::now() - Duration::from_millis(1);
    assert_eq!(wish(&site, "d/relay", true, Some(past)).await.end, OrderEnd::Failed);
    assert_eq!(site.count("writes"), 0);
}

#[tokio::test]
async fn a_device_that_refuses_switches_nothing_and_a_busy_one_is_asked_again() {
    let mut peer = Peer::start(json!({"1": tables()})).await;
    let mut site = watch(peer.port, vec![unit("d", 1, SLOW, OUTPUTS)], |_| {});
    site.counted("answers", 2).await;
    peer.order(json!({"unit": 1, "exception": 2, "times": 1})).await;
    let ended = wish(&site, "d/gate", true, None).await;
    assert_eq!(ended.end, OrderEnd::Failed);
    assert!(ended.why.en.contains("refuses"), "{ended:?}");
    peer.order(json!({"unit": 1, "exception": 6, "times": 2})).await;
    assert_eq!(switch(&site, "d/gate", true).await, OrderEnd::Done);
}

#[tokio::test]
async fn an_answer_that_is_lost_leaves_it_unclear_or_is_made_up_for_by_reading_back() {
    // Over TCP the connection goes with a late answer, and what stands is not known.
    let mut peer = Peer::start(json!({"1": tables()})).await;
    let mut site = watch(peer.port, vec![unit("d", 1, HASTY, OUTPUTS)], |_| {});
    site.counted("answers", 2).await;
    peer.order(json!({"unit": 1, "delay": 0.6, "times": 1})).await;
    assert_eq!(switch(&site, "d/gate", true).await, OrderEnd::Unclear);
    assert_eq!(switch(&site, "d/gate", false).await, OrderEnd::Done, "over another connection");
    // On a serial line the reading back says it.
    let folder = TempDir::new().unwrap();
    let device = folder.path().join("line");
    let mut peer = Peer::serial(json!({"1": tables()}), &device, None).await;
    let mut site = watch_serial(&device, vec![unit("d", 1, HASTY, OUTPUTS)]);
    site.counted("answers", 2).await;
    peer.order(json!({"unit": 1, "line": {"hold": 0.25, "times": 1}})).await;
    assert_eq!(switch(&site, "d/gate", true).await, OrderEnd::Done);
}

#[tokio::test]
async fn a_relay_that_is_stuck_is_told_whatever_the_device_says() {
    let liar = Liar::start(|asked| match asked.function {
        // "Written", it says, and repeats the request.
        5 => {
            let [a, b] = asked.address.to_be_bytes();
            let [c, d] = asked.count.to_be_bytes();
            let mut frame = asked.transaction.to_be_bytes().to_vec();
            frame.extend([0, 0, 0, 6, asked.unit, 5, a, b, c, d]);
            Answer::Raw(frame)
        }
        _ => {
            let mut frame = asked.transaction.to_be_bytes().to_vec();
            frame.extend([0, 0, 0, 4, asked.unit, asked.function, 1, 0]);
            Answer::Raw(frame)
        }
    })
    .await;
    let gate = "[[point]]\nid = \"gate\"\nname = { en = \"gate\" }\ntable = \"coil\"\naddress = 0\n\
                output = { kind = \"gate\" }\n";
    let mut site = watch(liar.port, vec![unit("d", 1, SLOW, gate)], |_| {});
    site.expect("d/gate", Ok(Value::Bool(false))).await;
    let ended = wish(&site, "d/gate", true, None).await;
    assert_eq!(ended.end, OrderEnd::Unclear, "it may follow later");
    assert!(ended.why.en.contains("did not switch"), "{ended:?}");
    assert_eq!(switch(&site, "d/gate", false).await, OrderEnd::Done);
}

#[tokio::test]
async fn a_wish_waits_neither_for_a_bus_that_is_away_nor_for_its_dead_units() {
    let mut site = watch(1, vec![unit("d", 1, SLOW, OUTPUTS)], |_| {});
    site.expect("d/gate", Err(NoData::Timeout)).await;
    for _ in 0..3 {
        assert_eq!(switch(&site, "d/gate", true).await, OrderEnd::Failed);
    }
    let peer = Peer::start(json!({"1": tables()})).await;
    let dead = unit("dead", 2, "poll = \"10ms\"\ntimeout = \"300ms\"", &register("x", 0));
    let mut site = watch(peer.port, vec![dead, unit("d", 1, SLOW, OUTPUTS)], |_| {});
    site.expect("dead/x", Err(NoData::Timeout)).await;
    let begun = Instant::now();
    assert_eq!(switch(&site, "d/gate", true).await, OrderEnd::Done);
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn a_momentary_output_that_only_the_adapter_repeats_is_not_done() {
    const BELL: &str = "[[point]]\nid = \"bell\"\nname = { en = \"bell\" }\ntable = \"coil\"\naddress = 0\n\
                        output = { kind = \"relay\", momentary = true }\n";
    let tables = json!({"coils": {"0": [false]}});
    // Unit 5 is there, unit 6 is not; the line repeats what is sent, or does not.
    for (echo, unit_id, wanted) in [
        (true, 5, OrderEnd::Done),
        (true, 6, OrderEnd::Unclear),
        (false, 5, OrderEnd::Done),
        (false, 6, OrderEnd::Unclear),
    ] {
        let folder = TempDir::new().unwrap();
        let device = folder.path().join("line");
        let mut peer = Peer::serial(json!({"5": tables}), &device, None).await;
        if echo {
            peer.order(json!({"line": "echo"})).await;
        }
        let site = watch_serial(&device, vec![unit("d", unit_id, HASTY, BELL)]);
        let ended = wish(&site, "d/bell", true, None).await;
        assert_eq!(ended.end, wanted, "echo {echo}, unit {unit_id}: {ended:?}");
    }
}

#[tokio::test]
async fn nothing_is_ever_written_to_every_unit_at_once() {
    let peer = Peer::start(json!({"0": tables()})).await;
    let mut site = watch(peer.port, vec![unit("d", 0, SLOW, OUTPUTS)], |_| {});
    site.expect("d/gate", Ok(Value::Bool(false))).await;
    let ended = wish(&site, "d/gate", true, None).await;
    assert_eq!(ended.end, OrderEnd::Failed);
    assert!(ended.why.en.contains("every device"), "{ended:?}");
    assert_eq!(site.count("writes"), 0);
}

#[tokio::test]
async fn a_wish_waits_for_one_question_not_for_a_long_poll_and_who_answers_slowly_is_heard() {
    let liar = Liar::start(|asked| match (asked.unit, asked.function) {
        (1, _) => Answer::Late(Duration::from_millis(100), vec![7; asked.count.into()]),
        (_, 5) => {
            let [a, b] = asked.address.to_be_bytes();
            let [c, d] = asked.count.to_be_bytes();
            let mut frame = asked.transaction.to_be_bytes().to_vec();
            frame.extend([0, 0, 0, 6, asked.unit, 5, a, b, c, d]);
            Answer::Raw(frame)
        }
        _ => {
            let mut frame = asked.transaction.to_be_bytes().to_vec();
            frame.extend([0, 0, 0, 4, asked.unit, asked.function, 1, 1]);
            Answer::Raw(frame)
        }
    })
    .await;
    let points: String = (0..200).map(|n| register(&format!("history{n}"), n)).collect();
    let many = unit("many", 1, "poll = \"1s\"\ntimeout = \"5s\"\none_by_one = true", &points);
    let relay = OUTPUTS.split("[[point]]").nth(1).unwrap();
    let relay = unit("d", 2, SLOW, &format!("[[point]]{relay}"));
    let mut site = watch(liar.port, vec![many, relay], |_| {});
    let end = Instant::now() + Duration::from_secs(5);
    for _ in 0..3 {
        assert_eq!(site.heard().await.as_str(), "many", "in the midst of its poll");
    }
    assert_eq!(wish(&site, "d/gate", true, Some(end)).await, Ended::done());
    assert!(liar.asked().iter().filter(|asked| asked.unit == 1).count() < 100);
}
