//! What people change from day to day: people, boards, rosters, policies, alarms.

use axum::http::StatusCode;
use gengfu_core::{
    id::{DeviceId, PersonId},
    input::Command,
    person::{Login, Role},
    point::Value,
    state::State,
    time::{Span, Timestamp},
};
use gengfu_web::{
    Gateway,
    found::{Found, FoundDevice},
};
use serde_json::json;

use crate::house::{House, person};

/// A smoke detector that announces itself, adopted as the first board that was added.
pub fn found(state: &State, now: Timestamp) -> Found {
    let device = FoundDevice {
        id: "0badcafe".into(),
        name: "Kitchen smoke".into(),
        maker: "espressif".into(),
        model: String::new(),
        seen: Some(now),
        supervision: None,
        entities: vec![],
        adopted: state.boards.values().map(|board| board.device.id.clone()).next(),
        changed: false,
    };
    Found { listening: true, refused: 0, devices: vec![device] }
}

#[tokio::test]
async fn a_board_is_added_and_its_credential_is_shown_once() {
    let house = House::new();
    house.do_(Command::PutPerson(person("zhao", &[Role::Installer])));
    let zhao = house.signed_in("zhao");
    let wish = json!({
        "id": "lift-2", "name": {"zh": "二号梯", "en": "Lift 2"}, "place": "lift-1", "profile": "lift"
    });
    let answer = zhao.post("/api/v1/devices", wish.clone()).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    let made = answer.ok();
    assert_eq!(made["credential"], "secret of lift-2");
    assert_eq!(made["device"]["added"], true);
    let board = house.state().boards[&DeviceId::from("lift-2")].clone();
    assert_eq!(board.verifier.as_deref(), Some("verifier of secret of lift-2"));
    for path in ["/api/v1/devices", "/api/v1/devices/lift-2"] {
        let seen = zhao.get(path).await.ok().to_string();
        assert!(seen.contains("lift-2") && !seen.contains("secret"), "{seen}");
    }
    let points = zhao.get("/api/v1/points?device=lift-2").await.ok();
    assert_eq!(points[0]["id"], "lift-2/call");
    assert_eq!(points[0]["no_data"], "not_yet");
    let point = zhao.get("/api/v1/points/lift-2%2Fcall").await.ok();
    assert_eq!(point, points[0], "an id with a slash is percent-encoded");

    assert_eq!(zhao.post("/api/v1/devices", wish).await.status, StatusCode::CONFLICT);
    let bad = json!({"id": "x", "name": {"en": "X"}, "place": "lift-1", "profile": "toaster"});
    let answer = zhao.post("/api/v1/devices", bad).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text.contains("toaster"), "{}", answer.text);

    zhao.delete("/api/v1/devices/lift-2").await.ok();
    assert!(house.state().boards.is_empty());
    let fixed = zhao.delete("/api/v1/devices/lift-1").await;
    assert_eq!(fixed.status, StatusCode::CONFLICT, "it stands in the configuration file");
}

#[tokio::test]
async fn a_device_that_was_found_is_taken_in_once_and_has_no_credential() {
    let house = House::new();
    house.do_(Command::PutPerson(person("zhao", &[Role::Installer])));
    let zhao = house.signed_in("zhao");
    let found = zhao.get("/api/v1/found").await.ok();
    assert_eq!(found["devices"][0]["adopted"], serde_json::Value::Null);
    let adopt = "/api/v1/found/0badcafe/adopt";
    let wish = json!({"id": "kitchen", "name": {"zh": "厨房", "en": "Kitchen"}, "place": "lift-1"});
    let answer = house.signed_in("wang").post(adopt, wish.clone()).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "a volunteer adds nothing");
    let answer = zhao.post("/api/v1/found/none/adopt", wish.clone()).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let mut taken = wish.clone();
    taken["id"] = "lift-1".into();
    assert_eq!(zhao.post(adopt, taken).await.status, StatusCode::CONFLICT);
    let mut nowhere = wish.clone();
    nowhere["place"] = "moon".into();
    assert_eq!(zhao.post(adopt, nowhere).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let answer = zhao.post(adopt, wish.clone()).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text);
    assert_eq!(zhao.get("/api/v1/found").await.ok()["devices"][0]["adopted"], "kitchen");
    let mut again = wish.clone();
    again["id"] = "kitchen-2".into();
    assert_eq!(zhao.post(adopt, again).await.status, StatusCode::CONFLICT);
    // As it announces itself now, under the same name.
    assert_eq!(zhao.post(adopt, wish).await.status, StatusCode::CREATED);
    let credential = zhao.post("/api/v1/devices/kitchen/credential", json!({})).await;
    assert_eq!(credential.status, StatusCode::CONFLICT, "{}", credential.text);
    zhao.delete("/api/v1/devices/kitchen").await.ok();
}

#[tokio::test]
async fn a_calendar_is_read_with_its_link_alone_and_only_while_there_is_such_a_person() {
    let house = House::new();
    let chen = house.signed_in("chen");
    let roster = json!({ "id": "nights", "name": "夜班", "time_zone": "Asia/Shanghai", "layers": [
        { "kind": "rotation", "name": "all", "people": ["wang", "li"], "starts": "2026-11-02",
          "handover": { "kind": "daily", "at": "08:00" } } ] });
    chen.put("/api/v1/rosters/nights", roster).await.ok();
    let link = |answer: serde_json::Value| answer["path"].as_str().unwrap().to_owned();
    let all = link(chen.get("/api/v1/rosters/nights/calendar").await.ok());
    let wangs = link(chen.get("/api/v1/rosters/nights/calendar?person=wang").await.ok());
    assert_eq!(chen.get("/api/v1/rosters/days/calendar").await.status, StatusCode::NOT_FOUND);
    let nobody = chen.get("/api/v1/rosters/nights/calendar?person=nobody").await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
    // A calendar program has no session.
    let program = house.visitor();
    let read = program.get(&all).await;
    assert!(
        read.status.is_success() && read.text.starts_with("BEGIN:VCALENDAR\r\n"),
        "{}",
        read.text
    );
    let entries = |text: &str| text.matches("BEGIN:VEVENT").count();
    let his = program.get(&wangs).await;
    assert!(entries(&his.text) > 50 && entries(&read.text) > 100, "{}", his.text);
    let forged = wangs.replacen("calendar/A", "calendar/B", 1);
    assert_ne!(forged, wangs);
    assert_eq!(program.get(&forged).await.status, StatusCode::UNAUTHORIZED);
    let answer = wangs.replace("calendar", "answer");
    assert_eq!(
        program.get(&answer).await.status,
        StatusCode::UNAUTHORIZED,
        "it opens nothing else"
    );
    house.do_(Command::RemoveRoster("nights".into()));
    assert_eq!(program.get(&wangs).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_nuisance_is_shelved_but_never_a_call_for_help() {
    let house = House::new();
    let chen = house.signed_in("chen");
    house.read("lift-1/door", Value::Bool(true));
    house.press_call_button();
    let until = (house.now() + Span::hours(2)).to_string();
    let shelved =
        chen.post("/api/v1/alarms/rule%3Alift-1%2Fdoor/shelve", json!({"until": until})).await.ok();
    assert_eq!((&shelved["state"], &shelved["can_shelve"]), (&json!("shelved"), &json!(true)));
    assert_eq!(shelved["shelved"]["by_name"], "chen of the house");
    let back = chen.post("/api/v1/alarms/rule%3Alift-1%2Fdoor/unshelve", json!({})).await.ok();
    assert_eq!(back["shelved"], json!(null));

    let refused =
        chen.post("/api/v1/alarms/rule%3Alift-1%2Fcall/shelve", json!({"until": until})).await;
    assert_eq!((refused.status, refused.error().as_str()), (StatusCode::CONFLICT, "vital"));
    let past = json!({"until": "2020-01-01T00:00:00Z"});
    let refused = chen.post("/api/v1/alarms/rule%3Alift-1%2Fdoor/shelve", past).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_device_under_maintenance_is_out_of_service_for_a_while() {
    let house = House::new();
    let chen = house.signed_in("chen");
    let until = (house.now() + Span::hours(2)).to_string();
    let path = "/api/v1/devices/lift-1/out-of-service";
    let out = chen.post(path, json!({"until": until, "reason": "new rope"})).await.ok();
    assert_eq!(out["out_of_service"]["reason"], "new rope");
    assert_eq!(out["out_of_service"]["by_name"], "chen of the house");
    assert_eq!(chen.delete(path).await.ok()["out_of_service"], json!(null));
}

#[tokio::test]
async fn addresses_are_checked_and_shown_to_admins_and_oneself_only() {
    let house = House::new();
    house.do_(Command::PutPerson(person("sun", &[Role::Maintainer])));
    let (chen, sun, li) = (house.signed_in("chen"), house.signed_in("sun"), house.signed_in("li"));
    let mine = json!([{"channel": "ntfy", "address": "li-s-secret-topic"}]);
    assert_eq!(li.put("/api/v1/me/methods", mine.clone()).await.ok(), mine);
    assert_eq!(li.get("/api/v1/me/methods").await.ok(), mine);
    assert_eq!(chen.get("/api/v1/people/li").await.ok()["methods"], mine);
    let listed = sun.get("/api/v1/people").await.ok().to_string();
    assert!(listed.contains("li of the house") && !listed.contains("secret-topic"), "{listed}");

    for bad in [
        json!([{"channel": "pigeon", "address": "x"}]),
        json!([{"channel": "ntfy", "address": ""}]),
        json!([{"channel": "ntfy", "address": "x"}, {"channel": "ntfy", "address": "x"}]),
    ] {
        let answer = li.put("/api/v1/me/methods", bad.clone()).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
    }
    assert_eq!(li.get("/api/v1/me/methods").await.ok(), mine, "what was refused changed nothing");
}

#[tokio::test]
async fn a_way_is_tried_and_counts_once_it_is_known_to_have_arrived() {
    let house = House::new();
    house.do_(Command::PutPerson(person("sun", &[Role::Maintainer])));
    let (sun, li) = (house.signed_in("sun"), house.signed_in("li"));
    let first = li.get("/api/v1/me/ways").await.ok()[0].clone();
    assert_eq!((&first["number"], &first["works"]), (&json!(1), &json!(true)), "new: on trial");
    assert_eq!((&first["proven_at"], &first["broken"]), (&json!(null), &json!(null)));
    let tried = li.post("/api/v1/me/ways/1/test", json!({})).await;
    assert_eq!(tried.status, StatusCode::ACCEPTED);
    let arrived = li.post("/api/v1/me/ways/1/arrived", json!({})).await;
    assert_eq!(arrived.status, StatusCode::NO_CONTENT);
    let listed = sun.get("/api/v1/people/li/ways").await.ok();
    assert!(listed[0]["proven_at"].is_string(), "{listed}");
    assert!(!listed.to_string().contains("address"), "addresses stay with their owner: {listed}");
    for missing in ["/api/v1/me/ways/0/test", "/api/v1/me/ways/2/test"] {
        assert_eq!(li.post(missing, json!({})).await.status, StatusCode::NOT_FOUND, "{missing}");
    }
}

#[tokio::test]
async fn a_browser_subscribes_and_is_kept_once() {
    let house = House::new();
    let li = house.signed_in("li");
    assert_eq!(house.visitor().get("/api/v1/push/key").await.ok()["key"], "BHouse");
    let subscription = |endpoint: &str, auth: &str| json!({"endpoint": endpoint, "expirationTime": null, "keys": {"p256dh": "BP", "auth": auth}});
    li.post("/api/v1/me/push", subscription("https://push.example/1", "a")).await.ok();
    li.post("/api/v1/me/push", subscription("https://push.example/1", "b")).await.ok();
    li.post("/api/v1/me/push", subscription("https://push.example/2", "c")).await.ok();
    let methods = li.get("/api/v1/me/methods").await.ok();
    let channels: Vec<&str> =
        methods.as_array().unwrap().iter().map(|m| m["channel"].as_str().unwrap()).collect();
    assert_eq!(channels, ["push", "ntfy", "push"], "the first two stay two ways");
    assert!(methods[0]["address"].as_str().unwrap().contains("\"auth\":\"b\""), "{methods}");
}

#[tokio::test]
async fn the_last_admin_who_can_sign_in_stays_one() {
    let house = House::new();
    let chen = house.signed_in("chen");
    let demoted = json!({"name": "Chen", "roles": ["volunteer"]});
    let answer = chen.put("/api/v1/people/chen", demoted.clone()).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.text);
    assert_eq!(chen.delete("/api/v1/people/chen").await.status, StatusCode::CONFLICT);

    chen.put("/api/v1/people/sun", json!({"name": "Sun", "roles": ["admin"]})).await.ok();
    let answer = chen.put("/api/v1/people/chen", demoted.clone()).await;
    assert_eq!(answer.status, StatusCode::CONFLICT, "sun has no password yet");
    let login = Login { password_hash: Some("x".into()), invitation: None };
    house.do_(Command::SetLogin { person: PersonId::from("sun"), login });
    chen.put("/api/v1/people/chen", demoted).await.ok();
    assert_eq!(chen.delete("/api/v1/people/chen").await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_roster_is_checked_kept_and_asked() {
    let house = House::new();
    let chen = house.signed_in("chen");
    let roster = json!({
        "id": "nights", "name": "Nights", "time_zone": "Asia/Shanghai",
        "layers": [{
            "kind": "rotation", "name": "weeks", "people": ["wang", "li"],
            "starts": "2026-11-16T20:00", "handover": {"kind": "weekly", "day": "monday", "at": "20:00"}
        }]
    });
    let path = "/api/v1/rosters/nights";
    let answer = chen.put(path, roster.clone()).await;
    assert!(answer.status.is_success(), "{}", answer.text);
    let on_call = chen.get(&format!("{path}/on-call?at=2026-11-23T11:00:00Z")).await.ok();
    assert_eq!(on_call["people"], json!([{"id": "wang", "name": "wang of the house"}]));
    assert_eq!(on_call["until"], "2026-11-23T12:00:00Z");
    let query = "from=2026-11-23T11:00:00Z&to=2026-11-23T13:00:00Z";
    let shifts = chen.get(&format!("{path}/shifts?{query}")).await.ok();
    let people: Vec<_> =
        shifts.as_array().unwrap().iter().map(|s| s["people"][0].clone()).collect();
    assert_eq!(people, ["wang", "li"]);

    let mut bad = roster.clone();
    bad["time_zone"] = json!("Asia/Nowhere");
    let answer = chen.put(path, bad).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text);
    assert_eq!(chen.put("/api/v1/rosters/days", roster).await.status, StatusCode::BAD_REQUEST);

    let policy = json!({
        "id": "p", "name": "P", "steps": [{"targets": [{"on_call": "nights"}]}]
    });
    chen.put("/api/v1/policies/p", policy).await.ok();
    let answer = chen.delete(path).await;
    assert_eq!((answer.status, answer.error().as_str()), (StatusCode::CONFLICT, "in_use"));
    chen.delete("/api/v1/policies/p").await.ok();
    chen.delete(path).await.ok();
}

#[tokio::test]
async fn open_and_ended_incidents_are_told_apart() {
    let house = House::new();
    let li = house.signed_in("li");
    let incident = house.press_call_button();
    assert_eq!(li.get("/api/v1/incidents?open=true").await.ok()[0]["id"], incident.0);
    assert_eq!(li.get("/api/v1/incidents?open=false").await.ok(), json!([]));
    let path = format!("/api/v1/incidents/{incident}");
    li.post(&format!("{path}/acknowledge"), json!({})).await.ok();
    li.post(&format!("{path}/end"), json!({"cause": "false_alarm"})).await.ok();
    assert_eq!(li.get("/api/v1/incidents?open=true").await.ok(), json!([]));
    assert_eq!(
        li.get("/api/v1/incidents?open=false").await.ok()[0]["ended"]["cause"],
        "false_alarm"
    );
    let timeline = li.get(&format!("{path}/timeline")).await.ok();
    assert_eq!(timeline[0]["happened"]["what"], "opened");
    assert_eq!(li.get("/api/v1/incidents/77").await.status, StatusCode::NOT_FOUND);
    assert_eq!(li.get("/api/v1/incidents/x").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn history_is_asked_for_a_period() {
    let house = House::new();
    let chen = house.signed_in("chen");
    let path = "/api/v1/points/lift-1%2Fcall/history";
    let query = "from=2026-11-23T00:00:00Z&to=2026-11-23T07:00:00Z";
    let past = chen.get(&format!("{path}?{query}")).await.ok();
    assert_eq!(past[0], json!({"at": "2026-11-23T00:00:00Z", "value": false, "no_data": null}));
    assert_eq!(past[1]["at"], "2026-11-23T07:00:00Z");
    let turned = "to=2026-11-23T00:00:00Z&from=2026-11-23T07:00:00Z";
    let answer = chen.get(&format!("{path}?{turned}")).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(chen.get(&format!("{path}?from=yesterday")).await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn history_is_a_table_for_a_spreadsheet() {
    let house = House::new();
    let chen = house.signed_in("chen");
    let path = "/api/v1/points/lift-1%2Fcall/history.csv";
    let query = "from=2026-11-23T00:00:00Z&to=2026-11-23T07:00:00Z";
    let table = chen.get(&format!("{path}?{query}")).await;
    assert_eq!(table.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(table.headers["content-disposition"], "attachment; filename=\"lift-1-call.csv\"");
    let lines: Vec<&str> = table.text.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(
        lines,
        [
            "local,utc,value,unit,no_data",
            "2026-11-23 08:00:00.000,2026-11-23T00:00:00Z,false,,",
            "2026-11-23 15:00:00.000,2026-11-23T07:00:00Z,true,,",
        ]
    );
    assert!(table.text.starts_with('\u{feff}'), "or a spreadsheet program reads no Chinese");
}

#[tokio::test]
async fn a_chart_has_as_many_steps_as_are_asked_for() {
    let house = House::new();
    let chen = house.signed_in("chen");
    let path = "/api/v1/points/lift-1%2Fcall/chart";
    let query = "from=2026-11-23T00:00:00Z&to=2026-11-23T07:00:00Z";
    let chart = chen.get(&format!("{path}?{query}&steps=420")).await.ok();
    assert_eq!(chart["step_ms"], 60_000);
    let step = json!({"at": "2026-11-23T00:00:00Z", "min": 0.0, "mean": 1.5, "max": 420.0});
    assert_eq!(chart["steps"], json!([step]));
    let greedy = chen.get(&format!("{path}?{query}&steps=1000000")).await.ok();
    assert_eq!(greedy["steps"][0]["max"], 4000.0);
    let none = chen.get(&format!("{path}?from=2026-11-23T00:00:00Z&to=2026-11-23T00:00:00Z")).await;
    assert_eq!(none.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_channel_shows_its_health_and_is_tested_by_hand() {
    let house = House::new();
    let chen = house.signed_in("chen");
    let channels = chen.get("/api/v1/channels").await.ok();
    assert_eq!((&channels[0]["id"], &channels[0]["people"]), (&json!("ntfy"), &json!(3)));
    let answer = chen.post("/api/v1/channels/ntfy/test", json!({"person": "li"})).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{}", answer.text);
    let state = house.state();
    assert!(state.messages.values().any(|m| m.person.as_str() == "li" && m.incident.is_none()));
    let answer = chen.post("/api/v1/channels/pigeon/test", json!({"person": "li"})).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}", answer.text);
}

#[tokio::test]
async fn no_name_hides_characters_that_nobody_sees() {
    let house = House::new();
    let chen = house.signed_in("chen");
    for name in ["a\rb", "line\nbreak", "end\0", "a\u{202E}gnp.exe"] {
        let wish = json!({ "name": name, "roles": ["volunteer"] });
        let answer = chen.put("/api/v1/people/eve", wish).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name:?}");
        let roster = json!({ "id": "nights", "name": name, "time_zone": "Asia/Shanghai", "layers": [
            { "kind": "rotation", "name": "all", "people": ["wang"], "starts": "2026-11-02",
              "handover": { "kind": "daily", "at": "08:00" } } ] });
        let answer = chen.put("/api/v1/rosters/nights", roster).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name:?}");
    }
    let wish = json!({ "name": "👨‍👩‍👧‍👦 王家", "roles": ["volunteer"] });
    chen.put("/api/v1/people/eve", wish).await.ok();
}
