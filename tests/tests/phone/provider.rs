//! What providers do to calls: speech of their own before anybody picks up, lost packets, calls that break
//! off or lead nowhere, clocks of another century.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use gengfu_tests::{
    eventually,
    handset::Handset,
    sipp::{Sipp, Step::*, scenario},
};
use reqwest::Method;
use serde_json::json;

use crate::house::{House, ports};

/// The address at which a call offers to hear us.
fn offered(phone: &Sipp) -> Option<SocketAddr> {
    let (_, invite) = phone.message("INVITE")?;
    let port = invite.split("m=audio ").nth(1)?.split(' ').next()?;
    format!("127.0.0.1:{port}").parse().ok()
}

/// How often Wang has done this, by the incident's own account.
async fn times(house: &House, what: &str) -> usize {
    let incident = house.incidents().await.pop().unwrap();
    let moments = incident["timeline"].as_array().unwrap();
    moments.iter().filter(|m| m["happened"]["what"] == what && m["by_name"] == "wang").count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_counts_once_however_many_of_its_packets_are_lost_or_late() {
    let (port, media) = ports();
    let house = House::with_server(port).await;
    let mut handset = Handset::new().await.unwrap();
    let steps = scenario(&[Ring, PickUp, IsHungUpOn]);
    let mut phone = Sipp::run(port, media, &handset.speaks_in(&steps), 1).unwrap();
    let _board = house.press(1).await;
    eventually("the first word", async || handset.first_word()).await;
    // 3 says it again, which counts for nothing; of 5, which would end it if it counted twice, the first
    // copies are lost and one in five of the others.
    handset.press(3, |_| true).await.unwrap();
    handset.press(5, |copy| copy > 2 && copy % 5 != 0).await.unwrap();
    handset.straggle(3).await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(times(&house, "ended").await, 0, "one 5 is a question");
    handset.press(5, |copy| copy == 8).await.unwrap();
    house.incident("it is over", |i| i["phase"] == "ended").await;
    assert_eq!(times(&house, "ended").await, 1);
    phone.done().await.unwrap();
    house.gateway.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_said_and_no_key_counts_before_somebody_picks_up() {
    let (port, media) = ports();
    let house = House::with_server(port).await;
    let mut handset = Handset::new().await.unwrap();
    let steps = scenario(&[EarlyMedia, Wait(Duration::from_secs(3)), PickUp, IsHungUpOn]);
    let mut phone = Sipp::run(port, media, &handset.speaks_in(&steps), 1).unwrap();
    let _board = house.press(1).await;
    house.told("accepted").await;
    let to = eventually("the call", async || offered(&phone)).await;
    for _ in 0..4 {
        handset.press_to(to, 1, |_| true).await.unwrap();
    }
    assert_eq!(handset.packets(), 0, "nobody has picked up");
    assert!(phone.message("SIP/2.0 200").is_none(), "nobody has picked up");
    eventually("the first word", async || handset.first_word()).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(times(&house, "acknowledged").await, 0, "what was pressed early is no answer");
    handset.press(1, |_| true).await.unwrap();
    house.incident("Wang is going", |i| i["phase"] == "going").await;
    assert_eq!(times(&house, "acknowledged").await, 1);
    phone.done().await.unwrap();
    house.gateway.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_provider_that_hangs_up_in_the_middle_costs_no_time() {
    let (port, media) = ports();
    let house = House::with_server(port).await;
    let handset = Handset::new().await.unwrap();
    let steps = scenario(&[Ring, PickUp, Wait(Duration::from_secs(2)), HangUp]);
    let mut phone = Sipp::run(port, media, &handset.speaks_in(&steps), 1).unwrap();
    let _board = house.press(1).await;
    eventually("the first word", async || handset.first_word()).await;
    phone.done().await.unwrap();
    let hung_up = Instant::now();
    house.hooks.first("li", "alert").await;
    let then = hung_up.elapsed();
    assert!(then < Duration::from_secs(2), "{then:?}");
    house.gateway.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_leads_nowhere_ends_before_the_step_does() {
    let (port, media) = ports();
    let house = House::with_server(port).await;
    // It picks up, and no speech comes, and it never hangs up.
    let mut phone = Sipp::start(port, media, &[PickUp, IsHungUpOn]).unwrap();
    let begun = Instant::now();
    let _board = house.press(1).await;
    let failed = house.told("failed").await;
    assert!(failed["reason"].as_str().unwrap().contains("nothing was ever heard"), "{failed}");
    house.hooks.first("li", "alert").await;
    assert!(begun.elapsed() < Duration::from_secs(38), "{:?}", begun.elapsed());
    phone.done().await.unwrap();
    house.gateway.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_that_is_none_is_refused_or_passed_over_at_once() {
    let (port, media) = ports();
    let house = House::with_server(port).await;
    for wrong in ["wang", "sip:21@127.0.0.1", "1"] {
        let refused = house.operator.put_person("chen", &[("phone", wrong)]).await.unwrap_err();
        assert!(format!("{refused:#}").contains("telephone number"), "{refused:#}");
    }
    let mut phone = Sipp::start(port, media, &[Refuse(404)]).unwrap();
    let begun = Instant::now();
    let _board = house.press(1).await;
    house.hooks.first("li", "alert").await;
    assert!(begun.elapsed() < Duration::from_secs(10), "{:?}", begun.elapsed());
    let failed = house.told("failed").await;
    assert!(failed["reason"].as_str().unwrap().contains("no such number"), "{failed}");
    phone.done().await.unwrap();
    house.gateway.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_of_another_century_changes_nothing() {
    for date in ["Sat, 21 Nov 1903 03:00:00 GMT", "Thu, 21 Nov 2199 03:00:00 GMT", "yesterday"] {
        let (port, media) = ports();
        let moment = Wait(Duration::from_millis(300));
        let steps = scenario(&[Ring, moment, PickUp, moment, Key('1'), IsHungUpOn]);
        let steps = steps.replace("Contact: ", &format!("Date: {date}\nContact: "));
        let house = House::with_server(port).await;
        let mut phone = Sipp::run(port, media, &steps, 1).unwrap();
        let _board = house.press(1).await;
        let going = house.incident("Wang is going", |i| i["phase"] == "going").await;
        let moments = going["timeline"].as_array().unwrap();
        let now = jiff::Timestamp::now().as_second();
        for moment in moments {
            let at: jiff::Timestamp = moment["at"].as_str().unwrap().parse().unwrap();
            assert!((now - at.as_second()).abs() < 60, "{date}: {moment}");
        }
        phone.done().await.unwrap();
        house.gateway.stop().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_call_is_on_the_wire_at_once_and_whoever_picks_up_is_spoken_to_at_once() {
    let (port, media) = ports();
    let house = House::with_server(port).await;
    let wang = json!({ "id": "all", "name": "all", "steps": [
        { "targets": [{ "person": "wang" }], "wait": "40s" }] });
    house.operator.ask(Method::PUT, "policies/all", wang).await.unwrap();
    let handset = Handset::new().await.unwrap();
    let steps = scenario(&[Ring, Wait(Duration::from_secs(1)), PickUp, Key('1'), IsHungUpOn]);
    let mut phone = Sipp::run(port, media, &handset.speaks_in(&steps), 1).unwrap();
    // What is said is made ahead of time, as it is in a gateway that runs for more than a moment.
    eventually("the voice is ready", async || {
        let folder = house.site.data().join("speech");
        let made = std::fs::read_dir(folder).ok()?.count();
        tokio::time::sleep(Duration::from_millis(500)).await;
        let now = std::fs::read_dir(house.site.data().join("speech")).ok()?.count();
        (made == now && made > 20).then_some(())
    })
    .await;
    let board = house.board(1).await;
    let pressed = seconds();
    board.set_input(1, gengfu_wire::up::InputState::Active);
    phone.done().await.unwrap();
    let (invite, _) = phone.message("INVITE").unwrap();
    let (ringing, _) = phone.message("SIP/2.0 180").unwrap();
    let (picked_up, _) = phone.message("SIP/2.0 200").unwrap();
    let word = handset.first_word().unwrap().duration_since(std::time::UNIX_EPOCH).unwrap();
    let word = word.as_secs_f64() % DAY;
    let ms = |from: f64, to: f64| (to - from) * 1_000.0;
    let (to_invite, to_word) = (ms(pressed, invite), ms(picked_up, word));
    println!(
        "from the button to the INVITE {to_invite:.0} ms, to the phone that rings {:.0} ms, from the \
         pick-up to the first word {to_word:.0} ms",
        ms(pressed, ringing)
    );
    assert!(to_invite < 1_000.0 && to_word < 1_000.0, "on a machine that does other things too");
    house.gateway.stop().unwrap();
}

const DAY: f64 = 86_400.0;

/// The time, in seconds of this day, by the clock that sipp goes by.
fn seconds() -> f64 {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    now.as_secs_f64() % DAY
}
