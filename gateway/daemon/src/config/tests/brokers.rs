//! Several brokers, and certificates for them.

use std::{fs, os::unix::fs::PermissionsExt};

use gengfu_core::{front::Front, id::DeviceId};

use super::{
    super::{Config, Loaded, device::Way, problem::Report},
    folder,
};

/// The good fixture with further lines, and with `device` in its boiler's table.
fn with(lines: &str, device: &str) -> Result<Loaded, Report> {
    let folder = folder("good");
    for (name, [cert, key]) in [("own", made()), ("other", made())] {
        fs::write(folder.path().join(format!("{name}.pem")), cert).unwrap();
        let path = folder.path().join(format!("{name}-key.pem"));
        fs::write(&path, key).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    let path = folder.path().join("gengfu.toml");
    let text = fs::read_to_string(&path).unwrap();
    let text = text
        .replace("topic = \"sensors/boiler\"", &format!("topic = \"sensors/boiler\"\n{device}"));
    fs::write(&path, format!("{text}\n{lines}\n")).unwrap();
    Config::load(&path)
}

/// A certificate and its key.
fn made() -> [String; 2] {
    let own = rcgen::generate_simple_self_signed(["gengfu".to_owned()]).unwrap();
    [own.cert.pem(), own.signing_key.serialize_pem()]
}

const ZIGBEE: &str = "[mqtt.brokers.zigbee]\nurl = \"mqtt://192.168.1.30\"";
const SECURE: &str =
    "[mqtt.brokers.zigbee]\nurl = \"mqtts://broker.example.org\"\nca_file = \"own.pem\"";

#[test]
fn a_device_speaks_at_the_broker_that_it_names() {
    let config = with(ZIGBEE, "broker = \"zigbee\"").unwrap_or_else(|r| panic!("{r}")).config;
    assert_eq!(config.mqtt.further["zigbee"].url.as_str(), "mqtt://192.168.1.30");
    let way = Way::Json { broker: Some("zigbee".into()), topic: "sensors/boiler".into() };
    assert_eq!(config.links[&DeviceId::from("boiler")].way, way);

    let told = with(ZIGBEE, "broker = \"zigbe\"").unwrap_err().to_string();
    assert!(told.contains("there is no broker \"zigbe\""), "{told}");
    assert!(told.contains("did you mean \"zigbee\"?"), "{told}");
    let told = with("", "broker = \"zigbee\"").unwrap_err().to_string();
    assert!(told.contains("add [mqtt.brokers.<name>]"), "{told}");
    let told = with("[mqtt.brokers.\"a/b\"]\nurl = \"mqtt://x\"", "").unwrap_err().to_string();
    assert!(told.contains("\"a/b\" can't be a broker's name"), "{told}");
    let board = "[[devices]]\nid = \"pit-2\"\nplace = \"lift-1\"\nprofile = \"board\"\n\
                 password_file = \"good-secret\"\nbroker = \"zigbee\"";
    let told = with(&format!("{ZIGBEE}\n{board}"), "").unwrap_err().to_string();
    assert!(told.contains("boards speak to the main broker: remove it"), "{told}");
}

#[test]
fn a_certificate_of_the_gateway_s_own_is_checked_before_it_is_needed() {
    let own = "cert_file = \"own.pem\"\nkey_file = \"own-key.pem\"";
    let config = with(&format!("{SECURE}\n{own}"), "").unwrap_or_else(|r| panic!("{r}")).config;
    let broker = &config.mqtt.further["zigbee"];
    assert!(broker.own.as_ref().is_some_and(|own| own.key_file.ends_with("own-key.pem")));

    for (broker, lines, says) in [
        (SECURE, "cert_file = \"own.pem\"", "`cert_file` without `key_file`"),
        (SECURE, "key_file = \"own-key.pem\"", "`key_file` without `cert_file`"),
        (ZIGBEE, own, "begins with mqtt://"),
        (SECURE, "cert_file = \"own.pem\"\nkey_file = \"other-key.pem\"", "is not the one of"),
        (SECURE, "cert_file = \"own.pem\"\nkey_file = \"good-secret\"", "no private key"),
        (SECURE, "cert_file = \"own-key.pem\"\nkey_file = \"own-key.pem\"", "no certificate"),
        (
            SECURE,
            "cert_file = \"own.pem\"\nkey_file = \"open-secret\"",
            "everybody on this machine",
        ),
    ] {
        let told = with(&format!("{broker}\n{lines}"), "").unwrap_err().to_string();
        assert!(told.contains(says), "{lines}: {told}");
        assert!(!told.contains("correct horse"), "{told}");
    }
    let told = with(&SECURE.replace("own.pem", "good-secret"), "").unwrap_err().to_string();
    assert!(told.contains("no certificate that can be trusted"), "{told}");
}

/// A sensor behind these, each behind the next.
fn chain(names: &[&str]) -> String {
    let one = |pair: &[&str]| {
        format!(
            "[[devices]]\nid = \"{}\"\nplace = \"lift-1\"\nprofile = \"json\"\ntopic = \"t/{0}\"\nbehind = \"{}\"\n",
            pair[0], pair[1]
        )
    };
    names.windows(2).map(one).collect()
}

#[test]
fn what_stands_in_front_of_a_device_is_known_and_never_itself() {
    let config = with(ZIGBEE, "broker = \"zigbee\"").unwrap_or_else(|r| panic!("{r}")).config;
    let behind = |config: &Config, id: &str| config.devices[&DeviceId::from(id)].behind.clone();
    assert_eq!(behind(&config, "boiler"), Some(Front::Part("broker:zigbee".into())));
    assert_eq!(behind(&config, "pit-1"), None, "a board speaks for itself");
    let config = with(&chain(&["a", "b", "c", "boiler"]), "").unwrap_or_else(|r| panic!("{r}"));
    assert_eq!(behind(&config.config, "a"), Some(Front::Device("b".into())));
    assert_eq!(behind(&config.config, "boiler"), Some(Front::Part("broker".into())));

    for (names, says) in [
        (&["a", "nobody"][..], "there is no device \"nobody\""),
        (&["a", "a"], "\"a\" is behind itself: a behind a"),
        (&["a", "b", "a"], "\"a\" is behind itself: a behind b behind a"),
        (&["a", "b", "c", "d", "boiler"], "too many stand in front of \"a\""),
    ] {
        let told = with(&chain(names), "").unwrap_err().to_string();
        assert!(told.contains(says), "{says}: {told}");
    }
}

#[test]
fn a_sparkplug_device_is_named_by_its_group_node_and_own_name() {
    let device = |lines: &str| {
        format!("[[devices]]\nid = \"io\"\nplace = \"lift-1\"\nprofile = \"sparkplug-io\"\n{lines}")
    };
    let whole = "group = \"garden\"\nnode = \"n 1\"\nmember = \"io-1\"\nbroker = \"zigbee\"";
    let config =
        with(&format!("{ZIGBEE}\n{}", device(whole)), "").unwrap_or_else(|r| panic!("{r}"));
    let way = Way::Sparkplug {
        broker: Some("zigbee".into()),
        group: "garden".into(),
        node: "n 1".into(),
        member: Some("io-1".into()),
    };
    assert_eq!(config.config.links[&DeviceId::from("io")].way, way);
    for (lines, says) in [
        ("group = \"garden\"", "has no `node`"),
        ("group = \"a/b\"\nnode = \"n\"", "\"a/b\" can't be a `group` of Sparkplug B"),
        ("group = \"a\"\nnode = \"n\"\ntopic = \"x\"", "has no use for `topic`"),
    ] {
        let told = with(&device(lines), "").unwrap_err().to_string();
        assert!(told.contains(says), "{says}: {told}");
    }
}
