//! Everybody is called, answers by the link or at the door, and is counted live.

use axum::http::StatusCode;
use gengfu_core::{
    input::Command,
    person::{Person, Role},
    time::Span,
};
use gengfu_web::{Gateway, answer_key::RollCall};
use serde_json::{Value, json};

use crate::house::{House, person};

/// Two residents of building 3 beside those who are always there.
fn inhabited() -> std::sync::Arc<House> {
    let house = House::new();
    for who in ["zhou", "old-liu"] {
        let home = Some("building-3".into());
        house.do_(Command::PutPerson(Person { home, ..person(who, &[Role::Resident]) }));
    }
    house.do_(Command::PutPerson(Person {
        home: Some("lift-1".into()),
        methods: vec![],
        ..person("deaf-wu", &[Role::Resident])
    }));
    house
}

fn row<'a>(muster: &'a Value, who: &str) -> &'a Value {
    let roll = muster["roll"].as_array().unwrap();
    roll.iter().find(|row| row["person"]["id"] == who).unwrap()
}

#[tokio::test]
async fn a_building_is_called_about_an_incident_and_counted() {
    let house = inhabited();
    let wang = house.signed_in("wang");
    let incident = house.press_call_button();
    let wish = json!({ "targets": [{ "residents": "building-3" }], "incident": incident });
    let called = wang.post("/api/v1/musters", wish.clone()).await;
    assert_eq!(called.status, StatusCode::CREATED, "{}", called.text);
    let muster = called.json();
    assert_eq!(muster["counts"]["people"], 3);
    assert_eq!(
        muster["progress"],
        json!({
        "messages": 2, "waiting": 2, "sent": 0, "failed": 0, "called_off": 0 })
    );
    assert_eq!(row(&muster, "deaf-wu")["told"], "no_way");
    assert_eq!(muster["roll"][0]["person"]["id"], "deaf-wu", "somebody must knock there");
    let twice = wang.post("/api/v1/musters", wish).await;
    assert_eq!((twice.status, twice.error().as_str()), (StatusCode::CONFLICT, "in_use"));

    house.pass(Span::secs(1));
    let call = RollCall {
        muster: serde_json::from_value(muster["id"].clone()).unwrap(),
        person: "zhou".into(),
    };
    let until = house.now() + Span::hours(1);
    let link = format!("/api/v1/roll-call/{}", house.key().sign_roll_call(&call, until));
    let phone = house.visitor();
    let seen = phone.get(&link).await.ok();
    assert_eq!((&seen["me"]["id"], &seen["answer"]), (&json!("zhou"), &Value::Null));
    assert!(!seen.to_string().contains("liu"), "others' answers are not for everybody: {seen}");
    let answered = phone.post(&link, json!({ "answer": "need_help" })).await.ok();
    assert_eq!(answered["counts"]["need_help"], 1);

    // The incident's page names who needs help.
    let brief = wang.get(&format!("/api/v1/incidents/{incident}")).await.ok()["muster"].clone();
    assert_eq!(brief["need_help"][0]["home"]["en"], "Building 3");
    // Wang knocks at a door.
    let path = format!("/api/v1/musters/{}", muster["id"]);
    let met = json!({ "answer": "safe", "person": "deaf-wu" });
    let now = wang.post(&format!("{path}/answer"), met).await.ok();
    assert_eq!(row(&now, "deaf-wu")["answered_by"], "wang of the house");
    assert_eq!((&now["counts"]["safe"], &now["counts"]["silent"]), (&json!(1), &json!(1)));
    assert_eq!(now["progress"]["sent"], 2);
    let list = wang.get("/api/v1/musters").await.ok();
    assert_eq!((&list[0]["counts"], &list[0]["roll"]), (&now["counts"], &Value::Null));

    let ended = wang.post(&format!("{path}/end"), json!({})).await.ok();
    assert!(ended["ended_at"].is_string());
    let late = phone.post(&link, json!({ "answer": "safe" })).await;
    assert_eq!((late.status, late.error().as_str()), (StatusCode::CONFLICT, "ended"));
    house.later(until);
    assert_eq!(phone.get(&link).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn only_maintainers_call_everybody_in_words_of_their_own() {
    let house = inhabited();
    let drill = json!({ "targets": ["everyone"], "words": "请到楼下集合", "danger": "fire",
        "place": "building-3", "drill": true });
    let wang = house.signed_in("wang");
    let refused = wang.post("/api/v1/musters", drill.clone()).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text);
    let chen = house.signed_in("chen");
    let muster = chen.post("/api/v1/musters", drill.clone()).await.json();
    assert_eq!((&muster["drill"], &muster["counts"]["people"]), (&json!(true), &json!(6)));
    for (wish, word) in [
        (json!({ "targets": ["everyone"] }), "incident"),
        (json!({ "targets": ["everyone"], "incident": 7 }), "incident"),
        (
            json!({ "targets": [{ "residents": "mars" }], "words": "x", "danger": "gas", "place": "building-3" }),
            "mars",
        ),
        (
            json!({ "targets": [{ "team": "nobody" }], "words": "x", "danger": "gas", "place": "building-3" }),
            "nobody",
        ),
        (
            json!({ "targets": [], "words": "x", "danger": "gas", "place": "building-3" }),
            "nobody lives",
        ),
    ] {
        let answer = chen.post("/api/v1/musters", wish).await;
        assert!(!answer.status.is_success() && answer.text.contains(word), "{}", answer.text);
    }
    // A link of one kind opens nothing of another.
    let incident = house.press_call_button();
    let answer = format!("/api/v1/roll-call/{}", house.link(incident, "wang"));
    assert_eq!(house.visitor().get(&answer).await.status, StatusCode::UNAUTHORIZED);
}
