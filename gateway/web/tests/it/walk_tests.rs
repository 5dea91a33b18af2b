//! Walk tests: an installer sees each input ticked off; nobody else is woken, and everybody sees that it is
//! a test.

use axum::http::StatusCode;
use gengfu_core::{
    input::{Command, Input},
    notification::receipt::Receipt,
    person::Role,
    point::Value as Read,
    time::Span,
};
use gengfu_web::Gateway;
use serde_json::{Value, json};

use crate::{
    browser::Browser,
    house::{House, person},
};

const TEST: &str = "/api/v1/devices/lift-1/walk-test";

async fn input(browser: &Browser, point: &str) -> Value {
    let view = browser.get(TEST).await.ok();
    let inputs = view["inputs"].as_array().unwrap();
    inputs.iter().find(|input| input["point"] == point).cloned().expect("an input")
}

#[tokio::test]
async fn an_installer_ticks_off_an_input_and_nobody_else_is_woken() {
    let house = House::new();
    house.do_(Command::PutPerson(person("fang", &[Role::Installer])));
    let fang = house.signed_in("fang");
    let li = house.signed_in("li");
    assert_eq!(fang.get(TEST).await.ok()["test"], Value::Null);
    assert_eq!(li.post(TEST, json!({ "minutes": 30 })).await.status, StatusCode::FORBIDDEN);
    let long = fang.post(TEST, json!({ "minutes": 61 })).await;
    assert!(long.text.contains("lasts 1m to 1h"), "{}", long.text);
    let began = fang.post(TEST, json!({ "minutes": 30 })).await.ok();
    assert_eq!((&began["test"]["running"], &began["test"]["by"]), (&json!(true), &json!("fang")));

    house.read("lift-1/call", Read::Bool(false));
    let incident = house.press_call_button();
    let seen = input(&fang, "lift-1/call").await;
    assert_eq!((&seen["active"], &seen["done"]), (&json!(true), &json!(false)), "{seen:#}");
    assert!(seen["active_at"].is_string() && seen["idle_at"].is_string());
    let messages: Vec<_> = house.state().messages.values().cloned().collect();
    assert!(!messages.is_empty() && messages.iter().all(|m| m.person.as_str() == "fang"));
    assert!(messages.iter().all(|m| m.content.test));
    // Everybody sees what it is.
    let told = li.get(&format!("/api/v1/incidents/{incident}")).await.ok();
    assert_eq!(told["test"], true);
    assert!(told["danger_name"]["zh"].as_str().unwrap().starts_with("【测试】"), "{told:#}");
    assert!(told["what"]["en"].as_str().unwrap().starts_with("TEST: "), "{told:#}");
    let listed = li.get("/api/v1/walk-tests").await.ok();
    assert_eq!(listed[0]["by_name"], "fang of the house");
    assert_eq!((&listed[0]["running"], &listed[0]["done"]), (&json!(true), &json!(0)));
    let live = fang.get("/api/v1/live").await.ok();
    assert!(live["devices"][0]["tested_until"].is_string(), "{live:#}");
    assert_eq!(live["incidents"][0]["test"], true);
    assert_eq!(house.signed_in("chen").get("/api/v1/health").await.ok()["open_incidents"], 0);

    // The message arrives.
    house.input(Input::Receipt { message: messages[0].id, receipt: Receipt::Delivered });
    let seen = input(&fang, "lift-1/call").await;
    assert_eq!((&seen["done"], &seen["through"]), (&json!(true), &json!("ntfy")), "{seen:#}");
    assert_eq!(fang.get("/api/v1/walk-tests").await.ok()[0]["done"], 1);

    // Released, and over: the report stays, and no figure counts any of it.
    house.read("lift-1/call", Read::Bool(false));
    let ended = fang.delete(TEST).await.ok();
    assert_eq!(ended["test"]["running"], false);
    assert_eq!(ended["test"]["ended_by_name"], "fang of the house");
    assert!(house.state().open.is_empty());
    let chen = house.signed_in("chen");
    let figures = chen.get("/api/v1/figures?month=2026-11").await.ok();
    assert_eq!((&figures["raised"], &figures["incidents"]), (&json!(0), &json!(0)), "{figures:#}");
    let record = chen.get(&format!("/api/v1/records/{incident}")).await.ok();
    assert_eq!(record["incident"]["test"], true);
    let lines = record["lines"].to_string();
    assert!(lines.contains("opened") && lines.contains("raised"), "{record:#}");
    let audit = chen.get("/api/v1/audit").await.ok().to_string();
    assert!(audit.contains("walk_test_begun") && audit.contains("walk_test_ended"), "{audit}");
}

#[tokio::test]
async fn who_tests_says_themselves_that_it_arrived_and_what_stands_at_the_end_is_real() {
    let house = House::new();
    house.do_(Command::PutPerson(person("fang", &[Role::Installer])));
    let fang = house.signed_in("fang");
    fang.post(TEST, json!({ "minutes": 10 })).await.ok();
    let incident = house.press_call_button();
    let arrived = format!("{TEST}/arrived");
    let chen = house.signed_in("chen");
    let other = chen.post(&arrived, json!({ "incident": incident })).await;
    assert_eq!(other.status, StatusCode::CONFLICT, "{}", other.text);
    let none = fang.post(&arrived, json!({ "incident": 99 })).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    fang.post(&arrived, json!({ "incident": incident })).await.ok();
    let seen = input(&fang, "lift-1/call").await;
    assert!(seen["reached_at"].is_string() && seen["idle_at"].is_null(), "{seen:#}");
    assert_eq!(seen["done"], false, "it was never seen at rest");

    // Nobody ends it, and the button is still pressed.
    house.pass(Span::mins(10));
    let state = house.state();
    let open: Vec<_> = state.open_incidents().collect();
    assert_eq!(open.len(), 1);
    assert!(open[0].test.is_none() && open[0].id != incident);
    assert!(state.messages.values().any(|m| m.person.as_str() != "fang" && !m.content.test));
}
