//! Rosters from calendars of other programs, and as a sheet to hang up.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use gengfu_core::{
    input::Command,
    person::{Person, Role},
    time::Span,
};
use serde_json::json;

use crate::{
    browser::{Answer, Browser},
    house::{House, person},
};

const CALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nX-WR-CALNAME:夜班\r\n\
    BEGIN:VEVENT\r\nUID:1\r\nDTSTART;TZID=Asia/Shanghai:20261123T200000\r\n\
    DTEND;TZID=Asia/Shanghai:20261124T080000\r\nRRULE:FREQ=WEEKLY;BYDAY=MO,TU\r\n\
    SUMMARY:Night: wang of the house\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:2\r\n\
    DTSTART;VALUE=DATE:20261205\r\nSUMMARY:li\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

async fn send(browser: &Browser, path: &str, calendar: impl Into<Vec<u8>>) -> Answer {
    let (mut parts, _) = browser.request(Method::POST, path, None).into_parts();
    parts.headers.insert(header::CONTENT_TYPE, "text/calendar".parse().unwrap());
    browser.send(Request::from_parts(parts, Body::from(calendar.into()))).await
}

#[tokio::test]
async fn a_calendar_becomes_a_roster_whole_or_not_at_all() {
    let house = House::new();
    house.do_(Command::PutPerson(person("sun", &[Role::Maintainer])));
    let (sun, li) = (house.signed_in("sun"), house.signed_in("li"));
    let path = "/api/v1/rosters/nights/import?zone=Asia/Shanghai";
    assert_eq!(send(&li, path, CALENDAR).await.status, StatusCode::FORBIDDEN);

    let looked = send(&sun, &format!("{path}&check=true"), CALENDAR).await.ok();
    assert_eq!((&looked["kept"], &looked["events"]), (&json!(false), &json!(2)));
    assert_eq!(sun.get("/api/v1/rosters/nights").await.status, StatusCode::NOT_FOUND);

    let wrong = CALENDAR.replace("SUMMARY:li", "SUMMARY:张三");
    let refused = send(&sun, path, wrong).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text);
    assert!(refused.text.contains("line 15") && refused.text.contains("张三"), "{}", refused.text);
    assert_eq!(sun.get("/api/v1/rosters/nights").await.status, StatusCode::NOT_FOUND);

    let made = send(&sun, path, CALENDAR).await.ok();
    assert_eq!(made["until"], "2027-03-23T08:00:00Z", "120 days ahead");
    assert_eq!(made["roster"]["name"], "夜班");
    let on_call = |at: &'static str| {
        let path = format!("/api/v1/rosters/nights/on-call?at={at}");
        let li = li.clone();
        async move { li.get(&path).await.ok()["people"][0]["id"].clone() }
    };
    assert_eq!(on_call("2026-11-23T13:00:00Z").await, "wang");
    assert_eq!(on_call("2026-11-25T13:00:00Z").await, json!(null));
    assert_eq!(on_call("2026-12-05T01:00:00Z").await, "li");

    // A second one takes its place, and keeps what a calendar says nothing of.
    let mut roster = sun.get("/api/v1/rosters/nights").await.ok();
    roster["remind_before"] = json!("30m");
    roster["name"] = json!("Nights");
    sun.put("/api/v1/rosters/nights", roster).await.ok();
    let again = send(&sun, "/api/v1/rosters/nights/import", CALENDAR).await.ok();
    assert_eq!(again["roster"]["time_zone"], "Asia/Shanghai");
    assert_eq!(
        (&again["roster"]["remind_before"], &again["roster"]["name"]),
        (&json!("30m"), &json!("Nights"))
    );

    let gbk = [CALENDAR.as_bytes(), b"X-NOTE:\xCD\xF5\r\n"].concat();
    let refused = send(&sun, path, gbk).await;
    assert!(refused.text.contains("UTF-8"), "{}", refused.text);
    let long = send(&sun, path, "x".repeat(3_000_000)).await;
    assert_eq!(long.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn a_calendar_to_subscribe_to_names_people_and_its_entries_stay_the_same() {
    let house = House::new();
    let chen = house.signed_in("chen");
    let mut wang: Person = person("wang", &[Role::Volunteer]);
    (wang.name, wang.language) = ("王阿姨".into(), gengfu_core::text::Language::Zh);
    house.do_(Command::PutPerson(wang));
    let days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let roster = json!({ "id": "nights", "name": "夜班", "time_zone": "Asia/Shanghai",
        "layers": [{ "kind": "shift", "name": "n", "days": days, "from": "20:00", "to": "08:00",
          "people": ["li"] }],
        "exceptions": [{ "kind": "add", "person": "wang", "from": "2026-11-24T20:00",
          "to": "2026-11-25T08:00" }] });
    chen.put("/api/v1/rosters/nights", roster).await.ok();
    let entries = async |person: &str| {
        let link = chen.get(&format!("/api/v1/rosters/nights/calendar{person}")).await.ok();
        let made = house.visitor().get(link["path"].as_str().unwrap()).await.text;
        let lines = made.lines().filter(|line| !line.starts_with("DTSTAMP"));
        lines.map(ToOwned::to_owned).collect::<Vec<_>>().join("\n")
    };
    let before = entries("").await;
    assert!(
        before.contains("DTSTART:20261116T"),
        "a week back, from a shift's own start: {before}"
    );
    house.pass(Span::secs(2));
    assert_eq!(before, entries("").await);
    let mine = entries("?person=wang").await;
    assert!(mine.contains("加上王阿姨") && !mine.contains("with wang"), "{mine}");
}

#[tokio::test]
async fn a_month_is_a_page_for_printing_with_names_and_nothing_else_of_people() {
    let house = House::new();
    let (chen, li) = (house.signed_in("chen"), house.signed_in("li"));
    let mut wang: Person = person("wang", &[Role::Volunteer]);
    wang.name = "王<阿姨>".into();
    wang.methods[0].address = "+8613800138000".into();
    house.do_(Command::PutPerson(wang));
    let roster = json!({ "id": "nights", "name": "夜班", "time_zone": "Asia/Shanghai", "layers": [
        { "kind": "shift", "name": "n", "days": ["mon", "sat"], "from": "20:00", "to": "08:00",
          "people": ["wang"] } ] });
    chen.put("/api/v1/rosters/nights", roster).await.ok();

    let link = li.get("/api/v1/rosters/nights/calendar").await.ok();
    assert_eq!(link["month"], "/api/v1/rosters/nights/month?month=2026-11");
    let page = li.get("/api/v1/rosters/nights/month?month=2026-12&language=zh").await;
    assert!(page.status.is_success(), "{}", page.text);
    assert_eq!(page.headers[header::CONTENT_TYPE], "text/html; charset=utf-8");
    let policy = page.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(policy.contains("default-src 'self'") && !policy.contains("unsafe"), "{policy}");
    assert!(
        page.text.contains("夜班 2026年12月") && page.text.contains("王&lt;阿姨&gt;"),
        "{}",
        page.text
    );
    assert!(page.text.contains("class=\"gap\"") && page.text.contains("无人值班"));
    assert!(
        !page.text.contains("138000")
            && !page.text.contains("<script")
            && !page.text.contains("style=")
    );
    let english = li.get("/api/v1/rosters/nights/month").await;
    assert!(english.text.contains("夜班, November 2026") && english.text.contains("Nobody"));
    let style = house.visitor().get("/month.css").await;
    assert_eq!(style.headers[header::CONTENT_TYPE], "text/css; charset=utf-8");
    assert!(style.text.contains("A4"));

    assert_eq!(
        house.visitor().get("/api/v1/rosters/nights/month").await.status,
        StatusCode::UNAUTHORIZED
    );
    for (path, status) in [
        ("nights/month?month=2026-13", StatusCode::BAD_REQUEST),
        ("nights/month?language=fr", StatusCode::BAD_REQUEST),
        ("days/month", StatusCode::NOT_FOUND),
    ] {
        assert_eq!(li.get(&format!("/api/v1/rosters/{path}")).await.status, status, "{path}");
    }
}
