//! The field at work while boards call: points that are polled over Modbus, and sensors that publish all
//! the time. None of it is watched by a rule, and none of it may delay an alarm.

use std::{
    fmt::Write,
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    time::{Duration, Instant},
};

use gengfu_sim::{
    building::{
        Login,
        server::{ModbusServer, Registers},
    },
    chatter::{Bridge, Chatter},
};

use super::size;
use crate::gateway::Running;

/// Units that are polled, each with [`REGISTERS`] points, every second.
const UNITS: usize = 16;
const REGISTERS: usize = 125;
/// Connections that publish for sensors; the broker lets each say 200 messages a second.
const BRIDGES: usize = 32;
const SENSORS: usize = 10;
/// Messages a second of each: 5,024 in all.
const EACH: u32 = 157;

/// A controller whose registers all change at every look.
struct Restless(AtomicU16);

impl Registers for Restless {
    fn holding(&self, address: u16) -> Option<u16> {
        Some(self.0.fetch_add(1, Ordering::Relaxed).wrapping_add(address))
    }
}

/// What the field did meanwhile.
pub struct Work {
    /// MQTT messages that were published, a second.
    pub messages: f64,
    /// Points that were read over Modbus, a second.
    pub polled: f64,
    /// Readings that the history's lane had no room for.
    pub dropped: u64,
}

/// Sensors that speak, and how it stood when the counting began.
struct Speaking {
    chatter: Chatter,
    begun: Instant,
    sent: u64,
    polled: u64,
}

/// Controllers and sensors.
pub struct FieldAtWork {
    units: Vec<ModbusServer>,
    bridges: usize,
    speaking: Option<Speaking>,
}

impl FieldAtWork {
    /// Starts the controllers; a tenth of all where it is to be quick.
    ///
    /// # Errors
    /// Where no port can be had.
    pub async fn start(quick: bool) -> anyhow::Result<Self> {
        let share = |all: usize| if quick { all.div_ceil(10) } else { all };
        let mut units = Vec::new();
        for _ in 0..share(UNITS) {
            units.push(ModbusServer::start(Arc::new(Restless(AtomicU16::new(0))), 1).await?);
        }
        Ok(Self { units, bridges: share(BRIDGES), speaking: None })
    }

    /// What it does a second, in words.
    pub fn words(&self) -> String {
        let (points, messages) = (self.units.len() * REGISTERS, self.bridges * EACH as usize);
        format!("{points} points over Modbus every second, {messages} MQTT messages a second")
    }

    /// Their lines of a configuration whose secret file is `board`.
    pub fn config(&self) -> String {
        let mut text = String::new();
        let bridge = |n: usize| {
            format!(
                "[[mqtt.users]]\nname = \"bridge-{n}\"\npassword_file = \"board\"\n\
                 publish = [\"sensors/{n}/#\"]\n"
            )
        };
        text.extend((1..=self.bridges).map(bridge));
        let place = "[[places]]\nid = \"plant\"\nname = \"Plant\"\n";
        text.push_str(place);
        let points: String = (0..REGISTERS)
            .map(|n| format!("{{ id = \"r{n}\", name = {{ en = \"R{n}\" }}, address = {n} }},\n"))
            .collect();
        for (n, unit) in self.units.iter().enumerate() {
            // A string takes any error, and has none.
            let _ = write!(
                text,
                "[[modbus.buses]]\nid = \"bus-{n}\"\ntcp = \"{}\"\n[[devices]]\nid = \"unit-{n}\"\n\
                 place = \"plant\"\nprofile = \"modbus\"\nbus = \"bus-{n}\"\nunit = 1\npoll = \"1s\"\n\
                 points = [{points}]\n",
                unit.address()
            );
        }
        for bridge in 1..=self.bridges {
            for sensor in 1..=SENSORS {
                let _ = write!(
                    text,
                    "[[devices]]\nid = \"sensor-{bridge}-{sensor}\"\nplace = \"plant\"\nprofile = \"json\"\n\
                     topic = \"sensors/{bridge}/{sensor}\"\npoints = [\
                     {{ id = \"t\", name = {{ en = \"T\" }}, pointer = \"/temperature\" }}, \
                     {{ id = \"h\", name = {{ en = \"H\" }}, pointer = \"/humidity\" }}, \
                     {{ id = \"b\", name = {{ en = \"B\" }}, pointer = \"/battery\" }}]\n"
                );
            }
        }
        text
    }

    /// Lets the sensors speak at the broker of the loopback.
    pub async fn speak(&mut self, port: u16, gateway: &Running) {
        let bridge = |n: usize| Bridge {
            login: Login { user: format!("bridge-{n}"), password: size::PASSWORD.into() },
            topics: (1..=SENSORS).map(|sensor| format!("sensors/{n}/{sensor}")).collect(),
        };
        let bridges: Vec<Bridge> = (1..=self.bridges).map(bridge).collect();
        let chatter = Chatter::start("127.0.0.1", port, &bridges, EACH);
        // What is measured is a field at work, not one that starts.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let (sent, polled) = (chatter.sent(), polled(gateway).await);
        self.speaking = Some(Speaking { chatter, begun: Instant::now(), sent, polled });
    }

    /// What was done since then.
    pub async fn done(&self, gateway: &Running) -> Option<Work> {
        let before = self.speaking.as_ref()?;
        let seconds = before.begun.elapsed().as_secs_f64();
        Some(Work {
            messages: (before.chatter.sent() - before.sent) as f64 / seconds,
            polled: (polled(gateway).await - before.polled) as f64 / seconds,
            dropped: counter(gateway, "gengfu_telemetry_dropped_total").await,
        })
    }
}

async fn polled(gateway: &Running) -> u64 {
    counter(gateway, "gengfu_modbus_telemetry_readings_total").await
}

/// The sum of the field's counters whose name begins so.
async fn counter(gateway: &Running, name: &str) -> u64 {
    let Some(field) = gateway.field.upgrade() else { return 0 };
    let all = field.lock().await.counters();
    all.iter().filter(|(counter, _)| counter.starts_with(name)).map(|(_, count)| count).sum()
}
