//! All profiles by name: the shipped ones and the operator's own.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use super::{Profile, ProfileError};

/// The profiles that come with the gateway.
const SHIPPED: [(&str, &str); 44] = [
    ("adam-6050", include_str!("../../profiles/adam-6050.toml")),
    ("adam-6050-mqtt", include_str!("../../profiles/adam-6050-mqtt.toml")),
    ("barrier-gate", include_str!("../../profiles/barrier-gate.toml")),
    ("barrier-gate-open", include_str!("../../profiles/barrier-gate-open.toml")),
    ("board", include_str!("../../profiles/board.toml")),
    ("board-loop", include_str!("../../profiles/board-loop.toml")),
    ("board-modbus", include_str!("../../profiles/board-modbus.toml")),
    ("carphone", include_str!("../../profiles/carphone.toml")),
    ("chirpstack", include_str!("../../profiles/chirpstack.toml")),
    ("chirpstack-leak", include_str!("../../profiles/chirpstack-leak.toml")),
    ("chirpstack-raw", include_str!("../../profiles/chirpstack-raw.toml")),
    ("climate-rs485", include_str!("../../profiles/climate-rs485.toml")),
    ("ebike-shed", include_str!("../../profiles/ebike-shed.toml")),
    ("frigate", include_str!("../../profiles/frigate.toml")),
    ("frigate-fire-lane", include_str!("../../profiles/frigate-fire-lane.toml")),
    ("frigate-gate", include_str!("../../profiles/frigate-gate.toml")),
    ("frigate-lift", include_str!("../../profiles/frigate-lift.toml")),
    ("gas-rs485", include_str!("../../profiles/gas-rs485.toml")),
    ("json", include_str!("../../profiles/json.toml")),
    ("lift-unit", include_str!("../../profiles/lift-unit.toml")),
    ("modbus", include_str!("../../profiles/modbus.toml")),
    ("modem", include_str!("../../profiles/modem.toml")),
    ("nice3000", include_str!("../../profiles/nice3000.toml")),
    ("nice3000-codes", include_str!("../../profiles/nice3000-codes.toml")),
    ("nice3000-core", include_str!("../../profiles/nice3000-core.toml")),
    ("notifier-gw", include_str!("../../profiles/notifier-gw.toml")),
    ("rs485-inputs", include_str!("../../profiles/rs485-inputs.toml")),
    ("rs485-relays", include_str!("../../profiles/rs485-relays.toml")),
    ("shelly-inputs", include_str!("../../profiles/shelly-inputs.toml")),
    ("shelly-smoke", include_str!("../../profiles/shelly-smoke.toml")),
    ("shelly-switch", include_str!("../../profiles/shelly-switch.toml")),
    ("sparkplug-io", include_str!("../../profiles/sparkplug-io.toml")),
    ("tasmota-relay", include_str!("../../profiles/tasmota-relay.toml")),
    ("tasmota-switch", include_str!("../../profiles/tasmota-switch.toml")),
    ("ups-liebert", include_str!("../../profiles/ups-liebert.toml")),
    ("zigbee", include_str!("../../profiles/zigbee.toml")),
    ("zigbee-climate", include_str!("../../profiles/zigbee-climate.toml")),
    ("zigbee-co", include_str!("../../profiles/zigbee-co.toml")),
    ("zigbee-contact", include_str!("../../profiles/zigbee-contact.toml")),
    ("zigbee-gas", include_str!("../../profiles/zigbee-gas.toml")),
    ("zigbee-leak", include_str!("../../profiles/zigbee-leak.toml")),
    ("zigbee-smoke", include_str!("../../profiles/zigbee-smoke.toml")),
    ("zigbee-switch", include_str!("../../profiles/zigbee-switch.toml")),
    ("zigbee2mqtt-bridge", include_str!("../../profiles/zigbee2mqtt-bridge.toml")),
];

/// The profile language as a JSON Schema (draft 2020-12), for editors and other programs. What only the
/// gateway can tell, as that a rule names a point that is there, `gengfu check` finds.
pub const SCHEMA: &str = include_str!("../../profiles/schema.json");

/// All profiles by name.
#[derive(Debug, Clone)]
pub struct Library(BTreeMap<String, Profile>);

impl Library {
    /// The profiles that come with the gateway. They are tested, so an error means a broken build.
    pub fn shipped() -> Result<Self, Vec<ProfileError>> {
        let mut all = Self(BTreeMap::new());
        let files = SHIPPED.iter().map(|(name, text)| Written {
            name: (*name).to_owned(),
            file: format!("profiles/{name}.toml"),
            text: (*text).to_owned(),
        });
        let mistakes = all.add(files.collect());
        if mistakes.is_empty() { Ok(all) } else { Err(mistakes) }
    }

    /// Adds the operator's own: every `*.toml` in `folder`; one named like a shipped one takes its
    /// place, and may include it. Good ones are added even where others are at fault. Returns all mistakes.
    pub fn add_folder(&mut self, folder: &Path) -> Vec<ProfileError> {
        let fault = |problem: std::io::Error, remedy: &str| {
            ProfileError::new("", problem.to_string(), remedy).on(&folder.to_string_lossy(), None)
        };
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(e) => return vec![fault(e, "make the folder, or set the right one")],
        };
        let (mut mistakes, mut files) = (Vec::new(), Vec::new());
        for entry in entries {
            let path = match entry {
                Ok(entry) => entry.path(),
                Err(e) => {
                    mistakes.push(fault(e, "make the folder readable for the gateway"));
                    continue;
                }
            };
            if path.extension().is_none_or(|x| x != "toml") {
                continue;
            }
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let file = path.to_string_lossy();
            match std::fs::read_to_string(&path) {
                Err(e) => mistakes.push(
                    ProfileError::new("", e.to_string(), "make the file readable UTF-8 text")
                        .on(&file, None),
                ),
                Ok(text) => files.push(Written { name, file: file.into_owned(), text }),
            }
        }
        mistakes.extend(self.add(files));
        mistakes.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
        mistakes
    }

    /// Adds these, each after those among them that it includes.
    fn add(&mut self, mut files: Vec<Written>) -> Vec<ProfileError> {
        let mut mistakes = Vec::new();
        while !files.is_empty() {
            let names: BTreeSet<String> = files.iter().map(|f| f.name.clone()).collect();
            let waits = |file: &Written| {
                file.includes().iter().any(|name| *name != file.name && names.contains(name))
            };
            let (later, mut now): (Vec<_>, Vec<_>) = files.into_iter().partition(waits);
            files = later;
            if now.is_empty() {
                for file in &files {
                    let problem = "it and others include one another";
                    let remedy = "move what they share into a profile that includes none of them";
                    mistakes
                        .push(ProfileError::new("include", problem, remedy).on(&file.file, None));
                }
                break;
            }
            for Written { name, file, text } in now.drain(..) {
                match Profile::parse_over(&name, &file, &text, &self.0) {
                    Ok(profile) => {
                        self.0.insert(name, profile);
                    }
                    Err(found) => mistakes.extend(found),
                }
            }
        }
        mistakes
    }

    /// The profile of this name.
    pub fn get(&self, name: &str) -> Option<&Profile> {
        self.0.get(name)
    }

    /// All of them, by name.
    pub fn iter(&self) -> impl Iterator<Item = &Profile> {
        self.0.values()
    }
}

/// A file that was not read yet.
struct Written {
    name: String,
    file: String,
    text: String,
}

impl Written {
    /// What it includes; nothing where it can't be read at all, which is told when it is parsed.
    fn includes(&self) -> Vec<String> {
        let table: Option<toml::Table> = toml::from_str(&self.text).ok();
        let include = table.and_then(|mut table| table.remove("include"));
        include.and_then(|include| include.try_into().ok()).unwrap_or_default()
    }
}
