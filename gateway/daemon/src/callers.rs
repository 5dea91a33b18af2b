//! Devices that an alarm may come of. At the built-in broker they are heard in a session of their own,
//! so that nothing that they say waits behind telemetry.

use std::collections::BTreeSet;

use gengfu_core::{front::Front, id::DeviceId, point::device_of, state::State};

use crate::config::Config;

/// Those of the configuration and those that were added: which a rule asks about, whose silence is
/// noticed, what can be switched, and what others hang behind.
pub fn of(config: &Config, state: &State) -> BTreeSet<DeviceId> {
    let added = state.boards.values().map(|board| &board.device);
    let mut callers = BTreeSet::new();
    for device in config.devices.values().chain(added) {
        if device.supervision.is_some() || !device.outputs.is_empty() {
            callers.insert(device.id.clone());
        }
        if let Some(Front::Device(front)) = &device.behind {
            callers.insert(front.clone());
        }
        let asked = device.rules.iter().flat_map(|rule| rule.when.points());
        callers.extend(asked.map(device_of));
    }
    callers
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: &str = r#"
[site]
id = "estate"
name = { en = "Estate" }
time_zone = "Asia/Shanghai"
[[places]]
id = "hall"
name = { en = "Hall" }
[[devices]]
id = "meter"
place = "hall"
profile = "json"
topic = "meter"
points = [{ id = "power", name = { en = "Power" }, pointer = "/power" }]
[[devices]]
id = "climate"
place = "hall"
profile = "json"
topic = "climate"
supervision = "1h"
points = [{ id = "t", name = { en = "T" }, pointer = "/t" }]
[[devices]]
id = "bridge"
place = "hall"
profile = "zigbee2mqtt-bridge"
topic = "zigbee2mqtt"
[[devices]]
id = "smoke"
place = "hall"
profile = "zigbee-smoke"
topic = "zigbee2mqtt/smoke"
behind = "bridge"
"#;

    #[test]
    fn only_what_nobody_would_be_woken_for_is_telemetry() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("gengfu.toml");
        std::fs::write(&file, SITE).unwrap();
        let config = Config::load(&file).unwrap_or_else(|report| panic!("{report}")).config;
        let callers = of(&config, &State::new("estate".into()));
        let names: Vec<&str> = callers.iter().map(DeviceId::as_str).collect();
        assert_eq!(names, ["bridge", "climate", "smoke"]);
    }
}
