//! What would happen if it rang then: the core's own answer, and nothing really happens.

use axum::http::StatusCode;
use gengfu_core::{id::PersonId, input::Command, point::Value, time::Span};
use gengfu_web::Gateway;
use serde_json::{Value as Json, json};

use crate::house::House;

async fn set_up(house: &std::sync::Arc<House>) {
    let chen = house.signed_in("chen");
    // Wang has the nights, until eight in the morning by Shanghai's clock; then nobody.
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let layers = json!([{ "kind": "shift", "name": "night", "days": days, "from": "20:00:00",
        "to": "08:00:00", "people": ["wang"] }]);
    let roster =
        json!({ "id": "nights", "name": "夜班", "time_zone": "Asia/Shanghai", "layers": layers });
    chen.put("/api/v1/rosters/nights", roster).await.ok();
    let steps = json!([
        { "targets": [{ "on_call": "nights" }], "wait": "45s" },
        { "targets": [{ "person": "li" }], "wait": "60s" },
    ]);
    let policy = json!({ "id": "trapped", "name": "Somebody is shut in", "dangers": ["trapped"],
        "steps": steps, "prompt_after": "3m" });
    chen.put("/api/v1/policies/trapped", policy).await.ok();
}

/// Seconds, kind, and who.
fn told(view: &Json) -> Vec<(u64, String, String)> {
    let line = |line: &Json| {
        let who = match line["kind"].as_str().unwrap() {
            "step" => {
                let people = line["people"].as_array().unwrap().iter();
                people.filter_map(|p| p["id"].as_str()).collect::<Vec<_>>().join(" ")
            }
            "message" => line["person"]["id"].as_str().unwrap().to_owned(),
            _ => String::new(),
        };
        (line["after_s"].as_u64().unwrap(), line["kind"].as_str().unwrap().to_owned(), who)
    };
    view["lines"].as_array().unwrap().iter().map(line).collect()
}

#[tokio::test]
async fn three_on_sunday_morning_is_answered_by_what_will_do_it() {
    let house = House::new();
    set_up(&house).await;
    let chen = house.signed_in("chen");
    let before = house.state();
    // 03:00 on Sunday in Shanghai.
    let path = "/api/v1/rehearsal?danger=trapped&place=lift-1&at=2026-11-28T19:00:00Z";
    let view = chen.get(path).await.ok();
    assert_eq!((&view["policy"], &view["nobody"]), (&json!("Somebody is shut in"), &json!(false)));
    let told = told(&view);
    let is = |at: u64, kind: &str, who: &str| {
        assert!(told.contains(&(at, kind.into(), who.into())), "{at} {kind} {who}: {told:#?}");
    };
    is(0, "step", "wang");
    is(0, "message", "wang");
    is(45, "step", "li");
    is(105, "step", "wang");
    // Nobody is left to ask: the loud prompt does not wait for its time.
    is(105, "prompted", "");
    assert!(house.state() == before, "nothing happened");

    // It really rings then, and the same happens.
    house.later("2026-11-28T19:00:00Z".parse().unwrap());
    house.press_call_button();
    house.pass(Span::secs(120));
    // The session of before is over by then.
    let chen = house.signed_in("chen");
    let trapped = chen.get("/api/v1/records?danger=trapped").await.ok();
    let incident = &trapped["rows"][0]["id"];
    let record = chen.get(&format!("/api/v1/records/{incident}")).await.ok();
    let steps: Vec<&Json> = record["lines"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|line| line["happened"]["what"] == "step_started")
        .map(|line| &line["happened"]["people"])
        .collect();
    assert_eq!(steps, [&json!(["wang"]), &json!(["li"]), &json!(["wang"])]);
}

#[tokio::test]
async fn a_gap_and_a_site_where_nobody_can_be_reached_are_said() {
    let house = House::new();
    set_up(&house).await;
    let chen = house.signed_in("chen");
    // Noon: nobody has the nights, and the next step is asked at once.
    let path = "/api/v1/rehearsal?danger=trapped&place=lift-1&at=2026-11-29T04:00:00Z";
    let noon = told(&chen.get(path).await.ok());
    assert_eq!((noon[0].0, noon[0].1.as_str()), (0, "step"), "{noon:?}");
    assert!(noon.contains(&(0, "message".into(), "li".into())), "{noon:#?}");
    // A fire has no policy here: everybody at once.
    let fire = chen.get("/api/v1/rehearsal?danger=fire&place=lift-1").await.ok();
    assert_eq!(fire["policy_id"], "everyone");
    for person in ["wang", "li", "chen"] {
        let deaf = gengfu_core::person::Person {
            methods: vec![],
            ..house.state().people[&PersonId::from(person)].as_ref().clone()
        };
        house.do_(Command::PutPerson(deaf));
    }
    let none = chen.get("/api/v1/rehearsal?danger=fire&place=lift-1").await.ok();
    assert_eq!(none["nobody"], true);
    let unknown = chen.get("/api/v1/rehearsal?danger=fire&place=nowhere").await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn who_did_what_is_told_newest_first_and_page_by_page_without_a_secret() {
    let house = House::new();
    set_up(&house).await;
    let chen = house.signed_in("chen");
    for n in 0..2_500 {
        house.read("lift-1/door", Value::Bool(n % 2 == 0));
    }
    let wish =
        json!({ "until": (house.now() + Span::hours(1)).to_string(), "reason": "new ropes" });
    chen.post("/api/v1/devices/lift-1/out-of-service", wish).await.ok();
    // What stood about the device ended with that.
    let first = chen.get("/api/v1/audit?limit=2").await.ok();
    let line = first["lines"].as_array().unwrap().iter().find(|l| l["act"] == "out_of_service");
    let line = line.unwrap_or_else(|| panic!("{first}"));
    assert_eq!(line["about"], "lift-1");
    assert!(line["detail"].as_str().unwrap().starts_with("new ropes"), "{line}");
    assert_eq!((&line["by_name"], &line["through"]), (&json!("chen of the house"), &json!("page")));

    let (mut acts, mut next) = (vec![], first["next"].as_u64());
    while let Some(before) = next {
        let page = chen.get(&format!("/api/v1/audit?limit=3&before={before}")).await.ok();
        let lines = page["lines"].as_array().unwrap().iter();
        acts.extend(lines.map(|line| line["act"].as_str().unwrap().to_owned()));
        next = page["next"].as_u64();
        assert!(next.is_none_or(|next| next < before), "it goes back in time");
    }
    for act in ["policy_put", "roster_put", "signed_in", "person_put", "configured"] {
        assert!(acts.iter().any(|known| known == act), "{act} is missing in {acts:?}");
    }
    let all = chen.get("/api/v1/audit?limit=500").await.text;
    let key = house.state().sessions.keys().next().unwrap().clone();
    assert!(!all.contains(&key) && !all.contains("verifier") && !all.contains("address"), "{all}");
    assert_eq!(house.signed_in("li").get("/api/v1/audit").await.status, StatusCode::FORBIDDEN);
}
