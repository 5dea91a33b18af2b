//! A mistake is told once, where it was made: not again by all that names what it broke.

use std::fs;

use super::{
    super::{Config, problem::Report},
    folder,
};

/// What is said of the good fixture with a piece of its text replaced, and with a profile of the user's.
fn told(from: &str, to: &str, profile: &str) -> Report {
    let folder = folder("good");
    let path = folder.path().join("gengfu.toml");
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "the fixture has no {from}");
    let own = folder.path().join("own");
    fs::create_dir(&own).unwrap();
    fs::write(own.join("bad.toml"), profile).unwrap();
    fs::write(&path, format!("profiles = \"own\"\n{}", text.replacen(from, to, 1))).unwrap();
    Config::load(&path).unwrap_err()
}

const GOOD: &str = "name = { en = \"x\" }\nkind = \"mqtt_json\"\n";
const BUS: &str = "[[modbus.buses]]\nid = \"hall\"\ntcp = \"a:b\"\n[[devices]]\nid = \"l1\"\n\
    place = \"lift-1\"\nprofile = \"nice3000\"\nbus = \"hall\"\n";

#[test]
fn a_profile_with_a_mistake_is_not_said_to_be_missing_and_its_remedy_stands_once() {
    let device = "[[devices]]\nid = \"x\"\nplace = \"lift-1\"\nprofile = \"bad\"\ntopic = \"x\"\n";
    let report =
        told("[[devices]]", &format!("{device}[[devices]]"), "name = \"A\"\nkind = \"x\"\n");
    let shown = report.to_string();
    assert!(!shown.contains("there is no profile"), "{shown}");
    assert!(shown.contains("a profile can't be used: "), "{shown}");
    let problem = report.problems.iter().find(|p| p.what.starts_with("a profile")).unwrap();
    assert!(!problem.what.contains(&problem.remedy), "{problem:?}");
}

#[test]
fn a_bus_or_a_broker_that_can_t_be_used_is_told_once() {
    let report = told("[[devices]]", &format!("{BUS}[[devices]]"), GOOD);
    let shown = report.to_string();
    assert!(
        shown.contains("is no host with a port") && !shown.contains("there is no bus"),
        "{shown}"
    );
    let broker = "[mqtt.brokers.z]\nurl = \"http://x\"\n[[devices]]\nid = \"x\"\nplace = \"lift-1\"\n\
        profile = \"zigbee-leak\"\ntopic = \"x\"\nbroker = \"z\"\n[[devices]]";
    let shown = told("[[devices]]", broker, GOOD).to_string();
    assert!(shown.contains("is no address of a broker"), "{shown}");
    assert!(!shown.contains("there is no broker"), "{shown}");
    let outside = "[mqtt.outside]\nurl = \"http://x\"\n[[devices]]";
    let shown = told("[[devices]]", outside, GOOD).to_string();
    assert!(shown.contains("is no address of a broker"), "{shown}");
    assert!(!shown.contains("[mqtt.outside] can't be used"), "{shown}");
}
