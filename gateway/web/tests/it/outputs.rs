//! Outputs: what can be switched, by whom, and what everybody sees of it.

use axum::http::StatusCode;
use gengfu_core::{
    input::{Command, Input},
    output::OrderEnd,
    person::Role,
    point::Value as Read,
    text::Text,
    time::Span,
};
use gengfu_web::Gateway;
use serde_json::{Value, json};

use crate::house::{House, person};

const SWITCH: &str = "/api/v1/outputs/lift-1%2Fgate/switch";

async fn gate(browser: &crate::browser::Browser) -> Value {
    let all = browser.get("/api/v1/outputs").await.json();
    all["outputs"][0].clone()
}

#[tokio::test]
async fn a_volunteer_opens_a_gate_and_everybody_sees_who_it_was() {
    let house = House::new();
    house.do_(Command::PutPerson(person("fang", &[Role::Installer])));
    let wang = house.signed_in("wang");
    let fang = house.signed_in("fang");
    house.read("lift-1/gate", Read::Bool(false));
    let rests = gate(&wang).await;
    assert_eq!(
        (&rests["kind"], &rests["value"], &rests["barred"]),
        (&json!("gate"), &json!(false), &Value::Null)
    );
    assert_eq!(
        (&rests["hold"], &rests["most"], &rests["orders"]),
        (&json!("30s"), &json!("10m"), &json!([]))
    );

    let incident = house.press_call_button();
    let wish = json!({ "on": true, "hold": "5m", "reason": "ambulance", "incident": incident });
    let ordered = wang.post(SWITCH, wish).await;
    assert_eq!(ordered.status, StatusCode::OK, "{}", ordered.text);
    let order = ordered.json()["orders"][0].clone();
    assert_eq!((&order["pending"], &order["end"]), (&json!(true), &Value::Null));
    let id = serde_json::from_value(order["id"].clone()).unwrap();
    house.input(Input::Switched {
        output: "lift-1/gate".into(),
        order: id,
        end: OrderEnd::Done,
        why: Text::default(),
    });
    let seen = gate(&fang).await["orders"][0].clone();
    assert_eq!((&seen["end"], &seen["pending"]), (&json!("done"), &json!(false)));
    assert_eq!(
        (&seen["by_name"], &seen["reason"]["en"]),
        (&json!("wang of the house"), &json!("ambulance"))
    );
    let told = wang.get(&format!("/api/v1/incidents/{incident}")).await.json();
    assert_eq!(told["can_switch"], true);
    let moments = told["timeline"].as_array().unwrap();
    assert!(
        moments
            .iter()
            .any(|m| m["happened"]["what"] == "switched" && m["by_name"] == "wang of the house")
    );
    let signals = fang.get("/api/v1/outputs").await.json()["signals"].clone();
    assert_eq!(
        signals,
        json!([{
            "device": "lift-1", "device_name": { "zh": "Lift 1", "en": "Lift 1" },
            "place_name": { "zh": "Building 3 › Lift 1", "en": "Building 3 › Lift 1" },
            "lamp": "yellow", "sounder": false,
        }])
    );

    // An installer sees it; switching is for those who answer for the house.
    let refused = fang.post(SWITCH, json!({ "on": true, "reason": "a test" })).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    house.pass(Span::mins(6));
    let last = gate(&wang).await["orders"][0].clone();
    assert_eq!((&last["on"], &last["by_name"]), (&json!(false), &Value::Null), "{last}");
}

#[tokio::test]
async fn what_cannot_be_switched_is_refused_in_words() {
    let house = House::new();
    let wang = house.signed_in("wang");
    for (body, says) in [
        (json!({ "on": true }), "say why"),
        (json!({ "on": true, "reason": "x", "hold": "1h" }), "10m"),
        (json!({ "on": false, "hold": "1m" }), "leave it out"),
        (json!({ "on": true, "reason": "x", "for": "1m" }), "for"),
        (json!({ "on": true, "reason": "x", "incident": 99 }), "incident"),
    ] {
        let refused = wang.post(SWITCH, body.clone()).await;
        assert!(refused.status.is_client_error(), "{body}: {}", refused.text);
        assert!(refused.text.contains(says), "{body}: {}", refused.text);
    }
    let missing = wang.post("/api/v1/outputs/lift-1%2Fcall/switch", json!({ "on": false })).await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    house.do_(Command::OutOfService {
        device: "lift-1".into(),
        until: house.now() + Span::hours(1),
        reason: "electrician".into(),
    });
    let refused = wang.post(SWITCH, json!({ "on": true, "reason": "x" })).await;
    assert!(refused.text.contains("electrician"), "{}", refused.text);
    assert_eq!(gate(&wang).await["barred"], "out_of_service");
}
