//! Several brokers at once: one of them goes, one is added, one is taken out.

use std::{
    process::Command,
    time::{Duration, Instant},
};

use gengfu_tests::{eventually, free_port, hooks::Hooks, operator::counter, site::Site};

use crate::{
    house::{House, boards, row},
    mosquitto::Mosquitto,
};

/// Lines of a site with a smoke detector at each of these brokers, each in a place of its own.
fn further(brokers: &[(&str, u16)]) -> String {
    let one = |(name, port): &(&str, u16)| {
        format!(
            r#"
[mqtt.brokers.{name}]
url = "mqtt://127.0.0.1:{port}"

[[places]]
id = "{name}"
name = {{ zh = "{name}", en = "The {name}" }}

[[devices]]
id = "smoke-{name}"
name = {{ zh = "{name}烟感", en = "Detector, {name}" }}
place = "{name}"
profile = "zigbee-smoke"
broker = "{name}"
topic = "zigbee2mqtt/smoke"
"#
        )
    };
    brokers.iter().map(one).collect()
}

/// The detector at this broker sees smoke.
fn smoke(port: u16) {
    let said = Command::new("mosquitto_pub")
        .args(["-h", "127.0.0.1", "-p", &port.to_string(), "-q", "1"])
        .args(["-t", "zigbee2mqtt/smoke", "-m", r#"{"smoke":true}"#])
        .status()
        .expect("Debian's package mosquitto-clients is installed");
    assert!(said.success());
}

/// Waits until the fire in a place is told; how long that took.
async fn fire(house: &House, place: &str) -> Duration {
    let begun = Instant::now();
    eventually(&format!("the fire in {place} is told"), async || {
        let told = house.hooks.told().into_iter().map(|t| t.body);
        let mut fires = told.filter(|b| b["danger"] == "fire" && b["place"]["en"] == place);
        fires.next().map(drop)
    })
    .await;
    begun.elapsed()
}

/// Waits until the gateway has its subscriptions at this broker, or has not.
async fn connected(house: &House, name: &str, wanted: u64) {
    let counted = format!("gengfu_mqtt_connected{{site=\"garden-12\",broker=\"{name}\"}}");
    eventually(&format!("{counted} is {wanted}"), async || {
        let found = counter(&house.site.base(), &counted).await.ok()?;
        (found == wanted).then_some(())
    })
    .await;
}

/// How often the gateway has connected to the broker at this port.
fn connects(house: &House, port: u16) -> usize {
    let said = house.gateway.said();
    let to = format!("127.0.0.1:{port}");
    said.lines().filter(|l| l.contains("connected to the MQTT broker") && l.contains(&to)).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_goes_is_named_and_holds_up_no_other() {
    let hooks = Hooks::start().await.unwrap();
    let ports = [free_port().unwrap(), free_port().unwrap(), free_port().unwrap()];
    let [cellar, roof, garden] = ports;
    let site = Site::new(1, &further(&[("cellar", cellar), ("roof", roof)])).unwrap();
    let mut in_cellar = Mosquitto::open(site.folder(), cellar);
    let _on_roof = Mosquitto::open(site.folder(), roof);
    let house = House::at(site, hooks).await;
    connected(&house, "cellar", 1).await;
    connected(&house, "roof", 1).await;

    in_cellar.stop();
    let begun = Instant::now();
    connected(&house, "cellar", 0).await;
    smoke(roof);
    let quick = fire(&house, "The roof").await;
    assert!(quick < Duration::from_secs(5), "{quick:?}");
    let mut button = boards(house.site.mqtt, 1..=1);
    button.online().await;
    button.press(0);
    house.called(1, Instant::now()).await;
    let alarm = house.alarmed("No MQTT broker \"cellar\"").await;
    let noticed = begun.elapsed();
    assert!(!house.alarms().contains("No MQTT broker: boards are not heard"));

    // It comes back without the session.
    in_cellar.forget();
    in_cellar.start_again();
    let begun = Instant::now();
    connected(&house, "cellar", 1).await;
    let back = begun.elapsed();
    smoke(cellar);
    fire(&house, "The cellar").await;
    house.is_over("No MQTT broker \"cellar\"").await;

    // One is added and one taken out while the third goes on.
    let before = connects(&house, cellar);
    let _in_garden = Mosquitto::open(house.site.folder(), garden);
    house.site.write(1, &further(&[("cellar", cellar), ("garden", garden)])).unwrap();
    house.gateway.signal("HUP").unwrap();
    connected(&house, "garden", 1).await;
    smoke(garden);
    fire(&house, "The garden").await;
    assert_eq!(connects(&house, cellar), before, "it was not interrupted");

    let House { gateway, .. } = house;
    gateway.stop().unwrap();
    let fault = format!("one of three brokers stopped for {noticed:.0?}, its session lost");
    row(&fault, (0, 4), back, Duration::from_secs(40), &alarm);
    assert!(noticed < Duration::from_secs(45), "{noticed:?}");
}
