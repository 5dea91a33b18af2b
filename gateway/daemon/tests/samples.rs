//! Every profile that comes with the gateway, tried on what such a device sends: the files of
//! `profiles/samples`, by the code of `gengfu profile try`.

use std::{collections::BTreeMap, path::PathBuf};

use gengfu::profile::{Try, attempt};
use gengfu_field::profile::Library;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    sample: Vec<Sample>,
}

/// What a device sends, and all that must come of it.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Sample {
    what: String,
    base: Option<String>,
    retained: bool,
    set: Vec<String>,
    /// Topic and payload of each message.
    messages: Vec<(String, String)>,
    registers: Vec<String>,
    inputs: Vec<String>,
    roles: Vec<String>,
    points: Vec<String>,
    /// What each point said last.
    readings: BTreeMap<String, Value>,
    /// Every alarm, and after what time.
    alarms: BTreeMap<String, String>,
    /// What the trial says instead, for a profile whose points the configuration writes.
    refused: Option<String>,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../field/profiles")
}

fn samples(profile: &str) -> Vec<Sample> {
    let path = folder().join("samples").join(format!("{profile}.toml"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path:?}: {e}"));
    let file: File = toml::from_str(&text).unwrap_or_else(|e| panic!("{path:?}: {e}"));
    file.sample
}

#[test]
fn no_profile_and_no_sample_lies_about_unused() {
    let library = Library::shipped().unwrap();
    for folder in [folder(), folder().join("samples")] {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|x| x == "toml") {
                let name = path.file_stem().unwrap().to_str().unwrap();
                assert!(library.get(name).is_some(), "{path:?} is no profile of the library");
            }
        }
    }
}

#[test]
fn every_profile_makes_of_its_samples_what_they_mean() {
    let library = Library::shipped().unwrap();
    let (mut tried, mut wrong) = (0, Vec::new());
    for profile in library.iter() {
        let samples = samples(&profile.name);
        assert!(!samples.is_empty(), "{} has no sample", profile.name);
        for sample in samples {
            let (topic, payload) = sample.messages.into_iter().unzip();
            let wish = Try {
                profile: profile.name.clone(),
                topic,
                payload,
                base: sample.base,
                retained: sample.retained,
                registers: sample.registers,
                input: sample.inputs,
                role: sample.roles,
                point: sample.points,
                set: sample.set,
                ..Try::default()
            };
            tried += 1;
            let told = match (attempt(&library, &wish), &sample.refused) {
                (Err(said), Some(words)) if format!("{said:#}").contains(words) => continue,
                (told, _) => {
                    told.unwrap_or_else(|e| panic!("{}: {}: {e:#}", profile.name, sample.what))
                }
            };
            let said = told.readings.iter().map(|r| match r.no_data {
                Some(reason) => (r.point.clone(), json!({ "no_data": reason })),
                None => (r.point.clone(), json!(r.value)),
            });
            let readings: BTreeMap<String, Value> = said.collect();
            let raised = told.alarms.iter().map(|a| (a.alarm.clone(), a.after.to_string()));
            let alarms: BTreeMap<String, String> = raised.collect();
            if (&readings, &alarms) != (&sample.readings, &sample.alarms) {
                wrong.push(format!(
                    "{}: {}:\n  reads {readings:?}\n  wants {:?}\n  raises {alarms:?}\n  wants  {:?}",
                    profile.name, sample.what, sample.readings, sample.alarms
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried >= 60, "{tried} samples");
}
