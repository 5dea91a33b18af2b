//! Whatever is asked, the answer is never that the gateway is at fault: the stable twin of the fuzz
//! target `requests`.

#[path = "../../../../tests/fuzz/checks/requests.rs"]
mod check;

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use proptest::prelude::*;
use serde_json::json;

use crate::{house::House, near::near};

/// Every operation that there is, about something that is there, with an empty body.
fn operations() -> Vec<String> {
    let document: serde_json::Value =
        serde_json::from_str(include_str!("../../openapi.json")).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let each = paths.iter().flat_map(|(path, methods)| {
        let id = match path.split('/').nth(3).unwrap_or_default() {
            "alarms" => "rule%3Alift-1%2Fcall",
            "channels" => "ntfy",
            "devices" => "lift-1",
            "incidents" => "INCIDENT",
            "people" => "wang",
            "points" => "lift-1%2Fcall",
            _ => "any",
        };
        let path = path.replace("{id}", id).replace("{token}", "TOKEN");
        methods
            .as_object()
            .unwrap()
            .keys()
            .map(move |m| format!("{} {path}\n{{}}", m.to_uppercase()))
    });
    each.collect()
}

/// Operations with a body that is good.
fn with_bodies() -> Vec<String> {
    [
        ("PUT /api/v1/rosters/any", json!({"id": "any", "name": "N", "time_zone": "Asia/Shanghai", "layers": [
            {"kind": "rotation", "name": "w", "people": ["wang", "li"], "starts": "2026-11-23T00:00:00",
             "handover": {"kind": "weekly", "day": "monday", "at": "08:00:00", "every": 2}}],
            "exceptions": [{"kind": "add", "from": "2026-12-24T08:00", "to": "2026-12-26T08:00", "person": "li"}]})),
        ("PUT /api/v1/policies/any", json!({"id": "any", "name": "P", "dangers": ["trapped"], "steps": [
            {"targets": [{"person": "wang"}, "everyone"], "wait": "45s"}], "prompt_after": "3m",
            "prompt_every": "3m", "arrive_within": "15m", "reminders": ["15m", "30m"]})),
        ("PUT /api/v1/people/zhao", json!({"name": "赵", "language": "zh", "roles": ["volunteer"],
            "methods": [{"channel": "ntfy", "address": "garden"}]})),
        ("POST /api/v1/devices", json!({"id": "lift-2", "name": {"en": "L"}, "place": "lift-1", "profile": "lift"})),
        ("POST /api/v1/devices/lift-1/out-of-service", json!({"until": "2026-11-23T10:00:00Z", "reason": "rope"})),
        ("POST /api/v1/alarms/rule%3Alift-1%2Fdoor/shelve", json!({"until": "2026-11-23T10:00:00Z"})),
        ("POST /api/v1/answer/TOKEN/end", json!({"cause": "rescued", "note": "平安"})),
        ("POST /api/v1/answer/TOKEN/hand-over", json!({"to": "li"})),
        ("POST /api/v1/incidents/INCIDENT/end", json!({"cause": "false_alarm", "note": ""})),
        ("POST /api/v1/channels/ntfy/test", json!({"person": "wang"})),
        ("PUT /api/v1/me/methods", json!([{"channel": "ntfy", "address": "x"}])),
        ("GET /api/v1/points/lift-1%2Fcall/history?from=2026-11-23T00:00:00Z&to=2026-11-24T00:00:00Z&limit=9", json!({})),
        ("GET /api/v1/incidents?from=2026-11-23T00:00:00Z&limit=5", json!({})),
        ("GET /api/v1/rosters/any/shifts?from=2026-11-23T00:00:00Z&to=9999-11-24T00:00:00Z", json!({})),
    ]
    .map(|(operation, body)| format!("{operation}\n{body}"))
    .into()
}

fn seeds() -> Vec<Vec<u8>> {
    // The ones with a body as often as all the others together.
    let often = (0..4).flat_map(|_| with_bodies());
    operations().into_iter().chain(often).map(String::into_bytes).collect()
}

#[test]
fn every_operation_answers_whoever_asks() {
    let (runtime, seeds) = (check::runtime(), seeds());
    assert!(seeds.len() > 80, "{}", seeds.len());
    seeds.iter().for_each(|seed| check::check(&runtime, seed));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn no_request_is_answered_by_a_fault_of_the_gateway(bytes in near(seeds())) {
        check::check(&check::runtime(), &bytes);
    }
}

#[tokio::test]
async fn the_largest_roster_is_answered_in_time_and_a_larger_one_refused() {
    let house = House::new();
    let chen = house.signed_in("chen");
    // Both are always on call, and half of the layers hand over just as the other half does: a
    // hand-over every hour that changes nothing.
    let turns = [json!(["wang", "li"]), json!(["li", "wang"])];
    let layer = |n: usize| {
        json!({"kind": "rotation", "name": n.to_string(), "people": turns[n % 2],
        "handover": {"kind": "hours", "at": "08:00", "every": 1}, "starts": "2026-01-01"})
    };
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let always = json!({"kind": "shift", "name": "always", "people": ["wang", "li"], "days": days,
        "from": "00:00", "to": "00:00"});
    let roster = |count: usize| {
        let layers: Vec<_> = std::iter::once(always.clone()).chain((1..count).map(layer)).collect();
        json!({"id": "any", "name": "N", "time_zone": "Europe/Berlin", "layers": layers})
    };
    let refused = chen.put("/api/v1/rosters/any", roster(1_400)).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
    assert!(refused.text.contains("more than 64"), "{}", refused.text);
    chen.put("/api/v1/rosters/any", roster(64)).await.ok();
    let began = Instant::now();
    chen.get("/api/v1/rosters/any/on-call").await.ok();
    chen.get("/api/v1/rosters/any/shifts").await.ok();
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}
