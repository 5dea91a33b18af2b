//! A trunk at which nobody registers is asked how it is.

use std::time::{Duration, Instant};

use gengfu_tests::{eventually, sipp::Sipp};

use crate::house::{House, ports};

/// A way that is closed is known within this.
const KNOWN: Duration = Duration::from_secs(100);

/// A server that answers so to whoever asks.
fn answering(status: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<scenario name=\"server\">\n<recv request=\"OPTIONS\"/>\n\
         <send><![CDATA[\nSIP/2.0 {status}\n[last_Via:]\n[last_From:]\n[last_To:];tag=server\n\
         [last_Call-ID:]\n[last_CSeq:]\nContent-Length: 0\n\n]]></send>\n</scenario>\n"
    )
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_falls_silent_is_an_alarm_and_is_heard_again() {
    let (port, media) = ports();
    // It does not like to be asked, and shows all the same that it is there.
    let server = Sipp::run(port, media, &answering("403 Forbidden"), 100).unwrap();
    let house = House::with_line(port, "register = false\n", &[]).await;
    eventually("the line is up", async || house.said("telephone line is up").then_some(())).await;
    assert!(house.phone_is_up().await);
    drop(server);
    let silent = Instant::now();
    let words = loop {
        if let Some(words) = house.alarm("telephone line").await {
            break words;
        }
        assert!(silent.elapsed() < KNOWN, "nobody knows of it");
        tokio::time::sleep(Duration::from_millis(100)).await;
    };
    println!("a trunk that is silent is known after {:.0?}", silent.elapsed());
    assert!(words.contains("does not answer"), "{words}");
    assert!(!house.phone_is_up().await);
    let _server = Sipp::run(port, media, &answering("200 OK"), 100).unwrap();
    eventually("it is heard again", async || {
        (house.alarm("telephone line").await.is_none() && house.phone_is_up().await).then_some(())
    })
    .await;
    house.gateway.stop().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_says_it_cannot_work_is_an_alarm() {
    let (port, media) = ports();
    let _server = Sipp::run(port, media, &answering("503 Service Unavailable"), 100).unwrap();
    let house = House::with_line(port, "register = false\n", &[]).await;
    let words = eventually("the line is down", async || house.alarm("telephone line").await).await;
    assert!(words.contains("503"), "{words}");
    house.gateway.stop().unwrap();
}
