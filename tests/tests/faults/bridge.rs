//! A Zigbee bridge stops: people hear of the bridge, and not of twelve sensors behind it.

use std::{
    fmt::Write as _,
    io::Write as _,
    process::{Child, ChildStdin, Command, Stdio},
    time::{Duration, Instant},
};

use gengfu_tests::{eventually, free_port, hooks::Hooks, site::Site};
use serde_json::Value;

use crate::{
    house::{House, row},
    mosquitto::Mosquitto,
};

const SENSORS: usize = 12;
/// A sensor is missed after so long; in the field it is a day.
const SUPERVISION: Duration = Duration::from_secs(8);

/// Something that publishes, a line for each message. Dropped, it is gone.
struct Voice {
    child: Child,
    lines: ChildStdin,
}

impl Voice {
    fn new(port: u16, topic: &str) -> Self {
        let mut child = Command::new("mosquitto_pub")
            .args(["-h", "127.0.0.1", "-p", &port.to_string(), "-q", "1", "-l", "-t", topic])
            .stdin(Stdio::piped())
            .spawn()
            .expect("Debian's package mosquitto-clients is installed");
        let lines = child.stdin.take().unwrap();
        Self { child, lines }
    }

    fn says(&mut self, words: &str) {
        writeln!(self.lines, "{words}").unwrap();
    }
}

impl Drop for Voice {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines(port: u16) -> String {
    let mut text = format!(
        r#"
[mqtt.brokers.cellar]
url = "mqtt://127.0.0.1:{port}"

[[devices]]
id = "bridge"
name = {{ zh = "网桥", en = "Zigbee bridge" }}
place = "yard"
profile = "zigbee2mqtt-bridge"
broker = "cellar"
topic = "zigbee2mqtt"
"#
    );
    for n in 1..=SENSORS {
        write!(
            text,
            r#"
[[devices]]
id = "smoke-{n}"
name = {{ zh = "{n}号烟感", en = "Detector {n}" }}
place = "yard"
profile = "zigbee-smoke"
broker = "cellar"
topic = "zigbee2mqtt/smoke-{n}"
behind = "bridge"
supervision = "{}s"
"#,
            SUPERVISION.as_secs()
        )
        .unwrap();
    }
    text
}

/// What the page shows of the smoke point of each detector.
async fn smoke(house: &House) -> Vec<Value> {
    let mut all = vec![];
    for n in 1..=SENSORS {
        let point = house.operator.get(&format!("points/smoke-{n}%2Fsmoke")).await.unwrap();
        all.push(point["value"].clone());
    }
    all
}

/// The alarms that stand, in English.
async fn standing(house: &House) -> Vec<String> {
    let alarms = house.operator.get("alarms").await.unwrap();
    let active = alarms.as_array().unwrap().iter().filter(|a| a["active"] == true);
    active.filter_map(|a| Some(a["name"]["en"].as_str()?.to_owned())).collect()
}

/// Those sensors speak once a second until it is so.
async fn meanwhile(
    what: &str,
    sensors: &mut [Voice],
    mut is_so: impl AsyncFnMut() -> bool,
) -> Duration {
    let begun = Instant::now();
    let mut spoken: Option<Instant> = None;
    eventually(what, async || {
        if spoken.is_none_or(|at| at.elapsed() >= Duration::from_secs(1)) {
            sensors.iter_mut().for_each(|s| s.says(r#"{"smoke":false}"#));
            spoken = Some(Instant::now());
        }
        is_so().await.then_some(())
    })
    .await;
    begun.elapsed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bridge_that_stops_is_one_alarm_and_its_sensors_are_unknown() {
    let hooks = Hooks::start().await.unwrap();
    let port = free_port().unwrap();
    let site = Site::new(0, &lines(port)).unwrap();
    let _cellar = Mosquitto::open(site.folder(), port);
    let house = House::at(site, hooks).await;
    let mut bridge = Voice::new(port, "zigbee2mqtt/bridge/state");
    let topic = |n: usize| format!("zigbee2mqtt/smoke-{n}");
    let mut sensors: Vec<Voice> = (1..=SENSORS).map(|n| Voice::new(port, &topic(n))).collect();
    let is_quiet = |all: &[Value]| all.iter().all(|value| *value == Value::Bool(false));
    meanwhile("all is quiet", &mut sensors, async || is_quiet(&smoke(&house).await)).await;
    assert_eq!(standing(&house).await, Vec::<String>::new());

    // The bridge stops, and with it everything behind it.
    bridge.says(r#"{"state":"offline"}"#);
    let begun = Instant::now();
    let alarm = house.alarmed("Zigbee bridge is silent").await;
    let noticed = begun.elapsed();
    assert!(smoke(&house).await.iter().all(Value::is_null), "nothing is known of them");
    assert_eq!(house.away().await, SENSORS + 1);
    eventually("their own time is over", async || {
        (begun.elapsed() > noticed + 2 * SUPERVISION).then_some(())
    })
    .await;
    assert_eq!(standing(&house).await, ["Zigbee bridge is silent"]);
    assert_eq!(house.alarms().len(), 1, "{:?}", house.alarms());

    // It is back. Eleven speak again; one does not, and is missed in its own name.
    bridge.says(r#"{"state":"online"}"#);
    let begun = Instant::now();
    house.is_over("Zigbee bridge is silent").await;
    let back = begun.elapsed();
    meanwhile("the silent one is told of", &mut sensors[1..], async || {
        house.alarms().contains("Detector 1 is silent")
    })
    .await;
    assert!(begun.elapsed() >= SUPERVISION, "it had its own time");
    assert_eq!(standing(&house).await, ["Detector 1 is silent"]);
    assert!(is_quiet(&smoke(&house).await[1..]));

    let House { gateway, .. } = house;
    gateway.stop().unwrap();
    let fault = format!("a Zigbee bridge with {SENSORS} sensors stops");
    row(&fault, (0, 1), back, Duration::from_secs(10), &alarm);
}
