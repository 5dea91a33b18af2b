//! A neighbour calls the line, and hears who is on call.

use std::time::Duration;

use gengfu_tests::{baresip::Baresip, eventually, free_port};
use reqwest::Method;
use serde_json::json;

use crate::{
    heard::{GREETING, find, loudness, spoken},
    house::{House, ports},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_known_hears_who_is_on_call_and_is_hung_up_on() {
    let (port, _) = ports();
    let gateway = free_port().unwrap();
    let phone = Baresip::with("21", &format!("127.0.0.1:{port}"), None).await.unwrap();
    let line = format!("register = false\nlocal_port = {gateway}\n");
    let house = House::with_line(port, &line, &[]).await;
    let roster = json!({ "id": "nights", "name": "Nights", "time_zone": "Asia/Shanghai", "layers": [
        { "kind": "rotation", "name": "all", "people": ["li"],
          "handover": { "kind": "weekly", "day": "monday", "at": "08:00:00" },
          "starts": "2026-01-05T00:00:00" }] });
    house.operator.ask(Method::PUT, "rosters/nights", roster).await.unwrap();
    phone.dial(&format!("sip:gengfu@127.0.0.1:{gateway}")).unwrap();
    let (greeting, duty) = (spoken(GREETING), spoken("On call now. Nights: li."));
    // The telephone writes its file when the call is over.
    eventually("Wang hears that Li is on call", async || {
        tokio::time::sleep(Duration::from_millis(200)).await;
        let heard = loudness(&phone.heard().filter(|wav| wav.len() > 44)?);
        let ((at, greeted), (then, told)) = (find(&heard, &greeting), find(&heard, &duty));
        (greeted > 0.9 && told > 0.9 && at < then).then_some(())
    })
    .await;
    assert!(house.incidents().await.is_empty(), "a question is no alarm");
    house.gateway.stop().unwrap();
}
