//! The machine's clock is set, an hour forward and an hour back, while somebody is asked.

use std::time::{Duration, Instant, SystemTime};

use gengfu_core::time::Timestamp;
use gengfu_tests::{clock::FastClock, eventually, hooks::Hooks, site::Site};

use crate::house::{House, boards, lost, row};

const HOUR_MS: i64 = 3_600_000;
/// The policy's wait for each person.
const STEP: Duration = Duration::from_secs(5);

/// When the first message to a person in this lift came, from `begun`.
async fn asked(house: &House, person: &str, lift: usize, begun: Instant) -> Duration {
    let place = format!("Lift {lift}");
    eventually(&format!("{person} is asked to go to {place}"), async || {
        let told = house.hooks.told();
        let mut asked =
            told.iter().filter(|t| t.person == person && t.body["place"]["en"] == place);
        asked.next().map(drop)
    })
    .await;
    begun.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_clock_that_is_set_loses_nothing_and_lets_nobody_sleep_on() {
    let hooks = Hooks::start().await.unwrap();
    let site = Site::new(3, "").unwrap();
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let now = Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap());
    let clock = FastClock::new(site.folder(), now);
    let house = House::under(site, hooks, &clock.environment()).await;
    house.operator.put_person("li", &[("hook", &house.hooks.of("li"))]).await.unwrap();
    house.operator.put_policy(&["wang", "li"]).await.unwrap();
    let mut buttons = boards(house.site.mqtt, 1..=3);
    buttons.online().await;

    let rows = [
        (HOUR_MS, "the clock is put forward by an hour while somebody is asked"),
        (-HOUR_MS, "the clock is put back by an hour while somebody is asked"),
    ];
    for (at, (leap, fault)) in rows.into_iter().enumerate() {
        let begun = Instant::now();
        buttons.press(at);
        asked(&house, "wang", at + 1, begun).await;
        clock.leap(leap);
        let second = asked(&house, "li", at + 1, begun).await;
        assert!(second < STEP * 2, "a leap of {leap} ms: the second was asked after {second:?}");
        assert!(leap > 0 || second >= STEP - Duration::from_millis(500), "{second:?} is early");
        buttons.settle().await;
        assert_eq!(house.away().await, 0, "no board looks silent");
        let begun = Instant::now();
        buttons.press(2);
        buttons.settle().await;
        println!("  the second was asked after {second:.1?}");
        row(fault, (0, buttons.events().len()), begun.elapsed(), Duration::from_secs(3), "nothing");
    }
    let said = buttons.events();
    let House { gateway, site, .. } = house;
    gateway.stop().unwrap();
    assert_eq!(lost(&site, &said), 0);
}
