//! Swaps of shifts, as people ask for them and answer them from their pages.

use std::sync::Arc;

use axum::http::StatusCode;
use gengfu_core::{
    input::Command,
    notification::{duty::DutyNews, outbox::Purpose},
    person::Role,
};
use gengfu_web::Gateway;
use serde_json::{Value, json};

use crate::house::{House, person};

/// Wang and Li take turns of a day from eight in the evening in Shanghai; Wang's is tonight's.
fn house() -> Arc<House> {
    let house = House::new();
    let roster = json!({
        "id": "nights", "name": "夜班", "time_zone": "Asia/Shanghai", "layers": [
        { "kind": "rotation", "name": "all", "people": ["wang", "li"], "starts": "2026-11-23",
          "handover": { "kind": "daily", "at": "20:00" } } ] });
    house.do_(Command::PutRoster(serde_json::from_value(roster).unwrap()));
    house
}

fn tonight() -> Value {
    json!({ "from": "2026-11-23T12:00:00Z", "to": "2026-11-24T12:00:00Z" })
}

fn told(house: &House, who: &str) -> Vec<DutyNews> {
    let state = house.state();
    let of = state.messages.values().filter(|m| m.person.as_str() == who);
    of.filter_map(|m| match &m.content.purpose {
        Purpose::Duty(news) => Some(news.clone()),
        _ => None,
    })
    .collect()
}

#[tokio::test]
async fn who_is_on_call_is_told_until_when_who_follows_and_what_comes_next() {
    let house = house();
    let (wang, li, chen) =
        (house.signed_in("wang"), house.signed_in("li"), house.signed_in("chen"));
    let path = "/api/v1/rosters/nights/on-call?at=2026-11-23T13:00:00Z";
    let relief = json!({ "at": "2026-11-24T12:00:00Z",
        "people": [{ "id": "li", "name": "li of the house" }] });
    let days = |from: u32| {
        json!({ "from": format!("2026-11-{from}T12:00:00Z"),
            "to": format!("2026-11-{}T12:00:00Z", from + 1) })
    };
    for (who, until, next) in [
        (wang, json!("2026-11-24T12:00:00Z"), days(25)),
        (li, json!(null), days(24)),
        (chen, json!(null), json!(null)),
    ] {
        let told = who.get(path).await.ok();
        assert_eq!(told["relief"], relief);
        assert_eq!((&told["my_until"], &told["my_next"]), (&until, &next));
    }
}

#[tokio::test]
async fn a_volunteer_asks_another_accepts_and_the_roster_says_so() {
    let house = house();
    let (wang, li) = (house.signed_in("wang"), house.signed_in("li"));
    let wish =
        json!({ "roster": "nights", "turn": tonight(), "asked": ["li"], "note": "女儿病了" });
    let asked = wang.post("/api/v1/me/swaps", wish.clone()).await;
    assert_eq!(asked.status, StatusCode::CREATED, "{}", asked.text);
    let asked = asked.json();
    assert_eq!(
        (&asked["id"], &asked["mine"], &asked["can_answer"]),
        (&json!(1), &json!(true), &json!(false))
    );
    assert_eq!(
        (&asked["name"], &asked["roster_name"]),
        (&json!("wang of the house"), &json!("夜班"))
    );
    assert!(
        matches!(told(&house, "li").as_slice(), [DutyNews::SwapAsked { note, .. }] if note == "女儿病了")
    );
    let again = wang.post("/api/v1/me/swaps", wish).await;
    assert_eq!(
        (again.status, again.error().as_str()),
        (StatusCode::UNPROCESSABLE_ENTITY, "invalid")
    );

    let seen = li.get("/api/v1/me/swaps").await.ok();
    assert_eq!(
        (&seen[0]["mine"], &seen[0]["can_answer"], &seen[0]["ended"]),
        (&json!(false), &json!(true), &json!(null))
    );
    let accepted = li.post("/api/v1/me/swaps/1/accept", json!({})).await.ok();
    assert_eq!(accepted["ended"]["outcome"], json!({ "outcome": "accepted", "by": "li" }));
    assert_eq!(accepted["by_name"], "li of the house");
    let on_call = li.get("/api/v1/rosters/nights/on-call?at=2026-11-23T12:00:00Z").await.ok();
    assert_eq!(on_call["people"][0]["id"], "li");
    for who in ["wang", "li"] {
        assert!(matches!(told(&house, who).last(), Some(DutyNews::SwapEnded { .. })), "{who}");
    }
    let late = li.post("/api/v1/me/swaps/1/decline", json!({})).await;
    assert_eq!((late.status, late.error().as_str()), (StatusCode::CONFLICT, "settled"));
}

#[tokio::test]
async fn nobody_answers_for_somebody_else_or_sees_what_is_not_theirs() {
    let house = house();
    house.do_(Command::PutPerson(person("sun", &[Role::Volunteer])));
    let (wang, li, sun) = (house.signed_in("wang"), house.signed_in("li"), house.signed_in("sun"));
    // Everybody of the roster, which Sun is not.
    wang.post("/api/v1/me/swaps", json!({ "roster": "nights", "turn": tonight() })).await.ok();
    assert_eq!(sun.get("/api/v1/me/swaps").await.ok(), json!([]));
    for act in ["accept", "decline", "withdraw"] {
        let path = format!("/api/v1/me/swaps/1/{act}");
        assert_eq!(sun.post(&path, json!({})).await.status, StatusCode::NOT_FOUND, "{act}");
    }
    let own = wang.post("/api/v1/me/swaps/1/accept", json!({})).await;
    assert_eq!(own.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", own.text);
    let not_his = li.post("/api/v1/me/swaps/1/withdraw", json!({})).await;
    assert_eq!(not_his.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", not_his.text);
    let not_hers = json!({ "roster": "nights", "asked": ["li"],
        "turn": { "from": "2026-11-24T12:00:00Z", "to": "2026-11-25T12:00:00Z" } });
    let refused = wang.post("/api/v1/me/swaps", not_hers).await;
    assert!(refused.text.contains("not on duty"), "{}", refused.text);

    let withdrawn = wang.post("/api/v1/me/swaps/1/withdraw", json!({})).await.ok();
    assert_eq!(withdrawn["ended"]["outcome"]["outcome"], "withdrawn");
}
