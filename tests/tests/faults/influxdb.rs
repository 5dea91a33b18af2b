//! The server that takes a copy of the telemetry: a real one, and the line to it dead.

use std::{
    fmt::Write as _,
    io::Write as _,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use gengfu_sim::building::Board;
use gengfu_tests::{
    boards::{mosquitto, settings},
    eventually, free_port,
    hooks::Hooks,
    operator::{client, counter},
    site::{BOARD_PASSWORD, Site},
};
use gengfu_wire::up::InputState;

use crate::{
    house::{House, lost, row},
    proxy::{Line, Proxy},
};

/// Points of the meter; each message of it is so many readings.
const POINTS: usize = 200;
/// Messages while nothing is taken: more readings than the queue holds.
const STORM: usize = 500;
/// Readings that may wait for the server, and those of the batch under way.
const MOST: u64 = 65_536 + 5_000;

/// Debian's victoria-metrics, which takes writes of InfluxDB 2. Dropping it kills it.
struct Victoria {
    child: Child,
    base: String,
}

impl Victoria {
    async fn start(folder: &Path) -> (Self, u16) {
        let port = free_port().unwrap();
        let child = Command::new("victoria-metrics")
            .arg(format!("-storageDataPath={}", folder.join("victoria").display()))
            .arg(format!("-httpListenAddr=127.0.0.1:{port}"))
            .stderr(Stdio::null())
            .spawn()
            .expect("victoria-metrics is installed by tests/run");
        let victoria = Self { child, base: format!("http://127.0.0.1:{port}") };
        let health = format!("{}/health", victoria.base);
        eventually("victoria-metrics answers", async || {
            client().unwrap().get(&health).send().await.ok()
        })
        .await;
        (victoria, port)
    }

    /// The values that it has of a point.
    async fn values(&self, point: &str) -> Vec<f64> {
        let query = format!("{}/api/v1/export?match[]={{point=\"{point}\"}}", self.base);
        let text = client().unwrap().get(query).send().await.unwrap().text().await.unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
        lines
            .flat_map(|series: serde_json::Value| series["values"].as_array().unwrap().clone())
            .filter_map(|value| value.as_f64())
            .collect()
    }
}

impl Drop for Victoria {
    fn drop(&mut self) {
        // Gone already is gone as well.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A meter with many points, whose messages come by Mosquitto's client.
fn configuration(port: u16) -> String {
    let mut text = format!(
        r#"
[influxdb]
url = "http://127.0.0.1:{port}"
org = "court"
bucket = "gengfu"

[[mqtt.users]]
name = "feeder"
password_file = "board"
publish = ["meter"]

[[devices]]
id = "meter"
place = "yard"
profile = "json"
topic = "meter"
supervision = "1h"
points = [
"#
    );
    for n in 0..POINTS {
        writeln!(text, "{{ id = \"p{n}\", name = {{ en = \"P\" }}, pointer = \"/p{n}\" }},")
            .unwrap();
    }
    text + "]\n"
}

/// So many messages of the meter.
fn feed(site: &Site, messages: usize) {
    let mut feeder = mosquitto("mosquitto_pub", site, "feeder", BOARD_PASSWORD)
        .args(["-q", "1", "-l", "-t", "meter"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = feeder.stdin.take().unwrap();
    for message in 0..messages {
        let values: serde_json::Map<_, _> =
            (0..POINTS).map(|n| (format!("p{n}"), (message + n).into())).collect();
        writeln!(lines, "{}", serde_json::Value::Object(values)).unwrap();
    }
    drop(lines);
    assert!(feeder.wait().unwrap().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_history_server_that_hangs_costs_readings_of_its_own_and_delays_no_call() {
    let folder = tempfile::tempdir().unwrap();
    let (victoria, port) = Victoria::start(folder.path()).await;
    let proxy = Proxy::before(port).await;
    let hooks = Hooks::start().await.unwrap();
    let house = House::at(Site::new(1, &configuration(proxy.port)).unwrap(), hooks).await;
    let call = Board::start(settings(house.site.mqtt, 1));
    let base = house.site.base();
    let count =
        async |name: &str| counter(&base, &format!("gengfu_influxdb_{name}_total")).await.unwrap();

    feed(&house.site, 1);
    eventually("the server has the first readings", async || {
        let last = victoria.values(&format!("meter/p{}", POINTS - 1)).await;
        (last == [(POINTS - 1) as f64]).then_some(())
    })
    .await;
    let written = count("written").await;

    proxy.set(Line::Held);
    feed(&house.site, STORM);
    call.set_input(1, InputState::Active);
    let begun = Instant::now();
    let called = house.called(1, begun).await;
    eventually("what is too much is dropped and counted", async || {
        (count("dropped").await > 0).then_some(())
    })
    .await;
    // The line is dead, and nobody is told: only the answer's time limit shows it.
    eventually("it is noticed", async || (count("failures").await > 0).then_some(())).await;
    let noticed = begun.elapsed();

    proxy.set(Line::Cut);
    proxy.set(Line::Open);
    let begun = Instant::now();
    let fed = (STORM * POINTS) as u64;
    eventually("all that waited is taken", async || {
        let taken = count("written").await - written;
        (taken + count("dropped").await >= fed.min(MOST)).then_some(())
    })
    .await;
    let back = begun.elapsed();
    let dropped = count("dropped").await;
    // On a slow machine the lane before it drops some as well, and counts them.
    let before = counter(&base, "gengfu_telemetry_dropped_total").await.unwrap();
    let kept = fed - dropped - before;
    assert!(dropped > 0 && kept <= MOST, "the queue is bounded: {dropped} and {before} of {fed}");
    assert!(called < Duration::from_secs(3), "{called:?}");

    let said = [("board-1".to_owned(), 1)].into();
    let House { gateway, site, .. } = house;
    gateway.stop().unwrap();
    let fault = format!(
        "history server hangs, {fed} readings meanwhile: call told after {called:.2?}, noticed after {noticed:.0?}, \
         {dropped} readings of its copy dropped"
    );
    row(
        &fault,
        (lost(&site, &said), 1),
        back,
        Duration::from_secs(60),
        "a line in the log, counters",
    );
}
