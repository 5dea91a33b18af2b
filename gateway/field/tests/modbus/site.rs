//! A bus under test, and the engine's end of its lanes.

use std::{path::Path, sync::Arc, time::Duration};

use gengfu_core::{
    id::DeviceId,
    input::Input,
    point::{Kind, Reading, Sample},
    text::Text,
    time::Span,
};
use gengfu_field::{
    lane::{Envelope, Lanes, TelemetryLane},
    modbus::{self, BusHandle, BusSettings, IsWatched, Line, Unit, line::Serial},
    profile::{Overrides, Profile},
};
use tokio::{sync::mpsc, time::timeout};

/// Longer than anything here takes; a test that waits so long has failed.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct Site {
    pub bus: BusHandle,
    pub alarms: mpsc::Receiver<Envelope>,
    pub telemetry: mpsc::Receiver<Reading>,
}

/// A unit of a profile: `points` are its `[[point]]`s, `knobs` the lines of its `[modbus]`.
pub fn unit(device: &str, unit_id: u8, knobs: &str, points: &str) -> Unit {
    let text = format!(
        "name = {{ zh = \"测\", en = \"Test\" }}\nkind = \"modbus\"\nsupervision = \"300ms\"\n\
         [modbus]\n{knobs}\n{points}"
    );
    let profile = Profile::parse("test", "test.toml", &text).unwrap();
    let id = DeviceId::from(device);
    let expanded =
        profile.expand(&id, &Text::from(device), &"place".into(), &Overrides::default()).unwrap();
    Unit::new(&expanded, Some(unit_id)).unwrap()
}

/// One holding register as a point.
pub fn register(id: &str, address: u16) -> String {
    format!(
        "[[point]]\nid = \"{id}\"\nname = {{ zh = \"{id}\", en = \"{id}\" }}\naddress = {address}\n"
    )
}

/// Every point is watched but those whose name holds `history`.
pub fn watch(port: u16, units: Vec<Unit>, change: impl FnOnce(&mut BusSettings)) -> Site {
    let mut settings = BusSettings::new("bus", "127.0.0.1", port);
    settings.liveness = Span::hours(1);
    change(&mut settings);
    watch_on(settings, units)
}

/// Units at the end of a serial line.
pub fn watch_serial(device: &Path, units: Vec<Unit>) -> Site {
    let mut settings = BusSettings::on("bus", Line::Serial(Serial::new(device)));
    settings.liveness = Span::hours(1);
    watch_on(settings, units)
}

fn watch_on(settings: BusSettings, units: Vec<Unit>) -> Site {
    let (alarm, alarms) = mpsc::channel(64);
    let (telemetry, history) = TelemetryLane::new(100_000);
    let is_watched: IsWatched = Arc::new(|point| !point.as_str().contains("history"));
    let bus = modbus::start(settings, units, &Lanes { alarm, telemetry }, &is_watched);
    Site { bus, alarms, telemetry: history }
}

impl Site {
    /// The next reading of a watched point; signs of life are passed over.
    pub async fn reading(&mut self) -> (String, Sample) {
        loop {
            let envelope = timeout(PATIENCE, self.alarms.recv()).await;
            match envelope.expect("no reading came").expect("the bus has ended").input {
                Input::Reading(reading) => {
                    assert_eq!(reading.kind, Kind::State, "a poll is no edge");
                    return (reading.point.as_str().to_owned(), reading.sample);
                }
                Input::Heard(_) => {}
                other => panic!("a bus has no business sending {other:?}"),
            }
        }
    }

    /// The next reading, which must be this one.
    pub async fn expect(&mut self, point: &str, sample: Sample) {
        assert_eq!(self.reading().await, (point.to_owned(), sample));
    }

    /// The next reading that is a sign of life.
    pub async fn heard(&mut self) -> DeviceId {
        loop {
            let envelope = timeout(PATIENCE, self.alarms.recv()).await;
            let envelope = envelope.expect("no sign of life came").expect("the bus has ended");
            if let Input::Heard(device) = envelope.input {
                return device;
            }
        }
    }

    /// Waits until a counter has reached a number.
    pub async fn counted(&mut self, name: &str, at_least: u64) {
        let counters = self.bus.counters.clone();
        let reached = async {
            loop {
                let snapshot = counters.snapshot();
                if snapshot.iter().any(|(n, count)| *n == name && *count >= at_least) {
                    return;
                }
                // Whatever is sent meanwhile must not fill the lane.
                while self.alarms.try_recv().is_ok() {}
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        timeout(PATIENCE, reached)
            .await
            .unwrap_or_else(|_| panic!("{name} stays below {at_least}"));
    }

    pub fn count(&self, name: &str) -> u64 {
        let snapshot = self.bus.counters.snapshot();
        snapshot.iter().find(|(n, _)| *n == name).unwrap().1
    }
}
