//! The broker outside the gateway goes, alone and together with the gateway.

use std::time::{Duration, Instant};

use gengfu_tests::{gateway::Gateway, hooks::Hooks, site::Site};

use crate::{
    house::{House, boards, lost, row},
    mosquitto::Mosquitto,
};

const BOARDS: usize = 8;
/// Times that both are killed.
const KILLS: u32 = 5;

async fn start() -> (House, Mosquitto) {
    let hooks = Hooks::start().await.unwrap();
    let site = Site::with_outside_broker(BOARDS, "").unwrap();
    let broker = Mosquitto::start(&site, BOARDS);
    (House::at(site, hooks).await, broker)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_outside_broker_that_is_stopped_is_told_of_and_come_back_to() {
    let (house, mut broker) = start().await;
    let mut buttons = boards(house.site.mqtt, 1..=BOARDS);
    buttons.online().await;
    buttons.press(0);
    house.called(1, Instant::now()).await;

    broker.stop();
    let begun = Instant::now();
    (1..BOARDS).for_each(|at| buttons.press(at));
    let alarm = house.alarmed("No MQTT broker").await;
    let noticed = begun.elapsed();
    broker.start_again();
    let begun = Instant::now();
    buttons.settle().await;
    let back = begun.elapsed();
    for lift in 2..=BOARDS {
        house.called(lift, begun).await;
    }
    house.is_over("No MQTT broker").await;

    let House { gateway, site, .. } = house;
    gateway.stop().unwrap();
    let said = buttons.events();
    let fault = format!("outside broker stopped for {noticed:.0?}");
    row(&fault, (lost(&site, &said), said.len()), back, Duration::from_secs(40), &alarm);
    assert!(noticed < Duration::from_secs(40), "{noticed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn gateway_and_outside_broker_killed_at_once_lose_nothing() {
    let (mut house, mut broker) = start().await;
    let mut buttons = boards(house.site.mqtt, 1..=BOARDS);
    buttons.online().await;
    let mut longest = Duration::ZERO;
    for _ in 0..KILLS {
        buttons.press_all();
        // Some have their receipts by then, some are on their way.
        let half = buttons.boards()[BOARDS / 2].status();
        gengfu_tests::eventually("half of them", async || (half.borrow().queue == 0).then_some(()))
            .await;
        buttons.press_all();
        house.gateway.signal("KILL").unwrap();
        broker.kill();
        let House { hooks, site, gateway, operator } = house;
        gateway.kill().unwrap();
        buttons.press_all();
        let begun = Instant::now();
        broker.start_again();
        let gateway = Gateway::start(&site.config(), site.web).unwrap();
        house = House { hooks, site, gateway, operator };
        buttons.settle().await;
        longest = longest.max(begun.elapsed());
    }
    for lift in 1..=BOARDS {
        house.called(lift, Instant::now()).await;
    }
    // Nobody is alarmed of anything but the calls.
    assert_eq!(house.alarms().len(), 1, "{:?}", house.alarms());
    let House { gateway, site, .. } = house;
    gateway.stop().unwrap();
    let said = buttons.events();
    let fault = format!("gateway and outside broker killed at once, {KILLS} times");
    row(
        &fault,
        (lost(&site, &said), said.len()),
        longest,
        Duration::from_secs(45),
        "nothing but the calls",
    );
}
