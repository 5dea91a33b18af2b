//! What it takes, by the board's own clock and by this machine's. Printed, and held to the promise of
//! `docs/wire.md` alone: a machine that tests has much else to do.
//!
//! `firmware/boards/figures` prints them.

use std::time::{Duration, Instant};

use gengfu_tests::{
    pico::Pico,
    qemu::{Machine, Passport, SPARE, STACK},
    site::Site,
};

use crate::{
    house::{House, LIFT},
    pico::made,
    tls,
};

/// Contacts that are closed one after the other; the middle one is told.
const CALLS: usize = 9;

/// When the board's log says these words for the last time, in microseconds of its own clock.
pub fn last(log: &str, words: &str) -> u64 {
    let line = log.lines().rev().find(|line| line.ends_with(words));
    line.and_then(|line| line.split(' ').next()?.parse().ok()).unwrap()
}

fn middle(mut all: Vec<u64>) -> u64 {
    all.sort_unstable();
    all[all.len() / 2]
}

#[tokio::test]
async fn from_contact_to_receipt() {
    let house = House::with_a_lift().await;
    let passport = Passport::new("pit", &house.add("pit", "lift-1").await, house.site.mqtt);
    let begun = Instant::now();
    let mut board = Machine::start(&passport).unwrap();
    board.in_service().await.unwrap();
    let start = begun.elapsed();
    let (connected, born) = (last(&board.log(), "connected"), last(&board.log(), "said birth"));

    let (mut said, mut heard, mut wall) = (Vec::new(), Vec::new(), Vec::new());
    for call in 1..=CALLS {
        let begun = Instant::now();
        let moved = board.close(if call % 2 == 1 { &[1] } else { &[] }).unwrap();
        let moved = moved.clock_us().unwrap();
        board.logs("heard receipt", call).await.unwrap();
        wall.push(u64::try_from(begun.elapsed().as_micros()).unwrap());
        let log = board.log();
        said.push(last(&log, "said event").saturating_sub(moved));
        heard.push(last(&log, "heard receipt").saturating_sub(moved));
    }
    let ms = |us: u64| us as f64 / 1_000.0;
    println!(
        "connected {:.0} ms and born {:.0} ms after the start by the board's clock, in service after \
         {:.0} ms by this machine's\n\
         contact to publication {:.0} ms, to receipt {:.0} ms by the board's clock; to receipt {:.0} ms \
         by this machine's (100 ms of each are the debounce)",
        ms(connected),
        ms(born),
        start.as_secs_f64() * 1_000.0,
        ms(middle(said)),
        ms(middle(heard.clone())),
        ms(middle(wall)),
    );
    // Input to the first message to a person: 3 s; the receipt is before that.
    assert!(Duration::from_micros(middle(heard)) < Duration::from_secs(3));
}

/// Starts of which the middle one is told.
const STARTS: usize = 5;

/// From the first attempt to the session, in microseconds by the board's own clock.
fn took(log: &str, per: u64) -> u64 {
    let at = |words: &str| {
        let line = log.lines().find(|line| line.contains(words)).unwrap();
        line.split(' ').next().unwrap().parse::<u64>().unwrap() * per
    };
    at("connected") - at("trying")
}

#[tokio::test]
async fn connecting_with_and_without_tls() {
    let (house, secure) = tls::house().await;
    let mut plain = secure.clone();
    plain.gateway_key = None;
    plain.gateways = Passport::new("pit", "", house.site.mqtt).gateways;
    let ms = |us: u64| us as f64 / 1_000.0;
    for (what, passport) in [("without TLS", &plain), ("with TLS", &secure)] {
        let (mut cold, mut connecting, mut stack) = (vec![], vec![], 0);
        for _ in 0..STARTS {
            let mut board = Machine::start(passport).unwrap();
            board.in_service().await.unwrap();
            stack = board.state().unwrap().stack().unwrap().max(stack);
            cold.push(last(&board.log(), "connected"));
            connecting.push(took(&board.log(), 1));
        }
        println!(
            "qemu-mps2 {what}: connecting {:.0} ms, connected {:.0} ms after the start, {stack} bytes of \
             stack used by then",
            ms(middle(connecting)),
            ms(middle(cold))
        );
        assert!((1_000..STACK - SPARE).contains(&stack), "{stack}");
    }
    let plain = House::with_a_lift().await;
    let secure = House::start(Site::with_tls(0, LIFT).unwrap()).await;
    for (what, house) in [("without TLS", &plain), ("with TLS", &secure)] {
        let mut board = Pico::start(&made(house, None)).unwrap();
        board.logs("connected", 1).await.unwrap();
        let (log, stack) = (board.log(), board.stack().unwrap());
        println!(
            "w5500-evb-pico {what}: connecting {:.0} ms, connected {:.0} ms after the start, {stack} bytes \
             of stack used by then",
            ms(took(&log, 1_000)),
            ms(last(&log, "connected") * 1_000)
        );
        assert!((1_000..STACK - SPARE).contains(&stack), "{stack}");
    }
}
