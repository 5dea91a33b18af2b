//! A board that has gone mad floods the broker: another board's call is told at once, the mad board's
//! own call as well, and whoever looks after the gateway is told which board it is.

use std::{
    io::Write as _,
    process::Stdio,
    time::{Duration, Instant},
};

use gengfu_tests::{
    boards::{board, event, mosquitto, publish, up},
    eventually,
    gateway::Gateway,
    hooks::Hooks,
    operator::Operator,
    site::{BOARD_PASSWORD, Site},
};
use gengfu_wire::up::InputState;

const STORM: u32 = 20_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_board_that_floods_is_named_and_delays_no_call() {
    let hooks = Hooks::start().await.unwrap();
    let site = Site::new(2, "").unwrap();
    let gateway = Gateway::start(&site.config(), site.web).unwrap();
    let operator = Operator::sign_in(&site.base(), &gateway.invitation().unwrap()).await.unwrap();
    operator.put_person("wang", &[("hook", &hooks.of("wang"))]).await.unwrap();
    let good = board(&site, 2);
    let status = good.status();
    eventually("the good board is there", async || status.borrow().online.then_some(())).await;

    let mut storm = mosquitto("mosquitto_pub", &site, "board-1", BOARD_PASSWORD)
        .args(["-q", "0", "-l", "-t", &up("board-1", "heartbeat")])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = storm.stdin.take().unwrap();
    let heartbeat = r#"{"v":1,"boot":1,"uptime_s":1,"inputs":["idle"],"queue":0}"#;
    let (half, is_half) = tokio::sync::oneshot::channel();
    let rages = std::thread::spawn(move || {
        let mut half = Some(half);
        for n in 0..STORM {
            writeln!(lines, "{heartbeat}").unwrap();
            if n == STORM / 2 {
                half.take().unwrap().send(()).unwrap();
            }
        }
    });
    is_half.await.unwrap();
    let begun = Instant::now();
    good.set_input(1, InputState::Active);
    let call = hooks.first("wang", "alert").await;
    assert_eq!(call["place"]["en"], "Lift 2");
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(3), "told after {took:?}");
    eventually("its receipt", async || (status.borrow().receipts == 1).then_some(())).await;
    rages.join().unwrap();
    assert!(storm.wait().unwrap().success(), "it was not thrown out");

    let told = async |words: &str| {
        eventually(&format!("\"{words}\" is told"), async || {
            let told = hooks.told().into_iter().map(|t| t.body);
            told.filter(|b| b["purpose"]["purpose"] == "alert")
                .find(|b| b["what"]["en"].as_str().is_some_and(|what| what.contains(words)))
        })
        .await
    };
    assert_eq!(told("board-1 sends far too many messages").await["danger"], "fault");
    assert!(
        publish(&site, "board-1", BOARD_PASSWORD, &up("board-1", "event"), &event(1, "active"))
            .unwrap()
    );
    eventually("the mad board's own call is told", async || {
        hooks.told().iter().any(|t| t.body["place"]["en"] == "Lift 1").then_some(())
    })
    .await;
    good.stop().await;
    gateway.kill().unwrap();
}
