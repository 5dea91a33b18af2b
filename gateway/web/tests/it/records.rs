//! Incidents looked back on: sifted, page by page, and one of them whole.

use axum::http::{StatusCode, header};
use gengfu_core::{
    input::{Command, Input},
    person::{Person, Role},
    point::{Kind, Reading, Value},
    time::Span,
};
use gengfu_web::Gateway;
use serde_json::{Value as Json, json};

use crate::house::{House, person};

/// A record's lines in a few words each.
fn told(record: &Json) -> Vec<String> {
    let line = |line: &Json| {
        let word = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        match word("kind").as_str() {
            "signal" => format!("signal {} {}", word("point"), line["value"]),
            "alarm" => format!("alarm {}", word("change")),
            "message" => format!("message {} {} {}", word("name"), word("channel"), word("status")),
            _ => format!("moment {}", line["happened"]["what"].as_str().unwrap_or_default()),
        }
    };
    record["lines"].as_array().unwrap().iter().map(line).collect()
}

#[tokio::test]
async fn the_record_of_an_incident_goes_from_the_signal_to_the_last_receipt() {
    let house = House::new();
    house.read("lift-1/door", Value::Bool(true));
    house.pass(Span::hours(2));
    house.read("lift-1/call", Value::Bool(false));
    let incident = house.press_call_button();
    house.pass(Span::secs(20));
    let li = house.signed_in("li");
    let path = format!("/api/v1/incidents/{incident}");
    li.post(&format!("{path}/acknowledge"), json!({})).await.ok();
    house.pass(Span::mins(3));
    li.post(&format!("{path}/arrive"), json!({})).await.ok();
    house.read("lift-1/call", Value::Bool(false));
    let end = json!({ "cause": "rescued", "note": "all well" });
    li.post(&format!("{path}/end"), end).await.ok();
    house.pass(Span::mins(1));

    let record = li.get(&format!("/api/v1/records/{incident}")).await.ok();
    let told = told(&record);
    let place = |what: &str| {
        let found = told.iter().position(|line| line == what);
        found.unwrap_or_else(|| panic!("{what} is missing in {told:#?}"))
    };
    let walk = [
        "signal lift-1/call false",
        "signal lift-1/call true",
        "alarm raised",
        "moment step_started",
        "message li of the house ntfy due",
        "message li of the house ntfy accepted",
        "moment acknowledged",
        "moment arrived",
        "alarm cleared",
        "moment ended",
    ];
    assert!(walk.map(place).is_sorted(), "{told:#?}");
    assert!(!told.iter().any(|line| line.contains("lift-1/door")), "another alarm's signal");
    assert_eq!((&record["cut"], &record["incident"]["note"]), (&json!(false), &json!("all well")));
    assert_eq!(record["names"]["wang"], "wang of the house");

    let table = li.get(&format!("/api/v1/records/{incident}/table.csv?language=en")).await;
    assert_eq!(table.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    assert!(table.text.starts_with("\u{feff}local,utc,kind,what,who,through,detail\r\n"));
    assert_eq!(table.text.lines().count(), told.len() + 1);
    assert!(table.text.contains(",answer,arrived,li of the house,page,"), "{}", table.text);
    let chinese = li.get(&format!("/api/v1/records/{incident}/table.csv?language=zh")).await.text;
    assert!(chinese.starts_with("\u{feff}当地时间,世界时（UTC）,类别,内容,谁,通过,详情\r\n"));
    assert!(chinese.contains(",处理,到场,li of the house,页面,"), "{chinese}");
    let letters = |text: &str| text.chars().any(|c| c.is_ascii_lowercase() || c == '_');
    let kinds = chinese.lines().skip(1).filter_map(|line| line.split(',').nth(2));
    assert!(kinds.clone().count() > 3 && !kinds.clone().any(letters), "{chinese}");
    assert_eq!(li.get("/api/v1/records/999").await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn incidents_are_sifted_and_come_page_by_page() {
    let house = House::new();
    let li = house.signed_in("li");
    let mut numbers = vec![];
    for _ in 0..3 {
        let incident = house.press_call_button();
        house.pass(Span::secs(30));
        li.post(&format!("/api/v1/incidents/{incident}/acknowledge"), json!({})).await.ok();
        house.read("lift-1/call", Value::Bool(false));
        let end = json!({ "cause": "drill" });
        li.post(&format!("/api/v1/incidents/{incident}/end"), end).await.ok();
        house.pass(Span::hours(1));
        numbers.push(incident.0);
    }
    house.read("lift-1/door", Value::Bool(true));
    let of = |page: &Json| -> Vec<u64> {
        page["rows"].as_array().unwrap().iter().filter_map(|row| row["id"].as_u64()).collect()
    };
    let all = li.get("/api/v1/records").await.ok();
    assert_eq!((of(&all), &all["count"], &all["next"]), (vec![4, 3, 2, 1], &json!(4), &Json::Null));
    assert_eq!(of(&li.get("/api/v1/records?open=true").await.ok()), [4]);
    assert_eq!(of(&li.get("/api/v1/records?danger=trapped&open=false").await.ok()), [3, 2, 1]);
    assert_eq!(of(&li.get("/api/v1/records?place=building-3").await.ok()).len(), 4);
    assert_eq!(of(&li.get("/api/v1/records?place=nowhere").await.ok()).len(), 0);
    let since = house.now() - Span::mins(90);
    assert_eq!(of(&li.get(&format!("/api/v1/records?from={since}")).await.ok()), [4, 3]);
    assert_eq!(of(&li.get(&format!("/api/v1/records?to={since}")).await.ok()), [2, 1]);
    let first = li.get("/api/v1/records?limit=3").await.ok();
    assert_eq!((of(&first), &first["next"]), (vec![4, 3, 2], &json!(2)));
    let second = li.get("/api/v1/records?limit=3&before=2").await.ok();
    assert_eq!((of(&second), &second["next"]), (vec![1], &Json::Null));

    let table = li.get("/api/v1/records.csv?danger=trapped&language=en").await.text;
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 4, "{table}");
    assert!(lines[1].starts_with("3,") && lines[1].contains(",30,li of the house,"), "{table}");
    assert!(lines[1].contains("Building 3 › Lift 1") && lines[1].contains(",drill,"), "{table}");
    let chinese = li.get("/api/v1/records.csv?danger=trapped&language=zh").await.text;
    assert!(chinese.contains("编号,当地时间") && chinese.contains(",演习、测试,"), "{chinese}");
}

#[tokio::test]
async fn what_only_reports_how_it_stands_is_told_by_the_history() {
    let house = House::new();
    house.input(Input::Reading(Reading {
        point: "lift-1/door".into(),
        sample: Ok(Value::Bool(true)),
        source_at: None,
        received_at: house.now(),
        kind: Kind::State,
        origin: None,
    }));
    let record = house.signed_in("li").get("/api/v1/records/1").await.ok();
    let told = told(&record);
    assert!(told.starts_with(&["signal lift-1/door false".to_owned()]), "{told:#?}");
    let place = |what: &str| told.iter().position(|line| line == what);
    assert!(place("signal lift-1/door true") < place("alarm raised"), "{told:#?}");
}

#[tokio::test]
async fn who_was_called_together_and_what_was_switched_stands_in_the_record() {
    let house = House::new();
    house.do_(Command::PutPerson(Person {
        home: Some("building-3".into()),
        ..person("zhou", &[Role::Resident])
    }));
    let wang = house.signed_in("wang");
    let incident = house.press_call_button();
    house.read("lift-1/gate", Value::Bool(false));
    let wish = json!({ "targets": [{ "residents": "building-3" }], "incident": incident });
    let muster = wang.post("/api/v1/musters", wish).await.ok()["id"].clone();
    let wish = json!({ "on": true, "hold": "5m", "reason": "ambulance", "incident": incident });
    wang.post("/api/v1/outputs/lift-1%2Fgate/switch", wish).await.ok();
    house.pass(Span::secs(5));
    let record = wang.get(&format!("/api/v1/records/{incident}")).await.ok();
    let told = told(&record);
    let place = |what: &str| {
        let found = told.iter().position(|line| line == what);
        found.unwrap_or_else(|| panic!("{what} is missing in {told:#?}"))
    };
    let walk = ["moment mustered", "message zhou of the house ntfy due", "moment switched"];
    assert!(walk.map(place).is_sorted(), "{told:#?}");
    let lines = record["lines"].as_array().unwrap();
    let mustered = &lines[place("moment mustered")];
    assert_eq!(mustered["happened"]["muster"], muster);
    assert_eq!(mustered["by_name"], "wang of the house");
    let asked = &lines[place("message zhou of the house ntfy due")];
    assert_eq!(asked["purpose"], "muster");
    let table = wang.get(&format!("/api/v1/records/{incident}/table.csv?language=en")).await.text;
    assert!(table.contains("lift-1/gate: on"), "{table}");
}
