//! The pages in real Chromium.

use std::{io::Write, path::Path, process::Stdio, time::Duration};

use axum::{Router, http::StatusCode, routing::get};
use gengfu_tests::{
    boards::{board, mosquitto, publish},
    eventually,
    gateway::Gateway,
    hooks::Hooks,
    node::node,
    operator::Operator,
    site::{BOARD_PASSWORD, Site},
};
use gengfu_wire::up::InputState;
use reqwest::Method;
use serde_json::{Value, json};

#[test]
fn the_page_holds_against_a_gateway_that_the_test_plays() {
    node(&["--test"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_volunteer_answers_the_real_gateway_and_another_sees_it_live() {
    let hooks = Hooks::start().await.unwrap();
    let site = Site::new(1, "").unwrap();
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    operator.put_person("wang", &[("hook", &hooks.of("wang"))]).await.unwrap();
    let board = board(&site, 1);
    board.set_input(1, InputState::Active);
    let link = eventually("a message with a link", async || {
        hooks.told().first().and_then(|t| t.body["link"].as_str().map(ToOwned::to_owned))
    })
    .await;
    let story = tokio::task::spawn_blocking(move || node(&["story.mjs", &link]));
    story.await.unwrap();
    assert_eq!(operator.get("incidents/1").await.unwrap()["ended"]["cause"], "rescued");
    board.stop().await;
    drop(gateway);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_volunteer_calls_the_building_and_sees_live_who_needs_help() {
    let hooks = Hooks::start().await.unwrap();
    let site = Site::new(1, "").unwrap();
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    operator.put_person("wang", &[("hook", &hooks.of("wang"))]).await.unwrap();
    operator.put_policy(&["wang"]).await.unwrap();
    for (id, name, ways) in [
        ("zhou", "周婷", json!([{ "channel": "hook", "address": hooks.of("zhou") }])),
        ("old-liu", "刘大爷", json!([{ "channel": "hook", "address": hooks.of("old-liu") }])),
        ("deaf-wu", "吴奶奶", json!([])),
    ] {
        let person =
            json!({ "name": name, "roles": ["resident"], "home": "lift-1", "methods": ways });
        operator.ask(Method::PUT, &format!("people/{id}"), person).await.unwrap();
    }
    let board = board(&site, 1);
    board.set_input(1, InputState::Active);
    hooks.first("wang", "alert").await;
    let invitation = operator.invitation("wang").await.unwrap();
    // The resident's telephone: what it got is opened there.
    let told = hooks.clone();
    let link = move || {
        let of_zhou = told.told().into_iter().find(|told| told.person == "zhou");
        let link = of_zhou.and_then(|told| told.body["link"].as_str().map(ToOwned::to_owned));
        async move { link.ok_or(StatusCode::NOT_FOUND) }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let link_at = format!("http://{}/", listener.local_addr().unwrap());
    let app = Router::new().route("/", get(link));
    tokio::spawn(async move { axum::serve(listener, app).await });
    let story =
        tokio::task::spawn_blocking(move || node(&["muster.mjs", &invitation, "1", &link_at]));
    story.await.unwrap();
    let muster = operator.get("musters/1").await.unwrap();
    assert_eq!((&muster["counts"]["safe"], &muster["counts"]["need_help"]), (&json!(1), &json!(1)));
    board.stop().await;
    drop(gateway);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installer_takes_in_a_device_that_announces_itself() {
    let site = Site::new(
        1,
        "[[mqtt.users]]\nname = \"neighbour\"\npassword_file = \"board\"\npublish = [\"#\"]\n\
         [homeassistant]\ndiscover = true\n",
    )
    .unwrap();
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    let person = json!({ "name": "陈师傅", "roles": ["installer"], "methods": [] });
    operator.ask(Method::PUT, "people/chen", person).await.unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../gateway/field/tests/announced");
    for file in ["esphome.json", "zigbee2mqtt.json", "others.json"] {
        let announced: serde_json::Map<String, Value> =
            serde_json::from_str(&std::fs::read_to_string(folder.join(file)).unwrap()).unwrap();
        for (topic, payload) in announced {
            let payload = payload.to_string();
            assert!(publish(&site, "neighbour", BOARD_PASSWORD, &topic, &payload).unwrap());
        }
    }
    let invitation = operator.invitation("chen").await.unwrap();
    let story = tokio::task::spawn_blocking(move || node(&["found.mjs", &invitation]));
    story.await.unwrap();
    let device = operator.get("devices/kitchen-smoke").await.unwrap();
    assert_eq!((&device["place"], &device["rules"][0]["danger"]), (&json!("yard"), &json!("fire")));
    drop(gateway);
}

/// Building 9 with a lift's controller and a detector that says nothing, both as JSON over MQTT.
const BUILDING: &str = r##"
[[mqtt.users]]
name = "neighbour"
password_file = "board"
publish = ["#"]

[[places]]
id = "b9"
name = { zh = "9号楼", en = "Building 9" }

[[places]]
id = "b9-lift"
inside = "b9"
name = { zh = "电梯", en = "Lift" }

[[devices]]
id = "lift-9"
place = "b9-lift"
name = { zh = "9号电梯控制器", en = "Lift 9 controller" }
profile = "json"
topic = "site/lift-9"
supervision = "90s"
points = [
    { id = "fault", name = { zh = "故障代码", en = "Fault code" }, pointer = "/fault" },
    { id = "trips", name = { zh = "运行次数", en = "Trips" }, pointer = "/trips" },
    { id = "supply", name = { zh = "应急电源", en = "Emergency supply" }, unit = "%", pointer = "/supply" },
]
rules = [
    { id = "fault-41", danger = "lift", priority = "high", name = { zh = "安全回路断开（E41）。请检查：底坑开关", en = "Safety circuit open (E41). Check: the switches in the pit" }, when = { equals = { point = "fault", value = 41 } } },
]

[[devices]]
id = "silent"
place = "b9"
name = { zh = "烟感", en = "Smoke detector" }
profile = "json"
topic = "site/silent"
supervision = "25h"
points = [{ id = "smoke", name = { zh = "烟雾", en = "Smoke" }, pointer = "/smoke" }]
"##;

#[tokio::test(flavor = "multi_thread")]
async fn a_maintainer_looks_after_the_building() {
    let hooks = Hooks::start().await.unwrap();
    let site = Site::new(0, BUILDING).unwrap();
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    for person in ["wang", "li"] {
        operator.put_person(person, &[("hook", &hooks.of(person))]).await.unwrap();
    }
    let zhou = json!({ "name": "周工", "roles": ["maintainer"], "methods": [] });
    operator.ask(Method::PUT, "people/zhou", zhou).await.unwrap();
    // Wang is on duty for ever, but for one day in two weeks, on which nobody is.
    let off = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(14 * 24);
    let off = off.strftime("%Y-%m-%d").to_string();
    operator.put_roster("nights", &["wang"]).await.unwrap();
    let mut roster = operator.get("rosters/nights").await.unwrap();
    roster["exceptions"] = json!([{ "kind": "remove", "person": "wang",
        "from": format!("{off}T00:00:00"), "to": format!("{off}T12:00:00") }]);
    operator.ask(Method::PUT, "rosters/nights", roster).await.unwrap();
    let steps = json!([{ "targets": [{ "on_call": "nights" }], "wait": "45s" },
        { "targets": ["everyone"], "wait": "45s" }]);
    let policy = json!({ "id": "all", "name": "all", "steps": steps });
    operator.ask(Method::PUT, "policies/all", policy).await.unwrap();

    // The controller speaks all the time, and has a fault from the second word on.
    let mut controller = mosquitto("mosquitto_pub", &site, "neighbour", BOARD_PASSWORD)
        .args(["-t", "site/lift-9", "-l"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut words = controller.stdin.take().unwrap();
    let speaking = std::thread::spawn(move || {
        for n in 0_u32.. {
            let fault = if n == 0 { 0 } else { 41 };
            let said = json!({ "fault": fault, "trips": 12_000 + n, "supply": 98 });
            if writeln!(words, "{said}").and_then(|()| words.flush()).is_err() {
                return;
            }
            std::thread::sleep(Duration::from_millis(200));
        }
    });
    hooks.first("wang", "alert").await;
    let invitation = operator.invitation("zhou").await.unwrap();
    let story = tokio::task::spawn_blocking(move || node(&["upkeep.mjs", &invitation, &off]));
    let ended = story.await;
    controller.kill().unwrap();
    controller.wait().unwrap();
    speaking.join().unwrap();
    ended.unwrap();
    let audit = operator.get("audit").await.unwrap();
    assert!(audit.to_string().contains("new ropes"), "{audit}");
    drop(gateway);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installer_tests_a_board_and_nobody_else_is_woken() {
    let hooks = Hooks::start().await.unwrap();
    let site = Site::new(1, "").unwrap();
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    operator.put_person("wang", &[("hook", &hooks.of("wang"))]).await.unwrap();
    let zhang = json!({ "name": "Zhang", "roles": ["installer"], "language": "en",
        "methods": [{ "channel": "hook", "address": hooks.of("zhang") }] });
    operator.ask(Method::PUT, "people/zhang", zhang).await.unwrap();
    let invitation = operator.invitation("zhang").await.unwrap();
    let board = board(&site, 1);
    eventually("the board is heard", async || {
        let device = operator.get("devices/board-1").await.ok()?;
        device["heard_at"].is_string().then_some(())
    })
    .await;
    let story = tokio::task::spawn_blocking(move || {
        node(&["installer.mjs", &invitation, "board-1"]);
    });

    // As the page asks for it: the button is pressed once the test has begun, and let go once its alarm
    // has reached who tests.
    let first = async || {
        let view = operator.get("devices/board-1/walk-test").await.ok()?;
        view["test"]["running"].as_bool()?.then_some(())?;
        view["inputs"].get(0).cloned()
    };
    eventually("a test that goes on", async || first().await).await;
    board.set_input(1, InputState::Active);
    let message = hooks.first("zhang", "alert").await;
    let title = message["title"].as_str().unwrap();
    assert!(title.starts_with("[TEST] "), "{message}");
    assert_eq!(message["test"], true);
    assert!(message["what"]["zh"].as_str().unwrap().starts_with("【测试】"), "{message}");
    eventually("it reached who tests", async || {
        first().await.filter(|input| input["reached_at"].is_string())
    })
    .await;
    board.set_input(1, InputState::Idle);
    story.await.unwrap();

    // The incident was a test and is over; those on duty never heard of it.
    let incident = operator.get("incidents/1").await.unwrap();
    assert_eq!((&incident["test"], &incident["ended"]["cause"]), (&json!(true), &json!("drill")));
    let told = hooks.told();
    assert!(told.iter().all(|told| told.person == "zhang" || told.body["test"] == false));
    assert!(!told.iter().any(|told| told.person == "wang"), "{told:?}");
    board.stop().await;
    drop(gateway);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_volunteer_swaps_a_shift_in_three_taps_and_the_other_accepts() {
    let hooks = Hooks::start().await.unwrap();
    let site = Site::new(0, "").unwrap();
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    for person in ["wang", "li"] {
        operator.put_person(person, &[("hook", &hooks.of(person))]).await.unwrap();
    }
    // A day each, Wang's half over: it began six hours ago.
    let begun = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(6);
    let (day, hour) = (begun.strftime("%Y-%m-%d").to_string(), begun.strftime("%H:00").to_string());
    let turns = json!({ "kind": "rotation", "name": "turns", "people": ["wang", "li"],
        "starts": day, "handover": { "kind": "daily", "at": hour } });
    let roster = json!({ "id": "nights", "name": "夜班", "time_zone": "UTC", "layers": [turns] });
    operator.ask(Method::PUT, "rosters/nights", roster).await.unwrap();
    let mine = operator.invitation("wang").await.unwrap();
    let other = operator.invitation("li").await.unwrap();
    let story = tokio::task::spawn_blocking(move || node(&["swap.mjs", &mine, &other]));
    story.await.unwrap();
    let roster = operator.get("rosters/nights").await.unwrap();
    let change = &roster["exceptions"][0];
    assert_eq!((&change["person"], &change["by"]), (&json!("wang"), &json!("li")), "{roster}");
    drop(gateway);
}

/// Building 9 with smoke on its stairs and a call button in its lift, both as JSON over MQTT.
const SMOKE_AND_LIFT: &str = r##"
[[mqtt.users]]
name = "neighbour"
password_file = "board"
publish = ["#"]

[[places]]
id = "b9"
name = { zh = "9号楼", en = "Building 9" }

[[places]]
id = "b9-stairs"
inside = "b9"
name = { zh = "楼梯间", en = "Stairs" }

[[places]]
id = "b9-lift"
inside = "b9"
name = { zh = "电梯", en = "Lift" }

[[devices]]
id = "smoke"
place = "b9-stairs"
name = { zh = "烟感", en = "Smoke detector" }
profile = "json"
topic = "site/smoke"
supervision = "25h"
points = [{ id = "smoke", name = { zh = "烟雾", en = "Smoke" }, pointer = "/on" }]
rules = [
    { id = "fire", danger = "fire", priority = "critical", name = { zh = "有烟", en = "Smoke" }, when = { equals = { point = "smoke", value = true } } },
]

[[devices]]
id = "call"
place = "b9-lift"
name = { zh = "电梯呼救", en = "Lift call button" }
profile = "json"
topic = "site/call"
supervision = "25h"
points = [{ id = "call", name = { zh = "按钮", en = "Button" }, pointer = "/on" }]
rules = [
    { id = "trapped", danger = "trapped", priority = "critical", name = { zh = "有人呼救", en = "Somebody calls" }, when = { equals = { point = "call", value = true } } },
]
"##;

#[tokio::test(flavor = "multi_thread")]
async fn whoever_goes_reads_what_to_do_first_and_who_needs_help_in_a_fire_alone() {
    let hooks = Hooks::start().await.unwrap();
    let site = Site::new(0, SMOKE_AND_LIFT).unwrap();
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    operator.put_person("wang", &[("hook", &hooks.of("wang"))]).await.unwrap();
    let zhou = json!({ "name": "周工", "roles": ["maintainer"], "methods": [] });
    operator.ask(Method::PUT, "people/zhou", zhou).await.unwrap();
    let invitation = operator.invitation("zhou").await.unwrap();
    let mut links = vec![];
    for (topic, danger) in [("site/smoke", "fire"), ("site/call", "trapped")] {
        let on = r#"{"on":true}"#;
        assert!(publish(&site, "neighbour", BOARD_PASSWORD, topic, on).unwrap());
        let link = eventually("a message with its link", async || {
            let told = hooks.told().into_iter().find(|told| told.body["danger"] == danger)?;
            told.body["link"].as_str().map(ToOwned::to_owned)
        })
        .await;
        links.push(link);
    }
    let story = tokio::task::spawn_blocking(move || {
        node(&["advice.mjs", &invitation, &links[0], &links[1]]);
    });
    story.await.unwrap();
    // Nothing of it went out, and the log of changes names the place alone.
    let audit = operator.get("audit").await.unwrap().to_string();
    assert!(audit.contains("note_put") && !audit.contains("1101"), "{audit}");
    let sent: Vec<String> = hooks.told().iter().map(|told| told.body.to_string()).collect();
    assert!(!sent.iter().any(|body| body.contains("1101")), "{sent:?}");
    drop(gateway);
}
