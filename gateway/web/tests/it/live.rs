//! The whole building, live: all of it at first, and then what changes.

use std::{
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use axum::{
    body::BodyDataStream,
    http::{Method, StatusCode},
};
use futures::future::join_all;
use gengfu_core::{
    input::{Command, Input},
    person::Role,
    point::{Kind, Reading, Value},
    time::Span,
};
use gengfu_web::Gateway;
use serde_json::{Value as Json, json};

use crate::{
    answer::next_event,
    house::{House, person},
    wiring::{lift, wiring},
};

fn ids(list: &Json) -> Vec<&str> {
    list.as_array().unwrap().iter().filter_map(|one| one["id"].as_str()).collect()
}

#[tokio::test]
async fn a_maintainer_sees_all_of_it_once_and_then_each_change_alone() {
    let house = House::new();
    house.do_(Command::PutPerson(person("zhou", &[Role::Maintainer])));
    let zhou = house.signed_in("zhou");
    let response = zhou.open(zhou.request(Method::GET, "/api/v1/live/events", None)).await;
    let mut stream = response.into_body().into_data_stream();

    let (name, first) = next_event(&mut stream).await.unwrap();
    assert_eq!((name.as_str(), &first["whole"]), ("live", &json!(true)));
    assert_eq!(
        ids(&first["points"]),
        ["lift-1/call", "lift-1/door", "lift-1/gate", "lift-1/speed"]
    );
    assert_eq!(first["points"][0]["no_data"], "not_yet", "what was never heard has no value");
    assert_eq!(first["incidents"], json!([]));

    // Somebody signs in: nothing that anybody would see on the plan. Then a door opens.
    let _li = house.signed_in("li");
    house.read("lift-1/door", Value::Bool(false));
    let (_, second) = next_event(&mut stream).await.unwrap();
    assert_eq!((&second["whole"], ids(&second["points"])), (&json!(false), vec!["lift-1/door"]));
    assert_eq!(second["points"][0]["value"], false);
    assert!(second["devices"][0]["heard_at"].is_string(), "it is heard now");
    assert_eq!(second["incidents"], Json::Null, "nothing changed about them");

    // The same value once more is no change, but that it is still heard is told a minute later.
    house.read("lift-1/door", Value::Bool(false));
    house.later(house.now() + Span::mins(1));
    house.read("lift-1/door", Value::Bool(false));
    let (_, again) = next_event(&mut stream).await.unwrap();
    assert_eq!((ids(&again["devices"]), ids(&again["points"])), (vec!["lift-1"], vec![]));
    assert_eq!(again["devices"][0]["heard_at"], house.now().to_string());

    // The button is a change in three places.
    house.press_call_button();
    let (_, third) = next_event(&mut stream).await.unwrap();
    assert_eq!(ids(&third["points"]), ["lift-1/call"]);
    assert_eq!(
        (&third["devices"][0]["alarms"], &third["devices"][0]["priority"]),
        (&json!(1), &json!("critical"))
    );
    assert_eq!(
        (&third["incidents"][0]["danger"], &third["incidents"][0]["phase"]),
        (&json!("trapped"), &json!("calling"))
    );

    // What no rule asks about is shown too, though the state knows nothing of it.
    house.telemetry.lock().push(std::sync::Arc::new(Reading {
        point: "lift-1/speed".into(),
        sample: Ok(Value::Float(1.5)),
        source_at: None,
        received_at: house.now(),
        kind: Kind::State,
        origin: None,
    }));
    let (_, told) = next_event(&mut stream).await.unwrap();
    assert_eq!(
        (ids(&told["points"]), &told["points"][0]["value"]),
        (vec!["lift-1/speed"], &json!(1.5))
    );
    assert_eq!(zhou.get("/api/v1/points/lift-1%2Fspeed").await.ok()["value"], 1.5);

    // Another device, and the page gets all of it again.
    let mut more = wiring();
    let mut device = more.devices.values().next().unwrap().as_ref().clone();
    device.id = "lift-2".into();
    device.points.clear();
    device.outputs.clear();
    device.rules.clear();
    more.devices.insert(device.id.clone(), device.into());
    house.input(Input::Configure(Box::new(more)));
    let (_, fourth) = next_event(&mut stream).await.unwrap();
    assert_eq!(
        (&fourth["whole"], ids(&fourth["devices"])),
        (&json!(true), vec!["lift-1", "lift-2"])
    );
}

#[tokio::test]
async fn who_is_lost_or_out_of_service_is_told_and_no_value_is_shown() {
    let house = House::new();
    let mut watched = wiring();
    let mut lift = watched.devices.values().next().unwrap().as_ref().clone();
    lift.supervision = Some(Span::secs(30));
    watched.devices.insert(lift.id.clone(), lift.into());
    house.input(Input::Configure(Box::new(watched)));
    house.read("lift-1/door", Value::Bool(false));
    house.pass(Span::mins(2));
    let chen = house.signed_in("chen");
    let live = chen.get("/api/v1/live").await.ok();
    assert_eq!(live["devices"][0]["presence"]["state"], "lost");
    assert_eq!(
        (&live["points"][1]["value"], &live["points"][1]["no_data"]),
        (&Json::Null, &json!("silent"))
    );
    let wish =
        json!({ "until": (house.now() + Span::hours(1)).to_string(), "reason": "maintenance" });
    chen.post("/api/v1/devices/lift-1/out-of-service", wish).await.ok();
    assert_eq!(chen.get("/api/v1/live").await.ok()["devices"][0]["out_of_service"], true);
    assert_eq!(chen.get("/api/v1/session").await.ok()["time_zone"], house.state().wiring.time_zone);
    assert_eq!(house.signed_in("li").get("/api/v1/live").await.status, StatusCode::FORBIDDEN);
}

const PAGES: usize = 20;

/// A house with two thousand points, and the streams of twenty pages that are open: of one gateway, or each of
/// one of its own.
async fn twenty_pages(is_one_gateway: bool) -> (Arc<House>, Vec<BodyDataStream>) {
    let house = House::new();
    let mut large = wiring();
    for n in 2..=500 {
        let device = lift(&format!("lift-{n}"));
        large.devices.insert(device.id.clone(), device.into());
    }
    house.input(Input::Configure(Box::new(large)));
    let router = house.router();
    let mut streams = vec![];
    for n in 0..PAGES {
        // Nobody has more than a few pages open.
        let who = format!("zhou-{}", n / 5);
        house.do_(Command::PutPerson(person(&who, &[Role::Maintainer])));
        let mut page = house.signed_in(&who);
        if is_one_gateway {
            page.router = router.clone();
        }
        let response = page.open(page.request(Method::GET, "/api/v1/live/events", None)).await;
        let mut stream = response.into_body().into_data_stream();
        let (_, first) = next_event(&mut stream).await.unwrap();
        assert_eq!(first["points"].as_array().unwrap().len(), 2_000);
        streams.push(stream);
    }
    (house, streams)
}

/// Time that this thread has worked, in nanoseconds.
fn worked() -> u64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    stat.split(' ').next().unwrap().parse().unwrap()
}

#[tokio::test]
async fn twenty_open_pages_share_one_picture_of_two_thousand_points() {
    const CHANGES: usize = 10;
    let mut cost = vec![];
    for is_one_gateway in [false, true] {
        let (house, mut streams) = twenty_pages(is_one_gateway).await;
        let (before, begun) = (house.looks.load(Ordering::Relaxed), worked());
        for n in 0..CHANGES {
            let open = n % 2 == 0;
            house.read("lift-7/gate", Value::Bool(open));
            for told in join_all(streams.iter_mut().map(next_event)).await {
                let (_, told) = told.unwrap();
                assert_eq!(
                    (ids(&told["points"]), &told["points"][0]["value"]),
                    (vec!["lift-7/gate"], &json!(open))
                );
            }
        }
        cost.push((house.looks.load(Ordering::Relaxed) - before, worked() - begun));
    }
    let a_change = |of: (usize, u64)| of.1 as f64 / 1e6 / CHANGES as f64;
    println!(
        "{PAGES} pages, {CHANGES} changes: {} pictures and {:.1} ms a change apart, {} and {:.1} ms together",
        cost[0].0,
        a_change(cost[0]),
        cost[1].0,
        a_change(cost[1])
    );
    assert!(cost[0].0 >= PAGES * CHANGES, "{cost:?}");
    // Once for each change, and now and then once more: for telemetry, or where a beat ends meanwhile.
    assert!((CHANGES..=3 * CHANGES).contains(&cost[1].0), "{cost:?}");
}

#[tokio::test]
async fn changes_that_do_not_cease_are_seen_once_a_beat_and_the_last_one_by_everybody() {
    let (house, streams) = twenty_pages(true).await;
    let before = house.looks.load(Ordering::Relaxed);
    let begun = Instant::now();
    let busy = {
        let house = house.clone();
        tokio::spawn(async move {
            for n in 1..=500_u16 {
                house.read("lift-7/gate", Value::Float(f64::from(n)));
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        })
    };
    let until_the_last = |mut stream| async move {
        let mut events = 0;
        loop {
            let (_, told) = next_event(&mut stream).await.unwrap();
            events += 1;
            if told["points"][0]["value"] == 500.0 {
                return events;
            }
        }
    };
    let events = join_all(streams.into_iter().map(until_the_last)).await;
    busy.await.unwrap();
    let (took, looks) = (begun.elapsed(), house.looks.load(Ordering::Relaxed) - before);
    println!("{PAGES} pages, 500 changes in {took:?}: {looks} pictures, {events:?} events a page");
    let beats = usize::try_from(took.as_millis()).unwrap() / 100 + 2;
    assert!(looks <= beats, "{looks} pictures in {beats} beats");
}

#[tokio::test]
async fn a_stream_ends_with_the_role_that_opened_it() {
    let house = House::new();
    house.press_call_button();
    house.do_(Command::PutPerson(person("zhou", &[Role::Maintainer])));
    let zhou = house.signed_in("zhou");
    let mut streams = Vec::new();
    for path in [
        "/api/v1/events",
        "/api/v1/live/events",
        "/api/v1/incidents/1/events",
        "/api/v1/devices/lift-1/walk-test/events",
    ] {
        let response = zhou.open(zhou.request(Method::GET, path, None)).await;
        let mut stream = response.into_body().into_data_stream();
        assert!(next_event(&mut stream).await.is_some(), "{path}");
        streams.push((path, stream));
    }
    house.do_(Command::PutPerson(person("zhou", &[Role::Resident])));
    for (path, mut stream) in streams {
        assert!(next_event(&mut stream).await.is_none(), "{path}");
    }
    assert_eq!(zhou.get("/api/v1/session").await.ok()["roles"], json!(["resident"]));
}
