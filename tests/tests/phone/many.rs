//! Fifty telephones ring at once.

use std::time::{Duration, Instant};

use gengfu_tests::{
    eventually,
    sipp::{Sipp, Step::*, scenario},
};
use reqwest::Method;
use serde_json::json;

use crate::house::{House, ports};

const CALLS: usize = 50;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_telephones_ring_at_once_and_all_of_them_are_spoken_to() {
    let (port, media) = ports();
    let moment = Wait(Duration::from_millis(500));
    let listens = Wait(Duration::from_secs(4));
    let steps = scenario(&[Ring, moment, PickUp, listens, Key('1'), IsHungUpOn]);
    let mut phones = Sipp::run(port, media, &steps, CALLS).unwrap();
    let house = House::with_server(port).await;
    let people: Vec<String> = (0..CALLS).map(|n| format!("p{n}")).collect();
    for (n, person) in people.iter().enumerate() {
        house.operator.put_person(person, &[("phone", &(100 + n).to_string())]).await.unwrap();
    }
    let targets: Vec<_> = people.iter().map(|p| json!({ "person": p })).collect();
    let policy =
        json!({ "id": "all", "name": "all", "steps": [{ "targets": targets, "wait": "45s" }] });
    house.operator.ask(Method::PUT, "policies/all", policy).await.unwrap();

    let begun = Instant::now();
    let _board = house.press(1).await;
    eventually("all of them ring", async || {
        let incident = house.incidents().await.pop()?;
        let told = incident["told"].as_array()?.clone();
        let rings = told.iter().filter(|t| t["status"] != "due" && t["status"] != "failed").count();
        (rings == CALLS).then_some(())
    })
    .await;
    let ringing = begun.elapsed();
    phones.done().await.unwrap();
    let going = house.incident("all have answered", |i| {
        i["going"].as_array().is_some_and(|going| going.len() == CALLS)
    });
    going.await;
    println!(
        "{CALLS} calls: all ring {ringing:.0?} after the button, all answered after {:.1?}",
        begun.elapsed()
    );
    assert!(ringing < Duration::from_secs(3), "{ringing:?}");
    house.gateway.stop().unwrap();
}
