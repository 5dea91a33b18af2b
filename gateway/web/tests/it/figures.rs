//! A month of alarms, counted.

use axum::http::StatusCode;
use gengfu_core::{
    point::Value,
    time::{Span, Timestamp},
};
use serde_json::json;

use crate::house::House;

#[tokio::test]
async fn a_month_has_its_figures_and_the_next_one_its_own() {
    // The house begins on 23 November 2026 in the afternoon, by Shanghai's clock.
    let house = House::new();
    // A door fault that stands for two days.
    house.read("lift-1/door", Value::Bool(true));
    house.pass(Span::hours(50));
    house.read("lift-1/door", Value::Bool(false));
    house.pass(Span::hours(1));
    // One that chatters: three times and more in a minute.
    for _ in 0..4 {
        house.read("lift-1/door", Value::Bool(true));
        house.pass(Span::secs(5));
        house.read("lift-1/door", Value::Bool(false));
        house.pass(Span::secs(5));
    }
    house.pass(Span::hours(1));
    // Somebody is shut in, twice; once they are answered after 40 s and reached after 6 minutes.
    for answered in [true, false] {
        let incident = house.press_call_button();
        let path = format!("/api/v1/incidents/{incident}");
        if answered {
            house.pass(Span::secs(40));
            house.signed_in("li").post(&format!("{path}/acknowledge"), json!({})).await.ok();
            house.pass(Span::secs(320));
            house.signed_in("li").post(&format!("{path}/arrive"), json!({})).await.ok();
        }
        house.read("lift-1/call", Value::Bool(false));
        let end = json!({ "cause": "drill" });
        house.signed_in("chen").post(&format!("{path}/end"), end).await.ok();
        house.pass(Span::hours(2));
    }
    let chen = house.signed_in("chen");
    let figures = chen.get("/api/v1/figures?month=2026-11").await.ok();
    assert_eq!(figures["frequent"][0]["alarm"], "rule:lift-1/door", "{figures:#}");
    assert_eq!(figures["chattering"][0]["count"], 1);
    let stale = &figures["stale"][0];
    assert_eq!((&stale["hours"], &stale["stands"]), (&json!(50), &json!(false)));
    assert_eq!(figures["priorities"][0], json!({ "priority": "critical", "count": 2 }));
    assert_eq!((&figures["answered"], &figures["standing"]), (&json!(1), &json!(0)));
    let (going, there) = (&figures["acknowledge"], &figures["arrive"]);
    assert_eq!((&going["count"], &going["median_s"]), (&json!(1), &json!(40)));
    assert_eq!((&there["count"], &there["longest_s"]), (&json!(1), &json!(360)));
    let li = figures["people"].as_array().unwrap().iter().find(|p| p["id"] == "li").unwrap();
    assert!(li["incidents"].as_u64() >= Some(2) && li["busiest"].as_u64() >= Some(1), "{li}");
    assert_eq!(figures["flood_windows"], 0);

    // In December nothing has happened yet.
    let next = chen.get("/api/v1/figures?month=2026-12").await.ok();
    assert_eq!((&next["raised"], &next["incidents"]), (&json!(0), &json!(0)));
    let wrong = chen.get("/api/v1/figures?month=soon").await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert_eq!(house.signed_in("li").get("/api/v1/figures").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_call_of_the_month_s_last_minute_is_answered_in_the_next_one() {
    let house = House::new();
    // A door fault that stands for a week, into the next month.
    house.read("lift-1/door", Value::Bool(true));
    // From the afternoon of 23 November to a minute before midnight on the 30th, by Shanghai's clock.
    let midnight: Timestamp = "2026-11-30T16:00:00Z".parse().unwrap();
    house.later(midnight - Span::mins(1));
    let incident = house.press_call_button();
    house.pass(Span::mins(2));
    let path = format!("/api/v1/incidents/{incident}/acknowledge");
    house.signed_in("li").post(&path, json!({})).await.ok();
    house.read("lift-1/door", Value::Bool(false));
    let chen = house.signed_in("chen");
    let november = chen.get("/api/v1/figures?month=2026-11").await.ok();
    assert_eq!(november["answered"], 1, "{november:#}");
    assert_eq!(november["acknowledge"]["median_s"], 120);
    let december = chen.get("/api/v1/figures?month=2026-12").await.ok();
    assert_eq!(december["acknowledge"]["count"], 0, "{december:#}");
    assert_eq!(december["stale"][0]["alarm"], "rule:lift-1/door", "raised a week before it");
}
