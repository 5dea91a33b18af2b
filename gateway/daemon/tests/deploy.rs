//! What an operator installs: the shipped configuration, and the unit for systemd.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf, process::Command};

use gengfu::config::{Config, broker::Outside, mqtt::Broker};

fn deploy(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../deploy").join(name);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// A folder as /etc/gengfu is: the file, and the secrets that its examples name.
fn installed(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    for name in ["secrets", "tls", "profiles.d", "firmware"] {
        fs::create_dir(folder.path().join(name)).unwrap();
    }
    for name in [
        "zigbee2mqtt",
        "ntfy",
        "mail",
        "mqtt",
        "pit-1",
        "influxdb",
        "sip",
        "mail-answers",
        "ntfy-replies",
        "dingtalk",
        "camera",
        "cellar",
    ] {
        let name = &format!("secrets/{name}");
        secret(&folder, name, "correct horse battery staple\n");
    }
    secret(&folder, "secrets/telegram", "123456:ABC-DEF1234ghIkl\n");
    secret(&folder, "secrets/sim-pin", "1234\n");
    secret(&folder, "secrets/hook", "sixteen letters at the least\n");
    secret(&folder, "secrets/centre", "00112233445566778899aabbccddeeff\n");
    // The public key of the first example of RFC 8032, 7.1.
    let key = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    secret(&folder, "secrets/updates.key.pub", &format!("gengfu-update-key {key}\n"));
    let made = rcgen::generate_simple_self_signed(vec!["gengfu.local".to_owned()]).unwrap();
    secret(&folder, "tls/cert.pem", &made.cert.pem());
    secret(&folder, "tls/ca.pem", &made.cert.pem());
    secret(&folder, "tls/key.pem", &made.signing_key.serialize_pem());
    secret(&folder, "tls/cellar-ca.pem", &made.cert.pem());
    secret(&folder, "tls/cellar-cert.pem", &made.cert.pem());
    secret(&folder, "secrets/cellar-key.pem", &made.signing_key.serialize_pem());
    let path = folder.path().join("gengfu.toml");
    fs::write(&path, text).unwrap();
    (folder, path)
}

fn secret(folder: &tempfile::TempDir, name: &str, text: &str) {
    let path = folder.path().join(name);
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
}

/// The file with every example in force: `#key = …` takes the place of a `key = …` before it.
fn with_examples(text: &str) -> String {
    let key = |line: &str| line.split('=').next().unwrap_or_default().trim().to_owned();
    let mut lines: Vec<&str> = vec![];
    let mut section = 0;
    for line in text.lines() {
        let example = line.strip_prefix('#').filter(|l| l.starts_with(|c: char| !"# ".contains(c)));
        let deeper = line.strip_prefix('#').filter(|l| l.starts_with("    {"));
        let line = example.or(deeper).unwrap_or(line);
        if line.starts_with('[') {
            section = lines.len();
        }
        if example.is_some() && line.contains(" = ") {
            let wanted = key(line);
            let same =
                lines[section..].iter().position(|l| key(l) == wanted && !l.starts_with('#'));
            if let Some(at) = same {
                lines.remove(section + at);
            }
        }
        lines.push(line);
    }
    lines.join("\n")
}

#[test]
fn the_shipped_file_passes_the_check_as_it_is() {
    let (_folder, path) = installed(&deploy("gengfu.toml"));
    let loaded = Config::load(&path).unwrap_or_else(|report| panic!("{report}"));
    assert!(loaded.report.problems.is_empty(), "{}", loaded.report);
    assert_eq!(loaded.config.devices.len(), 1);
    assert_eq!(loaded.config.channels.len(), 2);
}

#[test]
fn every_example_in_it_can_be_used() {
    let (_folder, path) = installed(&with_examples(&deploy("gengfu.toml")));
    let loaded = Config::load(&path).unwrap_or_else(|report| panic!("{report}"));
    assert!(loaded.report.problems.is_empty(), "{}", loaded.report);
    let config = loaded.config;
    assert_eq!(
        config.devices.len(),
        10,
        "board, its second path, panel, barrier, leak sensor, bridge, camera, module and detector"
    );
    assert_eq!(config.channels.len(), 9);
    assert_eq!(config.mqtt.users.len(), 1);
    assert!(config.mqtt.further["cellar"].own.is_some());
    assert!(matches!(config.web.tls, gengfu::config::web::Tls::Files { .. }));
    assert!(config.web.plain_listen.is_some());
    let rules: Vec<&str> =
        config.devices.values().flat_map(|d| &d.rules).map(|r| r.id.as_str()).collect();
    assert!(rules.contains(&"lift-1/water-while-running"), "{rules:?}");
}

#[test]
fn the_readme_s_outside_broker_is_understood() {
    let readme = deploy("README.md");
    let (_, rest) = readme.split_once("```toml\n").unwrap();
    let (block, _) = rest.split_once("```").unwrap();
    let text = deploy("gengfu.toml");
    let (before, rest) = text.split_once("[mqtt]\n").unwrap();
    let (_, after) = rest.split_once("# --- The building").unwrap();
    let (_folder, path) = installed(&format!("{before}{block}\n# {after}"));
    let loaded = Config::load(&path).unwrap_or_else(|report| panic!("{report}"));
    match loaded.config.mqtt.broker {
        Broker::Outside(Outside { url, user, password_file, .. }) => {
            assert_eq!(url.as_str(), "mqtt://127.0.0.1:1883");
            assert_eq!(user.as_deref(), Some("gengfu"));
            assert!(password_file.unwrap().ends_with("secrets/mqtt"));
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_unit_says_what_the_gateway_relies_on() {
    let unit = deploy("gengfu.service");
    for line in [
        "Type=notify",
        "WatchdogSec=30s",
        "Restart=always",
        "StartLimitIntervalSec=0",
        "ExecStart=/usr/local/bin/gengfu run --config /etc/gengfu/gengfu.toml",
        "ExecReload=/bin/kill -HUP $MAINPID",
        "StateDirectory=gengfu",
        "ProtectSystem=strict",
        "NoNewPrivileges=yes",
        "CapabilityBoundingSet=",
        "SystemCallFilter=@system-service",
    ] {
        assert!(unit.lines().any(|l| l == line), "the unit has no {line}");
    }
}

#[test]
fn systemd_finds_no_fault_with_the_unit_and_little_that_it_may_do() {
    let Ok(version) = Command::new("systemd-analyze").arg("--version").output() else {
        // A container has no systemd; what the unit says is looked at by the test above.
        return;
    };
    assert!(version.status.success());
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gengfu.service");
    // The program is not installed where the tests run.
    let unit = deploy("gengfu.service").replace("/usr/local/bin/gengfu", "/bin/true");
    fs::write(&path, unit).unwrap();
    let verified = Command::new("systemd-analyze").arg("verify").arg(&path).output().unwrap();
    let said = String::from_utf8_lossy(&verified.stderr);
    let of_ours: Vec<&str> = said.lines().filter(|l| l.contains("gengfu")).collect();
    assert!(of_ours.is_empty(), "{of_ours:?}");
    // 0 is nothing at all, 10 everything; a usual service has more than 9. In tenths here.
    let rated = Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--threshold=20", "--no-pager"])
        .arg(&path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&rated.stdout);
    assert!(rated.status.success() && said.contains("Overall exposure"), "{said}");
}
